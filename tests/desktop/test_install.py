"""Installing and removing: a home is left as it was, and what people changed stays."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sdz.desktop import databases
from sdz.desktop.entries import Places, entries_for, magic_block
from sdz.desktop.install import Step, install, remove
from sdz.desktop.manifest import load
from sdz.errors import OutputError

PYTHON = "/usr/bin/python3"


def tree(folder: Path) -> dict[str, bytes | str]:
    """All that lies below a folder."""
    found: dict[str, bytes | str] = {}
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        else:
            found[name] = "folder" if path.is_dir() else path.read_bytes()
    return found


def without_tools(command: list[str]) -> str | None:
    return f"{command[0]} is not here"


def verbs(steps: list[Step]) -> set[str]:
    return {step.verb for step in steps}


def lived_in(places: Places) -> None:
    """Put things of others where ours go."""
    for name, text in {
        "mime/packages/other.xml": """<?xml version="1.0"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
<mime-type type="application/x-other"><comment>other</comment><glob pattern="*.other"/></mime-type>
</mime-info>""",
        "applications/other.desktop": "[Desktop Entry]\nType=Application\nName=Other\nExec=true\n"
        "MimeType=application/x-other;\n",
        "icons/hicolor/48x48/apps/other.png": "not really",
        "thumbnailers/other.thumbnailer": "[Thumbnailer Entry]\nExec=true\n",
    }.items():
        path = places.data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    places.magic.write_text("0\tstring\tMINE\tmy own format")
    for base in databases.DATABASES:
        assert databases.run_tool([base.tool, str(places.data / base.folder)]) is None


class TestWithTheRealTools:
    @pytest.fixture(autouse=True)
    def needs(self, tools: None) -> None:
        """The real tools are run."""

    def test_an_empty_home_is_left_empty(self, places: Places) -> None:
        assert verbs(install(places, PYTHON)) == {"write", "run"}
        there = tree(places.home)
        assert ".local/share/mime/image/x-sdz.xml" in there
        assert ".local/share/applications/mimeinfo.cache" in there
        for entry in entries_for(places, PYTHON):
            assert entry.path.read_bytes() == entry.content
        assert verbs(remove(places)) == {"remove"}
        assert tree(places.home) == {}

    def test_a_home_that_is_lived_in_is_left_as_it_was(self, places: Places) -> None:
        lived_in(places)
        before = tree(places.home)
        install(places, PYTHON)
        assert tree(places.home) != before
        assert verbs(remove(places)) == {"remove", "run"}
        assert tree(places.home) == before

    def test_others_that_come_later_stay(self, places: Places) -> None:
        install(places, PYTHON)
        lived_in(places)
        remove(places)
        left = tree(places.data)
        assert not [name for name in left if "sdz" in name]
        assert b"application/x-other" in bytes(left["mime/types"])  # type: ignore[arg-type]
        assert b"x-sdz" not in bytes(left["mime/mime.cache"])  # type: ignore[arg-type]
        assert b"x-sdz" not in bytes(left["applications/mimeinfo.cache"])  # type: ignore[arg-type]

    def test_twice_is_as_once(self, places: Places) -> None:
        install(places, PYTHON)
        once = tree(places.home)
        assert verbs(install(places, PYTHON)) == {"write", "run"}
        assert tree(places.home) == once
        remove(places)
        assert tree(places.home) == {}

    def test_a_newer_version_replaces_an_older(self, places: Places) -> None:
        install(places, "/old/python")
        install(places, PYTHON)
        assert b"/old" not in (places.data / "thumbnailers" / "sdz.thumbnailer").read_bytes()
        remove(places)
        assert tree(places.home) == {}

    def test_a_cache_of_icons_is_kept_up_to_date_where_there_is_one(self, places: Places) -> None:
        theme = places.data / "icons" / "hicolor"
        theme.mkdir(parents=True)
        (theme / "icon-theme.cache").write_bytes(b"old")
        ran: list[str] = []

        def note(command: list[str]) -> str | None:
            ran.append(command[0])
            return "it was not found" if command[0] == "gtk-update-icon-cache" else None

        install(places, PYTHON, run=note)
        assert ran[-2:] == ["gtk-update-icon-cache", "gtk4-update-icon-cache"]


class TestWhatPeopleChanged:
    @pytest.mark.parametrize("number", range(4))
    def test_a_changed_file_is_neither_overwritten_nor_removed(
        self, places: Places, number: int
    ) -> None:
        install(places, PYTHON, run=without_tools)
        changed = entries_for(places, PYTHON)[number].path
        changed.write_text("mine now")
        steps = install(places, PYTHON, run=without_tools)
        assert [step.what for step in steps if step.verb == "keep"] == [str(changed)]
        assert changed.read_text() == "mine now"
        steps = remove(places, run=without_tools)
        assert [step.what for step in steps if step.verb == "keep"] == [str(changed)]
        assert [name for name, what in tree(places.data).items() if what != "folder"] == [
            str(changed.relative_to(places.data))
        ]

    def test_a_foreign_file_is_not_taken_over(self, places: Places) -> None:
        foreign = places.data / "mime" / "packages" / "sdz.xml"
        foreign.parent.mkdir(parents=True)
        foreign.write_text("of a game's package")
        steps = install(places, PYTHON, run=without_tools)
        assert [step.what for step in steps if step.verb == "keep"] == [str(foreign)]
        remove(places, run=without_tools)
        assert tree(places.home) == {
            ".local": "folder",
            ".local/share": "folder",
            ".local/share/mime": "folder",
            ".local/share/mime/packages": "folder",
            ".local/share/mime/packages/sdz.xml": b"of a game's package",
        }

    def test_a_deleted_file_is_not_missed(self, places: Places) -> None:
        install(places, PYTHON, run=without_tools)
        shutil.rmtree(places.data / "icons")
        steps = remove(places, run=without_tools)
        assert "gone" in verbs(steps)
        assert tree(places.home) == {}

    def test_only_what_the_manifest_names_is_removed(self, places: Places) -> None:
        install(places, PYTHON, run=without_tools)
        places.manifest.unlink()
        before = tree(places.home)
        assert remove(places, run=without_tools) == []
        assert tree(places.home) == before

    def test_a_damaged_manifest_stops_both(self, places: Places) -> None:
        install(places, PYTHON, run=without_tools)
        places.manifest.write_text("{")
        before = tree(places.home)
        with pytest.raises(OutputError, match="damaged"):
            install(places, PYTHON, run=without_tools)
        with pytest.raises(OutputError, match="damaged"):
            remove(places, run=without_tools)
        assert tree(places.home) == before


class TestMagic:
    def test_others_lines_mode_and_link_stay(self, places: Places) -> None:
        real = places.home / "dotfiles" / "magic"
        real.parent.mkdir()
        real.write_bytes(b"0 string MINE mine")
        real.chmod(0o600)
        places.magic.symlink_to(real)
        before = tree(places.home)
        install(places, PYTHON, run=without_tools)
        assert real.read_bytes() == magic_block() + b"0 string MINE mine"
        assert real.stat().st_mode & 0o777 == 0o600
        remove(places, run=without_tools)
        assert tree(places.home) == before

    def test_lines_added_meanwhile_stay(self, places: Places) -> None:
        install(places, PYTHON, run=without_tools)
        with places.magic.open("ab") as file:
            file.write(b"0 string NEW new\n")
        remove(places, run=without_tools)
        assert places.magic.read_bytes() == b"0 string NEW new\n"

    def test_an_empty_file_of_theirs_stays(self, places: Places) -> None:
        places.magic.touch()
        install(places, PYTHON, run=without_tools)
        remove(places, run=without_tools)
        assert places.magic.read_bytes() == b""

    def test_a_changed_block_stays(self, places: Places) -> None:
        install(places, PYTHON, run=without_tools)
        changed = places.magic.read_bytes().replace(b"SDZ picture", b"a nice picture")
        places.magic.write_bytes(changed)
        for steps in (
            install(places, PYTHON, run=without_tools),
            remove(places, run=without_tools),
        ):
            assert str(places.magic) in [step.what for step in steps if step.verb == "keep"]
            assert places.magic.read_bytes() == changed

    def test_what_file_would_not_read_is_not_written(self, places: Places) -> None:
        (places.home / ".magic.mgc").write_bytes(b"compiled")
        steps = install(places, PYTHON, run=without_tools)
        assert "not read beside .magic.mgc" in " ".join(step.why for step in steps)
        assert not places.magic.exists()
        remove(places, run=without_tools)
        assert tree(places.home) == {".magic.mgc": b"compiled"}

    def test_a_folder_of_magic_stays(self, places: Places) -> None:
        places.magic.mkdir()
        steps = install(places, PYTHON, run=without_tools)
        assert str(places.magic) in [step.what for step in steps if step.verb == "keep"]
        remove(places, run=without_tools)
        assert tree(places.home) == {".magic": "folder"}


class TestHalfWay:
    def test_an_installation_cut_short_can_be_removed(
        self, places: Places, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from sdz.desktop import install as module

        written: list[Path] = []
        write_over = module.write_over

        def fail_at_the_third(path: Path, content: bytes) -> None:
            if len(written) == 2:
                raise OSError(28, "No space left on device")
            written.append(path)
            write_over(path, content)

        monkeypatch.setattr(module, "write_over", fail_at_the_third)
        with pytest.raises(OSError, match="No space"):
            install(places, PYTHON, run=without_tools)
        assert all(path.exists() for path in written)
        monkeypatch.setattr(module, "write_over", write_over)
        remove(places, run=without_tools)
        assert tree(places.home) == {}

    def test_dry_run_does_nothing(self, places: Places) -> None:
        def never(command: list[str]) -> str | None:
            raise AssertionError(command)

        steps = install(places, PYTHON, run=never, dry_run=True)
        assert verbs(steps) == {"write", "run"}
        assert tree(places.home) == {}
        install(places, PYTHON, run=without_tools)
        before = tree(places.home)
        assert verbs(remove(places, run=never, dry_run=True)) == {"remove"}
        assert tree(places.home) == before

    def test_missing_tools_are_named_with_their_packages(self, places: Places) -> None:
        def missing(_: list[str]) -> str | None:
            return databases.run_tool(["no-such-tool-anywhere"])

        steps = install(places, PYTHON, run=missing)
        undone = [step for step in steps if step.undone]
        assert [step.what for step in undone] == ["update-mime-database", "update-desktop-database"]
        assert "it was not found; install shared-mime-info" in undone[0].why

    def test_what_a_tool_says_is_passed_on(self) -> None:
        assert databases.run_tool(["sh", "-c", "echo one >&2; echo two >&2; exit 3"]) == "two"
        assert databases.run_tool(["sh", "-c", "exit 3"]) == "code 3"
        assert databases.run_tool(["true"]) is None

    def test_the_manifest_names_every_file(self, places: Places) -> None:
        install(places, PYTHON, run=without_tools)
        manifest = load(places.manifest)
        assert manifest is not None
        files = {str(path) for path in places.data.rglob("*") if path.is_file()}
        assert set(manifest.files) == files - {str(places.manifest)}
        assert manifest.magic_created
