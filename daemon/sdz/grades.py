"""A score in words: what a SSIMULACRA2 of a decoded picture means to who looks at it.

The words of the viewer (``extension/shared/fidelity.js``), so that a picture is called the same
everywhere; tests hold the two together. The anchors are those of the metric's author: 90 cannot be
told apart side by side, 70 is high quality, 50 medium, 30 low.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Grade:
    """What scores from ``least`` on are called, and what that means.

    look: the word for programs that colour it: fine, good, fair or poor.
    """

    least: float
    look: str
    name: str
    about: str


GRADES: Final = (
    Grade(90, "fine", "Excellent", "Hard to tell from the source even side by side."),
    Grade(70, "fine", "High", "Differences show only side by side."),
    Grade(50, "good", "Good", "Differences can be found by looking for them."),
    Grade(30, "fair", "Fair", "Differences are visible: texture is smoother or other than it was."),
    Grade(-math.inf, "poor", "Low", "The scene is kept; much of its detail is not."),
)
"""Best first."""


@dataclass(frozen=True, slots=True)
class Shade:
    """What lies over the parts of a picture whose local score is ``least`` or more, where a map of
    scores is shown: a colour (red, green, blue), and how much of it."""

    least: float
    colour: tuple[int, int, int]
    share: float


SHADES: Final = (
    Shade(70, (0, 0, 0), 0.0),
    Shade(50, (250, 204, 21), 0.25),
    Shade(30, (249, 115, 22), 0.45),
    Shade(-math.inf, (220, 38, 38), 0.6),
)
"""Best first."""


def grade(score: float) -> Grade:
    """What a score is called (100 is identical, below 0 is possible); no number at all: Low."""
    return next((band for band in GRADES if score >= band.least), GRADES[-1])


def in_words(score: float) -> str:
    """A score for people: ``68.1 (good)``. The word is that of the figure that is shown."""
    return f"{score:.1f} ({grade(round(score, 1)).name.lower()})"
