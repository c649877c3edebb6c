"""The values of the routes on watched folders."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from sdz.errors import BadOption
from sdz.service.asked import Asked, asking
from sdz.service.http.fields import about, between

if TYPE_CHECKING:
    from sdz.config import WatchSettings
    from sdz.watch.folder import FolderOptions


@asking(after="out", watched=True)
class WatchRequest(Asked):
    """A folder to be watched, and what is made of its pictures. Null: as the settings say."""

    root: str = about("absolute path of the folder")
    out: str | None = about(
        "absolute path for the results; null: beside the pictures", default=None
    )
    originals: Literal["keep", "trash"] | None = about(
        "what becomes of a picture once its .sdz is verified", default=None
    )
    min_saving: float | None = about(
        "least saving, as a share; what saves less is left alone", between(0, 0.99), None
    )
    settle_s: float | None = about("how long a file must not change", between(0, 3600), None)
    jobs: int | None = about("pictures under way at once", between(1, 64), None)

    def values(self) -> dict[str, Any]:
        """What was asked for, without what was left open: JSON values, also for ``of``."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def of(cls, values: dict[str, Any]) -> WatchRequest:
        """What ``values`` gave; members of other editions are passed over."""
        known = {name: values[name] for name in cls.__dataclass_fields__ if name in values}
        return cls(**known)


@dataclass(frozen=True, slots=True)
class RetryRequest:
    """Which files to try again."""

    paths: list[str] | None = field(
        default=None, metadata={"about": "names below the folder; null: all that failed"}
    )


@dataclass(frozen=True, slots=True)
class UndoRequest:
    """How many originals to bring back."""

    count: int = about("that many, the last ones first", between(1, 1_000_000), 1)


@dataclass(frozen=True, slots=True)
class WatchRow:
    """A watched folder and how far it is. ``kept``: watched again after a restart.

    Counts are files: ``waiting`` with those still ``settling``; ``refused`` are left alone,
    ``failed`` are tried again by themselves, ``bad`` once they change or by retry, ``undone`` have
    their original back. ``reason`` says why the ``state`` is not as usual. ``not_trashed`` are
    done, but the trash did not take their original; ``hindrance`` names folders that cannot be
    looked into; ``left_alone`` counts files of other kinds, which are not taken; ``stages`` says in
    words how far those in work are, by their names;
    ``unfinished`` those that wait as they are not written to their end.
    """

    id: str
    root: str
    state: str
    reason: str
    waiting: int
    settling: int
    running: int
    done: int
    refused: int
    failed: int
    bad: int
    undone: int
    saved_bytes: int
    oldest_waiting_s: float
    out: str | None
    model: str
    originals: Literal["keep", "trash"]
    kept: bool
    preset: str | None = None
    quality: float | None = None
    target_bytes: int | None = None
    min_score: float | None = None
    effort: str = "normal"
    keep: str = "auto"
    keep_metadata: bool = False
    keep_location: bool = False
    not_trashed: int = 0
    hindrance: str = ""
    left_alone: dict[str, int] = field(default_factory=dict)
    percent: float | None = None
    per_minute: float = 0.0
    left_s: float | None = None
    in_work: list[str] = field(default_factory=list)
    stages: dict[str, str] = field(default_factory=dict)
    paused: bool = False
    unfinished: int = 0


WISHES: Final = (
    *("preset", "quality", "target_bytes", "min_score"),
    *("effort", "keep", "keep_metadata", "keep_location"),
)
"""The members of a row that say what is asked for."""

FILE_STATES: Final = (
    *("waiting", "settling", "running", "done"),
    *("refused", "failed", "bad", "undone"),
)
"""The members of a row that count files."""


@dataclass(frozen=True, slots=True)
class WatchList:
    """All folders that the daemon watches."""

    watches: list[WatchRow]


@dataclass(frozen=True, slots=True)
class FileNote:
    """A file that did not become a ``.sdz``, and why: a stable code, and words for people."""

    path: str
    state: str
    code: str
    reason: str
    attempts: int


@dataclass(frozen=True, slots=True)
class WatchDetail:
    """A watched folder, and the last 100 of its files that did not become a ``.sdz``."""

    watch: WatchRow
    notes: list[FileNote]


@dataclass(frozen=True, slots=True)
class Retried:
    """How many files are tried again."""

    files: int


@dataclass(frozen=True, slots=True)
class UndoneFile:
    """An original: back again at ``path``, or the ``reason`` why not."""

    path: str
    restored: bool
    reason: str


@dataclass(frozen=True, slots=True)
class UndoneList:
    """What became of the originals that were to be brought back."""

    files: list[UndoneFile]


def folder_options(request: WatchRequest, root: Path, settings: WatchSettings) -> FolderOptions:
    """What the watcher is told. Raises BadOption."""
    from sdz.watch.folder import FolderOptions, Originals, usual_jobs

    out = Path(request.out) if request.out is not None else None
    if out is not None and not out.is_absolute():
        raise BadOption("out", "an absolute path", "another")
    return FolderOptions(
        root,
        out=out,
        wish=request.wish(),
        originals=Originals(request.originals or settings.originals),
        min_saving=_given(request.min_saving, settings.min_saving),
        settle_s=_given(request.settle_s, settings.settle_s),
        rescan_s=settings.rescan_s,
        jobs=settings.jobs or usual_jobs() if request.jobs is None else request.jobs,
    )


def stopped_row(
    request: WatchRequest, settings: WatchSettings, reason: str, *, kept: bool
) -> WatchRow:
    """A folder that could not be begun, and why."""
    from sdz.watch.claim import folder_id
    from sdz.watch.telling.news import shown
    from sdz.watch.telling.report import FolderState

    nothing: dict[str, Any] = dict.fromkeys((*FILE_STATES, "saved_bytes", "oldest_waiting_s"), 0)
    asked: dict[str, Any] = {name: getattr(request.wish(), name) for name in WISHES}
    return WatchRow(
        id=folder_id(Path(request.root)),
        root=shown(request.root),
        state=str(FolderState.STOPPED),
        reason=shown(reason),
        **nothing,
        out=None if request.out is None else shown(request.out),
        model=request.model,
        originals="trash" if (request.originals or settings.originals) == "trash" else "keep",
        kept=kept,
        **asked,
    )


def _given(wish: float | None, setting: float) -> float:
    return setting if wish is None else wish
