"""The daemon cannot be started, reached or trusted."""

from __future__ import annotations

from sdz.errors.base import SdzError

FLOOR = "client"


class DaemonError(SdzError):
    """The daemon cannot be started, reached or trusted."""

    code = "daemon-error"


class NoFreePort(DaemonError):
    """None of the ports from ``first`` to ``last`` is free."""

    code = "no-free-port"
    first: int
    last: int
    sentence = "no port from {first} to {last} is free; name another with --port"


class DaemonNotRunning(DaemonError):
    """No daemon of this user is running."""

    code = "daemon-not-running"
    reason: str = ""
    sentence = "the daemon is not running{_why}; start it by: sdz serve"

    @property
    def _why(self) -> str:
        return f" ({self.reason})" if self.reason else ""


class DaemonUnproven(DaemonError):
    """What answers at ``url`` cannot prove that it is this user's daemon."""

    code = "daemon-unproven"
    url: str
    sentence = (
        "what answers at {url} is not this user's daemon, so it was told nothing; start the daemon "
        "again by: sdz serve"
    )


class DaemonRefused(DaemonError):
    """The daemon answered with a problem. ``code`` is the problem's, ``detail`` its words."""

    code: str = "daemon-refused"  # type: ignore[misc]
    detail: str = ""
    sentence = "{detail}"
