"""A look: the score of a preset or up to two points more, by few attempts with the same latents."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from sdz.codec.draft import Draft, code, judge, measure, show, with_kept
from sdz.codec.source import Source
from sdz.codec.whole import CLEARLY, FAR, is_smaller_whole, kept_whole
from sdz.codec.worst import with_text_kept, with_worst_kept
from sdz.progress import attempt
from sdz.wish import PROMISED

ATTEMPTS = 5
"""At the most; photographs take two or three. Of some the score leaps by three points at a step."""
SHARES = (0.4, 0.6, 0.75, 0.85, 0.9)
"""Of the work that is done after each of them: a picture may still be kept whole."""
AIM = 0.7
"""Points over what is promised that is aimed at: a promise of 50 is not to end as 49.8, which has
another word. A point costs 4 % of the bytes; two attempts foretell a third to half a point."""
DEAR_QUALITY = 75.0
"""From here on latents of lite-1 cost more than they give: twice the bytes for 6 points."""

BEYOND_LATENTS = 75.5
"""No picture of Kodak's reached more by latents alone: nothing is tried."""

FINEST = 100.0
"""Quality: more than its score is not to be had of latents."""
LEAST_STEP = 0.05
"""Of quality, between two attempts."""

LEAST_APART = 1.0
"""Points between two attempts: nearer ones show no direction."""

_TYPICAL = (
    (1, 6, 12, 20, 30, 40, 50, 60, 75, 90, 120),
    (-59.5, -54.7, -45.9, -29.7, -4.8, 18.8, 37.4, 52.0, 64.6, 69.5, 90.0),
)
"""Qualities of lite-1, and their mean scores over the Kodak pictures: where a search begins. One
picture's curve is this one, moved along the qualities, by 8 for a photograph and 25 for a drawing.
Its end is that of pictures which score so much: others end at 67 to 75."""


def quality_for(score: float) -> float:
    """The quality that gives most photographs about this score."""
    return min(_typical(score), FINEST)


def _typical(score: float) -> float:
    qualities, scores = _TYPICAL
    return float(np.interp(score, scores, qualities))


def meet_look(source: Source, wanted: float, *, auto: bool) -> Draft:
    """The draft whose score is ``wanted``, or up to two points more.

    auto: regions may be kept: where the draft is far below, and all of the picture where latents do
    not reach so far, or cost clearly more.
    """
    if auto and wanted > BEYOND_LATENTS:
        whole = kept_whole(source, wanted, wanted + PROMISED)
        if whole is not None:
            return whole
    source, best, quality = _approached(source, wanted, auto=auto)
    if not auto:
        return best
    fails = best.report.score < wanted - (0 if quality == FINEST else PROMISED)
    share = 1.0 if fails else CLEARLY if quality > DEAR_QUALITY else FAR
    if not fails and not is_smaller_whole(source, wanted, share * best.size):
        return best
    whole = kept_whole(source, wanted, wanted + PROMISED)
    return best if whole is None or not (fails or whole.size < share * best.size) else whole


def _approached(source: Source, wanted: float, *, auto: bool) -> tuple[Source, Draft, float]:
    """(source with what is kept by name, the attempt that is nearest, its quality)."""
    quality = quality_for(wanted + PROMISED / 2)
    with attempt("coding and measuring", 0, SHARES[0]):
        first = code(source, source.code_for_quality(quality))
        if auto:
            source = with_text_kept(source, wanted, first.size)
            first = with_kept(source, first)
        named = source
        shown = show(source, first)
        judged = judge(source, first, shown)
        if auto:
            source, judged = with_worst_kept(source, judged, shown, wanted)
    tried = [(quality, judged.draft)]
    while not _is_met(_best(tried, wanted), wanted) and len(tried) < ATTEMPTS:
        quality = _next(tried, wanted + AIM)
        if any(abs(quality - before) < LEAST_STEP for before, _ in tried):
            break
        with attempt("coding and measuring", *SHARES[len(tried) - 1 : len(tried) + 1]):
            draft = measure(source, code(source, source.code_for_quality(quality)))
        tried.append((quality, draft))
    quality, best = _best(tried, wanted)
    return named, best, quality


Tried = tuple[float, Draft]


def _is_met(one: Tried, wanted: float) -> bool:
    return wanted <= one[1].report.score <= wanted + PROMISED


def _best(tried: list[Tried], wanted: float) -> Tried:
    """The one that is least above what is wanted, or, where all are below, the nearest."""
    return min(tried, key=lambda one: (one[1].report.score < wanted, _off(one, wanted)))


def _off(one: Tried, wanted: float) -> float:
    return abs(one[1].report.score - wanted)


def _nearest(tried: list[Tried], wanted: float) -> Tried:
    return min(tried, key=lambda one: _off(one, wanted))


def _next(tried: list[Tried], wanted: float) -> float:
    """The quality that is to be tried next: on the typical curve, moved to where the nearest
    attempt lies, or as much as those on both sides, or one and another, let expect."""
    below = max((one for one in tried if one[1].report.score < wanted), default=None, key=_quality)
    above = min((one for one in tried if one[1].report.score >= wanted), default=None, key=_quality)
    nearest = _nearest(tried, wanted)
    if below is not None and above is not None:
        wanted += _short(tried, wanted)
        nearest, rest = below, [above]
    else:
        rest = [one for one in tried if one is not nearest]
    score, move = _moved(nearest)
    if rest:
        other, its = _moved(_nearest(rest, wanted))
        if abs(score - other) > LEAST_APART:
            move += (its - move) * (wanted - score) / (other - score)
    return min(max(_typical(wanted) + move, 1.0), FINEST)


def _short(tried: list[Tried], wanted: float) -> float:
    """How far to aim beyond, the last attempts having fallen short on one side: what the last one
    is short of, then three times that. Where a picture's curve is flatter than the typical one,
    steps by that become ever smaller."""
    offs = [one[1].report.score - wanted for one in tried]
    runs = [len(list(run)) for _, run in groupby(offs, key=lambda off: off < 0)]
    return -offs[-1] * ((1 << runs[-1] - 1) - 1)


def _quality(one: Tried) -> float:
    return one[0]


def _moved(one: Tried) -> tuple[float, float]:
    """The score of an attempt, and how far from the typical curve its quality is."""
    return one[1].report.score, one[0] - _typical(one[1].report.score)
