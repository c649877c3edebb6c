"""Errors as HTTP answers: which class has which status, and how a problem is written.

Nothing else in the package knows a status code of a refusal. The answer is ``application/
problem+json`` (RFC 9457); programs go by its ``code``, which never changes, and people read
``detail``.
"""

from __future__ import annotations

import json
import math
from typing import Any, Final

from aiohttp import web

from sdz import errors

PROBLEM_TYPE: Final = "application/problem+json"

# An error has the status of the nearest class above it that is listed.
_STATUS: Final[dict[type[errors.SdzError], int]] = {
    errors.SdzError: 500,
    errors.FormatError: 422,
    errors.ImageError: 422,
    errors.EncodeError: 422,
    errors.BadOption: 400,
    errors.ModelError: 409,  # right request, but not with the models as they are
    errors.UnknownModel: 404,
    errors.BadModelName: 400,
    errors.EngineError: 500,
    errors.QueueFull: 429,
    errors.DeadlinePassed: 504,
    errors.JobCancelled: 503,
    errors.EngineStopped: 503,
    errors.OutOfMemory: 503,
    errors.TooCostly: 422,
    errors.DeviceMissing: 503,
    errors.WatchError: 409,  # right request, but not with the folders as they are
    errors.FolderUnfit: 422,
    errors.BadJournal: 500,
    errors.ServiceError: 400,
    errors.GuardError: 403,
    errors.TokenMissing: 401,
    errors.TokenUnknown: 401,
    errors.TokenRevoked: 401,
    errors.SessionEnded: 401,
    errors.PairingClosed: 403,
    errors.PairingCodeWrong: 403,
    errors.NoSuchRoute: 404,
    errors.MethodRefused: 405,
    errors.NotAcceptable: 406,
    errors.BodyTooSlow: 408,
    errors.BodyTooLarge: 413,
    errors.WrongContentType: 415,
    errors.NoSuchJob: 404,
    errors.NoSuchWatch: 404,
    errors.NoSuchClient: 404,
    errors.TooManyRequests: 429,
    errors.InternalError: 500,
    errors.TookTooLong: 504,
    errors.Draining: 503,
}

# Facts that would tell a stranger more than that there is a daemon.
_SECRET_FACTS: Final = frozenset({"where", "reason", "why", "kind"})


def status_of(kind: type[errors.SdzError]) -> int:
    """The status of an error class."""
    for base in kind.__mro__:
        if base in _STATUS:
            return _STATUS[base]
    raise TypeError(f"{kind} is no SdzError")


def title_of(kind: type[errors.SdzError]) -> str:
    """A short title, the same for all errors of a class."""
    return kind.code.replace("-", " ")


def problem_of(error: errors.SdzError) -> dict[str, Any]:
    """The members of an error's answer."""
    problem: dict[str, Any] = {
        "type": f"urn:sdz:problem:{error.code}",
        "title": title_of(type(error)),
        "status": status_of(type(error)),
        "detail": str(error),
        "code": error.code,
    }
    for name, value in error.facts.items():
        if name not in problem and name not in _SECRET_FACTS and _is_plain(value):
            problem[name] = value
    return problem


def answer_of(error: errors.SdzError) -> web.Response:
    """The whole answer. Guard and body errors close the connection: what follows is not read."""
    problem = problem_of(error)
    # "replace": facts quote headers, which are any bytes.
    response = web.Response(
        status=problem["status"],
        body=json.dumps(problem, ensure_ascii=False).encode(errors="replace"),
        content_type=PROBLEM_TYPE,
    )
    retry = getattr(error, "retry_after_s", None)
    if retry is not None:
        response.headers["Retry-After"] = str(max(1, math.ceil(retry)))
    if isinstance(error, errors.MethodRefused):
        response.headers["Allow"] = ", ".join(error.allowed)
    if problem["status"] == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="sdz"'
    if isinstance(error, errors.BodyTooSlow | errors.BodyTooLarge | errors.Draining):
        response.force_close()
    return response


def _is_plain(value: object) -> bool:
    if isinstance(value, tuple):
        return all(isinstance(item, str) for item in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, str | int | bool) or value is None
