"""What the engine can be asked for, and what it answers: plain values, and their way as frames.

A job is a header of JSON values and a body of bytes on its way to the child process; ``describe``
and ``restore`` are that pair.
"""

from __future__ import annotations

import enum
from dataclasses import asdict, dataclass, field
from typing import Any, Final, TypeAlias

from sdz.errors import BadOption
from sdz.media import MEDIA_TYPES
from sdz.wish import Wish

NO_MEDIA_TYPE: Final = ""


class Priority(enum.IntEnum):
    """Who waits for whom: smaller goes first."""

    VIEW = 0
    ENCODE = 1
    BACKGROUND = 2


@dataclass(frozen=True, slots=True)
class DecodeJob:
    """The bytes of a ``.sdz`` file to a picture file of ``format``, a key of MEDIA_TYPES.

    max_side: the longer side is reduced to this many pixels where it is longer; None keeps it.
    stored: a PNG need not be deflated.
    """

    data: bytes = field(repr=False)
    format: str = "png"
    max_side: int | None = None
    stored: bool = False

    def __post_init__(self) -> None:
        if self.format not in MEDIA_TYPES:
            raise BadOption("format", " or ".join(MEDIA_TYPES), self.format)
        if self.max_side is not None and self.max_side < 1:
            raise BadOption("max side", "at least 1", self.max_side)


@dataclass(frozen=True, slots=True)
class PreviewJob:
    """The small picture of a ``.sdz`` file, which needs no network; otherwise as ``DecodeJob``.

    channels: drawn from so many at most. alpha: with it, where the file has some.
    """

    data: bytes = field(repr=False)
    format: str = "png"
    max_side: int | None = None
    stored: bool = False
    channels: int | None = None
    alpha: bool = False


@dataclass(frozen=True, slots=True)
class ScoresJob:
    """The map of scores of a ``.sdz`` file that has one: a hexadecimal digit for each cell."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EncodeJob:
    """The bytes of a picture file to a ``.sdz`` file."""

    data: bytes = field(repr=False)
    wish: Wish = field(default_factory=Wish)


@dataclass(frozen=True, slots=True)
class LoadJob:
    """Make ``model`` ready, so that the next picture need not wait for it."""

    model: str


@dataclass(frozen=True, slots=True)
class UnloadJob:
    """Let go of ``model`` and its memory."""

    model: str


Job: TypeAlias = DecodeJob | PreviewJob | ScoresJob | EncodeJob | LoadJob | UnloadJob


@dataclass(frozen=True, slots=True)
class JobResult:
    """A file, and how it came about.

    meta: of a decode ``width``, ``height``, ``model``; of an encode what ``sdz info`` says of the
    file and ``notes``; of scores ``cell``, ``rows``, ``columns``; of a load ``model``, ``bytes``,
    ``device``. meta["out_of_memory"], where memory did not suffice at first, lists the ways that
    failed. rung: the way that succeeded: "batch" (with others), "single", "tiles" (smaller ones),
    "evicted" (other models had to go) or "cpu". device: where it ran. seconds: in the child,
    without the time in the queue.
    """

    data: bytes = field(repr=False)
    media_type: str
    meta: dict[str, Any]
    rung: str
    device: str
    seconds: float


_SHAPE: Final = ("format", "max_side", "stored")
_PREVIEW: Final = ("channels", "alpha")


def describe(job: Job) -> tuple[dict[str, Any], bytes]:
    """(header, body) of a job."""
    match job:
        case DecodeJob():
            return {"kind": "decode", **_said(job, _SHAPE)}, job.data
        case PreviewJob():
            return {"kind": "preview", **_said(job, _SHAPE + _PREVIEW)}, job.data
        case ScoresJob():
            return {"kind": "scores"}, job.data
        case EncodeJob():
            return {"kind": "encode", "wish": asdict(job.wish)}, job.data
        case LoadJob():
            return {"kind": "load", "model": job.model}, b""
        case UnloadJob():
            return {"kind": "unload", "model": job.model}, b""


def _said(job: Job, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(job, name) for name in names}


def restore(header: dict[str, Any], body: bytes) -> Job:
    """The job whose ``describe`` gave this. Raises BadOption for a kind that is none."""
    match header["kind"]:
        case "decode":
            return DecodeJob(body, *(header[name] for name in _SHAPE))
        case "preview":
            return PreviewJob(body, *(header[name] for name in (*_SHAPE, *_PREVIEW)))
        case "scores":
            return ScoresJob(body)
        case "encode":
            return EncodeJob(body, Wish(**header["wish"]))
        case "load":
            return LoadJob(header["model"])
        case "unload":
            return UnloadJob(header["model"])
        case other:
            raise BadOption("kind of job", "decode, preview, scores, encode, load or unload", other)
