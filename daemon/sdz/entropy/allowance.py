"""How much work a stream may ask for, by the bytes it has: few bytes can promise hours.

allowance = Allowance.of(len(stream))
with allowing(allowance):
    decode_symbols(...)     # ends with TooMuchWork once it has taken that

Work is counted in steps of about 5 ns by what is decoded, not by a clock: the same file is read, or
refused, on every machine. docs/format.md, "Limits", says what a symbol counts.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from sdz.errors import TooMuchWork

LEAST_STEPS: Final = 330_000_000
"""What any file may ask for: 1.9 s at 5.6 ns, as the loudest take. A mask of 268 megapixels takes
270 million; a page of 150 with a dot in each of its 64 groups, at quality 95, 311."""
LEAST_BYTES: Final = 1 << 16
"""What has more bytes than these may ask for more."""
STEPS_PER_BYTE: Final = 10_000
"""By each further byte: 50 us. Photographs take 2.2 us, and the most that was found of honest files
of that size is 24, of 4 dots in each of 64 groups."""


class Allowance:
    """Steps that all who share it may take together, from any thread."""

    def __init__(self, stored: int, steps: int) -> None:
        self.stored, self.steps = stored, steps
        self._left = ctypes.c_int64(steps)
        self._lock = threading.Lock()

    @classmethod
    def of(cls, stored: int) -> Allowance:
        """That of a file with so many bytes in its streams."""
        return cls(stored, LEAST_STEPS + STEPS_PER_BYTE * max(0, stored - LEAST_BYTES))

    @property
    def address(self) -> int:
        """Where what is left of it lies, for a library to count down, while this object lives."""
        return ctypes.addressof(self._left)

    @property
    def left(self) -> int:
        """Steps that may still be taken."""
        return self._left.value

    def take(self, steps: int) -> None:
        """Take so many before they are done. Raises TooMuchWork where there are no more."""
        with self._lock:
            self._left.value -= steps
            if self._left.value < 0:
                raise self.exceeded()

    def exceeded(self) -> TooMuchWork:
        """The error of a stream that asks for more."""
        return TooMuchWork(self.stored, self.steps)


_ALLOWED: ContextVar[Allowance | None] = ContextVar("allowed", default=None)


def allowed() -> Allowance | None:
    """What this thread's decoding may take; None: as much as it likes."""
    return _ALLOWED.get()


@contextmanager
def allowing(allowance: Allowance | None) -> Iterator[None]:
    """Let what this thread decodes within the block take no more than ``allowance``."""
    token = _ALLOWED.set(allowance)
    try:
        yield
    finally:
        _ALLOWED.reset(token)
