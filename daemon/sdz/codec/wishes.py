"""What a wish asks for, of the latents there are: a quality, a size, or a score."""

from __future__ import annotations

from itertools import count

from sdz.codec.draft import Draft, code, measure
from sdz.codec.rate import search_score, search_size
from sdz.codec.source import Source
from sdz.errors import ScoreNotReached, TargetTooSmall
from sdz.progress import attempt as told_attempt
from sdz.progress import part
from sdz.wish import PRESETS, Wish

FINEST_QUALITY, COARSEST_QUALITY = 100.0, 1.0
LEAST_SHARE = 0.98  # of the bytes that were wished for
LENIENCIES = (0.8, 0.65, 0.5)
HALVINGS = 8  # of 100 qualities, and the finest first


def quality_of(wish: Wish) -> float:
    """The quality (1..100) that is wished for, or that of the preset standard."""
    return PRESETS["standard"] if wish.quality is None else wish.quality


def meet(source: Source, wish: Wish) -> Draft:
    """The draft that is wished for, measured. Raises TargetTooSmall, ScoreNotReached."""
    if wish.target_bytes is not None:
        with part("", 0, 0.8):
            draft = fit(source, wish.target_bytes)
        with part("measuring", 0.8, 1):
            return measure(source, draft)
    if wish.min_score is not None:
        return reach(source, wish.min_score)
    with part("coding", 0, 0.3):
        draft = code(source, source.code_for_quality(quality_of(wish)))
    with part("measuring", 0.3, 1):
        return measure(source, draft)


def fit(source: Source, target: int) -> Draft:
    """The finest latents in a file of at most ``target`` bytes; where even the finest leave room,
    alpha gets all its levels. Raises TargetTooSmall."""
    draft = finest_within(source, target)
    finest = source.code_for_quality(FINEST_QUALITY)
    # Decisions depend on each other: a few bytes finer, a whole region may come alive at once.
    # Where a small file leaps over the target so, valuing errors less makes other sizes.
    for leniency in LENIENCIES:
        if draft.coded.code == finest or draft.size >= LEAST_SHARE * target:
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


def reach(source: Source, wanted: float) -> Draft:
    """The coarsest latents that score ``wanted``, with all levels of alpha if it takes them.

    Raises ScoreNotReached.
    """
    try:
        return _coarsest_reaching(source, wanted)
    except ScoreNotReached:
        finer = source.with_all_alpha()
        if finer is None:
            raise
    return _coarsest_reaching(finer, wanted)


def _coarsest_reaching(source: Source, wanted: float) -> Draft:
    tries = count()

    def attempt(step: int) -> tuple[float, Draft]:
        number = next(tries)
        with told_attempt("coding and measuring", number / HALVINGS, (number + 1) / HALVINGS):
            draft = measure(source, code(source, step))
        return draft.report.score, draft

    return search_score(wanted, attempt, source.code_for_quality, source.model.name)
