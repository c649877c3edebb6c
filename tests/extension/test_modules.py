"""The extension's pure modules, tested by node's own runner: extension/tests/*.test.js."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

EXTENSION = Path(__file__).parents[2] / "extension"


def test_all_modules() -> None:
    node = shutil.which("node")
    assert node, "node is missing; run: scripts/setup --browsers"
    files = sorted(str(path) for path in (EXTENSION / "tests").glob("*.test.js"))
    command = [node, "--test", "--test-reporter=tap", *files]
    run = subprocess.run(command, cwd=EXTENSION, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    passed = re.search(r"^# pass (\d+)$", run.stdout, re.MULTILINE)
    # A runner that found no tests also exits with 0.
    assert passed is not None
    assert int(passed[1]) >= len(files)
