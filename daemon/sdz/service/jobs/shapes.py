"""The values of the routes on jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from sdz.service.http.fields import about, between

LONGEST_WAIT_S: Final = 30.0

JobState = Literal["running", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class JobView:
    """A job at one moment. ``kind``: pull or encode; ``subject``: the model, or what the picture is
    called. ``done`` of ``total`` are bytes of a pull and tiles of an encode; ``doing`` says what it
    is at, ``attempt`` which of a search, ``share`` (0 to 1) how far the whole is, an estimate, and
    ``left_s`` the seconds that are left, null where it is too early to say. ``error``: a stable
    code, or null. ``result``: whether ``/v1/jobs/{id}/result`` has one.
    """

    id: str
    kind: str
    subject: str
    state: JobState
    done: int
    total: int
    error: str | None
    detail: str | None
    begun: str
    ended: str | None
    doing: str = ""
    attempt: int = 0
    share: float = 0.0
    left_s: float | None = None
    result: bool = False


@dataclass(frozen=True, slots=True)
class JobList:
    """All jobs that can still be asked about, oldest first."""

    jobs: list[JobView]


@dataclass(frozen=True, slots=True)
class JobQuery:
    """How long the answer may wait for the job."""

    wait_s: float = about(
        "wait at most so many seconds for its end", between(0, LONGEST_WAIT_S), 0.0
    )
