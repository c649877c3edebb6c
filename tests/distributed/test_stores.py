"""Places: what is found, what marks a change, and files that are whole or not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sdz.distributed.stores import Store
from sdz.errors import PlaceUnusable
from sdz.files import part_of
from sdz.locks import try_lock


def test_what_is_written_is_found_and_read(store: Store) -> None:
    assert not store.exists()
    assert list(store.walk()) == []
    store.write("b/two.png", b"22")
    store.write("a.png", b"1")
    store.write(".hidden/three.png", b"333")
    store.write("b/.four.png", b"4444")
    assert store.exists()
    assert [(found.path, found.size) for found in store.walk()] == [("a.png", 1), ("b/two.png", 2)]
    assert store.read("b/two.png") == b"22"
    assert store.find("b/two.png") == next(f for f in store.walk() if f.path == "b/two.png")


def test_what_is_not_there(store: Store) -> None:
    assert store.find("none.png") is None
    assert store.names("none") == []
    with pytest.raises(FileNotFoundError):
        store.read("none.png")


def test_a_folder_is_no_file(store: Store) -> None:
    store.write("b/two.png", b"22")
    assert store.find("b") is None


def test_names_are_those_of_one_folder_and_hidden_ones_too(store: Store) -> None:
    for path in (".x/b.jsonl", ".x/a.jsonl", ".x/y/c.jsonl"):
        store.write(path, b"-")
    assert store.names(".x") == [".x/a.jsonl", ".x/b.jsonl"]
    store.remove(".x/a.jsonl")
    assert store.names(".x") == [".x/b.jsonl"]


def test_writing_replaces(store: Store) -> None:
    store.write("a", b"old and longer")
    store.write("a", b"new")
    assert store.read("a") == b"new"


def test_the_mark_of_a_local_file_is_its_time(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    store.write("a", b"1")
    before = store.find("a")
    os.utime(tmp_path / "a", (1, 1))
    assert store.find("a") != before


@pytest.mark.parametrize(
    ("facts", "mark"),
    [
        ({"ETag": '"5e"', "LastModified": "x", "mtime": 3}, 'ETag:"5e"'),
        ({"mtime": 3.5, "created": 1}, "mtime:3.5"),
        ({}, ""),
    ],
)
def test_the_surest_mark_is_taken(store: Store, facts: dict[str, object], mark: str) -> None:
    assert store._found("a", {"size": 1, **facts}).mark == mark


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    store = Store(str(tmp_path))
    store.write("a", b"old")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        store.write("a", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert store.read("a") == b"old"


def test_addresses_are_good_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Store("photos").address == str(tmp_path / "photos")
    assert Store(f"file://{tmp_path}/photos").address == str(tmp_path / "photos")
    assert Store("memory://x/y").address == "memory://x/y"


def test_an_unknown_kind_of_store() -> None:
    with pytest.raises(PlaceUnusable, match=r"nosuch://x cannot be used: .*nosuch"):
        Store("nosuch://x")


def test_what_killed_writers_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    left, living = (part_of(tmp_path / "a" / "x [1].sdz") for _ in range(2))
    others = [part_of(tmp_path / "a" / "y.sdz"), tmp_path / "a" / "x [1].sdz", living]
    for path in (left, *others):
        path.write_bytes(b"half")
    with living.open("r+b") as file:
        assert try_lock(file)  # as a worker that still writes does
        Store(str(tmp_path)).sweep(["a/x [1].sdz", "b/none.sdz"])
    assert not left.exists()
    assert all(path.exists() for path in others)
