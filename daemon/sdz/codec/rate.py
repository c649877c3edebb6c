"""Choosing the step code: by quality, by the size of the file, or by the score it must reach.

Searches only; what a file of some code weighs or scores is asked of the caller.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Generic, TypeVar

from sdz.errors import ScoreNotReached, TargetTooSmall

Result = TypeVar("Result")
CLOSE_ENOUGH = 0.995  # of the target: well inside the 2 % that are promised
MOST_TRIES = 18


class SizeSearch(Generic[Result]):
    """Finds the finest step code whose file fits into ``target`` bytes.

    ``attempt(code)`` gives (bytes, result). Sizes fall with the code, but not strictly: the
    rate-distortion decisions make them jump a little, so the best attempt is kept, not the last.
    """

    def __init__(
        self, target: int, attempt: Callable[[int], tuple[int, Result]], model: str
    ) -> None:
        self._target, self._attempt, self._model = target, attempt, model
        self._best: tuple[int, Result] | None = None

    def run(self, finest: int, coarsest: int) -> Result:
        """The result of the best code in finest..coarsest. Raises TargetTooSmall."""
        code = (finest + coarsest) // 2
        size = self._try(code)
        # From the middle outwards: the finest file of a large picture takes many times as long to
        # code as one near the target, and is seldom what is wanted.
        if size <= self._target:
            while size <= self._target:
                if code == finest:
                    return self._taken()
                coarse, coarse_size = code, size
                code = (
                    finest if code - finest < (coarsest - finest) // 4 else (2 * finest + code) // 3
                )
                size = self._try(code)
            fine, fine_size = code, size
        else:
            while size > self._target:
                if code == coarsest:
                    raise TargetTooSmall(self._target, size, self._model)
                fine, fine_size = code, size
                near = coarsest - code < (coarsest - finest) // 4
                code = coarsest if near else (2 * coarsest + code) // 3
                size = self._try(code)
            coarse, coarse_size = code, size
        for turn in range(MOST_TRIES):
            if coarse - fine <= 1 or self._best_size() >= CLOSE_ENOUGH * self._target:
                break
            code = self._between(fine, fine_size, coarse, coarse_size, turn)
            size = self._try(code)
            if size > self._target:
                fine, fine_size = code, size
            else:
                coarse, coarse_size = code, size
        return self._taken()

    def _between(self, fine: int, fine_size: int, coarse: int, coarse_size: int, turn: int) -> int:
        """The code where log(size), taken as a line, meets the target; every third time half-way,
        since a curved line would be closed in from one side only."""
        span = math.log(fine_size) - math.log(max(coarse_size, 1))
        share = 0.5
        if turn % 3 != 2 and span > 0:
            aim = math.log(self._target * (1 + CLOSE_ENOUGH) / 2)
            share = (math.log(fine_size) - aim) / span
        return min(max(round(fine + share * (coarse - fine)), fine + 1), coarse - 1)

    def _try(self, code: int) -> int:
        size, result = self._attempt(code)
        if size <= self._target and (self._best is None or size > self._best[0]):
            self._best = (size, result)
        return size

    def _best_size(self) -> int:
        return self._best[0] if self._best else 0

    def _taken(self) -> Result:
        assert self._best is not None  # both callers have seen a size that fits
        return self._best[1]


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
