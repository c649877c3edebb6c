"""Watchers that end themselves with SIGKILL in the middle of their work, one process each.

Reads lines of JSON: {"root", "home", "originals", "step", "after"}. For each it forks a process
that empties the folder and is killed before the step of that name (any, if it is empty) is taken
for the ``after``-th time; answers with its exit status. Everything is imported once, before.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
from pathlib import Path

import send2trash.plat_other
import watchdog.observers.inotify  # noqa: F401
from watch_kit import Folder

# /tmp may be on another disk than the home folder, which decides where the trash is.
send2trash.plat_other.get_dev = lambda _: 1


def work(order: dict[str, str]) -> None:
    lock, left = threading.Lock(), [int(order["after"])]

    def at(step: str) -> None:
        if order["step"] in ("", step):
            with lock:
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

    folder = Folder(Path(order["root"]), Path(order["home"]))
    watcher = folder.watcher(settle_s=0.0, originals=order["originals"], on_step=at)
    asyncio.run(watcher.empty())


for line in sys.stdin:
    child = os.fork()
    if child == 0:
        work(json.loads(line))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
