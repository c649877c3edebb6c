"""Commands in processes of their own: how long they take, and the most memory they have."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.timing import Spent

LAUNCHER = Path(__file__).with_name("_launched.py")


@dataclass(frozen=True)
class Ran:
    """A command that was run: its time, its peak in MiB, and what it printed."""

    spent: Spent
    peak_mib: float
    printed: str


def run(words: list[str], environment: dict[str, str] | None = None) -> Ran:
    """Run a command from a cold start. Exits with its errors where it fails."""
    done = subprocess.run(
        [sys.executable, "-S", str(LAUNCHER), *words],
        capture_output=True,
        text=True,
        env=os.environ | (environment or {}),
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(words[:6])} failed: {done.stderr[-2000:]}")
    *printed, figures = done.stdout.splitlines()
    clock, processors, peak = json.loads(figures)
    return Ran(Spent(clock, processors), peak, "\n".join(printed).strip())
