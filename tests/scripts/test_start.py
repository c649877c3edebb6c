"""``scripts/start``: what is wrong with its words is said before minutes are spent."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

START = Path(__file__).parents[2] / "scripts" / "start"


@pytest.mark.skipif(sys.platform == "win32", reason="a script of bash")
@pytest.mark.parametrize("kind", ["missing", "a folder"])
def test_a_picture_that_cannot_be_read_is_named_before_the_set_up(
    tmp_path: Path, kind: str
) -> None:
    picture = tmp_path / ("photo.jpg" if kind == "missing" else "")
    venv = tmp_path / "venv"
    done = subprocess.run(
        ["bash", START, str(picture), "--no-serve"],
        env={**os.environ, "SDZ_VENV": str(venv), "SDZ_PYTHON": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{picture}: no picture is there that can be read" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not venv.exists()
