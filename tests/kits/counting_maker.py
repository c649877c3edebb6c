"""A maker that works in this process and counts."""

from __future__ import annotations

from sdz import encode
from sdz.making.maker import Made
from sdz.wish import Wish


class CountingMaker:
    """made: how many pictures so far."""

    def __init__(self) -> None:
        self.made = 0

    def make(self, data: bytes, wish: Wish) -> Made:
        self.made += 1
        return Made(encode(data, quality=wish.quality, keep_metadata=wish.keep_metadata))
