"""The whole picture as a kept region, over coarse latents: what latents alone do not reach.

Above scores of 65 or so AVIF needs fewer bytes than lite-1, which ends near 70. Such a file is
an AVIF with a preview before it, and says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sdz.codec.draft import Draft, code, judge, with_kept
from sdz.codec.kept.choosing import quality_for
from sdz.codec.kept.writing import write_lossless, write_region
from sdz.codec.source import Source
from sdz.container import REGION_KINDS, Box, Region

COARSE_QUALITY = 10.0
"""Of the latents below: enough for a preview, in 2 to 5 % of the file."""
MOST_TRIES = 7
POINTS_A_QUALITY = 1.1
"""Of photographs, from 30 to 80."""
CLOSE = 1.2
"""Points over what is wanted: a step of AVIF's quality."""
CLEARLY = 0.9
"""Of the bytes of latents alone: a picture is kept whole where that takes less than so much, and
latents are dear."""
FAR = 0.75
"""The same where they are not: of Kodak's pictures none takes less than 0.8, drawings and pages of
text do."""
LEAST_SAID = 1000
"""Bytes of a file from which on it is worth saying that another format serves better."""
_QUICK = 9
_QUICK_FROM = 1 << 21
"""Pixels of a picture from which on AVIF's quickest speed answers whether it is worth a try."""
_OF_QUICK = (0.78, 1.06)
"""Of its bytes at that speed, what AVIF takes at the one that is written: 0.79 to 1.05 for scores
of 10 to 65 on twelve of Kodak's pictures and five others, 0.91 in the mean."""
MOST = 0.5
"""Of a picture's area: where more is kept, it is said what the other format takes."""


def kept_whole(source: Source, least: float, most: float = 100.0) -> Draft | None:
    """The smallest draft that is found to score ``least`` to ``most``, all of it kept; one that
    scores more where there is none between; None where not even a lossless one can be written."""
    coarse, picture = _coarse(source), source.picture
    low: Tried | None = None  # too little
    high: Tried | None = None  # enough
    best: Draft | None = None
    quality = quality_for(least + CLOSE / 2)
    for turn in range(MOST_TRIES):
        draft = _over(source, coarse, write_region(picture.rgb, _all(source), quality))
        score = draft.report.score
        if score < least:
            low = quality, score
        else:
            high = quality, score
            best = draft
        if least <= score <= min(most, least + CLOSE):
            break
        quality = _next(low, high, least + CLOSE / 2, turn)
        if quality in (low and low[0], high and high[0]) or not 0 <= quality <= 100:
            break
    if best is None:
        plain = replace(source, regions=())  # what lies over it may be what scores too little
        best = _over(plain, coarse, write_lossless(picture.rgb, _all(source)))
    return best if best.report.score >= least else None


Tried = tuple[int, float]
"""A quality, and its score."""


def _next(low: Tried | None, high: Tried | None, wanted: float, turn: int) -> int:
    """The quality to be tried next: where the line between two meets ``wanted``, every second time
    their middle; beyond the one there is, by the slope of photographs."""
    if low is not None and high is not None:
        share = 0.5 if turn % 2 else (wanted - low[1]) / (high[1] - low[1])
        return min(max(round(low[0] + share * (high[0] - low[0])), low[0] + 1), high[0] - 1)
    quality, score = low or high or (0, 0.0)
    step = round((wanted - score) / POINTS_A_QUALITY)
    step = max(step, 1) if low is not None else min(step, -1)
    return min(max(quality + step, 0), 100)


def is_smaller_whole(source: Source, wanted: float, size: float) -> bool:
    """Whether AVIF takes about less than ``size`` bytes for the score ``wanted``.

    Its quickest speed, a tenth of the time, answers for most pictures.
    """
    picture, quality = source.picture, quality_for(wanted)
    quick = len(write_region(picture.rgb, _all(source), quality, speed=_QUICK).data)
    if picture.width * picture.height > _QUICK_FROM:
        return quick < size
    least, most = _OF_QUICK
    if size <= least * quick or size > most * quick:
        return size > quick
    return len(write_region(picture.rgb, _all(source), quality).data) < size


def whole_within(source: Source, target: int) -> Draft | None:
    """The draft of at most ``target`` bytes, all of it kept, at AVIF's best quality; None where
    there is none."""
    coarse = _coarse(source)
    named = sum(len(one.data) + 32 for one in source.regions)
    room = target - coarse.size - named - 64  # for the fields of regions, and the chunk's frame
    found = _largest(lambda q: write_region(source.picture.rgb, _all(source), q), room)
    if found is None:
        return None
    draft = _over(source, coarse, found, target)
    return draft if draft.size <= target else None


def _largest(write: Callable[[int], Region], room: int) -> Region | None:
    low, high, best = 0, 100, None
    while low <= high:
        middle = (low + high + 1) // 2
        region = write(middle)
        if len(region.data) <= room:
            best, low = region, middle + 1
        else:
            high = middle - 1
    return best


def says_what_serves_better(source: Source, draft: Draft) -> Draft:
    """The draft with a note, where most of its picture is kept as it is."""
    if draft.kept is None or not is_mostly_kept(source, draft) or draft.size < LEAST_SAID:
        return draft
    size = sum(len(region.data) for region in draft.kept.regions)
    kinds = {region.kind for region in draft.kept.regions}
    name = {"AVIF": "AVIF", "WEBP": "lossless WebP"}[REGION_KINDS[min(kinds)]]
    note = (
        f"most of this picture is kept as it is: AVIF or JPEG XL serve better here; as {name} "
        f"alone it takes {size:,} bytes, in this file {draft.size:,}"
    )
    return replace(draft, notes=(note,))


def is_mostly_kept(source: Source, draft: Draft) -> bool:
    """Whether more than half of the picture is in kept regions."""
    area = source.picture.width * source.picture.height
    return draft.kept is not None and draft.kept.area > MOST * area


def _all(source: Source) -> Box:
    return Box(0, 0, source.picture.width, source.picture.height)


def _coarse(source: Source) -> Draft:
    return code(replace(source, regions=()), source.code_for_quality(COARSE_QUALITY))


def _over(source: Source, coarse: Draft, region: Region, most: int | None = None) -> Draft:
    whole = replace(source, regions=(region, *source.regions))  # what was asked for lies over it
    return judge(whole, with_kept(whole, coarse), source.picture.rgb, most).draft
