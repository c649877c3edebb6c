"""What a route is: one value that says who may use it, what it takes, and what it may answer.

The value is all there is: requests are checked by it, and ``openapi.py`` writes the API's
description from it, so that the two cannot disagree.
"""

from __future__ import annotations

import dataclasses
import difflib
import json
import math
import types
import typing
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, get_args, get_origin

from aiohttp import web

from sdz import errors
from sdz.errors import BadBody, BadOption, SdzError, WrongContentType
from sdz.service.access.guard import Access
from sdz.service.http.bodies import read_body
from sdz.service.parts import GATE, SETTINGS

JSON_TYPE: Final = "application/json"
SDZ_TYPE: Final = "application/x-sdz"
JSON_LIMIT: Final = 64 << 10

Refusals = tuple[type[SdzError], ...]


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

    status: int = 200
    shape: type | None = None
    media: tuple[str, ...] = ()
    about: str = "done"
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

    def path_word(self, name: str) -> str:
        """A variable part of the path."""
        return self.request.match_info[name]


Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path. ``heavy``: counts against the limit of requests under way."""

    method: Literal["GET", "POST", "DELETE"]
    path: str
    handler: Handler
    gives: tuple[Gives, ...]
    about: str
    access: Access = Access.CLIENT
    query: type = Nothing
    takes: Takes | None = None
    refuses: Refusals = ()
    heavy: bool = False

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Check the request, call the handler, and send what it returns."""
        query = parse_query(self.query, request)
        if self.takes is None:
            return self._wrap(await self.handler(Call(request, query, Nothing(), b"")))
        self.takes.check(request.headers.get("Content-Type"))
        limits = request.app[SETTINGS].service
        limit = JSON_LIMIT if self.takes.is_json else limits.body_bytes
        if not self.heavy:
            data = await read_body(request, limits, limit)
            return self._wrap(await self.handler(self._call(request, query, data)))
        with request.app[GATE].hold(min(request.content_length or limit, limit)):
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
        return json_answer(result, self.gives[0].status)


def json_answer(value: Any, status: int = 200) -> web.Response:
    """A dataclass as JSON."""
    text = json.dumps(dataclasses.asdict(value), ensure_ascii=False, allow_nan=False)
    return web.Response(status=status, body=text.encode(), content_type=JSON_TYPE)


# --- queries and bodies into dataclasses ------------------------------------------------------


def parse_query(shape: type, request: web.Request) -> Any:
    """The query as an instance of ``shape``. Raises BadOption, also for keys it does not have."""
    known, hints = _plan(shape)
    values: dict[str, Any] = {}
    for key, text in request.query.items():
        if key not in known:
            raise _unknown(f"query parameter {key[:40]!r}", key, known)
        if key in values:
            raise BadOption(key, "one value", "several")
        values[key] = _from_text(key, hints[key], text)
    return _make(shape, values)


def parse_json(shape: type, data: bytes) -> Any:
    """A JSON body as an instance of ``shape``; an empty body is ``{}``. Raises BadBody."""
    try:
        fields = json.loads(data) if data.strip() else {}
    except (ValueError, RecursionError):
        raise BadBody("it is not JSON") from None
    if not isinstance(fields, dict):
        raise BadBody("expected a JSON object")
    known, hints = _plan(shape)
    for key, value in fields.items():
        if key not in known:
            raise BadBody(str(_unknown(f"member {key[:40]!r}", key, known)))
        if not _fits(value, hints[key]):
            raise BadBody(f"{key} should be {_type_name(hints[key])}")
    try:
        return _make(shape, fields)
    except BadOption as error:
        raise BadBody(str(error)) from None


def _fits(value: Any, hint: Any) -> bool:
    """Whether a JSON value is of a type. A whole number is also a number; true is neither."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return any(_fits(value, part) for part in inner)
    if origin is Literal:
        return value in inner
    if origin is list:
        return isinstance(value, list) and all(_fits(item, inner[0]) for item in value)
    if hint in (int, float):
        wanted = int if hint is int else int | float
        return isinstance(value, wanted) and not isinstance(value, bool) and abs(value) < math.inf
    return isinstance(value, hint)


def _type_name(hint: Any) -> str:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return " or ".join(_type_name(part) for part in inner)
    if origin is Literal:
        return " or ".join(inner)
    if origin is list:
        return f"a list of {_type_name(inner[0])}"
    return _TYPE_NAMES.get(hint, "null")


_TYPE_NAMES: Final = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


@cache
def _plan(shape: type) -> tuple[dict[str, dataclasses.Field[Any]], dict[str, Any]]:
    """Fields and types of a dataclass; finding them out takes longer than the rest of a 304."""
    fields = {field.name: field for field in dataclasses.fields(shape)}
    return fields, typing.get_type_hints(shape)


def _make(shape: type, values: dict[str, Any]) -> Any:
    for field in _plan(shape)[0].values():
        required = field.default is dataclasses.MISSING
        if required and field.name not in values:
            raise BadOption(field.name, "a value", "none")
        check = field.metadata.get("check")
        if check is not None and field.name in values:
            check(field.name, values[field.name])
    return shape(**values)


def _unknown(what: str, key: str, known: dict[str, Any]) -> BadOption:
    nearest = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    expected = f"{nearest[0]}, perhaps" if nearest else (" or ".join(known) or "none")
    return BadOption(what, expected, "it is not known")


def _from_text(key: str, hint: Any, text: str) -> Any:
    """A query value as its type: int, float, bool, str, a Literal, or None with one of them."""
    if get_origin(hint) in (types.UnionType, typing.Union):
        hint = next(part for part in get_args(hint) if part is not type(None))
    if get_origin(hint) is Literal:
        if text not in get_args(hint):
            raise BadOption(key, " or ".join(get_args(hint)), text[:40])
        return text
    if hint is bool:
        if text not in ("0", "1", "true", "false"):
            raise BadOption(key, "1 or 0", text[:40])
        return text in ("1", "true")
    if hint in (int, float):
        try:
            number = hint(text)
        except ValueError:
            number = None
        # int() and float() also take underscores, spaces and words such as nan.
        if number is None or "_" in text or text != text.strip() or number - number != 0:
            raise BadOption(key, "a number", text[:40])
        return number
    return text


STANDARD_REFUSALS: Final[Refusals] = (errors.GuardError, errors.Draining, errors.BadOption)
"""What any route may answer. (InternalError is a mistake, not an answer.)"""

BODY_REFUSALS: Final[Refusals] = (
    errors.WrongContentType,
    errors.BodyTooLarge,
    errors.BodyTooSlow,
    errors.BadBody,
)
"""What any route with a body may answer besides."""
