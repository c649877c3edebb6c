"""What the command line says of words that it does not know."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sdz import container

Sdz = Callable[..., int]
Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("encod", "a.jpg"), "no command is called 'encod'; did you mean encode?"),
        (("xyz",), "no command is called 'xyz'; all there are: sdz --help"),
        (("encode", "--quallity", "50", "a.jpg"), "--quallity; did you mean --quality?"),
        (("encode", "--qualty=50", "a.jpg"), "--qualty=50; did you mean --quality?"),
        (("encode", "--preset", "finne", "a.jpg"), "did you mean fine?"),
        (("models", "pul", "taesd"), "did you mean pull?"),
        (("models", "pull", "taesd", "--jsn"), "--jsn; did you mean --json?"),
        (("watch", "statu"), "did you mean sdz watch status?"),
        (("decode", "--zzz", "a.sdz"), "not known here: --zzz\n"),
    ],
)
def test_what_was_meant(sdz: Sdz, capsys: Capture, words: tuple[str, ...], said: str) -> None:
    assert sdz(*words) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("command", ["encode", "models pull", "watch"])
def test_the_usage_is_that_of_the_command(sdz: Sdz, capsys: Capture, command: str) -> None:
    assert sdz(*command.split(), "x", "--nonsense") == 2
    assert f"usage: sdz {command}" in capsys.readouterr().err


def test_a_folder_of_nearly_a_commands_name_is_a_folder(
    sdz: Sdz, capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "statu").mkdir()
    monkeypatch.chdir(tmp_path)
    assert sdz("watch", "statu", "--dry-run") == 0
    assert "did you mean" not in capsys.readouterr().err


def test_a_file_that_begins_as_options_do_is_told_how_it_is_named(
    sdz: Sdz, capsys: Capture, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(photo.parent)
    photo.rename("-photo.png")
    assert sdz("encode", "--no-daemon", "-photo.png") == 2
    assert "'-photo.png' is a file, and begins as options do: write ./-photo.png" in (
        capsys.readouterr().err
    )
    assert sdz("encode", "--no-daemon", "--", "-photo.png") == 0
    assert sdz("info", "./-photo.sdz") == 0


@pytest.mark.parametrize("size", ["500", "0.5KB", "0.5kb"])
def test_sizes_as_people_write_them(sdz: Sdz, photo: Path, size: str) -> None:
    assert sdz("encode", photo, "--target-bytes", size) == 0
    data = photo.with_suffix(".sdz").read_bytes()
    assert 400 < len(data) <= 500
    assert container.unpack(data).header.width == 64


def test_a_size_that_is_none_says_what_one_is(sdz: Sdz, photo: Path, capsys: Capture) -> None:
    assert sdz("encode", photo, "--target-bytes", "20K") == 2
    assert "a size such as 20KB, 1.5MB or 100KiB, found '20K'" in capsys.readouterr().err
