"""What is no picture is counted by its kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdz.media import OTHER_KINDS, OTHER_SUFFIXES, PICTURE_SUFFIXES
from sdz.names import counted, kind_left_alone
from sdz.watch.looking import others
from sdz.watch.looking.others import left_alone


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(("a.CR2", "RAW file"), ("a.dng", "RAW file"), ("a.MOV", "film"), ("a.pdf", "document")),
        *(
            ("a.zip", "archive"),
            ("a.txt", "other file"),
            ("a", "other file"),
            ("a.1", "other file"),
        ),
        *(("a.jpg", None), ("a.sdz", None)),
    ],
)
def test_kinds(name: str, kind: str | None) -> None:
    assert kind_left_alone(name) == kind


def test_no_kind_is_a_picture_and_none_is_two() -> None:
    assert not OTHER_SUFFIXES.keys() & PICTURE_SUFFIXES
    assert len(OTHER_SUFFIXES) == sum(map(len, OTHER_KINDS.values()))


def test_counts_in_words() -> None:
    assert counted({}) == ""
    assert counted({"other file": 1, "film": 2, "RAW file": 1200}) == (
        "1,200 RAW files, 2 films, 1 other file"
    )


def test_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("a.jpg", "a.sdz", "a.cr2", "b/b.CR3", "b/c.mp4", "notes", ".hidden.mp4", "x.part")
    for name in (*names, "out/d.mov", ".git/e.zip"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "link.cr2").symlink_to(tmp_path / "a.cr2")
    (tmp_path / "around").symlink_to(tmp_path)
    assert left_alone(tmp_path, tmp_path / "out") == {"RAW file": 2, "film": 1, "other file": 1}
    assert left_alone(tmp_path)["film"] == 2
    assert left_alone(tmp_path / "none") == {}
    monkeypatch.setattr(others, "MOST_ENTRIES", 1)  # ends with the folder that it is in
    assert left_alone(tmp_path) == {"RAW file": 1, "other file": 1}
