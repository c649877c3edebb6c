"""Chunks ``s`` and ``k``: the map of scores, and the kept regions. Bytes <-> their fields.

    s  map of scores   1 middle (0 to 15) | 2 symbol check | stream
    k  kept regions    1 soft edge (0 to 16) | v count (1 to 256), then for each
                       v left | v top | v width | v height | 1 kind (1 AVIF, 2 WebP)
                       | v length | picture file

Readers that do not know them show the picture without. Values are checked alike when they are
read and when they are written, before memory is taken for what they promise.
"""

from __future__ import annotations

from sdz.container.cursor import Cursor, varint
from sdz.container.fields import (
    CLASSES,
    MAX_SOFT_EDGE,
    REGION_KINDS,
    Box,
    Header,
    Kept,
    Limits,
    Region,
    ScoreMap,
)
from sdz.errors import BadField, LimitExceeded, TrailingData, Truncated

LEAST_REGION_BYTES = 7
"""Of a region in the file: a byte for each field, and one of its picture."""
MOST_COVERED = 2
"""How many times the picture's area the regions' areas may come to."""


def read_scores(payload: Cursor) -> ScoreMap:
    """The fields of chunk ``s``. Raises BadField, Truncated."""
    middle = payload.number(1, "middle of the map of scores")
    check = payload.number(2, "symbol check of the map of scores")
    scores = ScoreMap(middle, check, bytes(payload.take(payload.left, "the rest")))
    _check_scores(scores)
    return scores


def write_scores(scores: ScoreMap) -> bytes:
    """The payload of chunk ``s``. Raises BadField."""
    _check_scores(scores)
    return bytes((scores.middle,)) + scores.check.to_bytes(2, "little") + scores.data


def read_kept(payload: Cursor, header: Header, limits: Limits) -> Kept:
    """The fields of chunk ``k``; no region is opened. Raises BadField, LimitExceeded, Truncated,
    TrailingData."""
    soft = payload.number(1, "soft edge of kept regions")
    count = payload.varint("number of kept regions")
    _check_count(count, limits)
    if payload.left < LEAST_REGION_BYTES * count:
        raise Truncated(f"chunk k, with {count} regions,", LEAST_REGION_BYTES * count, payload.left)
    regions = []
    for _ in range(count):
        sides = (payload.varint(f"{name} of a kept region") for name in _SIDES)
        box = Box(*sides)
        kind = payload.number(1, "kind of a kept region")
        length = payload.varint("length of a kept region")
        regions.append(Region(box, kind, bytes(payload.take(length, "a kept region"))))
    if payload.left:
        raise TrailingData("the last region in chunk k", payload.left)
    kept = Kept(soft, tuple(regions))
    _check_kept(kept, header)
    return kept


def write_kept(kept: Kept, header: Header, limits: Limits) -> bytes:
    """The payload of chunk ``k``. Raises BadField, LimitExceeded."""
    _check_count(len(kept.regions), limits)
    _check_kept(kept, header)
    parts = [bytes((kept.soft,)), varint(len(kept.regions), "number of kept regions")]
    for region in kept.regions:
        parts += [varint(getattr(region.box, name), name) for name in _SIDES]
        parts += [bytes((region.kind,)), varint(len(region.data), "length of a kept region")]
        parts.append(region.data)
    return b"".join(parts)


_SIDES = ("left", "top", "width", "height")


def _check_scores(scores: ScoreMap) -> None:
    if not 0 <= scores.middle < CLASSES:
        raise BadField("middle of the map of scores", f"0 to {CLASSES - 1}", scores.middle)
    if not 0 <= scores.check <= 0xFFFF:
        raise BadField("symbol check", "0 to 65535", scores.check)


def _check_count(count: int, limits: Limits) -> None:
    if not count:
        raise BadField("number of kept regions", "at least 1", count)
    if count > limits.kept_regions:
        raise LimitExceeded("number of kept regions", limits.kept_regions, count)


def _check_kept(kept: Kept, header: Header) -> None:
    if not 0 <= kept.soft <= MAX_SOFT_EDGE:
        raise BadField("soft edge of kept regions", f"0 to {MAX_SOFT_EDGE}", kept.soft)
    for region in kept.regions:
        _check_region(region, header)
    most = MOST_COVERED * header.width * header.height
    if kept.area > most:
        raise LimitExceeded("pixels in kept regions", most, kept.area)


def _check_region(region: Region, header: Header) -> None:
    box = region.box
    inside = box.right <= header.width and box.bottom <= header.height
    if not (inside and min(box.width, box.height) >= 1 and min(box.left, box.top) >= 0):
        found = f"{box.width}x{box.height} at {box.left}, {box.top}"
        raise BadField("a kept region", f"inside {header.width}x{header.height}", found)
    if region.kind not in REGION_KINDS:
        raise BadField("kind of a kept region", "1 or 2", region.kind)
    if not region.data:
        raise BadField("length of a kept region", "at least 1", 0)
