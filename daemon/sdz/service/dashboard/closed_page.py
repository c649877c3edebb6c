"""The page at ``/`` for whoever was not let in: that the daemon runs, how to open its dashboard.

No script, no secrets, nothing of how the daemon stands.
"""

from __future__ import annotations

from typing import Final

PAGE_HEADERS: Final = {
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

_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>sdz</title>
<style>
:root {{ color-scheme: light dark; font: 16px/1.6 system-ui, sans-serif }}
body {{ max-width: 34rem; margin: 12vh auto; padding: 0 1.5rem }}
h1 {{ font-size: 1.3rem }}
code {{ padding: .15em .4em; border-radius: .3em; background: color-mix(in srgb, currentColor 10%,
 transparent) }}
dt {{ margin-top: 1rem }}
</style>
<main>
<h1>sdz is running</h1>
{spent}<p>It answers on port {port}, to programs and browser extensions that you let in.</p>
<dl>
<dt>To open the dashboard</dt>
<dd>run <code>sdz dashboard</code> in a terminal; it opens here.</dd>
<dt>To let a browser extension in</dt>
<dd>run <code>sdz pair</code> and type the eight digits into its options.</dd>
<dt>To see who is let in, or end it</dt>
<dd><code>sdz clients</code>, <code>sdz revoke NAME</code></dd>
</dl>
</main>
</html>
"""


def page(port: int, *, spent: bool = False) -> str:
    """The page, as HTML. ``spent``: it was asked for by an address that is no longer good."""
    return _PAGE.format(port=port, spent=_SPENT if spent else "")
