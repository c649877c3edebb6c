"""The pages at ``/`` and their modules, as they lie in ``static/``, and the headers for them.

The dashboard, and for whoever was not let in a page that says that the daemon runs and how to open
its dashboard: no script, no secrets, nothing of how the daemon stands. There is no build step: what
is served is what is in the repository, read once.
"""

from __future__ import annotations

import json
from dataclasses import astuple
from functools import cache
from pathlib import Path
from typing import Final

from sdz.errors import NoSuchRoute
from sdz.grades import GRADES, SHADES
from sdz.version import __version__

STATIC: Final = Path(__file__).parent / "static"

_KINDS: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}

DASHBOARD_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}

CLOSED_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}

_SPENT: Final = """<p role="alert"><strong>This address was used before, or is older than a \
minute.</strong> Ask for a new one.</p>
"""


def dashboard_page() -> str:
    """The dashboard's page, as HTML."""
    grades = [[band.least, band.look, band.name, band.about] for band in GRADES[:-1]]
    grades.append([None, *astuple(GRADES[-1])[1:]])  # JSON has no infinity
    page = _html("index").replace("{version}", __version__)
    shades = [[one.least, one.colour, one.share] for one in SHADES[:-1]]
    shades.append([None, SHADES[-1].colour, SHADES[-1].share])
    page = page.replace("{shades}", json.dumps(shades))
    return page.replace("{grades}", json.dumps(grades).replace("<", "\\u003c"))


def closed_page(port: int, *, spent: bool = False) -> str:
    """The page without a session. ``spent``: by an address that is no longer good."""
    return _html("closed").replace("{port}", str(port)).replace("{spent}", _SPENT if spent else "")


def static_file(name: str) -> tuple[bytes, str]:
    """(content, media type) of one of the page's files. Raises NoSuchRoute."""
    found = _files().get(name)
    if found is None:
        raise NoSuchRoute
    return found


@cache
def _files() -> dict[str, tuple[bytes, str]]:
    # By name out of what is there, so that no name is ever made into a path.
    return {
        path.name: (path.read_bytes(), _KINDS[path.suffix])
        for path in STATIC.iterdir()
        if path.suffix in _KINDS
    }


@cache
def _html(name: str) -> str:
    return (STATIC / f"{name}.html").read_text(encoding="utf-8")
