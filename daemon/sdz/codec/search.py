"""High effort: a draft that serves its wish better, by latents that are searched for.

``refine`` searches, at one step code; here is where it begins, and what of it is kept.
"""

from __future__ import annotations

from dataclasses import replace

from sdz.codec.autoencoder import Autoencoder, Searchable, Whole
from sdz.codec.draft import Draft, code, measure
from sdz.codec.source import Source
from sdz.codec.whole import is_mostly_kept
from sdz.codec.wishes import finest_within, fit
from sdz.errors import TargetTooSmall
from sdz.wish import Wish, cannot_search

COARSER = (1024, 512, 256)
"""Step codes by which a search for a score gets coarser, one after the other where the last still
reached it: together nearly half a trained rate of lite-1, and a sixth of the bytes."""
NO_WORSE = 0.5
"""Points that a search for fewer bytes at the same look may lose."""
FIRST_AIM = 0.96
"""Of the bytes wished for, where a search for a size begins: files grow by -5 to 7 % in it."""
GOOD_AIM = 0.97
"""Of the bytes wished for: a search that ends between this and all of them began rightly."""


def searchable(model: Autoencoder) -> Searchable:
    """The model, if latents can be searched for with it. Raises BadOption."""
    if isinstance(model, Whole):
        return model.searchable()
    if not isinstance(model, Searchable):
        raise cannot_search(model.name)
    return model


def improve(best: Draft, source: Source, model: Searchable, wish: Wish) -> Draft:
    """What serves ``wish`` better than ``best`` after a search, or ``best`` itself.

    model: that of ``source``, in floats. The latents of ``source`` are the network's own.
    """
    if is_mostly_kept(source, best):  # its latents are but a preview
        return best
    regions = best.kept.regions if best.kept is not None else ()
    source = replace(source, alpha=best.alpha, regions=regions)
    if wish.target_bytes is not None:
        return _fitted(best, source, model, wish.target_bytes)
    if wish.min_score is not None:
        return _smaller(best, source, model, wish.min_score)
    if wish.look is not None:
        least = max(best.report.score - NO_WORSE, wish.look)
        return _smaller(best, source, model, min(least, best.report.score))
    found = _searched(source, model, best.coded.code)
    better = found.report.score > best.report.score
    return found if better or found.coded.size < best.coded.size else best


def _smaller(best: Draft, source: Source, model: Searchable, wanted: float) -> Draft:
    """The smallest that scores ``wanted``, of those searched for at coarser and coarser steps."""
    for stride in COARSER:
        found = _searched(source, model, best.coded.code + stride)
        if found.report.score >= wanted and found.coded.size < best.coded.size:
            best = found
    return best


def _fitted(best: Draft, source: Source, model: Searchable, target: int) -> Draft:
    """The best file of at most ``target`` bytes, of those searched for at two steps at most.

    What was searched for at one step is little use at another, and at the step where it began
    it takes more bytes than before, how many depends on the picture: so the first search
    begins with a smaller file, and the second where the first one says that it should.
    """
    aim = target * FIRST_AIM
    for _ in range(2):
        source = replace(source, alpha=best.alpha)
        try:
            start = finest_within(source, round(aim))
            refined = _refined(source, model, start)
            grown = code(refined, start.coded.code).size
            found = measure(refined, fit(refined, target), target)
        except TargetTooSmall:
            break
        if found.report.score > best.report.score:
            best = found
        if GOOD_AIM * target <= grown <= target:
            break
        aim *= target * (1 + GOOD_AIM) / 2 / grown
    return best


def _searched(source: Source, model: Searchable, step: int) -> Draft:
    """The latents of ``source`` searched from and coded at one step code, measured."""
    refined = _refined(source, model, code(source, step))
    return measure(refined, code(refined, step))


def _refined(source: Source, model: Searchable, start: Draft) -> Source:
    """``source`` with the latents that a search finds from where ``start`` is."""
    from sdz.codec.refine import refine  # which needs torch, as nothing else about encoding does

    found = refine(source.latents, source.picture.rgb, model, source.header, start.coded)
    return replace(source, latents=found)
