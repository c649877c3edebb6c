"""The page and its modules, as they lie in ``static/``, and the headers that keep it shut.

There is no build step: what is served is what is in the repository, read once.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from sdz.errors import NoSuchRoute
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


@cache
def dashboard_page() -> str:
    """The dashboard's page, as HTML."""
    return (STATIC / "index.html").read_text(encoding="utf-8").replace("{version}", __version__)


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
