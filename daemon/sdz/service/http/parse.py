"""Queries and JSON bodies into the dataclasses that a route names, each checked field by field."""

from __future__ import annotations

import dataclasses
import difflib
import json
import math
import types
import typing
from functools import cache
from typing import Any, Final, Literal, get_args, get_origin

from aiohttp import web

from sdz.errors import BadBody, BadOption


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
