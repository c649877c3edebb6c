"""The words of the command line, its exit codes, and what it does not load."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sdz import __version__, container, errors
from sdz.container import Stream

Sdz = Callable[..., int]
Capture = pytest.CaptureFixture[str]
COMMANDS = ["encode", "decode", "preview", "info", "models", "bench"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(errors.__file__).parents[2])}


def python(program: str, *words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program, *map(str, words)]
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)


class TestHelp:
    def test_all_commands_are_named(self, sdz: Sdz, capsys: Capture) -> None:
        assert sdz("--help") == 0
        out = capsys.readouterr().out
        assert all(f"  {command} " in out for command in COMMANDS)

    @pytest.mark.parametrize("command", COMMANDS)
    def test_of_each_command(self, sdz: Sdz, capsys: Capture, command: str) -> None:
        assert sdz(command, "--help") == 0
        assert f"usage: sdz {command}" in capsys.readouterr().out

    @pytest.mark.parametrize("action", ["list", "pull", "add", "remove", "verify"])
    def test_of_each_action_on_models(self, sdz: Sdz, capsys: Capture, action: str) -> None:
        assert sdz("models", action, "--help") == 0
        assert f"usage: sdz models {action}" in capsys.readouterr().out

    def test_version(self, sdz: Sdz, capsys: Capture) -> None:
        assert sdz("--version") == 0
        assert capsys.readouterr().out == f"sdz {__version__}\n"


@pytest.mark.parametrize("words", [(), ("nonsense",), ("encode",), ("info",), ("decode", "--json")])
def test_usage_is_2(sdz: Sdz, capsys: Capture, words: tuple[str, ...]) -> None:
    assert sdz(*words) == 2
    assert "usage: sdz" in capsys.readouterr().err


class TestStopping:
    @pytest.mark.parametrize(
        ("error", "code", "said"),
        [
            (
                errors.BadOption("rounds", "at least 1", 0),
                2,
                "rounds: expected at least 1",
            ),
            (errors.UnknownModel("x", ("lite-1",)), 2, "no model is called 'x'"),
            (errors.OutputExists("a"), 1, "use --force"),
            (PermissionError(13, "Permission denied", "a"), 1, "permission denied"),
            (KeyboardInterrupt(), 130, "stopped"),
        ],
    )
    def test_exit_codes(
        self,
        sdz: Sdz,
        monkeypatch: pytest.MonkeyPatch,
        capsys: Capture,
        error: BaseException,
        code: int,
        said: str,
    ) -> None:
        from sdz.commands import info

        def fail(_: object) -> int:
            raise error

        monkeypatch.setattr(info, "run", fail)
        assert sdz("info", "a") == code
        assert said in capsys.readouterr().err

    def test_a_reader_that_goes_away_is_no_error_message(self, packed: Path) -> None:
        program = "import sys; from sdz.cli import main; sys.exit(main())"
        command = [sys.executable, "-c", program, "info", *[str(packed)] * 400]
        with subprocess.Popen(
            command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.read(10)
            process.stdout.close()
            said = process.stderr.read()
        assert said == b""
        assert process.returncode in (1, -signal.SIGPIPE)


class TestBench:
    def test_prints_each_step(self, sdz: Sdz, photo: Path, capsys: Capture) -> None:
        assert sdz("bench", photo, "--rounds", "1", "--json") == 0
        row = json.loads(capsys.readouterr().out)
        assert set(row["milliseconds"]) == {"load", "encode", "unpack", "parse", "network"}
        assert (row["width"], row["height"]) == (64, 48)
        assert sdz("bench", photo, "--rounds", "1") == 0
        assert "values to pixels" in capsys.readouterr().out

    @pytest.mark.parametrize("rounds", ["0", "-1"])
    def test_no_rounds_are_usage(self, sdz: Sdz, photo: Path, rounds: str) -> None:
        assert sdz("bench", photo, f"--rounds={rounds}") == 2


class TestWhatIsLoaded:
    PROGRAM = (
        "import sys, json; from sdz.cli import main; code = main(sys.argv[1:]);"
        "print(json.dumps([code, sorted({'torch', 'numpy', 'PIL'} & set(sys.modules))]))"
    )

    def loaded(self, *words: object) -> tuple[int, set[str]]:
        done = python(self.PROGRAM, *words)
        code, modules = json.loads(done.stdout.splitlines()[-1])
        return code, set(modules)

    def test_info_needs_the_standard_library_alone(self, packed: Path) -> None:
        assert self.loaded("info", packed) == (0, set())

    def test_preview_needs_no_torch(self, packed: Path) -> None:
        code, modules = self.loaded("preview", packed, "-o", packed.parent / "small.png")
        assert code == 0
        assert "torch" not in modules

    @pytest.mark.parametrize("command", ["decode", "preview"])
    @pytest.mark.parametrize("damage", ["cut", "symbols", "weights"])
    def test_errors_about_a_file_need_no_torch(
        self, packed: Path, command: str, damage: str
    ) -> None:
        data = packed.read_bytes()
        file = container.unpack(data)
        stream = file.streams[0]
        bad = {
            "cut": data[:-1],
            "symbols": container.pack(
                replace(file, streams=(Stream(stream.check ^ 1, stream.data),))
            ),
            "weights": container.pack(
                replace(file, header=replace(file.header, weights=b"another!"))
            ),
        }[damage]
        packed.write_bytes(bad)
        code, modules = self.loaded(command, packed, "-o", packed.parent / "x.png")
        assert code == 1
        assert "torch" not in modules

    def test_unreadable_pictures_need_no_torch(self, tmp_path: Path) -> None:
        (tmp_path / "a.png").write_bytes(b"hello")
        code, modules = self.loaded("encode", tmp_path / "a.png")
        assert code == 1
        assert "torch" not in modules

    def test_no_command_is_loaded_that_is_not_called(self) -> None:
        program = "import sys, sdz.cli; print(*[n for n in sys.modules if n.startswith('sdz.')])"
        loaded = set(python(program).stdout.split())
        assert "sdz.commands.console" in loaded
        assert not loaded & {f"sdz.commands.{command}" for command in COMMANDS}
