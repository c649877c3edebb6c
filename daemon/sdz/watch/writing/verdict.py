"""What an error means for a file: left alone, given up, or tried again, and when.

Errors are told apart by their codes, since an encoder in another process has no more than that.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import Final

from sdz.errors import OutputError, SdzError
from sdz.watch.journal.rows import FileRow, State
from sdz.watch.telling.report import FolderState

FIRST_PAUSE_S: Final = 5.0
LONGEST_PAUSE_S: Final = 3600.0
MOST_ATTEMPTS: Final = 6
"""After so many failures that are nobody's fault but perhaps the file's, it is given up."""
UNFINISHED_S: Final = 600.0
"""A file that has rested that long without its end is taken for damaged."""
WAITED_FOR: Final = "it may still be written, and is waited for"

REFUSED: Final = frozenset(
    {
        "not-smaller",
        "score-not-reached",
        "target-too-small",
        "several-frames",
        "not-held-whole",
        "saves-too-little",
        "bad-option",  # such as an effort that the model cannot make: other wishes may help
    }
)
BAD: Final = frozenset(
    {"bad-image", "unreadable-image", "image-too-large", "source-too-large", "body-too-large"}
)
# The file is not asked; it only happened to be the one that was tried.
_LATER: Final = frozenset({"queue-full", "too-many-requests", "cancelled", "draining"})
_MODEL: Final = frozenset(
    {"unknown-model", "model-missing", "weights-mismatch", "bad-model", "model-error"}
)
_ENCODER: Final = frozenset(
    {"daemon-not-running", "daemon-unproven", "engine-stopped", "device-missing", "no-free-port"}
)
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)
_NOT_ALLOWED: Final = (errno.EROFS, errno.EACCES, errno.EPERM)


@dataclass(frozen=True, slots=True)
class Verdict:
    """state: of the file. delay_s: until its next try. counts: whether this was an attempt.
    folder: what is wrong with the folder as a whole, or None.
    """

    state: State
    code: str
    reason: str
    delay_s: float = 0.0
    counts: bool = True
    folder: FolderState | None = None

    @property
    def pauses(self) -> bool:
        """Whether the other files would fare no better, so that the folder waits."""
        return self.folder not in (None, FolderState.READ_ONLY)


def judge(
    error: BaseException, row: FileRow, now: float, settle_s: float, chance: float
) -> Verdict:
    """``row``: the file as it was claimed, its attempts before this one. chance: 0 to 1."""
    code, reason = describe(error)
    if code == "source-changed":
        return Verdict(State.SETTLING, code, reason, settle_s, counts=False)
    if code == "unfinished":
        rested = max(0.0, now - row.since)
        if rested >= UNFINISHED_S:
            return Verdict(State.BAD, code, f"{reason}; waited for in vain")
        # Rested as long again: events and scans notice whatever changes it before that.
        delay = min(max(settle_s, 1.0, rested), UNFINISHED_S - rested + 0.001)
        return Verdict(State.SETTLING, code, f"{reason}; {WAITED_FOR}", delay, counts=False)
    if code in REFUSED:
        return Verdict(State.REFUSED, code, reason)
    if code in BAD:
        return Verdict(State.BAD, code, reason)
    if code in _LATER:
        delay = float(getattr(error, "retry_after_s", 1.0)) * (1 + chance)
        return Verdict(State.WAITING, code, reason, delay, counts=False)
    if code in _MODEL:
        return _paused(FolderState.MODEL_MISSING, code, reason)
    if code in _ENCODER:
        return _paused(FolderState.ENCODER_AWAY, code, reason)
    cause = error.__cause__ if isinstance(error, OutputError) else error
    number = cause.errno if isinstance(cause, OSError) else None
    if number in _NO_ROOM:
        return _paused(FolderState.DISK_FULL, "disk-full", reason)
    attempts = row.attempts + 1
    delay = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(attempts - 1, 12)) * (0.5 + chance)
    if isinstance(error, OutputError) and number in _NOT_ALLOWED:
        return Verdict(State.FAILED, code, reason, delay, folder=FolderState.READ_ONLY)
    if number is None and attempts >= MOST_ATTEMPTS:
        return Verdict(State.BAD, code, f"given up after {attempts} attempts: {reason}")
    return Verdict(State.FAILED, code, reason, delay)


def _paused(folder: FolderState, code: str, reason: str) -> Verdict:
    return Verdict(State.WAITING, code, reason, counts=False, folder=folder)


def describe(error: BaseException) -> tuple[str, str]:
    """(stable code, words for a person)."""
    if isinstance(error, SdzError):
        return error.code, str(error)
    if isinstance(error, OSError):
        return "os-error", (error.strerror or str(error)).lower()
    if isinstance(error, MemoryError):
        return "out-of-memory", "not enough memory"
    return "internal-error", f"internal error, please report it: {type(error).__name__}: {error}"
