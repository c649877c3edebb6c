"""A folder cannot be watched, or a file in it not replaced."""

from __future__ import annotations

from typing import Any

from sdz.errors.base import SdzError

FLOOR = "watch"


class WatchError(SdzError):
    """A folder cannot be watched, or a file in it is not replaced."""

    code = "cannot-watch"

    @staticmethod
    def _kept(name: str, fact: Any) -> Any:
        """A path as text that can be written anywhere: names of files are any bytes."""
        is_path = name in ("folder", "other", "where")
        return fact.encode("utf-8", "backslashreplace").decode() if is_path else fact


class FolderUnfit(WatchError):
    """``folder`` is not there, is no folder, or is none that may be watched."""

    code = "folder-unfit"
    folder: str
    reason: str
    sentence = "{folder} cannot be watched: {reason}"


class FolderWatched(WatchError):
    """``folder`` is, holds, or lies in ``other``, which ``by`` (process ``pid``) watches."""

    code = "folder-watched"
    folder: str
    other: str
    by: str
    pid: int
    sentence = (
        "{folder} cannot be watched: {_which} is watched already by {by} (process {pid}); "
        "see: sdz watch status"
    )

    @property
    def _which(self) -> str:
        same = self.folder == self.other
        return "it" if same else f"{self.other}, which has files in common with it,"


class BadJournal(WatchError):
    """The journal ``where`` cannot be used. ``reason`` says why."""

    code = "bad-journal"
    where: str
    reason: str
    sentence = (
        "the journal of watched folders {where} cannot be used: {reason}; move it away to begin a "
        "new one, no picture depends on it"
    )


class SourceChanged(WatchError):
    """The source changed, or went, while it was being read or encoded."""

    code = "source-changed"
    sentence = "it changed while it was being encoded; it is tried again once it rests"


class SourceUnfinished(WatchError):
    """The source ends before its own format says. ``reason``: what is missing."""

    code = "unfinished"
    reason: str
    sentence = "not written to its end: {reason}"


class SourceTooLarge(WatchError):
    """The source has ``found`` bytes, over ``limit``."""

    code = "source-too-large"
    found: int
    limit: int
    sentence = "it has {found:,} bytes, a watched folder takes up to {limit:,}"


class SavesTooLittle(WatchError):
    """The ``.sdz`` takes ``size`` bytes of ``source``, and ``share`` of them should be saved."""

    code = "saves-too-little"
    size: int
    source: int
    share: float
    sentence = (
        "would save too little: {size} bytes against {source} of the source, where {share:.0%} "
        "should be saved; left alone"
    )


class OutputDamaged(WatchError):
    """What was written to ``where`` does not read back. ``reason`` says how it differs."""

    code = "output-damaged"
    where: str
    reason: str
    sentence = "what was written to {where} does not read back: {reason}"


class TrashFailed(WatchError):
    """``where`` could not be put into the trash. ``reason`` says why."""

    code = "trash-failed"
    where: str
    reason: str
    sentence = "the trash did not take {where}: {reason}; it stays where it is"
