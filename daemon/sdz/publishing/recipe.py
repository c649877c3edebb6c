"""What is made of each picture: a wish, and the widths it is offered at."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Final

from sdz.errors import BadOption
from sdz.wish import Wish

WIDTHS: Final = (480, 960, 1600)
"""Phones, tablets and small columns, screens."""

MOST_WIDTHS: Final = 8
WIDEST: Final = 16_383
"""Of a WebP, which stands for the JPEG where a picture has clear places."""

_WAY: Final = 1
"""Of making fallbacks; another number has all made anew."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """widths: rising. weights: those of the wish's model, so that another edition counts as a
    change. Raises BadOption."""

    wish: Wish
    widths: tuple[int, ...] = WIDTHS
    weights: str = ""

    def __post_init__(self) -> None:
        rising = all(a < b for a, b in zip(self.widths, self.widths[1:], strict=False))
        if not 1 <= len(self.widths) <= MOST_WIDTHS or not rising:
            raise BadOption("widths", f"1 to {MOST_WIDTHS} that rise", list(self.widths))
        if not 16 <= self.widths[0] <= self.widths[-1] <= WIDEST:
            raise BadOption("widths", f"16 to {WIDEST}", list(self.widths))

    @property
    def key(self) -> str:
        """A name that another recipe does not have."""
        facts = [_WAY, self.weights, self.wish.model, self.wish.facts(), self.widths]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]

    def widths_of(self, width: int) -> tuple[int, ...]:
        """The widths of a picture that is ``width`` wide: none is enlarged, and one that is
        narrower than the widest is offered as it is, too."""
        widest = min(width, self.widths[-1])
        return (*(one for one in self.widths if one < widest), widest)
