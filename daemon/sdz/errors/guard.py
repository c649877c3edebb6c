"""The daemon does not let the sender of a request in."""

from __future__ import annotations

from sdz.errors.service import ServiceError

FLOOR = "service"


class GuardError(ServiceError):
    """The sender is not let in. Nothing of the body was read, no work was begun."""

    code = "not-let-in"


class HostMissing(GuardError):
    """The request has no Host header, an empty one, or several."""

    code = "host-missing"
    sentence = "the request names no host; speak to 127.0.0.1 and the daemon's port"


class HostForeign(GuardError):
    """The Host header names another machine: a rebound name, or a proxy."""

    code = "host-foreign"
    sentence = "this daemon answers only to 127.0.0.1 and localhost"


class HostWrongPort(GuardError):
    """The Host header has another port than the daemon's ``port``."""

    code = "host-wrong-port"
    port: int
    sentence = "the request was meant for another port than {port}"


class PreflightRefused(GuardError):
    """An OPTIONS request: no web page is ever let in."""

    code = "preflight-refused"
    sentence = "web pages are not let in, so there is nothing to negotiate"


class CrossSite(GuardError):
    """The browser says that another site sent this. ``site``: its Sec-Fetch-Site."""

    code = "cross-site"
    site: str
    sentence = "requests that a web page caused are refused"


class OriginForeign(GuardError):
    """The Origin header is not that of the client that was paired."""

    code = "origin-foreign"
    sentence = "this origin is not paired; pair it by: sdz pair"


class TokenMissing(GuardError):
    """No bearer token."""

    code = "token-missing"
    sentence = "a bearer token is needed; get one by: sdz pair"


class TokenUnknown(GuardError):
    """A bearer token that was never given out, or that a restart has ended."""

    code = "token-unknown"
    sentence = "this token is not known; pair again by: sdz pair"


class TokenRevoked(GuardError):
    """The token of a client that was revoked."""

    code = "token-revoked"
    sentence = "this client was revoked; pair it again by: sdz pair"


class SessionEnded(GuardError):
    """A dashboard's cookie or page key that is not, or no longer, good."""

    code = "session-ended"
    sentence = "this session has ended; open the dashboard again by: sdz dashboard"


class SessionKeyTaken(GuardError):
    """The session's page key was told before; it is told once."""

    code = "session-key-taken"
    sentence = "this session is in use by another page; open the dashboard again by: sdz dashboard"


class LocalOnly(GuardError):
    """Only programs of this machine's user, by the token in its file, may do this."""

    code = "local-only"
    sentence = "only the command line of this machine's user may do this"
