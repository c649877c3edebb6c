"""``sdz desktop`` as a person runs it, and what it says."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sdz.commands import desktop
from sdz.desktop import databases, install

Sdz = Callable[..., int]
Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new user on Linux, without the desktop's tools: test_types.py has those."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(desktop, "sandbox_note", lambda: None)
    for function in (install.install, install.remove):
        monkeypatch.setitem(function.__kwdefaults__, "run", lambda _: None)
    return folder


def test_install_and_remove(sdz: Sdz, home: Path, capsys: Said) -> None:
    assert sdz("desktop", "install") == 0
    said = capsys.readouterr()
    assert f"wrote {home}/.local/share/thumbnailers/sdz.thumbnailer\n" in said.out
    assert f"wrote {home}/.magic (the lines for sdz)\n" in said.out
    assert "ran update-mime-database\n" in said.out
    assert said.err == ""
    assert sdz("desktop", "remove") == 0
    said = capsys.readouterr()
    assert f"removed {home}/.magic (the lines for sdz)\n" in said.out
    assert list(home.iterdir()) == []
    assert sdz("desktop", "remove") == 0
    assert capsys.readouterr().out == "nothing is installed\n"


def test_dry_run(sdz: Sdz, home: Path, capsys: Said) -> None:
    assert sdz("desktop", "install", "--dry-run") == 0
    said = capsys.readouterr().out
    assert f"would write {home}/.local/share/mime/packages/sdz.xml\n" in said
    assert f"would run update-mime-database {home}/.local/share/mime\n" in said
    assert list(home.iterdir()) == []
    sdz("desktop", "install")
    capsys.readouterr()
    assert sdz("desktop", "remove", "--dry-run") == 0
    assert f"would remove {home}/.local/share/mime/packages/sdz.xml\n" in capsys.readouterr().out
    assert (home / ".magic").exists()


def test_what_was_left_is_named(sdz: Sdz, home: Path, capsys: Said) -> None:
    sdz("desktop", "install")
    changed = home / ".local" / "share" / "thumbnailers" / "sdz.thumbnailer"
    changed.write_text("mine")
    capsys.readouterr()
    assert sdz("desktop", "remove") == 1
    expected = f"sdz: {changed}: left as it is: it was changed since it was installed\n"
    assert capsys.readouterr().err == expected


def test_a_missing_tool_is_named(sdz: Sdz, capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        install.install.__kwdefaults__,
        "run",
        lambda command: databases.run_tool(["no-such-tool-anywhere", *command[1:]]),
    )
    assert sdz("desktop", "install") == 1
    assert (
        "sdz: update-mime-database: not run: it was not found; install shared-mime-info and "
        "repeat this\n"
    ) in capsys.readouterr().err


@pytest.mark.parametrize(("platform", "name"), [("darwin", "macOS"), ("win32", "Windows")])
def test_elsewhere(
    sdz: Sdz, home: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch, platform: str, name: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert sdz("desktop", "install") == 2
    assert f"see docs/desktop.md, found {name}" in capsys.readouterr().err
    assert list(home.iterdir()) == []


class TestSandboxNote:
    @pytest.fixture
    def note(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str | None], str | None]:
        def at(prefix: str, bwrap: str | None) -> str | None:
            monkeypatch.setattr(sys, "prefix", prefix)
            monkeypatch.setattr(sys, "base_prefix", "/usr")
            monkeypatch.setattr(desktop, "__file__", f"{prefix}/lib/sdz/commands/desktop.py")
            monkeypatch.setattr(desktop.shutil, "which", lambda _: bwrap)  # type: ignore[attr-defined]
            return SANDBOX_NOTE()

        return at

    def test_only_where_it_matters(self, note: Callable[[str, str | None], str | None]) -> None:
        assert note("/usr/local/lib/sdz", "/usr/bin/bwrap") is None
        assert note("/opt/sdz", None) is None
        assert "this sdz is in /opt/sdz" in (note("/opt/sdz", "/usr/bin/bwrap") or "")


SANDBOX_NOTE = desktop.sandbox_note
