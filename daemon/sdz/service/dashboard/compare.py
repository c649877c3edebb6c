"""``POST /v1/compare``: a picture as JPEG, WebP or AVIF at a number of bytes."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from sdz import errors
from sdz.media import MEDIA_TYPES
from sdz.service.dashboard.comparer import COMPARER
from sdz.service.dashboard.shapes import CompareQuery
from sdz.service.http.access import Access
from sdz.service.http.bodies import LIMITS
from sdz.service.http.routing import Call, Gives, Routes, Takes
from sdz.service.pictures import inspect as pictures

MAX_PIXELS: Final = 24_000_000
"""Above that a dozen encodes take minutes."""

ROUTES: Final = Routes()


@ROUTES.add(
    "POST",
    "/v1/compare",
    "The same picture as JPEG, WebP or AVIF at a number of bytes",
    Gives(
        about="the file of the best quality within that many bytes",
        media=("image/jpeg", "image/webp", "image/avif"),
        headers=(
            ("Sdz-Quality", "the setting that was found"),
            ("Sdz-Fits", "0: even the lowest quality takes more bytes, and this is it"),
            ("Sdz-Score", "SSIMULACRA2, measured as that of a .sdz file"),
            ("Sdz-Worst-Region", "SSIMULACRA2 of its worst region"),
            ("Sdz-Seconds", "how long writing this one took"),
        ),
    ),
    access=Access.LOCAL,
    query=CompareQuery,
    takes=Takes(("image/*", "application/octet-stream")),
    refuses=(errors.ImageError, errors.PeerFailed, errors.TookTooLong),
    heavy=True,
)
async def compare(call: Call) -> web.Response:
    """The best file of another format in at most so many bytes, and what was measured of it."""
    limit = min(call.app[LIMITS].pixels, MAX_PIXELS)
    await pictures.check_image(call.data, limit)
    kind, size = call.query.format, call.query.bytes
    async with call.in_time():
        row, data = await call.app[COMPARER].ask(call.data, kind, size, limit)
    headers = {
        "Cache-Control": "no-store",
        "Sdz-Quality": str(row["quality"]),
        "Sdz-Fits": str(int(row["fits"])),
        "Sdz-Score": f"{row['score']:.2f}",
        "Sdz-Worst-Region": f"{row['worst']:.2f}",
        "Sdz-Seconds": f"{row['seconds']:.3f}",
    }
    return web.Response(body=data, content_type=MEDIA_TYPES[kind], headers=headers)
