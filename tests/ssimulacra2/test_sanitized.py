"""The library under AddressSanitizer and UndefinedBehaviorSanitizer, and by another compiler."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sdz.ssimulacra2 import Original
from sdz.ssimulacra2.library import LIBRARY, Library

GCC = shutil.which("gcc")
SOURCE = LIBRARY.with_name("metric.c")
KITS = Path(__file__).parents[1] / "kits"
STRICT = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared"]
SANITIZERS = ["-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


def runtime() -> str | None:
    """Where gcc keeps the library that must be loaded before Python."""
    if sys.platform != "linux" or GCC is None:
        return None
    asked = [GCC, "-print-file-name=libasan.so"]
    found = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return found if Path(found).is_absolute() else None


@pytest.mark.skipif(runtime() is None, reason="needs gcc and its sanitizers")
def test_nothing_is_touched_that_may_not_be(tmp_path: Path) -> None:
    library = tmp_path / "_metric.so"
    subprocess.run([str(GCC), *STRICT, *SANITIZERS, "-o", library, SOURCE], check=True)
    asked = {"LD_PRELOAD": str(runtime()), "ASAN_OPTIONS": "detect_leaks=0"}
    run = [sys.executable, str(KITS / "sanitized_measuring.py"), str(library)]
    done = subprocess.run(run, env={**os.environ, **asked}, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "20 sizes\n"), done.stderr[-4000:]


@pytest.mark.parametrize("level", ["-O0", "-O3"])
def test_clang_gives_the_same_bits(
    level: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if importlib.util.find_spec("ziglang") is None:
        pytest.skip("no other compiler: pip install ziglang (scripts/setup --test)")
    path = tmp_path / LIBRARY.name
    compiler = [sys.executable, "-m", "ziglang", "cc", "-ffp-contract=off", level]
    subprocess.run([*compiler, *STRICT, "-o", path, SOURCE], check=True)
    a, b = np.random.default_rng(7).integers(0, 256, (2, 150, 333, 3), dtype=np.uint8)
    wanted = Original(a).compare(b).sums
    other = Library(path)
    monkeypatch.setattr("sdz.ssimulacra2.original.library", lambda: other)
    found = Original(a).compare(b).sums
    for one, two in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(one, two)
