"""Codes by a kernel that was built with sanitizers: ``python sanitized_run.py LIBRARY``.

Exits with 0 if neither good streams nor damaged ones made it touch what it may not.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from trained_arrays import statistics, symbols

from sdz.entropy.trained import choose_symbols, decode_symbols, encode_symbols
from sdz.entropy.trained import symbols as module
from sdz.entropy.trained.library import Kernel
from sdz.errors import FormatError

kernel = Kernel(Path(sys.argv[1]))
module.kernel = lambda: kernel  # type: ignore[assignment]
rng = np.random.default_rng(5)
tried = 0
for counts in ((12, 5, 3, 2, 24), (7, 7, 16, 1, 5), (6, 0, 2, 3, 30), (9, 4, 9, 4, 24)):
    known = statistics(*counts, seed=3)
    for shape in ((1, 1), (1, 40), (40, 1), (7, 9), (18, 35)):
        for variant in kernel.variants:
            q = symbols((counts[0], *shape), tried, 5.0)
            q.flat[:: q.size // 7 + 1] = rng.integers(-32768, 32767, q[..., 0].size, np.int16)[:1]
            code = int(rng.integers(0, 65536))
            blob = encode_symbols(q, known, code, variant=variant)
            assert np.array_equal(decode_symbols(blob, q.shape, known, code, variant=variant), q)
            choose_symbols(q + rng.random(q.shape), np.ones(len(q)), known, code, variant=variant)
            for _ in range(20):
                damaged = bytearray(blob[: rng.integers(0, len(blob) + 1)])
                if damaged:
                    damaged[rng.integers(0, len(damaged))] ^= 1 << int(rng.integers(0, 8))
                try:
                    decode_symbols(bytes(damaged), q.shape, known, code, variant=variant)
                except FormatError:
                    continue
            tried += 1
print(tried)
