"""Writing a file aside: whole or not at all, by each word for how much of it lasts."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import BinaryIO

import pytest

from sdz import files
from sdz.files import Durable, part_of, sweep_parts, take_name, write_aside
from sdz.locks import try_lock


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("durable", "flushes"), [("no", 0), ("content", 1), ("name", 2)], ids=lambda word: str(word)
)
def test_each_word_flushes_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, durable: Durable, flushes: int
) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(files.os, "fsync", flushed.append)
    assert write_aside(tmp_path / "a", b"one ", b"two", durable=durable)
    assert (tmp_path / "a").read_bytes() == b"one two"
    assert len(flushed) == flushes
    assert names(tmp_path) == ["a"]


def test_a_mode_is_kept_to_from_the_first_byte_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    monkeypatch.setattr(files.os, "fsync", lambda file: seen.append(os.fstat(file).st_mode & 0o777))
    write_aside(tmp_path / "a", b"secret", durable="content", mode=0o644)
    assert seen == [0o600]
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644


def test_permissions_without_a_mode_are_those_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    write_aside(tmp_path / "a", b"", durable="no")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_what_has_the_name_is_left_alone_unless_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EINVAL, "not supported")

    if not links:
        monkeypatch.setattr(files.os, "link", refuse)
    assert write_aside(tmp_path / "a", b"old", durable="no", over=False)
    assert not write_aside(tmp_path / "a", b"new", durable="no", over=False)
    assert (tmp_path / "a").read_bytes() == b"old"
    assert write_aside(tmp_path / "a", b"new", durable="no")
    assert (tmp_path / "a").read_bytes() == b"new"
    (tmp_path / "gone").symlink_to("nowhere")
    assert not take_name(tmp_path / "a", tmp_path / "gone")
    assert names(tmp_path) == ["a", "gone"]


def test_a_part_of_ones_own_choice_is_gone_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_aside(tmp_path / "none" / "a", b"", durable="no", part=tmp_path / "part")
    assert names(tmp_path) == []


def test_parts_of_some_names_are_swept_whatever_their_letters(tmp_path: Path) -> None:
    wanted = ["x [1].sdz", "c" * 60]
    for name in (*wanted, "y.sdz", "x [1].sdz.z"):
        part_of(tmp_path / name).write_bytes(b"half")
    assert sweep_parts(tmp_path, [*wanted, "none.sdz"]) == len(wanted)
    assert [name[:-18] for name in names(tmp_path)] == [".x [1].sdz.z", ".y.sdz"]


def test_parts_of_the_killed_are_swept_and_no_others(tmp_path: Path) -> None:
    left = [part_of(tmp_path / name) for name in ("a.sdz", "b\n[1].sdz", "c" * 60)]
    for part in left:
        part.write_bytes(b"half")
    others = [".a.sdz-part", ".sdz-part", "a.0123abcd.sdz-part", ".a.0123abcg.sdz-part", "a.sdz"]
    for name in others:
        (tmp_path / name).write_bytes(b"mine")
    living = part_of(tmp_path / "d.sdz")
    with living.open("wb") as file:
        assert try_lock(file)  # as write_aside does
        assert sweep_parts(tmp_path) == len(left)
    assert names(tmp_path) == sorted([*others, living.name])
    assert sweep_parts(tmp_path / "none") == 0


@pytest.mark.parametrize("moment", ["before it is locked", "after it is written"])
@pytest.mark.parametrize("over", [True, False])
def test_another_that_sweeps_at_the_worst_moment_takes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, over: bool
) -> None:
    swept: list[int] = []

    def sweep() -> None:
        if not swept:
            swept.append(sweep_parts(tmp_path))

    def lock_late(file: BinaryIO) -> bool:
        if file.writable():
            sweep()
        return try_lock(file)

    def replace_late(part: Path, path: Path) -> Path:
        sweep()
        os.replace(part, path)  # noqa: PTH105 - the method is what is replaced
        return path

    def link_late(part: Path, path: Path) -> None:
        sweep()
        real_link(part, path)

    real_link = os.link
    if moment == "before it is locked":
        monkeypatch.setattr(files, "try_lock", lock_late)
    else:
        monkeypatch.setattr(Path, "replace", replace_late)
        monkeypatch.setattr(files.os, "link", link_late)
    assert write_aside(tmp_path / "a", b"one", durable="no", over=over)
    assert swept == [1 if moment == "before it is locked" else 0]
    assert (tmp_path / "a").read_bytes() == b"one"
    assert names(tmp_path) == ["a"]


def test_without_locks_it_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "try_lock", lambda _: False)
    assert write_aside(tmp_path / "a", b"one", durable="no")
    assert names(tmp_path) == ["a"]


def test_a_part_is_locked_while_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept: list[int] = []
    monkeypatch.setattr(files.os, "fsync", lambda _: swept.append(sweep_parts(tmp_path)))
    assert write_aside(tmp_path / "a", b"one", durable="content")
    assert (swept, names(tmp_path)) == ([0], ["a"])
