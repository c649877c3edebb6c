"""Notifications: when a batch of a folder is over, by the program that the system has for them.

A notification is a courtesy: where there is no such program, no desktop, or no answer, nothing
happens.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sdz import undisturbed
from sdz.watch.telling.report import FolderStatus, WatchEvent

TIMEOUT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Round:
    """One batch of a folder: what became of it from its first finished picture until none waits."""

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


async def notify(title: str, text: str) -> bool:
    """Show a notification; whether the system's program took it. Never raises."""
    command = command_for(title, text)
    if command is None:
        return False
    process = None
    try:
        process = await undisturbed.begin(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(TIMEOUT_S):
            return await process.wait() == 0
    except (OSError, ValueError, TimeoutError):
        return False
    finally:
        if process is not None and process.returncode is None:
            await undisturbed.finish(process)


def command_for(title: str, text: str, platform: str = sys.platform) -> list[str] | None:
    """The words of the system's program; None where there is none."""
    if platform == "darwin":
        if (program := shutil.which("osascript")) is None:
            return None
        # JSON's quotes and escapes are AppleScript's own; a name cannot end the text and go on.
        words = f"display notification {_quoted(text)} with title {_quoted(title)}"
        return [program, "-e", words]
    if platform == "win32" or (program := shutil.which("notify-send")) is None:
        return None
    return [program, "--app-name=sdz", "--", title, _printable(text)]


def _quoted(text: str) -> str:
    return json.dumps(_printable(text), ensure_ascii=False)


def _printable(text: str) -> str:
    """``text`` without what cannot be shown: names of files are any bytes."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
