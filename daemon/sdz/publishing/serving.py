"""Middlewares that answer ``photo.jpg`` with the ``photo.sdz`` beside it, to who accepts that.

    app = web.Application(middlewares=[sdz_middleware("site")])          # aiohttp
    app = SdzMiddleware(StaticFiles(directory="site"), "site")           # ASGI

Only who names ``image/x-sdz`` gets one: ``image/*`` is what every browser sends. Answers that could
have been another one say ``Vary: Accept``, so that caches keep the two apart.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from sdz.media import SDZ_IMAGE_TYPE, SDZ_SUFFIX

if TYPE_CHECKING:
    from aiohttp import web
    from aiohttp.typedefs import Handler, Middleware

STANDS_FOR: Final = (".jpg", ".jpeg", ".png", ".webp", ".avif")
"""What a ``.sdz`` beside it may be sent for. Not GIF, which may move."""

# Python 3.11 has neither in its own table.
_TYPES: Final = {SDZ_SUFFIX: SDZ_IMAGE_TYPE, ".avif": "image/avif"}

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def accepts_sdz(accept: str) -> bool:
    """Whether a field ``Accept`` names our type, and not with ``q=0``."""
    for part in accept.lower().split(","):
        kind, *parameters = (word.strip() for word in part.split(";"))
        if kind in (SDZ_IMAGE_TYPE, "application/x-sdz"):
            return not any(re.fullmatch(r"q\s*=\s*0(\.0*)?", word) for word in parameters)
    return False


def beside(root: Path, prefix: str, path: str) -> Path | None:
    """The ``.sdz`` that may be sent for a path of a request, already unquoted; None for none.

    root: the folder that is served at ``prefix``; nothing outside of it is looked at.
    """
    if not path.startswith(prefix) or not path.lower().endswith(STANDS_FOR):
        return None
    below = os.path.splitext(path.removeprefix(prefix).lstrip("/"))[0] + SDZ_SUFFIX  # noqa: PTH122
    try:
        found = (root / below).resolve()
        inside = found.is_relative_to(root.resolve()) and found.is_file()
    except (OSError, ValueError):  # a name that no file can have
        return None
    return found if inside else None


def sdz_middleware(root: str | Path, prefix: str = "/") -> Middleware:
    """For aiohttp: the folder ``root`` is served at ``prefix``, by ``add_static`` for example."""
    from aiohttp import hdrs, web

    folder = Path(root)

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method not in (hdrs.METH_GET, hdrs.METH_HEAD):
            return await handler(request)
        found = await asyncio.to_thread(beside, folder, prefix, request.path)
        if found is not None and accepts_sdz(_joined(request.headers.getall(hdrs.ACCEPT, ()))):
            headers = {hdrs.CONTENT_TYPE: SDZ_IMAGE_TYPE, hdrs.VARY: hdrs.ACCEPT}
            return web.FileResponse(found, headers=headers)  # with ranges and dates
        response = await handler(request)
        if not response.prepared:
            kind = _TYPES.get(os.path.splitext(request.path)[1].lower())  # noqa: PTH122
            if kind is not None and isinstance(response, web.FileResponse):
                response.headers[hdrs.CONTENT_TYPE] = kind
            if found is not None:
                response.headers.add(hdrs.VARY, hdrs.ACCEPT)
        return response

    return answer


class SdzMiddleware:
    """For ASGI: ``app`` serves the folder ``root`` at ``prefix``, and is asked for the ``.sdz`` in
    place of the picture, so that ranges and dates are as it does them."""

    def __init__(self, app: App, root: str | Path, prefix: str = "/") -> None:
        self._app, self._root, self._prefix = app, Path(root), prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; see the ASGI specification."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        found = await asyncio.to_thread(beside, self._root, self._prefix, path)
        accept = _joined(v.decode("latin-1") for k, v in scope["headers"] if k.lower() == b"accept")
        if found is not None and accepts_sdz(accept):
            path = os.path.splitext(path)[0] + SDZ_SUFFIX  # noqa: PTH122
            scope = {**scope, "path": path, "raw_path": quote(path).encode()}
        kind = _TYPES.get(os.path.splitext(path)[1].lower())  # noqa: PTH122

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                if kind is not None and message["status"] in (200, 206, 304):
                    headers = [one for one in headers if one[0].lower() != b"content-type"]
                    headers.append((b"content-type", kind.encode()))
                if found is not None:
                    headers.append((b"vary", b"Accept"))
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, told)


def _joined(values: Iterable[str]) -> str:
    return ",".join(values)
