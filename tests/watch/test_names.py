"""Which files are taken, which are passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdz.watch.names import (
    is_candidate,
    is_part,
    is_passed_over,
    part_name,
    part_token,
)


@pytest.mark.parametrize(
    "name",
    ["photo.jpg", "PHOTO.JPG", "a.b.jpeg", "x.png", "x.tiff", "x.avif", "x.heic", "ü ñ.webp"],
)
def test_pictures_are_taken(name: str) -> None:
    assert is_candidate(name)


@pytest.mark.parametrize(
    "name",
    [
        *("photo.sdz", "photo.txt", "photo", "jpg", ".jpg", "film.mp4", "x.svg", "x.pdf", ""),
        *(".hidden.jpg", "._photo.jpg", ".DS_Store", "Thumbs.db", "photo.jpg.part", "a.jpg~"),
        *("photo.jpg.crdownload", "photo.tmp", "~$photo.jpg", ".sdz-watch-00000000-0.part"),
    ],
)
def test_everything_else_is_not(name: str) -> None:
    assert not is_candidate(name)


@pytest.mark.parametrize(
    "name", ["@eaDir", ".stfolder", ".Trash-1000", "#recycle", "$RECYCLE.BIN", "__MACOSX", ".git"]
)
def test_folders_that_are_passed_over(name: str) -> None:
    assert is_passed_over(name)


def test_temporary_files_are_known_by_their_watcher_alone() -> None:
    mine, other = part_token(Path("/a")), part_token(Path("/b"))
    name = part_name(mine)
    assert is_part(name, mine)
    assert not is_part(name, other)
    assert not is_part(name.removesuffix(".part") + ".jpg", mine)
    assert is_passed_over(name)
