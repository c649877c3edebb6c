"""One page with every kind of frame that can hold a picture, and what each must show."""

from __future__ import annotations

from typing import Final

from site_kit import Answer, Site

SHOWS: Final = {
    "frame": "a",
    "away": "c",
    "object": "d",
    "object-named": "e",
    "embed": "f",
    "embed-named": "a",
}
TYPED: Final = {"object-typed": "b", "embed-typed": "c"}
SANDBOXED: Final = {"sandboxed": "b"}
"""Element id -> the picture (96 x 64) that it shows; ``TYPED``: elements that say the type."""

_SIZE = "width=96 height=64"


def put_up(site: Site, pictures: dict[str, bytes]) -> str:
    """Put the page up under a strict policy and return its address."""
    for name, data in pictures.items():
        site.sdz(f"/{name}", data, "image/x-sdz")
        site.sdz(f"/{name}.sdz", data, "application/octet-stream")
    # No font, as in gallery.py; the frames' places are whole pixels then.
    css = "body { margin: 4px } p { margin: 0; font-size: 0 } iframe { border: 0 }"
    site.answers["/framed.css"] = Answer(css.encode(), "text/css")
    away = site.url("/c", "cdn.example")
    return site.page(
        "/framed",
        f"""<link rel=stylesheet href=/framed.css>
        <p><iframe id=frame src=/a {_SIZE}></iframe>
        <iframe id=sandboxed sandbox src=/b {_SIZE}></iframe>
        <iframe id=away src={away} {_SIZE}></iframe>
        <p><object id=object data=/d {_SIZE}></object>
        <object id=object-named data=/e.sdz {_SIZE}></object>
        <embed id=embed src=/f {_SIZE}> <embed id=embed-named src=/a.sdz {_SIZE}>
        <p><object id=object-typed data=/b type=image/x-sdz {_SIZE}></object>
        <embed id=embed-typed src=/c type=image/x-sdz {_SIZE}>""",
        "default-src 'none'; style-src 'self'; frame-src 'self' cdn.example:*; object-src 'self'",
    )
