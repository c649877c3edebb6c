"""Notifications: the right words for the system's program, and no harm from what it does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sdz.watch.telling import notifications
from sdz.watch.telling.notifications import command_for, notify

STUB = """#!/bin/sh
printf '%s\\n' "$@" > "{told}"
{then}
"""


def stub(folder: Path, monkeypatch: pytest.MonkeyPatch, then: str, name: str) -> Path:
    """A program that notes its words, in the only folder where programs are looked for."""
    program, told = folder / name, folder / "told"
    program.write_text(STUB.format(told=told, then=then))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return told


async def test_it_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifications.sys, "platform", "linux")
    told = stub(tmp_path, monkeypatch, "exit 0", "notify-send")
    assert await notify("sdz", "-2 pictures in a\nb")
    assert told.read_text().splitlines() == ["--app-name=sdz", "--", "sdz", "-2 pictures in a?b"]


async def test_a_program_that_fails_is_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub(tmp_path, monkeypatch, "exit 3", "notify-send")
    assert not await notify("sdz", "done")


async def test_a_program_that_never_ends_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "TIMEOUT_S", 0.2)
    stub(tmp_path, monkeypatch, "while :; do :; done", "notify-send")
    assert not await notify("sdz", "done")


async def test_no_program_no_notification(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for platform in ("linux", "darwin", "win32"):
        assert command_for("sdz", "done", platform) is None
    assert not await notify("sdz", "done")
    (tmp_path / "notify-send").write_text("no program")
    (tmp_path / "notify-send").chmod(0o755)
    assert not await notify("sdz", "done")


def test_a_name_cannot_end_the_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(tmp_path, monkeypatch, "", "osascript")
    words = command_for("sdz", '" & do shell script "x', "darwin")
    assert words is not None
    assert words[1] == "-e"
    prefix, suffix = "display notification ", ' with title "sdz"'
    assert words[2].startswith(prefix)
    assert words[2].endswith(suffix)
    assert json.loads(words[2][len(prefix) : -len(suffix)]) == '" & do shell script "x'
