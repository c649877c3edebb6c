"""What visitors fetch, added up."""

from __future__ import annotations

from sdz.publishing.bill import SCRIPT_BYTES, bill_of
from sdz.publishing.manifest import Output, PictureRecord


def record(sizes: dict[str, dict[int, int]]) -> PictureRecord:
    outputs = tuple(
        Output("", kind, width, width, size, 50.0, None, "")
        for kind, found in sizes.items()
        for width, size in found.items()
    )
    return PictureRecord("", 1, "", "", 0, 0, outputs)


RECORDS = [
    record({"sdz": {480: 10, 900: 30}, "avif": {480: 14, 900: 36}, "jpeg": {480: 20, 900: 60}}),
    record({"sdz": {300: 5}, "avif": {300: 5}, "webp": {300: 9}}),
]


def test_each_picture_at_the_width_or_its_next_narrower() -> None:
    small, middle, large = (bill_of(RECORDS, width) for width in (480, 600, 1600))
    assert (small.sdz, small.avif, small.plain) == (15, 19, 29)
    assert (middle.sdz, large.sdz, large.avif, large.plain) == (15, 35, 41, 69)
    assert (small.pictures, small.script) == (2, 15 + SCRIPT_BYTES)


def test_from_how_many_pictures_on_the_script_pays() -> None:
    found = bill_of(RECORDS, 480)
    assert found.beside_avif == SCRIPT_BYTES / 2
    assert found.beside_plain == -(-SCRIPT_BYTES // 7)
    worse = bill_of([record({"sdz": {1: 5}, "avif": {1: 4}, "jpeg": {1: 5}})], 1)
    assert (worse.beside_avif, worse.beside_plain) == (None, None)
