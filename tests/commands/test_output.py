"""Outputs appear whole or not at all, never over something, and leave nothing lying about."""

from __future__ import annotations

import errno
import io
import os
import sys
from pathlib import Path

import pytest

from sdz.commands import output
from sdz.commands.output import Outputs, origin_of, write_whole
from sdz.errors import OutputError, OutputExists


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class TestPlaces:
    def test_beside_the_source(self, tmp_path: Path) -> None:
        place = Outputs(None, None, force=False).place(str(tmp_path / "a.b.png"), ".sdz")
        assert place == str(tmp_path / "a.b.sdz")

    def test_in_a_folder(self, tmp_path: Path) -> None:
        outputs = Outputs(None, str(tmp_path / "new" / "er"), force=False)
        place = outputs.place("elsewhere/a.png", ".sdz")
        outputs.write(place, b"x")
        assert (tmp_path / "new" / "er" / "a.sdz").read_bytes() == b"x"

    @pytest.mark.parametrize(("out", "source"), [("-", "a.png"), (None, "-")])
    def test_standard_output(self, out: str | None, source: str) -> None:
        assert Outputs(out, None, force=False).place(source, ".sdz") == "-"

    def test_a_terminal_is_spared(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdout", Terminal())
        with pytest.raises(OutputError, match="it is a terminal"):
            Outputs(None, None, force=True).place("-", ".sdz")

    def test_standard_input_has_no_name_in_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match="standard input has no name"):
            Outputs(None, str(tmp_path), force=False).place("-", ".sdz")

    def test_what_exists_is_kept(self, tmp_path: Path) -> None:
        (tmp_path / "a.sdz").write_bytes(b"old")
        with pytest.raises(OutputExists):
            Outputs(None, None, force=False).place(str(tmp_path / "a.png"), ".sdz")
        (tmp_path / "a.png").write_bytes(b"source")
        assert Outputs(None, None, force=True).place(str(tmp_path / "a.png"), ".sdz")

    def test_one_stem_in_one_command(self, tmp_path: Path) -> None:
        outputs = Outputs(None, str(tmp_path), force=True)
        sources = ("x/a.png", "y/a.jpg", "y/a.2024", "a.2025")
        assert [Path(outputs.place(source, ".sdz")).name for source in sources] == [
            *("a.sdz", "a.jpg.sdz", "a.2024.sdz", "a.2025.sdz")
        ]

    def test_one_name_in_two_folders(self, tmp_path: Path) -> None:
        outputs = Outputs(None, str(tmp_path), force=True)
        outputs.place("x/a.png", ".sdz")
        with pytest.raises(OutputError, match="already the output of x/a"):
            outputs.place("y/a.png", ".sdz")

    def test_one_output_by_two_paths(self, tmp_path: Path) -> None:
        (tmp_path / "d").mkdir()
        outputs = Outputs(None, None, force=True)
        outputs.place(str(tmp_path / "a.png"), ".sdz")
        with pytest.raises(OutputError, match="already the output"):
            outputs.place(str(tmp_path / "d" / ".." / "a.png"), ".sdz")

    @pytest.mark.parametrize("link", [False, True])
    def test_the_source_itself(self, tmp_path: Path, link: bool) -> None:
        source = tmp_path / "a.png"
        source.write_bytes(b"picture")
        out = tmp_path / "b.png"
        if link:
            out.symlink_to(source)
        with pytest.raises(OutputError, match="it is the source itself"):
            Outputs(str(out if link else source), None, force=True).place(str(source), ".sdz")

    @pytest.mark.parametrize("force", [False, True])
    def test_a_folder_as_the_output_file(self, tmp_path: Path, force: bool) -> None:
        with pytest.raises(OutputError, match="it is a folder; name a file, or use --out-dir"):
            Outputs(str(tmp_path), None, force=force).place("a.png", ".sdz")

    def test_a_file_as_the_output_folder(self, tmp_path: Path) -> None:
        (tmp_path / "f").write_bytes(b"")
        with pytest.raises(OutputError, match="it is not a folder"):
            Outputs(None, str(tmp_path / "f"), force=True).place("a.png", ".sdz")

    def test_no_such_folder_is_told_before_the_work(self, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match="its folder does not exist"):
            Outputs(str(tmp_path / "none" / "a.sdz"), None, force=True).place("a.png", ".sdz")

    @pytest.mark.parametrize("source", [".", "..", "/", ""])
    def test_folders_as_sources(self, source: str) -> None:
        with pytest.raises(IsADirectoryError):
            Outputs(None, None, force=True).place(source, ".sdz")

    def test_devices_and_pipes_are_written_to_not_replaced(self, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        try:
            outputs = Outputs(str(pipe), None, force=True)
            outputs.write(outputs.place("a.png", ".sdz"), b"through")
            assert os.read(reader, 100) == b"through"
        finally:
            os.close(reader)
        assert pipe.is_fifo()


class TestWriting:
    def test_whole(self, tmp_path: Path) -> None:
        write_whole(tmp_path / "a.sdz", b"data", force=False)
        assert (tmp_path / "a.sdz").read_bytes() == b"data"
        assert names(tmp_path) == ["a.sdz"]

    def test_a_file_that_appeared_meanwhile_is_left_alone(self, tmp_path: Path) -> None:
        outputs = Outputs(None, str(tmp_path), force=False)
        place = outputs.place("a.png", ".sdz")
        (tmp_path / "a.sdz").write_bytes(b"another's")
        with pytest.raises(OutputExists):
            outputs.write(place, b"mine")
        assert (tmp_path / "a.sdz").read_bytes() == b"another's"
        assert names(tmp_path) == ["a.sdz"]

    def test_forced(self, tmp_path: Path) -> None:
        (tmp_path / "a.sdz").write_bytes(b"old")
        write_whole(tmp_path / "a.sdz", b"new", force=True)
        assert (tmp_path / "a.sdz").read_bytes() == b"new"
        assert names(tmp_path) == ["a.sdz"]

    @pytest.mark.parametrize("exists", [False, True])
    def test_where_there_are_no_links(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exists: bool
    ) -> None:
        def refuse(*_: object) -> None:
            raise OSError(errno.EOPNOTSUPP, "not supported")

        monkeypatch.setattr(output.os, "link", refuse)
        if exists:
            (tmp_path / "a.sdz").write_bytes(b"old")
            with pytest.raises(OutputExists):
                write_whole(tmp_path / "a.sdz", b"new", force=False)
        else:
            write_whole(tmp_path / "a.sdz", b"new", force=False)
        assert (tmp_path / "a.sdz").read_bytes() == (b"old" if exists else b"new")
        assert names(tmp_path) == ["a.sdz"]

    @pytest.mark.parametrize("force", [False, True])
    def test_a_full_disk_leaves_nothing_behind(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, force: bool
    ) -> None:
        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(output.os, "fsync", full)
        with pytest.raises(OutputError, match="No space left on device"):
            Outputs(None, str(tmp_path), force=force).write(str(tmp_path / "a.sdz"), b"data")
        assert names(tmp_path) == []

    def test_stopped_by_the_user_leaves_nothing_behind(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def stop(_: int) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(output.os, "fsync", stop)
        with pytest.raises(KeyboardInterrupt):
            write_whole(tmp_path / "a.sdz", b"data", force=True)
        assert names(tmp_path) == []

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
    def test_a_folder_that_may_not_be_written(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o500)
        with pytest.raises(OutputError, match="Permission denied"):
            Outputs(None, str(tmp_path), force=False).write(str(tmp_path / "a.sdz"), b"data")
        tmp_path.chmod(0o700)
        assert names(tmp_path) == []

    @pytest.mark.parametrize("letter", ["x", "ü"])
    def test_names_as_long_as_the_file_system_takes(self, tmp_path: Path, letter: str) -> None:
        name = letter * (251 // len(letter.encode())) + ".sdz"
        write_whole(tmp_path / name, b"data", force=False)
        assert names(tmp_path) == [name]

    def test_permissions_are_those_of_any_new_file(self, tmp_path: Path) -> None:
        (tmp_path / "plain").write_bytes(b"")
        write_whole(tmp_path / "a.sdz", b"", force=True)
        assert (tmp_path / "a.sdz").stat().st_mode == (tmp_path / "plain").stat().st_mode


class TestSiblings:
    """Pictures with one stem, done by several commands: the time of an output tells whose it is."""

    def place(self, folder: Path, name: str) -> str:
        outputs = Outputs(None, None, force=True)
        place = Path(outputs.place(str(folder / name), ".sdz"))
        outputs.write(str(place), name.encode(), origin_of(str(folder / name)))
        return place.name

    def pictures(self, folder: Path, **times: int) -> None:
        for ending, time in times.items():
            (folder / f"a.{ending}").write_bytes(b"")
            os.utime(folder / f"a.{ending}", (time, time))

    def test_other_times(self, tmp_path: Path) -> None:
        self.pictures(tmp_path, jpg=1000, png=2001, tif=3000)
        for _ in range(2):  # and each comes to its own again
            assert self.place(tmp_path, "a.png") == "a.sdz"
            assert self.place(tmp_path, "a.jpg") == "a.jpg.sdz"
            assert self.place(tmp_path, "a.tif") == "a.tif.sdz"

    def test_one_time(self, tmp_path: Path) -> None:
        self.pictures(tmp_path, jpg=1000, png=1000)
        for _ in range(2):
            assert self.place(tmp_path, "a.png") == "a.png.sdz"
            assert self.place(tmp_path, "a.jpg") == "a.sdz"

    def test_what_nobody_knows_is_left_to_force(self, tmp_path: Path) -> None:
        self.pictures(tmp_path, jpg=1000, png=1000)
        (tmp_path / "a.sdz").write_bytes(b"somebody's")
        with pytest.raises(OutputExists):
            Outputs(None, None, force=False).place(str(tmp_path / "a.png"), ".sdz")

    def test_pictures_are_no_siblings_of_what_is_made_of_them(self, tmp_path: Path) -> None:
        self.pictures(tmp_path, sdz=1000, jpg=1000)
        assert Outputs(None, None, force=False).place(str(tmp_path / "a.sdz"), ".png") == str(
            tmp_path / "a.png"
        )
