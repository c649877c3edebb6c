"""Names of outputs: plain for the widest, and never one for two."""

from __future__ import annotations

import itertools

from sdz.publishing.names import SUFFIXES, bases_of, file_of

WIDTHS = (480, 960)


def test_the_widest_has_the_plain_name() -> None:
    assert file_of("a/photo", "jpeg", 1600, 1600) == "a/photo.jpg"
    assert file_of("a/photo", "sdz", 480, 1600) == "a/photo-480.sdz"


def test_one_stem_in_one_folder_alone_makes_a_name_longer() -> None:
    pictures = ["photo.png", "photo.jpg", "more/photo.jpg"]
    assert bases_of(pictures, WIDTHS) == {
        "photo.jpg": "photo",
        "photo.png": "photo.png",
        "more/photo.jpg": "more/photo",
    }


def test_no_two_pictures_share_a_file() -> None:
    pictures = [
        *("a.jpg", "A.png", "a-480.jpg", "a-960.webp", "a.jpg.png", "a.jpg.2.png", "b.jpg"),
        *("a.avif", "a.webp", "x" * 250 + ".jpg", "x" * 250 + ".png"),
    ]
    bases = bases_of(pictures, WIDTHS, taken=["b.jpg"])
    assert sorted(bases) == sorted(pictures)
    assert bases["b.jpg"] == "b.jpg"
    files = [
        file_of(base, kind, width, 0).lower()
        for base, kind, width in itertools.product(bases.values(), SUFFIXES, (0, *WIDTHS))
    ]
    assert len(set(files)) == len(files)
    assert max(len(name.encode()) for name in files) <= 255


def test_what_there_was_keeps_its_name_when_later_ones_come() -> None:
    before = bases_of(["photo.jpg"], WIDTHS)
    assert (
        bases_of(["photo.jpg", "photo.png", "other.jpg"], WIDTHS)["photo.jpg"]
        == before["photo.jpg"]
    )
