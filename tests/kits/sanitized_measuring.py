"""Measures by a library built with sanitizers: ``python sanitized_measuring.py LIBRARY [N]``.

N pictures of random sizes; exits with 0 if none made it touch what it may not.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from sdz.ssimulacra2 import Original, original, running
from sdz.ssimulacra2.library import Library

library = Library(Path(sys.argv[1]))
original.library = lambda: library  # type: ignore[assignment]
running.PIXELS_EACH = 1000  # several threads for small pictures, too
rng = np.random.default_rng(5)
sizes = [(1, 1), (8, 8), (9, 300), (300, 9), (128, 128), (129, 257), (1, 300), (300, 1)]
sizes += [tuple(rng.integers(1, 301, 2)) for _ in range(int(sys.argv[2]) if sys.argv[2:] else 12)]
for height, width in sizes:
    a, b = rng.integers(0, 256, (2, height, width, 3), dtype=np.uint8)
    found = set()
    for kept_bytes in (0, 1 << 30):
        for held_level in (0, 200, 1 << 21):
            reference = Original(a, kept_bytes=kept_bytes, held_level=held_level)
            for threads in (1, 3):
                compared = reference.compare(b, threads=threads)
                found.add((compared.whole, compared.worst))
    assert len(found) == 1, (height, width, found)
print(len(sizes), "sizes")
