"""What is said of files in work while they are: the stage, and what is left of it."""

from __future__ import annotations

from pathlib import Path

from sdz.progress import Progress
from sdz.watch.telling.report import WatchEvent
from sdz.watch.telling.stages import Stages

ROOT = Path("/pictures")
ONE, OTHER = ROOT / "a" / "one.jpg", ROOT / "other.jpg"


def test_what_is_in_work_is_said_until_it_ends() -> None:
    now = 100.0
    stages = Stages(ROOT, clock=lambda: now)
    stages.hear(ONE, Progress("coding", 0.5))  # of one that was not begun
    assert (stages.words(), stages.left_s()) == ({}, 0)
    for path in (ONE, OTHER):
        stages.on_event(WatchEvent("started", ROOT, path))
    now = 110.0
    stages.hear(ONE, Progress("coding", 0.25, 2))
    assert stages.words() == {"a/one.jpg": "coding, attempt 2, about 30 s left"}
    assert stages.left_s() == 30
    now = 130.0
    assert stages.words() == {"a/one.jpg": "coding, attempt 2, about 10 s left"}
    now = 200.0
    stages.hear(OTHER, Progress("waiting for its turn"))
    assert stages.words() == {"a/one.jpg": "coding, attempt 2", "other.jpg": "waiting for its turn"}
    stages.on_event(WatchEvent("done", ROOT, ONE))
    stages.on_event(WatchEvent("folder", ROOT))
    stages.on_event(WatchEvent("waiting", ROOT, OTHER))
    assert stages.words() == {}
