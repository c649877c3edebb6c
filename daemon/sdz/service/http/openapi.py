"""The API's description, OpenAPI 3.1, written from the routes themselves."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from functools import cache
from typing import Any, Final, Literal, get_args, get_origin

from sdz.errors import SdzError
from sdz.service.http.problems import PROBLEM_TYPE, status_of
from sdz.service.http.routing import Gives, Nothing, Route, Takes
from sdz.version import __version__

_BINARY: Final = {"type": "string", "format": "binary"}
_SIMPLE: Final = {str: "string", int: "integer", float: "number", bool: "boolean"}


@cache
def document_text(routes: tuple[Route, ...]) -> str:
    """The description as JSON text, the same for the same code."""
    return json.dumps(document(routes), indent=2, ensure_ascii=False) + "\n"


def document(routes: tuple[Route, ...]) -> dict[str, Any]:
    """The description."""
    paths: dict[str, dict[str, Any]] = {}
    shapes: dict[str, Any] = {}
    refusals: dict[str, Any] = {}
    for route in routes:
        operation = _operation(route, shapes, refusals)
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "sdz",
            "version": __version__,
            "summary": "Pictures stored as latents: decode, encode, inspect",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "http://127.0.0.1:7390"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": dict(sorted(shapes.items())),
            "responses": refusals,
        },
    }


def _operation(route: Route, shapes: dict[str, Any], refusals: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": route.about,
        "operationId": route.handler.__name__,
        "description": _first_line(route.handler),
    }
    parameters = [
        *_path_parameters(route.path),
        *_query_parameters(route.query),
        *(_header(name, about) for name, about in route.headers),
    ]
    if parameters:
        operation["parameters"] = parameters
    if route.takes is not None:
        operation["requestBody"] = _body(route.takes, shapes)
    operation["responses"] = {
        **{str(gives.status): _answer(gives, shapes) for gives in route.gives},
        **_refusals(route, refusals),
    }
    if route.access.is_anybodys:
        operation["security"] = []
    return operation


def _path_parameters(path: str) -> list[dict[str, Any]]:
    schema = {"type": "string", "minLength": 1, "maxLength": 64}
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in names]


def _header(name: str, about: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": about, "schema": {"type": "string"}}


def _query_parameters(shape: type) -> list[dict[str, Any]]:
    hints = typing.get_type_hints(shape)
    return [_query_parameter(field, hints[field.name]) for field in dataclasses.fields(shape)]


def _query_parameter(field: dataclasses.Field[Any], hint: Any) -> dict[str, Any]:
    # An optional parameter is one that is left out; in a query there is no null.
    schema = _without_null(_schema(hint, {})) | field.metadata.get("schema", {})
    if field.default not in (dataclasses.MISSING, None):
        schema["default"] = field.default
    return {
        "name": field.name,
        "in": "query",
        "required": field.default is dataclasses.MISSING,
        "description": field.metadata.get("about", ""),
        "schema": schema,
    }


def _body(takes: Takes, shapes: dict[str, Any]) -> dict[str, Any]:
    if not takes.is_json:
        return {"required": True, "content": {media: {"schema": _BINARY} for media in takes.media}}
    nothing = {"type": "object", "maxProperties": 0}  # of a declared type all the same: ``Takes``
    schema = nothing if takes.shape is Nothing else _schema(takes.shape, shapes)
    return {"required": True, "content": {takes.media[0]: {"schema": schema}}}


def _answer(gives: Gives, shapes: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": gives.about}
    if gives.headers:
        answer["headers"] = {
            name: {"description": about, "schema": {"type": "string"}}
            for name, about in gives.headers
        }
    if gives.shape is not None:
        answer["content"] = {"application/json": {"schema": _schema(gives.shape, shapes)}}
    elif gives.media:
        answer["content"] = {media: {"schema": _media_schema(media)} for media in gives.media}
    return answer


def _media_schema(media: str) -> dict[str, Any]:
    if media.endswith("/json"):
        return {"type": "object"}
    return {"type": "string"} if media.startswith("text/") else _BINARY


def _refusals(route: Route, shared: dict[str, Any]) -> dict[str, Any]:
    """The problems that a route may answer, by status, each with the codes it may have.

    Routes that refuse alike share an entry of ``shared``.
    """
    by_status: dict[int, set[str]] = {}
    for listed in route.refusals:
        for kind in _with_children(listed):
            by_status.setdefault(status_of(kind), set()).add(kind.code)
    return {
        str(status): {"$ref": f"#/components/responses/{_share(status, sorted(codes), shared)}"}
        for status, codes in sorted(by_status.items())
    }


def _share(status: int, codes: list[str], shared: dict[str, Any]) -> str:
    """The name of the response with that status and these codes."""
    response = {
        "description": ", ".join(codes),
        "content": {PROBLEM_TYPE: {"schema": _problem(status, codes)}},
    }
    number = 1
    while shared.setdefault(f"Refused{status}-{number}", response) != response:
        number += 1
    return f"Refused{status}-{number}"


def _with_children(kind: type[SdzError]) -> list[type[SdzError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in _with_children(child))]


def _problem(status: int, codes: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"const": status},
            "detail": {"type": "string"},
            "code": {"enum": codes},
        },
    }


def _schema(hint: Any, shapes: dict[str, Any]) -> dict[str, Any]:
    """JSON schema of a type; dataclasses go to ``shapes`` and are referred to."""
    if hint in _SIMPLE:
        return {"type": _SIMPLE[hint]}
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"type": "string", "enum": list(inner)}
    if origin in (types.UnionType, typing.Union):
        variants = [_schema(part, shapes) for part in inner if part is not type(None)]
        return {"anyOf": [*variants, {"type": "null"}]}
    if origin is list:
        return {"type": "array", "items": _schema(inner[0], shapes)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema(inner[1], shapes)}
    if dataclasses.is_dataclass(hint):
        return _object(hint, shapes)
    raise TypeError(f"no schema for {hint}")


def _object(shape: Any, shapes: dict[str, Any]) -> dict[str, Any]:
    name = shape.__name__
    if name not in shapes:
        hints = typing.get_type_hints(shape)
        properties = {}
        shapes[name] = {}
        for field in dataclasses.fields(shape):
            schema = _schema(hints[field.name], shapes)
            schema.update(field.metadata.get("schema", {}))
            if field.default is not dataclasses.MISSING:
                schema["default"] = field.default
            if "about" in field.metadata:
                schema["description"] = field.metadata["about"]
            properties[field.name] = schema
        shapes[name] = {
            "type": "object",
            "description": _first_line(shape),
            "required": [
                field.name
                for field in dataclasses.fields(shape)
                if field.default is field.default_factory is dataclasses.MISSING
            ],
            "properties": properties,
            "additionalProperties": False,
        }
    return {"$ref": f"#/components/schemas/{name}"}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    return dict(schema["anyOf"][0]) if "anyOf" in schema else schema


def _first_line(thing: Any) -> str:
    return (thing.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ").replace("    ", " ")
