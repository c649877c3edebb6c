"""What a route is: one value that says who may use it, what it takes, and what it may answer.

The value is all there is: requests are checked by it, and ``openapi.py`` writes the API's
description from it, so that the two cannot disagree.
"""

from __future__ import annotations

import asyncio
import dataclasses
import enum
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Final, Literal

from aiohttp import web

from sdz import errors
from sdz.errors import SdzError, TookTooLong, WrongContentType
from sdz.service.http.bodies import GATE, LIMITS, read_body, wait_with_continue
from sdz.service.http.parse import parse_json, parse_query

JSON_TYPE: Final = "application/json"
JSON_LIMIT: Final = 64 << 10

Refusals = tuple[type[SdzError], ...]

STANDARD_REFUSALS: Final[Refusals] = (errors.GuardError, errors.Draining, errors.BadOption)
"""What any route may answer. (InternalError is a mistake, not an answer.)"""

BODY_REFUSALS: Final[Refusals] = (
    errors.WrongContentType,
    errors.BodyTooLarge,
    errors.BodyTooSlow,
    errors.BadBody,
)
"""What any route with a body may answer besides."""


class Access(enum.Enum):
    """Who may use a route. What that takes is the business of ``service/access/``."""

    OPEN = "open"
    PAIRING = "pairing"
    """open to those who hold the pairing code"""
    CLIENT = "client"
    LOCAL = "local"
    """the user's own command line and dashboard alone"""
    TOKEN = "token"
    """the user's own command line alone"""
    PAGE = "page"
    """the files of the dashboard: as LOCAL, but its cookie is enough"""

    @property
    def is_anybodys(self) -> bool:
        """Whether no token is asked for."""
        return self in (Access.OPEN, Access.PAIRING)


@dataclass(frozen=True, slots=True)
class Nothing:
    """No query, or no body."""


@dataclass(frozen=True, slots=True)
class Takes:
    """The body of a request: one of these media types, ``shape`` the dataclass of a JSON one.

    ``image/*`` stands for every type that begins so. A POST always declares its type, also
    where its body may be empty: the types that a web page may send unasked are not among them.
    """

    media: tuple[str, ...]
    shape: type = Nothing

    @property
    def is_json(self) -> bool:
        """Whether the body is JSON and small."""
        return self.media == (JSON_TYPE,)

    def check(self, found: str | None) -> None:
        """Raise WrongContentType unless a declared content type is one of these."""
        kind = (found or "").partition(";")[0].strip().lower()
        for wanted in self.media:
            if kind == wanted or (wanted.endswith("/*") and kind.startswith(wanted[:-1])):
                return
        raise WrongContentType(self.media, kind[:80] or None)


TAKES_NOTHING: Final = Takes((JSON_TYPE,))


@dataclass(frozen=True, slots=True)
class Gives:
    """A successful answer: a JSON ``shape``, or bytes of one of the ``media`` types, or nothing.

    ``headers``: those worth naming, and what they say.
    """

    shape: type | None = None
    about: str = "done"
    status: int = 200
    media: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A request that passed all checks: what handlers get.

    ``query`` and ``body`` are instances of the route's dataclasses, ``data`` the bytes of a body
    that is not JSON.
    """

    request: web.Request
    query: Any
    body: Any
    data: bytes

    @property
    def app(self) -> web.Application:
        """The app, which keeps its parts by their keys."""
        return self.request.app

    @property
    def port(self) -> int:
        """The port that the request came in by."""
        return port_of(self.request)

    def path_word(self, name: str) -> str:
        """A variable part of the path."""
        return self.request.match_info[name]

    @asynccontextmanager
    async def in_time(self, patience: float = 1) -> AsyncIterator[None]:
        """Ends the block after the time that answers may take, ``patience`` times that.

        Raises TookTooLong.
        """
        limit_s = patience * self.app[LIMITS].request_timeout_s
        try:
            async with asyncio.timeout(limit_s):
                yield
        except TimeoutError:
            raise TookTooLong(limit_s) from None


Method = Literal["GET", "POST", "DELETE"]
Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path: what it takes, who may use it, and what it may answer.

    refuses: besides what any route may answer, or any with a body. heavy: counts against the limit
    of requests under way. headers: of the request, those worth naming, and what they say.
    """

    method: Method
    path: str
    about: str
    gives: tuple[Gives, ...]
    handler: Handler
    access: Access
    query: type
    takes: Takes | None
    refuses: Refusals
    heavy: bool
    headers: tuple[tuple[str, str], ...]

    @property
    def refusals(self) -> Refusals:
        """All that it may answer instead."""
        body = BODY_REFUSALS if self.takes is not None else ()
        full = (errors.TooManyRequests,) if self.heavy else ()
        return (*STANDARD_REFUSALS, *body, *full, *self.refuses)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Check the request, call the handler, and send what it returns."""
        query = parse_query(self.query, request)
        if self.takes is None:
            return self._wrap(await self.handler(Call(request, query, Nothing(), b"")))
        self.takes.check(request.headers.get("Content-Type"))
        limits = request.app[LIMITS]
        limit = JSON_LIMIT if self.takes.is_json else limits.body_bytes
        size = min(request.content_length or limit, limit)
        with request.app[GATE].hold(size) if self.heavy else nullcontext():
            data = await read_body(request, limits, limit)
            return self._wrap(await self.handler(self._call(request, query, data)))

    def _call(self, request: web.Request, query: Any, data: bytes) -> Call:
        assert self.takes is not None
        if self.takes.is_json:
            return Call(request, query, parse_json(self.takes.shape, data), b"")
        return Call(request, query, Nothing(), data)

    def _wrap(self, result: Any) -> web.StreamResponse:
        if isinstance(result, web.StreamResponse):
            return result
        text = json.dumps(dataclasses.asdict(result), ensure_ascii=False, allow_nan=False)
        return web.Response(status=self.gives[0].status, body=text.encode(), content_type=JSON_TYPE)


class Routes(list[Route]):
    """The routes of one thing, in the order of their handlers."""

    def add(
        self,
        method: Method,
        path: str,
        about: str,
        *gives: Gives,
        access: Access = Access.CLIENT,
        query: type = Nothing,
        takes: Takes | None = None,
        refuses: Refusals = (),
        heavy: bool = False,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Callable[[Handler], Handler]:
        """Make the function that follows the handler of a ``Route``.

        A POST takes a body that says nothing, where it is not said what it takes.
        """
        if method == "POST":
            takes = takes or TAKES_NOTHING

        def keep(handler: Handler) -> Handler:
            self.append(
                Route(
                    method,
                    path,
                    about,
                    gives,
                    handler,
                    access,
                    query,
                    takes,
                    refuses,
                    heavy,
                    headers,
                )
            )
            return handler

        return keep


ALL_ROUTES: Final[web.AppKey[tuple[Route, ...]]] = web.AppKey("routes")


def add_routes(app: web.Application, routes: tuple[Route, ...]) -> None:
    """Have the app answer on these routes."""
    app[ALL_ROUTES] = routes
    for route in routes:
        app.router.add_route(
            route.method, route.path, route.answer, expect_handler=wait_with_continue
        )


def access_of(request: web.Request) -> Access:
    """Who may use what was asked for; what does not exist is for clients to find out."""
    route = getattr(request.match_info.handler, "__self__", None)
    return route.access if isinstance(route, Route) else Access.CLIENT


def port_of(request: web.Request) -> int:
    """The port that the request came in by."""
    transport = request.transport
    name = transport.get_extra_info("sockname") if transport is not None else None
    return int(name[1]) if name else -1
