"""One batch of a folder: from its first finished picture to the moment when none waits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sdz.watch.telling.report import FolderStatus, WatchEvent


@dataclass(frozen=True, slots=True)
class Round:
    """What became of it."""

    done: int
    refused: int
    failed: int
    saved_bytes: int

    def sentence(self, root: Path) -> str:
        """For a notification."""
        pictures = "1 picture" if self.done == 1 else f"{self.done} pictures"
        others = [
            f"{count} {what}"
            for count, what in ((self.refused, "left alone"), (self.failed, "failed"))
            if count
        ]
        more = f" ({', '.join(others)})" if others else ""
        return f"{pictures} in {root.name}: {self.saved_bytes / 1e6:,.1f} MB saved{more}"


class RoundCounter:
    """Counts a folder's events."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._done = self._refused = self._saved = 0
        self._failed: set[Path | None] = set()

    def on_event(self, event: WatchEvent) -> None:
        """One thing that happened."""
        match event.kind:
            case "done":
                self._done += 1
                self._saved += (event.bytes_before or 0) - (event.bytes_after or 0)
                self._failed.discard(event.path)
            case "refused":
                self._refused += 1
                self._failed.discard(event.path)
            case "failed" | "bad":  # a file that is tried again is one file all the same
                self._failed.add(event.path)

    def ended(self, status: FolderStatus) -> Round | None:
        """The batch, where this status says that it is over and anything was done; once."""
        if status.waiting or status.running or not self._done:
            return None
        batch = Round(self._done, self._refused, len(self._failed), self._saved)
        self._begin()
        return batch
