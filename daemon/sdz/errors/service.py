"""The daemon refuses a request."""

from __future__ import annotations

from sdz.errors.base import SdzError

FLOOR = "service"


class ServiceError(SdzError):
    """The daemon refuses a request."""

    code = "refused"


class PairingClosed(ServiceError):
    """Pairing is not open: never asked for, used, expired, or out of tries."""

    code = "pairing-closed"
    sentence = "pairing is not open; open it by: sdz pair"


class PairingCodeWrong(ServiceError):
    """Not the code that ``sdz pair`` shows; ``left`` tries are left."""

    code = "pairing-code-wrong"
    left: int
    sentence = "that is not the code; {left} tries left"


class RequestError(ServiceError):
    """What was sent cannot be taken."""

    code = "bad-request"


class NoSuchRoute(RequestError):
    """There is nothing at this path."""

    code = "no-such-route"
    sentence = "there is nothing at this path; see /openapi.json"


class MethodRefused(RequestError):
    """This path takes other methods: ``allowed``."""

    code = "method-refused"
    allowed: tuple[str, ...]
    sentence = "this path takes {allowed: or }"


class WrongContentType(RequestError):
    """The body is declared as ``found``; one of ``expected`` is wanted."""

    code = "wrong-content-type"
    expected: tuple[str, ...]
    found: str | None
    sentence = "content type expected {expected: or }, found {_declared}"

    @property
    def _declared(self) -> str:
        return self.found or "none"


class BodyTooLarge(RequestError):
    """The body has more than ``limit`` bytes."""

    code = "body-too-large"
    limit: int
    sentence = "the body is larger than {limit} bytes (service.body_limit)"


class BodyTooSlow(RequestError):
    """The body did not arrive within ``limit_s`` seconds."""

    code = "body-too-slow"
    limit_s: float
    sentence = "the body did not arrive within {limit_s:g} s"


class BadBody(RequestError):
    """The body is not what the route takes. ``reason`` says why."""

    code = "bad-body"
    reason: str
    sentence = "the body cannot be used: {reason}"


class NotAcceptable(RequestError):
    """The Accept header allows none of the ``offered`` types."""

    code = "not-acceptable"
    offered: tuple[str, ...]
    sentence = "there is an answer as {offered:, }, but Accept allows none"


class NoSuchJob(RequestError):
    """No job has this ``job`` id, or it ended long ago."""

    code = "no-such-job"
    job: str
    sentence = "there is no such job"


class NoSuchWatch(RequestError):
    """No watched folder has this ``watch`` id."""

    code = "no-such-watch"
    watch: str
    sentence = "there is no such watched folder; see: sdz watch status"


class NoSuchClient(RequestError):
    """No client has this ``name`` or id."""

    code = "no-such-client"
    name: str
    sentence = "no client is called {name!r}; see: sdz clients"


class TooManyRequests(ServiceError):
    """As many requests, or bytes of bodies, as are allowed are under way."""

    code = "too-many-requests"
    retry_after_s: float = 1.0
    sentence = "too many requests are under way; try again in a moment"


class TookTooLong(ServiceError):
    """There was no answer within ``limit_s`` seconds; the work was given up."""

    code = "took-too-long"
    limit_s: float
    sentence = "no answer within {limit_s:g} s (service.request_timeout)"


class Draining(ServiceError):
    """The daemon is shutting down."""

    code = "draining"
    sentence = "the daemon is shutting down"


class InternalError(ServiceError):
    """A mistake in the daemon; its log names it under the ``request`` id."""

    code = "service-error"
    request: str
    sentence = "the daemon made a mistake; its log has it under {request}"
