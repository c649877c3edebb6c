"""The page at ``/``: that the daemon runs and how to let something in. No script, no secrets."""

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
<h1>sdz is running</h1>
<p>It answers on port {port}, to programs and browser extensions that you let in.</p>
<dl>
<dt>To let a browser extension in</dt>
<dd>run <code>sdz pair</code> in a terminal and type the eight digits into its options.</dd>
<dt>To see who is let in, or end it</dt>
<dd><code>sdz clients</code>, <code>sdz revoke NAME</code></dd>
<dt>To see how it is doing</dt>
<dd><code>sdz status</code></dd>
</dl>
</html>
"""


def page(port: int) -> str:
    """The page, as HTML."""
    return _PAGE.format(port=port)
