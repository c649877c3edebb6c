"""A notification on the desktop, by the program that the system has for it.

It is a courtesy: where there is no such program, no desktop, or no answer, nothing happens.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sys
from typing import Final

TIMEOUT_S: Final = 10.0


async def notify(title: str, text: str) -> bool:
    """Show a notification; whether the system's program took it. Never raises."""
    command = command_for(title, text)
    if command is None:
        return False
    process = None
    try:
        process = await asyncio.create_subprocess_exec(
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
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


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
