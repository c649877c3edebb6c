"""The manifest: parts are merged to one line a picture, and nothing is lost on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sdz.distributed.manifest import MANIFEST, PARTS, Record, merge, write_part
from sdz.distributed.stores import Found, Store
from sdz.errors import BadManifest

DONE = Record("a.png", 10, "mtime:1", "a.sdz", "done", "w", at=5.0, bytes=3, score=61.5)
FAILED = Record(
    "ü/b.png", 20, 'ETag:"x"', "ü/b.sdz", "failed", "w", at=6.0, code="c", reason="no\npicture"
)


def test_a_record_is_a_line_and_back() -> None:
    for record in (DONE, FAILED):
        assert "\n" not in record.to_line()
        assert Record.from_line(record.to_line()) == record


def test_facts_of_a_later_version_are_left_out() -> None:
    line = DONE.to_line()[:-1] + ',"weather":"fine"}'
    assert Record.from_line(line) == DONE


def test_whose_record_it_is() -> None:
    assert DONE.is_of(Found("a.png", 10, "mtime:1"), "w")
    assert not DONE.is_of(Found("a.png", 11, "mtime:1"), "w")
    assert not DONE.is_of(Found("a.png", 10, "mtime:2"), "w")
    assert not DONE.is_of(Found("a.png", 10, "mtime:1"), "other")


def test_parts_become_one_manifest(store: Store) -> None:
    assert merge(store) == {}
    write_part(store, "two", 0, [FAILED])
    write_part(store, "one", 0, [DONE])
    write_part(store, "one", 1, [])
    merged = merge(store)
    assert list(merged.values()) == [DONE, FAILED]
    assert store.names(PARTS) == []
    lines = store.read(MANIFEST).decode().splitlines()
    assert [Record.from_line(line) for line in lines] == [DONE, FAILED]
    assert merge(store) == merged


def test_the_latest_word_on_a_picture_counts(store: Store) -> None:
    write_part(store, "one", 0, [replace(DONE, state="planned", at=1.0)])
    assert merge(store)["a.png"].state == "planned"
    again = replace(DONE, at=9.0, bytes=4)
    write_part(store, "dead", 0, [DONE])  # done by a node that died ...
    write_part(store, "other", 0, [again])  # ... and once more by another
    assert merge(store) == {"a.png": again}
    assert len(store.read(MANIFEST).splitlines()) == 1


def test_a_merge_that_was_cut_short_is_done_again(store: Store) -> None:
    write_part(store, "one", 0, [DONE])
    part = store.read(store.names(PARTS)[0])
    merged = merge(store)
    store.write(f"{PARTS}/one-000000.jsonl", part)  # as if it had ended before the deletion
    assert merge(store) == merged


@pytest.mark.parametrize("text", ["{", '{"source": "a"}', "[]", "3", "\xff"])
def test_what_is_no_manifest_is_named_and_kept(store: Store, text: str) -> None:
    data = DONE.to_line().encode() + b"\n" + text.encode("latin-1") + b"\n"
    store.write(MANIFEST, data)
    with pytest.raises(BadManifest, match=r"manifest\.jsonl is no manifest"):
        merge(store)
    assert store.read(MANIFEST) == data
