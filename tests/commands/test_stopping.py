"""Every command that is stopped says so in a line, leaves nothing, and exits with one code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import sdz as package
from sdz.files import part_of

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(package.__file__).parents[1])}
CODES = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
MORE_THAN_A_PIPE_HOLDS = 1 << 20


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(("number", "code"), CODES)
@pytest.mark.parametrize(
    "words",
    [
        ("info", "-"),
        ("encode", "-", "-o", "x.sdz", "--no-daemon"),
        ("decode", "-", "-o", "x.png", "--no-daemon"),
        ("preview", "-", "-o", "x.png"),
    ],
    ids=lambda words: words[0],
)
def test_a_command_that_is_stopped(
    tmp_path: Path, words: tuple[str, ...], number: int, code: int
) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "sdz", *words],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(bytes(MORE_THAN_A_PIPE_HOLDS))
        process.stdin.flush()  # it reads, so it is at work
        process.send_signal(number)
        process.stdin.close()  # Python looks for signals when a read has ended
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read() == b""
        assert process.stderr.read() == b"sdz: stopped\n"
        assert process.wait() == code
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("sdz.cli", ["info", "x"]),
        ("argparse", ["info", "x"]),
        ("sdz.commands.console", ["info", "x"]),
        ("sdz.commands.encode", ["encode", "x"]),
        ("sdz.container", ["info", "x"]),
        ("numpy", ["encode", "x", "--no-daemon"]),
        ("sdz.watch.claim", ["watch", "."]),
        ("sdz.service.process.run", ["serve", "--port", "0"]),
        ("sdz.service.app", ["serve", "--port", "0"]),
    ],
)
def test_ctrl_c_while_it_is_being_loaded(photo: Path, module: str, words: list[str]) -> None:
    """Wherever the start is when it comes, which is hardly ever in our own lines."""
    words = [str(photo) if word == "x" else word for word in words]
    program = f"""
import sys
import sdz.__main__
class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupts())
sys.modules.pop({module!r}, None)
sys.argv[1:] = {words!r}
raise SystemExit(sdz.__main__.main())
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "sdz: stopped\n", 130)


def test_what_a_killed_command_left_is_removed_by_a_later_one(
    sdz: Callable[..., int], photo: Path
) -> None:
    part = part_of(photo.with_suffix(".sdz"))
    part.write_bytes(b"half of a pic")
    assert sdz("encode", photo, "--resume", "--no-daemon") == 0
    assert sorted(path.name for path in photo.parent.iterdir()) == ["photo.png", "photo.sdz"]


def test_next_to_nothing_is_loaded_before_ctrl_c_is_minded() -> None:
    """Until ``main`` of ``sdz.__main__`` runs, Python answers Ctrl-C by a traceback."""
    program = (
        "import sys; before = set(sys.modules); import sdz.__main__\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    words = [sys.executable, "-S", "-c", program]
    done = subprocess.run(words, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["__future__", "sdz", "sdz.__main__", "sdz.version"]


def test_the_package_has_its_errors_all_the_same() -> None:
    program = "import sdz; print(sdz.errors.Truncated.__mro__[2] is sdz.SdzError)"
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


@pytest.mark.skipif(sys.platform == "win32", reason="a shell closes them")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_hinder_nothing(photo: Path, closed: str) -> None:
    """As cron, some launchers and daemons start programs."""
    command = f'"$0" -m sdz encode {photo.name} --no-daemon {closed}'
    words = ["sh", "-c", command, sys.executable]
    done = subprocess.run(
        words, cwd=photo.parent, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "" or done.stdout.startswith("photo.png -> photo.sdz")
    assert sorted(path.name for path in photo.parent.iterdir()) == ["photo.png", "photo.sdz"]


@pytest.mark.skipif(sys.platform == "win32", reason="a shell closes them")
def test_nothing_comes_from_a_closed_standard_input(tmp_path: Path) -> None:
    words = ["sh", "-c", '"$0" -m sdz info - <&-', sys.executable]
    done = subprocess.run(
        words, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("sdz: -: ")
    assert "Traceback" not in done.stderr
