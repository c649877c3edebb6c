"""``sdz open``: the picture reaches a viewer, under its name, and cannot be written to."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import sdz as package
from sdz.commands import open as command
from sdz.home import cache_folder

Sdz = Callable[..., int]


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Put programs on an otherwise empty PATH; what they were called with is in a file."""
    folder = tmp_path / "bin"
    folder.mkdir()
    called = tmp_path / "called"
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("DISPLAY", ":0")

    def put(**exit_codes: int) -> Path:
        for name, code in exit_codes.items():
            program = folder / name.replace("_", "-")
            program.write_text(f'#!/bin/sh\necho "$0 $*" >>"{called}"\nexit {code}\n')
            program.chmod(0o755)
        return called

    return put


def shown(called: Path) -> tuple[str, Path]:
    """The program that was called, and the picture it was given."""
    program, _, path = called.read_text().strip().partition(" ")
    return Path(program).name, Path(path)


def test_the_usual_viewer_is_given_a_png(
    sdz: Sdz, packed: Path, programs: Callable[..., Path]
) -> None:
    called = programs(xdg_open=0, gio=0)
    assert sdz("open", packed, "--no-daemon") == 0
    program, path = shown(called)
    assert (program, path.name) == ("xdg-open", "packed.png")
    whole = package.decode(packed)
    assert np.array_equal(np.asarray(Image.open(path)), np.asarray(whole))
    assert path.stat().st_mode & 0o777 == 0o400
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.is_relative_to(os.environ["SDZ_HOME"])


def test_the_next_one_is_tried(sdz: Sdz, packed: Path, programs: Callable[..., Path]) -> None:
    called = programs(xdg_open=3, gio=0)
    assert sdz("open", packed, "--no-daemon") == 0
    assert called.read_text().splitlines()[1].split()[0].endswith("/gio")


def test_no_viewer(
    sdz: Sdz,
    packed: Path,
    programs: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    called = programs(notify_send=0)
    assert sdz("open", packed, "--no-daemon") == 1
    said = capsys.readouterr().err
    assert "xdg-open and gio open did not open one; the picture is " in said
    picture = Path(said.strip().rpartition(" ")[2])
    assert Image.open(io.BytesIO(picture.read_bytes())).size == (64, 48)
    assert "packed.sdz could not be opened" in called.read_text()


def test_what_is_wrong_is_said_on_the_desktop(
    sdz: Sdz,
    packed: Path,
    programs: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    called = programs(xdg_open=0, notify_send=0)
    packed.write_bytes(packed.read_bytes()[:-1])
    assert sdz("open", packed, "--no-daemon") == 1
    assert "cut short" in capsys.readouterr().err
    assert "-- packed.sdz could not be opened cut short" in called.read_text()
    assert "xdg-open" not in called.read_text()
    assert sdz("open", packed.with_name("none.sdz"), "--no-daemon") == 1
    assert "none.sdz could not be opened no such file" in called.read_text()


def test_what_was_opened_the_day_before_is_deleted(
    sdz: Sdz, packed: Path, programs: Callable[..., Path]
) -> None:
    programs(xdg_open=0)
    for _ in range(2):
        sdz("open", packed, "--no-daemon")
    folder = cache_folder("opened")
    first, second = folder.iterdir()
    yesterday = time.time() - 25 * 3600
    os.utime(first, (yesterday, yesterday))
    sdz("open", packed, "--no-daemon")
    left = list(folder.iterdir())
    assert len(left) == 2
    assert first not in left
    assert second in left


def test_macos_and_windows(
    programs: Callable[..., Path], packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = programs(open=0)
    monkeypatch.setattr(sys, "platform", "darwin")
    command.view(packed)
    assert shown(called) == ("open", packed)
    started: list[Path] = []
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(os, "startfile", started.append, raising=False)
    command.view(packed)
    assert started == [packed]


def test_the_cache_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SDZ_HOME")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder("opened").is_relative_to(tmp_path)


def test_no_screen(
    sdz: Sdz,
    packed: Path,
    programs: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    called = programs(xdg_open=0, gio=0)
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert sdz("open", packed, "--no-daemon") == 1
    assert "there is no screen (DISPLAY and WAYLAND_DISPLAY are not set)" in capsys.readouterr().err
    assert not called.exists()


def test_what_the_programs_said_is_said(
    sdz: Sdz, packed: Path, programs: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = programs(gio=2).parent / "bin"
    program = folder / "xdg-open"
    program.write_text("#!/bin/sh\necho first >&2\necho no application for it >&2\nexit 3\n")
    program.chmod(0o755)
    assert sdz("open", packed, "--no-daemon") == 1
    assert "did not open one (no application for it); the picture is" in capsys.readouterr().err
