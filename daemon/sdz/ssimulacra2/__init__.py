"""SSIMULACRA2 of two pictures by a small C library: whole, of the worst region, of every cell.

    original = Original(rgb)          # uint8 [H, W, 3], any size from 1x1
    found = original.compare(other)
    found.whole, found.worst          # 100 is identical
    found.by_cell()                   # [rows, columns] of 32x32 pixels

Stands on numpy, ``stopping`` and ``errors``. The sums that scores are made of are the same on every
machine and by any number of threads; scores are powers of them, which may differ in their last
digits.
"""

from sdz.ssimulacra2.original import Original
from sdz.ssimulacra2.regions import Comparison

__all__ = ["Comparison", "Original"]
