"""What is left of the blocks: a loss on jumps where blocks of 8 pixels meet.

A squared error hardly sees a step of half a level in a sky, an eye does. At every block line the
jump of luma beyond the slopes on both sides is compared with the original's, and counts
for the more the smoother the original is there.
"""

from __future__ import annotations

from torch import Tensor

from sdz.codec.smooth_colour import luma

BLOCK = 8
_SMOOTH = 4e-6  # square of a step of luma, in units of 1: half a level of 255


def block_edges(decoded: Tensor, pixels: Tensor) -> Tensor:
    """[N, 3, H, W], sides multiples of 8 -> [N] in 0..1, 0 where no line is added."""
    a, b = luma(decoded), luma(pixels)
    return (_lines(a, b) + _lines(a.mT, b.mT)) / 2


def _lines(a: Tensor, b: Tensor) -> Tensor:
    """The same for the lines between columns of two [N, H, W]."""
    jump = _jumps(a) - _jumps(b)
    around = b.diff(dim=2).square()[..., BLOCK - 3 :].unfold(2, 5, BLOCK).mean(-1)
    jump = jump.square()
    return (jump / (jump + around + _SMOOTH)).mean((1, 2))


def _jumps(x: Tensor) -> Tensor:
    """The step across each line less the mean of the steps beside it: [N, H, lines]."""
    steps = x.diff(dim=2)  # steps[i] is x[i + 1] - x[i]; the lines are at 7, 15, ...
    across = steps[..., BLOCK - 1 :: BLOCK]
    before = steps[..., BLOCK - 2 :: BLOCK][..., : across.shape[2]]
    after = steps[..., BLOCK::BLOCK][..., : across.shape[2]]
    return across - (before + after) / 2
