"""The kernel under AddressSanitizer and UndefinedBehaviorSanitizer, on good and damaged streams."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sdz.entropy.trained.library import LIBRARY

GCC = shutil.which("gcc")
KITS = Path(__file__).parents[2] / "kits"
FLAGS = ["-std=c99", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


def runtime() -> str | None:
    """Where gcc keeps the library that must be loaded before Python."""
    if sys.platform != "linux" or GCC is None:
        return None
    asked = [GCC, "-print-file-name=libasan.so"]
    found = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return found if Path(found).is_absolute() else None


@pytest.mark.skipif(runtime() is None, reason="needs gcc and its sanitizers")
def test_nothing_is_touched_that_may_not_be(tmp_path: Path) -> None:
    library, source = tmp_path / "_kernel.so", LIBRARY.with_name("kernel.c")
    built = [str(GCC), *FLAGS, "-fPIC", "-shared", "-o", str(library), str(source)]
    subprocess.run(built, check=True)
    asked = {
        "LD_PRELOAD": str(runtime()),
        "ASAN_OPTIONS": "detect_leaks=0",
        "PYTHONPATH": str(KITS),
    }
    run = [sys.executable, str(KITS / "sanitized_run.py"), str(library)]
    done = subprocess.run(run, env={**os.environ, **asked}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
