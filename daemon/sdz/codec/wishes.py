"""What a wish asks for, of the latents there are: a look, a quality, a size, or a score."""

from __future__ import annotations

from itertools import count

from sdz.codec.draft import Draft, code, judge, measure, show
from sdz.codec.kept.hand import by_hand
from sdz.codec.looks import BEYOND_LATENTS, DEAR_QUALITY, meet_look, quality_for
from sdz.codec.rate import search_score, search_size
from sdz.codec.score_map import reserve_for
from sdz.codec.source import Source
from sdz.codec.whole import CLEARLY, kept_whole, says_what_serves_better, whole_within
from sdz.codec.worst import with_text_kept, with_worst_kept
from sdz.errors import ScoreNotReached, TargetTooSmall
from sdz.keeping import keeping_of
from sdz.progress import attempt as told_attempt
from sdz.progress import part
from sdz.wish import Wish

FINEST_QUALITY, COARSEST_QUALITY = 100.0, 1.0
LEAST_SHARE = 0.98  # of the bytes that were wished for
LENIENCIES = (0.8, 0.65, 0.5)
HALVINGS = 8  # of 100 qualities, and the finest first
TEXT_SHARE = 0.25
"""Of a file of a given size that text may take which was not asked for."""
PIXELS_A_BYTE = 20
"""As many bytes may text take where a score is wished for: about those of the latents."""
FEWER = (3.0, 6.0)
"""Qualities by which the latents may be coarser once regions are kept."""


def quality_of(wish: Wish) -> float:
    """The quality (1..100) that is wished for, or about that of the look."""
    if wish.quality is not None:
        return wish.quality
    return quality_for(wish.look if wish.look is not None else 50.0)


def meet(source: Source, wish: Wish) -> Draft:
    """The draft that is wished for, measured. Raises TargetTooSmall, ScoreNotReached, BadOption."""
    keeping = keeping_of(wish.keep)
    source = by_hand(source, keeping)
    if wish.target_bytes is not None:
        draft = _within(source, wish.target_bytes, auto=keeping.auto)
    elif wish.min_score is not None:
        draft = reach(source, wish.min_score, auto=keeping.auto)
    elif wish.look is not None:
        draft = meet_look(source, wish.look, auto=keeping.auto)
    else:
        with part("coding", 0, 0.3):
            draft = code(source, source.code_for_quality(quality_of(wish)))
        with part("measuring", 0.3, 1):
            draft = measure(source, draft)
    return says_what_serves_better(source, draft)


# --- a size -------------------------------------------------------------------------------------


def _within(source: Source, target: int, *, auto: bool) -> Draft:
    """The best draft of at most ``target`` bytes: of latents alone, with regions where they are
    worst, or all of it kept."""
    if auto:
        source = with_text_kept(source, 100, round(TEXT_SHARE * target))
    with part("", 0, 0.6):
        draft = fit(source, target)
    with part("measuring", 0.6, 0.7):
        shown = show(source, draft)
        judged = judge(source, draft, shown, target)
    best = judged.draft
    if auto:
        with part("coding", 0.7, 1):
            kept, _ = with_worst_kept(source, judged, shown, best.report.score)
            if kept is not source:
                best = _better(best, _fitted(kept, target))
            if draft.coded.code < source.code_for_quality(DEAR_QUALITY):
                best = _better(best, whole_within(source, target))
    return best


def _fitted(source: Source, target: int) -> Draft | None:
    try:
        return measure(source, fit(source, target), target)
    except TargetTooSmall:
        return None


def _better(best: Draft, other: Draft | None) -> Draft:
    return best if other is None or other.report.score <= best.report.score else other


def fit(source: Source, target: int) -> Draft:
    """The finest latents in a file of at most ``target`` bytes; where even the finest leave room,
    alpha gets all its levels. Raises TargetTooSmall."""
    least = LEAST_SHARE * target
    target -= reserve_for(source.picture.height, source.picture.width, target)
    draft = finest_within(source, target)
    finest = source.code_for_quality(FINEST_QUALITY)
    # Decisions depend on each other: a few bytes finer, a whole region may come alive at once.
    # Where a small file leaps over the target so, valuing errors less makes other sizes.
    for leniency in LENIENCIES:
        if draft.coded.code == finest or draft.size >= least:
            break
        lenient = finest_within(source, target, leniency)
        draft = max(draft, lenient, key=lambda one: one.size)
    finer = source.with_all_alpha() if draft.coded.code == finest else None
    if finer is not None:
        try:
            return finest_within(finer, target)
        except TargetTooSmall:  # an alpha that alone takes more than the latents
            pass
    return draft


def finest_within(source: Source, target: int, leniency: float = 1.0) -> Draft:
    """The finest latents in a file of at most ``target`` bytes. Raises TargetTooSmall."""

    tries = count()

    def attempt(step: int) -> tuple[int, Draft]:
        number = next(tries)
        # How many it takes shows at the end, and is four to nine: each is a fifth of what is left.
        with told_attempt("coding", 1 - 0.8**number, 1 - 0.8 ** (number + 1)):
            draft = code(source, step, leniency)
        return draft.size, draft

    finest, coarsest = map(source.code_for_quality, (FINEST_QUALITY, COARSEST_QUALITY))
    return search_size(target, attempt, finest, coarsest, source.model.name)


# --- a score ------------------------------------------------------------------------------------


def reach(source: Source, wanted: float, *, auto: bool) -> Draft:
    """The smallest draft found that scores ``wanted``, with all levels of alpha if it takes them:
    of latents alone, with regions where they are worst, or all of it kept.

    Raises ScoreNotReached.
    """
    if auto:
        pixels = source.picture.width * source.picture.height
        source = with_text_kept(source, wanted, pixels // PIXELS_A_BYTE)
    if auto and wanted > BEYOND_LATENTS:
        whole = kept_whole(source.with_all_alpha() or source, wanted)
        if whole is not None:
            return whole
    refused: ScoreNotReached | None = None
    best: Draft | None = None
    for one in (source, source.with_all_alpha()):
        if one is None or best is not None:
            continue
        try:
            best = _coarsest_reaching(one, wanted)
            source = one
        except ScoreNotReached as error:
            refused = error
    if best is not None and auto:
        best = _with_regions(source, best, wanted)
    dear = best is None or best.coded.code < source.code_for_quality(DEAR_QUALITY)
    if auto and dear:
        whole = kept_whole(source.with_all_alpha() or source, wanted)
        if whole is not None and (best is None or whole.size < CLEARLY * best.size):
            best = whole
    if best is None:
        assert refused is not None
        raise refused
    return best


def _with_regions(source: Source, best: Draft, wanted: float) -> Draft:
    """A smaller draft of coarser latents with regions where they are worst, if there is one."""
    shown = show(source, best)
    kept, _ = with_worst_kept(source, judge(source, best, shown), shown, wanted)
    if kept is source:
        return best
    step = (source.code_for_quality(1) - source.code_for_quality(100)) / 99
    for fewer in FEWER:
        draft = measure(kept, code(kept, round(best.coded.code + fewer * step)))
        if draft.report.score >= wanted and draft.size < best.size:
            best = draft
    return best


def _coarsest_reaching(source: Source, wanted: float) -> Draft:
    tries = count()

    def attempt(step: int) -> tuple[float, Draft]:
        number = next(tries)
        with told_attempt("coding and measuring", number / HALVINGS, (number + 1) / HALVINGS):
            draft = measure(source, code(source, step))
        return draft.report.score, draft

    return search_score(wanted, attempt, source.code_for_quality, source.model.name)
