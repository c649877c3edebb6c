"""Finding a codec's setting whose file is nearest to a wanted size."""

from __future__ import annotations

import math
from collections.abc import Callable


def closest(size: Callable[[int], int], low: int, high: int, target: int, guess: int) -> int:
    """The setting in low..high whose ``size`` is nearest to ``target`` in ratio.

    ``size`` should rise with the setting; it is asked as seldom as that allows, starting at
    ``guess``, since some encoders take a second.
    """
    seen: dict[int, int] = {}
    under, over = low - 1, high + 1  # the bracket; outside of low..high: not yet seen
    at, step = min(max(guess, low), high), 6
    while under + 1 < over:
        seen[at] = size(at)
        if seen[at] > target:
            over = at
        else:
            under = at
        if under in seen and over in seen:
            share = math.log(target / seen[under]) / math.log(seen[over] / seen[under])
            at = min(max(round(under + share * (over - under)), under + 1), over - 1)
        elif over in seen:
            at, step = max(over - step, low), 2 * step
        else:
            at, step = min(under + step, high), 2 * step
    return min(seen, key=lambda setting: abs(math.log(seen[setting] / target)))
