"""Places: what is found, what marks a change, and files that are whole or not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sdz.distributed.places import Place
from sdz.errors import PlaceUnusable


def test_what_is_written_is_found_and_read(place: Place) -> None:
    assert not place.exists()
    assert list(place.walk()) == []
    place.write("b/two.png", b"22")
    place.write("a.png", b"1")
    place.write(".hidden/three.png", b"333")
    place.write("b/.four.png", b"4444")
    assert place.exists()
    assert [(found.path, found.size) for found in place.walk()] == [("a.png", 1), ("b/two.png", 2)]
    assert place.read("b/two.png") == b"22"
    assert place.look("b/two.png") == next(f for f in place.walk() if f.path == "b/two.png")


def test_what_is_not_there(place: Place) -> None:
    assert place.look("none.png") is None
    assert place.names("none") == []
    with pytest.raises(FileNotFoundError):
        place.read("none.png")


def test_a_folder_is_no_file(place: Place) -> None:
    place.write("b/two.png", b"22")
    assert place.look("b") is None


def test_names_are_those_of_one_folder_and_hidden_ones_too(place: Place) -> None:
    for path in (".x/b.jsonl", ".x/a.jsonl", ".x/y/c.jsonl"):
        place.write(path, b"-")
    assert place.names(".x") == [".x/a.jsonl", ".x/b.jsonl"]
    place.remove(".x/a.jsonl")
    assert place.names(".x") == [".x/b.jsonl"]


def test_writing_replaces(place: Place) -> None:
    place.write("a", b"old and longer")
    place.write("a", b"new")
    assert place.read("a") == b"new"


def test_the_mark_of_a_local_file_is_its_time(tmp_path: Path) -> None:
    place = Place(str(tmp_path))
    place.write("a", b"1")
    before = place.look("a")
    os.utime(tmp_path / "a", (1, 1))
    assert place.look("a") != before


@pytest.mark.parametrize(
    ("facts", "mark"),
    [
        ({"ETag": '"5e"', "LastModified": "x", "mtime": 3}, 'ETag:"5e"'),
        ({"mtime": 3.5, "created": 1}, "mtime:3.5"),
        ({}, ""),
    ],
)
def test_the_surest_mark_is_taken(place: Place, facts: dict[str, object], mark: str) -> None:
    assert place._found("a", {"size": 1, **facts}).mark == mark


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    place = Place(str(tmp_path))
    place.write("a", b"old")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        place.write("a", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert place.read("a") == b"old"


def test_addresses_are_good_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Place("photos").address == str(tmp_path / "photos")
    assert Place(f"file://{tmp_path}/photos").address == str(tmp_path / "photos")
    assert Place("memory://x/y").address == "memory://x/y"


def test_an_unknown_kind_of_store() -> None:
    with pytest.raises(PlaceUnusable, match=r"nosuch://x cannot be used: .*nosuch"):
        Place("nosuch://x")


def test_what_killed_writers_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    left = tmp_path / "a" / ".x [1].sdz.0011aabb.sdz-part"
    others = [tmp_path / "a" / ".y.sdz.0011aabb.sdz-part", tmp_path / "a" / "x [1].sdz"]
    for path in (left, *others):
        path.write_bytes(b"half")
    Place(str(tmp_path)).sweep(["a/x [1].sdz", "b/none.sdz"])
    assert not left.exists()
    assert all(path.exists() for path in others)
