"""Commands that are measured in processes of their own."""

from __future__ import annotations

import sys

import pytest

from benchmarks.launch import run

MIB = 1 << 20


def test_the_peak_is_the_commands_own() -> None:
    held = bytearray(b"x") * (400 * MIB)  # Linux adds what a process had before it became another
    small = run([sys.executable, "-S", "-c", "print('small')"])
    assert len(held) == 400 * MIB
    assert small.printed == "small"
    assert 1 < small.peak_mib < 100
    large = run([sys.executable, "-S", "-c", f"print(len(bytearray(b'x') * {150 * MIB}))"])
    assert large.printed == str(150 * MIB)
    assert large.peak_mib - small.peak_mib == pytest.approx(150, abs=20)
    assert large.spent.clock > 0
    assert large.spent.processors > 0


def test_a_command_gets_its_environment() -> None:
    words = [sys.executable, "-c", "import os; print(os.environ['SDZ_HOME'])"]
    assert run(words, {"SDZ_HOME": "/nowhere"}).printed == "/nowhere"


def test_a_command_that_fails_ends_the_measuring() -> None:
    with pytest.raises(SystemExit, match="no such picture"):
        run([sys.executable, "-c", "import sys; sys.exit('no such picture')"])
