"""The sum of a run of ``sdz watch``, and of one that was only tried: counted, and said in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from sdz.names import counted, plural
from sdz.units import size_in_words
from sdz.watch.telling.report import PlannedFile, Summary

_BEHIND: Final = "not kept: "
_OF_ACTION: Final = {"fail": "failed", "wait": "waiting", "refuse": "refused", "convert": "done"}


@dataclass(slots=True)
class Sum:
    """counts: pictures by what became of them. before: done by an earlier run. sizes: bytes of what
    is done, before and after. others: files that are no pictures, by their kind. dropped: what was
    left behind, of how many pictures. untried: pictures that were not tried, and their bytes.
    """

    counts: Counter[str] = field(default_factory=Counter)
    before: int = 0
    sizes: tuple[int, int] = (0, 0)
    others: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    untried: tuple[int, int] = (0, 0)

    def add(self, summary: Summary) -> None:
        """What became of one folder."""
        for name in ("done", "refused", "waiting", "failed"):
            self.counts[name] += getattr(summary, name)
        self.before += summary.before
        self._done(summary.bytes_before, summary.bytes_after)

    def plan(self, file: PlannedFile) -> None:
        """What would become of one file."""
        if file.action == "untried":
            self.untried = self.untried[0] + 1, self.untried[1] + file.bytes_before
            return
        self.counts[_OF_ACTION[file.action]] += 1
        if file.bytes_after is not None:
            self._done(file.bytes_before, file.bytes_after)

    def noted(self, notes: Iterable[str]) -> None:
        """What was left behind of one picture."""
        self.dropped.update(note for note in notes if note.startswith(_BEHIND))

    @property
    def is_whole(self) -> bool:
        """Whether all were tried."""
        return not self.untried[0]

    @property
    def any_not_done(self) -> bool:
        """Whether anything failed, or waits to be written to its end."""
        return bool(self.counts["failed"] + self.counts["waiting"])

    @property
    def any_without(self) -> bool:
        """Whether any picture did not become a ``.sdz``."""
        return self.any_not_done or bool(self.counts["refused"])

    def row(self) -> dict[str, Any]:
        """The sum for programs."""
        before, after = self.sizes
        named = {name: self.counts[name] for name in ("done", "refused", "waiting", "failed")}
        return {
            **named,
            "source_bytes": before,
            "bytes": after,
            "state": "summary",
            "left_alone": dict(self.others),
            "before": self.before,
            "not_kept": dict(self.dropped),
        }

    def words(self) -> str:
        """The sum for people."""
        before, after = self.sizes
        saved = ""
        if before:
            share = f"{(before - after) / before:.1%}"
            saved = f"; {before - after:,} of {before:,} bytes saved ({share})"
        earlier = f" ({self.before:,} before)" if self.before else ""
        waiting = f"{self.counts['waiting']} waiting, " if self.counts["waiting"] else ""
        return (
            f"{self.counts['done']} done{earlier}, {self.counts['refused']} left alone, "
            f"{waiting}{self.counts['failed']} failed{saved}{self._behind()}"
        )

    def estimate(self, seconds: float) -> tuple[dict[str, Any], str]:
        """What all would come to, for programs and for people. seconds: that the sample took."""
        (count, size), tried = self.untried, self.counts.total()
        before, after = self.sizes
        share = (before - after) / max(before, 1)
        row = {
            "estimate": True,
            "tried": tried,
            "pictures": tried + count,
            "bytes": before + size,
            "saved": round((before + size) * share),
            "seconds": round(seconds / max(tried, 1) * (tried + count)),
        }
        minutes = row["seconds"] / 60
        time = f"{minutes:.0f} min" if minutes >= 1.5 else f"{row['seconds']} s"
        failing = f"; of these {self.counts['failed']} failed" if self.counts["failed"] else ""
        return row, (
            f"nothing was written; an estimate from {tried} of {tried + count} pictures{failing}: "
            f"some {size_in_words(row['saved'])} of {size_in_words(row['bytes'])} saved "
            f"({share:.0%}), in some {time}; --sample 0 tries all{self._behind()}"
        )

    def _done(self, before: int, after: int) -> None:
        self.sizes = self.sizes[0] + before, self.sizes[1] + after

    def _behind(self) -> str:
        """What was left behind: of pictures, and whole files."""
        dropped = [
            f"{note.removeprefix(_BEHIND)} of {count:,} {plural('picture', count)}"
            for note, count in self.dropped.items()
        ]
        text = f"; not kept: {', '.join(dropped)}" if dropped else ""
        return text + (f"; not read: {counted(self.others)}" if self.others else "")
