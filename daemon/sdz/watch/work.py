"""What is to be done with one folder, and with what: one value for all who work in it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sdz.making.maker import Maker
from sdz.progress import Progress
from sdz.watch.folder import FolderOptions
from sdz.watch.journal.journal import Journal
from sdz.watch.telling.report import Publish

TICK_S: Final = 1.0

OnStep = Callable[[str], None]
"""Is told the name of each step of the write before it is taken; tests end the process there."""


OnProgress = Callable[[Path, Progress], object]
"""Is told how far the encoding of a file is, in whatever thread; quickly, as it may be often."""


def ignore(_: object) -> None:
    """For who asked to be told of nothing."""


@dataclass(frozen=True, slots=True)
class Work:
    """One folder, to be watched, emptied or planned.

    clock: seconds since 1970. chance: 0 to 1, for jitter. publish: is given every event, in the
    loop's thread; it must return at once and not raise. on_progress: None where nobody waits to
    hear it. tick_s: longest pause between looks.
    """

    options: FolderOptions
    maker: Maker
    journal: Journal
    clock: Callable[[], float] = time.time
    chance: Callable[[], float] = random.random
    publish: Publish = ignore
    on_step: OnStep = ignore
    on_progress: OnProgress | None = None
    tick_s: float = TICK_S
