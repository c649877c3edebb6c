"""What ``sdz watch`` says: a line for each picture, a bar for a person who watches, the sum."""

from __future__ import annotations

import json
import shlex
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sdz import container
from sdz.commands.console import BAR, bar_of_pictures, say
from sdz.commands.waiting import Waiting, Work, waiting
from sdz.commands.watch.sums import Sum
from sdz.errors import FormatError
from sdz.grades import in_words
from sdz.progress import Progress
from sdz.watch.telling.report import FolderState, FolderStatus, PlannedFile, Summary, WatchEvent

_USUAL = (FolderState.STARTING, FolderState.WATCHING, FolderState.STOPPED)


class Lines:
    """Prints on standard output, failures on standard error; as JSON all of it on both."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._bar: Any = None
        self._shown: Waiting | None = None
        self._works: dict[Path, Work] = {}
        self._named: dict[Path | None, str] = {}
        self._hindered: set[Path] = set()
        self._waiting: dict[Path, int] = {}
        self._sum = Sum()
        self._seen = Counter[str]()

    # --- while it goes on ---------------------------------------------------------------------

    @contextmanager
    def bar(self) -> Iterator[None]:
        """A bar, where standard error is a terminal; what is in work, wherever it is."""
        with waiting() as self._shown, bar_of_pictures(None) as self._bar:
            try:
                yield
            finally:
                self._bar = self._shown = None
                self._works.clear()

    def event(self, event: WatchEvent) -> None:
        """One thing that happened."""
        self._seen[event.kind] += 1
        self._follow(event)
        match event.kind:
            case "done":
                self._done(event)
            case "refused":
                self._left(event.path or event.root, "refused", event.code, event.reason)
            case "failed" | "bad":
                self._failed(event.path or event.root, event.kind, event.code, event.reason)
            case "unreadable":
                say(f"sdz: {event.root}: {event.reason}", sys.stderr)
            case "folder":
                self._folder(event)
            case _:
                return
        if self._bar is not None and event.kind in ("done", "refused", "bad"):
            self._bar.update()

    def _follow(self, event: WatchEvent) -> None:
        """Have what is in work shown while it is."""
        if self._shown is None or event.path is None:
            return
        if event.kind == "started":
            self._works[event.path] = self._shown.begin(str(event.path))
        else:
            self._over(event.path)

    def heard(self, path: Path, at: Progress) -> None:
        """How far the encoding of a file is; in any thread."""
        if (work := self._works.get(path)) is not None:
            work.hear(at)

    def _over(self, path: Path) -> None:
        if self._shown is not None and path in self._works:
            self._shown.end(self._works.pop(path))

    def will_try(self, pictures: int) -> None:
        """So many pictures of a folder will be encoded to see what comes of them."""
        self._lengthen(pictures)

    def status(self, status: FolderStatus) -> None:
        """How a folder stands: the bar's length is what is done and what is not yet."""
        if self._bar is not None:
            self._waiting[status.root] = status.waiting + status.running
            self._lengthen(sum(self._waiting.values()))

    def _lengthen(self, pictures: int) -> None:
        """Have the bar as long as what is done and what is to come."""
        if self._bar is not None and self._bar.n + pictures:
            self._bar.total, self._bar.bar_format = self._bar.n + pictures, BAR
            self._bar.refresh()

    def _done(self, event: WatchEvent) -> None:
        before, after = event.bytes_before or 0, event.bytes_after or 0
        row = {"source": str(event.path), "state": "done", "output": str(event.output)}
        share = after / max(before, 1)
        if event.reason:  # the trash refused, for one
            row["reason"] = event.reason
            say(f"sdz: {event.path}: {event.reason}", sys.stderr)
        self._sum.noted(event.notes)
        score = _score(event.output)
        words = "" if score is None else f"  score {in_words(score)}"
        self._say(
            {**row, "source_bytes": before, "bytes": after, "notes": list(event.notes)}
            | ({} if score is None else {"ssimulacra2": score}),
            f"{_short(event.path)} -> {_short(event.output)}  {before:,} -> {after:,} bytes "
            f"({share:.1%}){words}",
        )

    def _left(self, path: Path | None, state: str, code: str, reason: str) -> None:
        row = {"source": str(path), "state": state, "error": code, "reason": reason}
        self._say(row, f"{_short(path)}: left alone: {reason}")

    def _failed(self, path: Path | None, state: str, code: str, reason: str) -> None:
        """Name a failure; one that is no other than the file's last one is named once."""
        if self._named.get(path) == reason:
            return
        self._named[path] = reason
        say(f"sdz: {_short(path)}: {reason}", sys.stderr)
        if self._as_json:
            row = {"source": str(path), "state": state, "error": code, "reason": reason}
            say(json.dumps(row), sys.stdout)

    def _folder(self, event: WatchEvent) -> None:
        """Say what hinders a folder, and when that is over."""
        unusual = event.state not in _USUAL
        if self._as_json:
            row = {"folder": str(event.root), "state": event.state, "reason": event.reason}
            say(json.dumps(row), sys.stdout)
        elif unusual or event.root in self._hindered:
            reason = f": {event.reason}" if event.reason else ""
            say(f"sdz: {event.root}: {event.state}{reason}", sys.stderr)
        if unusual:
            self._hindered.add(event.root)
        else:
            self._hindered.discard(event.root)

    # --- at the end ---------------------------------------------------------------------------

    def failures(self, summary: Summary) -> None:
        """Name what failed and was not named yet, such as files that were never finished."""
        named = 0
        for note in summary.notes:
            if note.state != "refused":
                self._failed(note.path, note.state, note.code, note.reason)
                named += 1
        if (all_of := summary.failed + summary.waiting) > named:
            say(f"sdz: and {all_of - named} more; see: sdz watch status", sys.stderr)

    def total(self, summary: Summary) -> None:
        """Count what became of one folder."""
        self._sum.add(summary)

    def planned(self, file: PlannedFile) -> None:
        """Say, and count, what would become of one file."""
        if file.path in self._works and self._bar is not None:
            self._bar.update()
        self._over(file.path)
        self._sum.plan(file)
        if file.action == "untried":
            return
        if file.action in ("fail", "wait"):
            state = "failed" if file.action == "fail" else "waiting"
            self._failed(file.path, state, file.code, file.reason)
        elif file.bytes_after is None:
            self._left(file.path, "refused", file.code, file.reason)
        else:
            event = WatchEvent(
                "done",
                file.path.parent,
                file.path,
                bytes_before=file.bytes_before,
                bytes_after=file.bytes_after,
                output=file.output,
                notes=file.notes,
            )
            self._done(event)

    def others(self, left: Mapping[str, int]) -> None:
        """Count what a folder holds that is not taken, by kind."""
        self._sum.others.update(left)

    def interrupted(self) -> None:
        """What was done so far, of a run that is stopped."""
        if not self._as_json:
            done, left = self._seen["done"], self._seen["refused"]
            say(f"sdz: {done} done, {left} left alone until here", sys.stderr)

    def end_of_plan(self, seconds: float) -> None:
        """The sum of a dry run; an estimate where not every picture was encoded."""
        if self._sum.is_whole:
            self._say(self._sum.row(), f"nothing was written; if it were done: {self._sum.words()}")
        else:
            self._say(*self._sum.estimate(seconds))

    def end(self, root: Path | None) -> None:
        """The sum, in words, and where more of it is said. root: the folder; None: several."""
        self._say(self._sum.row(), self._sum.words())
        if self._sum.any_without and not self._as_json:
            place = "DIR" if root is None else shlex.quote(str(_short(root)))
            say(f"what is not done, and what to do about it: sdz watch report {place}", sys.stdout)

    @property
    def any_not_done(self) -> bool:
        """Whether anything failed, or waits to be written to its end."""
        return self._sum.any_not_done

    def _say(self, row: dict[str, Any], text: str) -> None:
        say(json.dumps(row) if self._as_json else text, sys.stdout)


def _short(path: Path | None) -> Path | None:
    """A path as it is seen from here, where it is below."""
    here = Path.cwd()
    below = path is not None and path != here and path.is_relative_to(here)
    return path.relative_to(here) if path is not None and below else path


def _score(output: Path | None) -> float | None:
    """What the file says of itself; None where there is none yet, or no more."""
    if output is None:
        return None
    try:
        with output.open("rb") as file:
            report = container.read_header(file.read(container.HEADER_PREFIX_BYTES)).report
    except (OSError, FormatError):
        return None
    return None if report is None else report.score
