"""The journal: what it says of files that come, change, move, go and come back."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from watch_kit import Folder

from sdz.errors import BadJournal
from sdz.watch.journal.journal import Journal
from sdz.watch.journal.rows import FileRow, Identity, State
from sdz.watch.telling.report import FolderState
from sdz.watch.telling.status import folder_status

ROOT = Path("/somewhere/in")
ONE, TWO = Identity(7, 1, 100, 5), Identity(7, 2, 200, 6)


@pytest.fixture
def journal(folder: Folder) -> Journal:
    made = folder.journal()
    made.roots.put(ROOT)
    return made


def row_of(journal: Journal, name: str, root: Path = ROOT) -> FileRow:
    row = journal.files.find(root, Path(name))
    assert row is not None
    return row


def finish(journal: Journal, name: str, state: State, now: float = 20.0) -> None:
    row = row_of(journal, name)
    assert journal.due.claim(row, "wish", now)
    assert journal.due.finish(row, state, now)


def test_a_new_file_settles_first(journal: Journal) -> None:
    assert journal.seen.note(ROOT, b"", [(b"a.jpg", ONE), (b"b.jpg", TWO)], 10.0, 2.0) == 2
    assert journal.due.next(ROOT, 11.9, 5, ()) == []
    due = journal.due.next(ROOT, 12.0, 5, ())
    assert [(row.path.name, row.state, row.since) for row in due] == [
        *(("a.jpg", State.SETTLING, 10.0), ("b.jpg", State.SETTLING, 10.0))
    ]
    assert journal.files.next_time(ROOT) == 12.0
    assert journal.due.next(ROOT, 12.0, 5, [due[0].id]) == due[1:]


def test_a_clock_that_was_set_back_keeps_nothing_waiting(journal: Journal) -> None:
    """What rests settles anew; what failed is due; what waits by the clock of now still does."""
    journal.seen.note(
        ROOT, b"", [(b"a.jpg", ONE), (b"b.jpg", TWO), (b"c.jpg", Identity(7, 3, 9, 7))], 7200.0, 2.0
    )
    finish(journal, "b.jpg", State.FAILED, 7210.0)
    finish(journal, "c.jpg", State.FAILED, 90.0)
    with journal.due._database.write() as db:
        db.execute("UPDATE files SET since = 80, not_before = 150 WHERE name = ?", (b"c.jpg",))
    assert journal.due.next(ROOT, 100.0, 5, ()) == []
    journal.due.clock_set_back(ROOT, 100.0, 2.0)
    assert [row.path.name for row in journal.due.next(ROOT, 100.0, 5, ())] == ["b.jpg"]
    assert [row.path.name for row in journal.due.next(ROOT, 102.0, 5, ())] == ["b.jpg", "a.jpg"]
    assert row_of(journal, "a.jpg").since == 100.0
    assert row_of(journal, "c.jpg").not_before == 150.0


def test_what_was_seen_before_is_nothing_new(journal: Journal) -> None:
    journal.seen.note(ROOT, b"", [(b"a.jpg", ONE)], 10.0, 2.0)
    assert journal.seen.note(ROOT, b"", [(b"a.jpg", ONE)], 11.0, 2.0) == 0
    assert row_of(journal, "a.jpg").since == 10.0


@pytest.mark.parametrize(
    "state", [State.DONE, State.REFUSED, State.BAD, State.FAILED, State.UNDONE]
)
@pytest.mark.parametrize(
    "change", [{"size": 101}, {"mtime_ns": 6}, {"ino": 9}], ids=["size", "mtime", "inode"]
)
def test_a_changed_file_starts_anew(journal: Journal, state: State, change: dict[str, int]) -> None:
    journal.seen.note(ROOT, b"", [(b"a.jpg", ONE)], 10.0, 2.0)
    finish(journal, "a.jpg", state)
    journal.seen.note(ROOT, b"", [(b"a.jpg", ONE)], 30.0, 2.0)
    assert row_of(journal, "a.jpg").state is state
    journal.seen.note(ROOT, b"", [(b"a.jpg", ONE._replace(**change))], 31.0, 2.0)
    row = row_of(journal, "a.jpg")
    assert (row.state, row.attempts, row.since, row.not_before) == (State.SETTLING, 0, 31.0, 33.0)


def test_another_number_of_the_device_is_not_a_change(journal: Journal) -> None:
    journal.seen.note(ROOT, b"", [(b"a.jpg", ONE)], 10.0, 2.0)
    finish(journal, "a.jpg", State.DONE)
    journal.seen.note(ROOT, b"", [(b"a.jpg", ONE._replace(dev=8))], 30.0, 2.0)
    row = row_of(journal, "a.jpg")
    assert (row.state, row.identity.dev) == (State.DONE, 8)


def test_a_file_that_goes_and_comes_back_keeps_its_state(journal: Journal) -> None:
    journal.seen.note(ROOT, b"x", [(b"a.jpg", ONE)], 10.0, 2.0)
    finish(journal, "x/a.jpg", State.REFUSED)
    journal.seen.mark_gone(ROOT, b"x")
    assert journal.files.counts(ROOT) == {}
    assert list(journal.files.rows(ROOT)) == []
    journal.seen.note(ROOT, b"x", [(b"a.jpg", ONE)], 30.0, 2.0)
    assert journal.files.counts(ROOT) == {State.REFUSED: 1}


def test_what_is_done_counts_also_when_its_source_is_gone(journal: Journal) -> None:
    journal.seen.note(ROOT, b"", [(b"a.jpg", ONE)], 10.0, 2.0)
    row = row_of(journal, "a.jpg")
    journal.due.claim(row, "wish", 12.0)
    journal.due.finish(row, State.DONE, 13.0, bytes_after=40)
    journal.seen.mark_gone(ROOT, b"", [b"a.jpg"])
    assert journal.files.counts(ROOT) == {State.DONE: 1}
    assert journal.files.saved_bytes(ROOT) == 60


def test_a_moved_file_takes_its_state_along(folder: Folder) -> None:
    journal, root = folder.journal(), folder.root
    journal.roots.put(root)
    (root / "sub").mkdir()
    (root / "sub" / "b.jpg").write_bytes(b"x")
    there = Identity.of((root / "sub" / "b.jpg").lstat())
    journal.seen.note(root, b"", [(b"a.jpg", there)], 10.0, 2.0)  # seen at another place
    row = row_of(journal, "a.jpg", root)
    journal.due.claim(row, "wish", 12.0)
    journal.due.finish(row, State.REFUSED, 13.0)
    journal.seen.note(root, b"sub", [(b"b.jpg", there)], 20.0, 2.0)
    assert journal.files.find(root, Path("a.jpg")) is None
    assert row_of(journal, "sub/b.jpg", root).state is State.REFUSED


def test_a_hard_link_is_a_file_of_its_own(folder: Folder) -> None:
    journal, root = folder.journal(), folder.root
    journal.roots.put(root)
    (root / "a.jpg").write_bytes(b"x")
    os.link(root / "a.jpg", root / "b.jpg")
    there = Identity.of((root / "a.jpg").lstat())
    journal.seen.note(root, b"", [(b"a.jpg", there), (b"b.jpg", there)], 10.0, 2.0)
    assert journal.files.counts(root) == {State.SETTLING: 2}


def test_a_claim_takes_a_file_once(journal: Journal) -> None:
    journal.seen.note(ROOT, b"", [(b"a.jpg", ONE)], 10.0, 2.0)
    row = row_of(journal, "a.jpg")
    assert journal.due.claim(row, "wish", 12.0)
    assert not journal.due.claim(row, "wish", 12.0)
    assert row_of(journal, "a.jpg").attempts == 1


def test_a_file_that_changed_is_neither_claimed_nor_finished(journal: Journal) -> None:
    journal.seen.note(ROOT, b"", [(b"a.jpg", ONE)], 10.0, 2.0)
    old = row_of(journal, "a.jpg")
    journal.seen.note(ROOT, b"", [(b"a.jpg", ONE._replace(size=3))], 11.0, 2.0)
    assert not journal.due.claim(old, "wish", 14.0)
    new = row_of(journal, "a.jpg")
    assert journal.due.claim(new, "wish", 14.0)
    journal.seen.note(ROOT, b"", [(b"a.jpg", ONE._replace(size=4))], 15.0, 2.0)
    assert not journal.due.finish(new, State.DONE, 16.0)
    assert row_of(journal, "a.jpg").state is State.SETTLING


def test_a_start_gives_back_what_was_running_and_lets_everything_settle_anew(
    journal: Journal,
) -> None:
    journal.seen.note(ROOT, b"", [(b"a.jpg", ONE), (b"b.jpg", TWO)], 10.0, 2.0)
    journal.due.claim(row_of(journal, "a.jpg"), "wish", 12.0)
    assert [row.path.name for row in journal.due.begin(ROOT, "wish", 50.0, 2.0)] == ["a.jpg"]
    assert row_of(journal, "b.jpg").not_before == 52.0


def test_other_wishes_give_what_was_refused_another_chance(journal: Journal) -> None:
    journal.seen.note(ROOT, b"", [(b"a.jpg", ONE)], 10.0, 2.0)
    finish(journal, "a.jpg", State.REFUSED)
    journal.due.begin(ROOT, "wish", 50.0, 2.0)
    assert row_of(journal, "a.jpg").state is State.REFUSED
    journal.due.begin(ROOT, "another", 60.0, 2.0)
    assert row_of(journal, "a.jpg").state is State.WAITING


def test_retry_takes_what_failed_or_just_what_is_named(journal: Journal) -> None:
    names = [b"a.jpg", b"b.jpg", b"c.jpg", b"d.jpg"]
    journal.seen.note(ROOT, b"", [(n, ONE._replace(ino=i)) for i, n in enumerate(names)], 10.0, 2.0)
    states = [State.REFUSED, State.FAILED, State.BAD, State.DONE]
    for name, state in zip(names, states, strict=True):
        finish(journal, name.decode(), state)
    assert journal.due.retry(ROOT, [Path("a.jpg"), ROOT / "d.jpg", Path("no.jpg")], 30.0) == 1
    assert row_of(journal, "a.jpg").state is State.WAITING
    assert journal.due.retry(ROOT, None, 40.0) == 2
    assert journal.files.counts(ROOT) == {State.WAITING: 3, State.DONE: 1}
    assert row_of(journal, "b.jpg").attempts == 0


def test_empty_files_are_noted_at_once(journal: Journal) -> None:
    empty = [(f"{n}.jpg".encode(), Identity(7, n, 0, 5)) for n in range(50)]
    journal.seen.note(ROOT, b"", empty, 10.0, 2.0)
    assert journal.due.bury_empty(ROOT, 11.0, 600.0, "empty", "so far") == 0
    assert journal.files.next_time(ROOT) == 12.0
    assert journal.due.bury_empty(ROOT, 12.0, 600.0, "empty", "so far") == 0
    assert journal.files.next_time(ROOT) == 610.0
    assert journal.due.bury_empty(ROOT, 610.0, 600.0, "empty", "so far") == 50
    assert journal.files.counts(ROOT) == {State.BAD: 50}


def test_several_folders_share_a_journal(journal: Journal) -> None:
    other = Path("/elsewhere")
    journal.roots.put(other)
    journal.seen.note(ROOT, b"", [(b"a.jpg", ONE)], 10.0, 2.0)
    journal.seen.note(other, b"", [(b"a.jpg", TWO)], 10.0, 2.0)
    assert journal.roots.paths() == [other, ROOT]
    assert len(list(journal.files.rows())) == 2
    journal.roots.forget(ROOT)
    assert journal.roots.paths() == [other]
    assert [row.root for row in journal.files.rows()] == [other]
    assert journal.seen.note(ROOT, b"", [], 10.0, 2.0) == 0


def test_names_are_any_bytes(journal: Journal) -> None:
    name = b"\xff\xfe.jpg"
    journal.seen.note(ROOT, b"\xfd", [(name, ONE)], 10.0, 2.0)
    (row,) = journal.due.next(ROOT, 12.0, 1, ())
    assert os.fsencode(row.path) == b"/somewhere/in/\xfd/" + name


def test_inodes_and_devices_use_all_their_bits(journal: Journal) -> None:
    big = SimpleNamespace(st_ino=2**64 - 3, st_dev=2**63 + 5, st_size=10, st_mtime_ns=3)
    identity = Identity.of(cast(os.stat_result, big))
    journal.seen.note(ROOT, b"", [(b"a.jpg", identity)], 10.0, 2.0)
    assert row_of(journal, "a.jpg").identity == identity


def test_another_process_reads_while_this_one_writes(journal: Journal) -> None:
    journal.seen.note(ROOT, b"", [(b"a.jpg", ONE)], 10.0, 2.0)
    with Journal(journal.database.path, read_only=True) as reader:
        assert folder_status(reader, ROOT, 15.0).waiting == 1
        journal.seen.note(ROOT, b"", [(b"b.jpg", TWO)], 11.0, 2.0)
        status = folder_status(reader, ROOT, 15.0)
        assert (status.waiting, status.settling, status.oldest_waiting_s) == (2, 2, 5.0)
        with pytest.raises(BadJournal, match="readonly"):
            reader.roots.put(ROOT, state="watching")


def test_a_folder_that_was_never_watched(journal: Journal) -> None:
    status = folder_status(journal, Path("/no"), 1.0)
    assert (status.state, status.reason) == (FolderState.STOPPED, "it was never watched")


def test_files_gone_for_a_month_are_forgotten_but_not_what_was_done(journal: Journal) -> None:
    journal.seen.note(ROOT, b"", [(b"a.jpg", ONE), (b"b.jpg", TWO)], 10.0, 2.0)
    finish(journal, "a.jpg", State.DONE)
    journal.seen.mark_gone(ROOT, b"")
    journal.seen.prune(ROOT, 40 * 86400.0)
    assert journal.files.find(ROOT, Path("b.jpg")) is None
    assert row_of(journal, "a.jpg").gone


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be read" * 40])
def test_what_is_no_journal_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(content)
    with pytest.raises(BadJournal, match=r"journal\.sqlite cannot be used: file is not a database"):
        Journal(path)
    assert path.read_bytes() == content


def test_a_later_journal_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    Journal(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(BadJournal, match="a later sdz wrote it"):
        Journal(path)


def test_one_of_the_first_version_is_read_as_it_is_and_brought_up_when_written(
    tmp_path: Path,
) -> None:
    path = tmp_path / "journal.sqlite"
    with Journal(path) as journal:
        journal.roots.put(ROOT, state="watching", left_alone={"film": 2}, hindrance="a wall")
    with sqlite3.connect(path) as db:
        for column in ("hindrance", "left_alone"):
            db.execute(f"ALTER TABLE roots DROP COLUMN {column}")
        db.execute("PRAGMA user_version = 1")
    db.close()
    for read_only in (True, False, True):
        with Journal(path, read_only=read_only) as journal:
            known = journal.roots.get(ROOT)
            assert known is not None
            assert (known.state, known.hindrance, known.left_alone) == ("watching", "", {})
    with Journal(path) as journal:
        journal.roots.put(ROOT, left_alone={"film": 3})
        known = journal.roots.get(ROOT)
        assert known is not None
        assert known.left_alone == {"film": 3}


def test_reading_needs_a_journal(tmp_path: Path) -> None:
    with pytest.raises(BadJournal, match="unable to open"):
        Journal(tmp_path / "none.sqlite", read_only=True)
    assert not (tmp_path / "none.sqlite").exists()


def test_a_full_disk_is_told_from_a_broken_journal(journal: Journal) -> None:
    journal.database.connection.execute("PRAGMA max_page_count = 1")  # all of the disk
    many = [(f"{n}.jpg".encode() * 20, Identity(7, n, 1, 5)) for n in range(2000)]
    with pytest.raises(OSError, match="No space left"):
        journal.seen.note(ROOT, b"", many, 10.0, 2.0)
    journal.database.connection.execute("PRAGMA max_page_count = 100000")
    journal.seen.note(ROOT, b"", [(b"a.jpg", ONE)], 10.0, 2.0)
