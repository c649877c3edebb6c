"""Choosing the step code: by quality, by the size of the file, or by the score it must reach.

Searches only; what a file of some code weighs or scores is asked of the caller.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

from sdz.errors import ScoreNotReached, TargetTooSmall

Result = TypeVar("Result")
CLOSE_ENOUGH = 0.995  # of the target: well inside the 2 % that are promised
MOST_TRIES = 18


def search_size(
    target: int,
    attempt: Callable[[int], tuple[int, Result]],
    finest: int,
    coarsest: int,
    model: str,
) -> Result:
    """The result of the finest code in finest..coarsest whose file has at most ``target`` bytes.

    ``attempt(code)`` gives (bytes, result). Sizes fall with the code, but not strictly: the
    rate-distortion decisions make them jump a little, so the best attempt is kept, not the last.
    Raises TargetTooSmall.
    """
    code = (finest + coarsest) // 2
    size, result = attempt(code)
    best = _larger(None, (size, result), target)
    # From the middle outwards: the finest file of a large picture takes many times as long to
    # code as one near the target, and is seldom what is wanted.
    fits = size <= target
    end = finest if fits else coarsest
    while (size <= target) == fits:
        if code == end:
            if best is None:
                raise TargetTooSmall(target, size, model)
            return best[1]
        before = code, size
        near = abs(end - code) < (coarsest - finest) // 4
        code = end if near else (2 * end + code) // 3
        size, result = attempt(code)
        best = _larger(best, (size, result), target)
    fine, coarse = ((code, size), before) if fits else (before, (code, size))
    assert best is not None  # one of the two fits
    for turn in range(MOST_TRIES):
        if coarse[0] - fine[0] <= 1 or best[0] >= CLOSE_ENOUGH * target:
            break
        code = _between(fine, coarse, target, turn)
        size, result = attempt(code)
        best = _larger(best, (size, result), target) or best
        if size > target:
            fine = code, size
        else:
            coarse = code, size
    return best[1]


def _larger(
    best: tuple[int, Result] | None, tried: tuple[int, Result], target: int
) -> tuple[int, Result] | None:
    """The larger of two attempts, if it has at most ``target`` bytes."""
    return tried if (best[0] if best else -1) < tried[0] <= target else best


def _between(fine: tuple[int, int], coarse: tuple[int, int], target: int, turn: int) -> int:
    """The code where log(size), taken as a line between two (code, size), meets the target.

    Every third time half-way, since a curved line would be closed in from one side only.
    """
    (fine_code, fine_size), (coarse_code, coarse_size) = fine, coarse
    span = math.log(fine_size) - math.log(max(coarse_size, 1))
    share = 0.5
    if turn % 3 != 2 and span > 0:
        aim = math.log(target * (1 + CLOSE_ENOUGH) / 2)
        share = (math.log(fine_size) - aim) / span
    code = round(fine_code + share * (coarse_code - fine_code))
    return min(max(code, fine_code + 1), coarse_code - 1)


def search_score(
    wanted: float,
    attempt: Callable[[int], tuple[float, Result]],
    code_for_quality: Callable[[float], int],
    model: str,
) -> Result:
    """The result of the lowest quality 1..100 that scores at least ``wanted``.

    ``attempt(code)`` gives (score, result). Halves the range of qualities; where the score does
    not rise everywhere, some quality that reaches it is found, and what is handed out does.
    Raises ScoreNotReached when not even quality 100 does.
    """
    best, result = attempt(code_for_quality(100))
    if best < wanted:
        raise ScoreNotReached(wanted, best, model)
    low, high = 1, 100
    while low < high:
        middle = (low + high) // 2
        score, tried = attempt(code_for_quality(middle))
        if score >= wanted:
            high, result = middle, tried
        else:
            low = middle + 1
    return result
