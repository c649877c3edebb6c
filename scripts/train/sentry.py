"""Goes back when a training leaves its path.

On a graphics card 1,280 steps pass between two looks at the log. One run at a learning rate of
1.5e-3 lost 3.5 dB between two looks (its mean loss rose by a quarter), and its gains were no
numbers 5,000 steps later. So every look compares the mean loss with the look before, keeps the
state where it is well, and otherwise puts the kept one back and halves the learning rate.
"""

from __future__ import annotations

import math

from flat import FlatParameters
from torch import Tensor

# The mean loss of 20,000 crops wanders by a hundredth, of 100 by a tenth.
_RISE, _RISE_OF_FEW = 0.10, 3.0


class Sentry:
    """Watches one training; ``cut`` is what its learning rate is to be multiplied by."""

    def __init__(self, flat: FlatParameters) -> None:
        self.flat = flat
        self.cut = 1.0
        self._last = math.inf
        self._kept: list[Tensor] = self._copy()

    def _copy(self) -> list[Tensor]:
        return [value.clone() for value in self.flat.memory()]

    def look(self, loss: float, crops: int) -> bool:
        """Whether all is well: ``loss`` is the mean over the last ``crops`` crops."""
        most = self._last * (1 + _RISE + _RISE_OF_FEW / math.sqrt(max(crops, 1)))
        if math.isfinite(loss) and loss <= most and self.flat.is_finite():
            self._last = loss
            self._kept = self._copy()
            return True
        self.flat.put_back(self._kept)
        self.cut /= 2
        return False
