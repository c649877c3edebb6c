"""No command has a terminal obey a file's name: all output of runs that try is looked at."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sdz import commands
from sdz.commands.many import run_many

Sdz = Callable[..., int]
COMMANDS = Path(commands.__file__).parent
EVIL = os.fsdecode(b"\x1b]0;owned\x07\r\n\x1b[2J\xe2\x80\xae\xc2\x9b\xff")
OBEYED = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")


def look_at(text: str, lines: int | None = None) -> None:
    """Fail where there is what a terminal obeys, or a line that a name has begun."""
    assert not OBEYED.search(text)
    assert not any(line.startswith("[2J") for line in text.split("\n"))
    if lines is not None:
        assert text.count("\n") == lines


def test_only_the_console_prints() -> None:
    """So that there is one place that all lines pass."""
    for path in [*COMMANDS.rglob("*.py"), COMMANDS.parent / "cli.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "print" or path.name == "console.py", path


@pytest.fixture
def evil(tmp_path: Path, photo: Path, packed: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of such a name with a picture, a .sdz and a file that is neither."""
    monkeypatch.chdir(tmp_path)  # one of the commands names its output from there
    folder = tmp_path / f"folder{EVIL}"
    folder.mkdir()
    shutil.copy(photo, folder / f"a{EVIL}.png")
    shutil.copy(packed, folder / f"b{EVIL}.sdz")
    (folder / f"c{EVIL}.png").write_text("no picture")
    return folder


def test_commands_on_files(
    sdz: Sdz, evil: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    good, packed, bad = sorted(evil.iterdir())
    out = evil / f"o{EVIL}"
    runs: list[tuple[object, ...]] = [
        ("info", packed, bad, evil / f"none{EVIL}"),
        ("info", packed, "--json"),
        ("encode", good, bad, evil, "--no-daemon"),
        ("encode", good, bad, "--no-daemon", "--json"),
        ("encode", good, "-o", evil, "--no-daemon"),
        ("encode", good, "-o", out / "x", "--no-daemon"),
        ("encode", evil, "-r", "--resume", "--no-daemon", "-j", 2),
        ("decode", packed, bad, "--no-daemon", "--out-dir", out),
        ("decode", packed, "--format", "png", "-o", f"x{EVIL}"),
        ("preview", packed, "-o", f"{out}.{EVIL}"),
        ("preview", bad, "-o", out / "x.png"),
        ("open", bad, "--no-daemon"),
        ("bench", bad, "--rounds", 1),
        ("models", "add", evil, "--name", EVIL),
        ("models", "pull", EVIL),
        ("encode", good, "--model", EVIL),
        ("config", "show", "--set", f"cache.folder={EVIL}"),
        ("config", "show", "--set", f"{EVIL}=1"),
        ("config", "show", "--set", EVIL),
        ("preview", packed, bad),
        (EVIL,),
        ("watch", evil, "--dry-run", "--no-daemon"),
        ("watch", evil, "--once", "--no-daemon", "--settle", "0s", "--originals", "trash"),
        ("watch", bad, "--once"),
        ("watch", evil, "--once", "--out-dir", bad),
        ("watch", "status"),
        ("watch", "status", evil, "--json"),
        ("watch", "status", evil),
        ("watch", "status", bad.parent.parent),
        ("watch", "retry", evil, bad, good),
        ("watch", "undo", evil),
        ("watch", "undo", bad.parent.parent),
        ("watch", "undo", "--json"),
        ("revoke", EVIL),
        ("serve", "--watch", bad),
        ("serve", "--set", f"cache.folder={evil}"),
        ("serve", "--device", EVIL),
    ]
    for words in runs:
        sdz(*words)
        for part in capsysbinary.readouterr():
            look_at(part.decode())


def test_a_row_of_any_kind(capsys: pytest.CaptureFixture[str]) -> None:
    """Such as a batch's, whose sources are of a bucket, and its reasons of a cluster."""

    def show(row: object) -> str:
        return f"{row['source']}\n  {row['output']}"  # type: ignore[index]

    rows = {"a": {"output": EVIL}, "b": {"error": "x", "reason": EVIL}}
    run_many([EVIL, "b"], lambda name: rows.get(name, rows["a"]), show, as_json=False)
    run_many([EVIL, "b"], lambda name: rows.get(name, rows["a"]), show, as_json=True)
    out, err = capsys.readouterr()
    look_at(out, lines=4)
    look_at(err, lines=2)


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_log(evil: Path, form: str) -> None:
    """A daemon that watches such a folder, until it has told of it and ends."""
    command = [sys.executable, "-m", "sdz", "serve", "--port", "0", "--watch", str(evil)]
    for setting in (f"service.log_format={form}", "service.log_level=debug", "watch.settle=0s"):
        command += ["--set", setting]
    package = Path(commands.__file__).parents[2]
    with subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": str(package)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as daemon:
        assert daemon.stdout is not None
        assert daemon.stderr is not None
        said = b""
        while b"owned" not in said:
            line = daemon.stderr.readline()
            assert line, said
            said += line
        daemon.terminate()
        out, rest = daemon.communicate()
    look_at(out.decode())
    look_at((said + rest).decode())
