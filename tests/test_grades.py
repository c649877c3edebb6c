"""The words for scores, which are those of the viewer."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from sdz.grades import GRADES, SHADES, grade, in_words

VIEWER = Path(__file__).parents[1] / "extension" / "shared" / "fidelity.js"


@pytest.mark.parametrize(
    ("score", "name"),
    [
        *((100, "Excellent"), (90, "Excellent"), (89.99, "High"), (70, "High"), (50, "Good")),
        *((49.9, "Fair"), (30, "Fair"), (29.9, "Low"), (-40, "Low"), (math.nan, "Low")),
    ],
)
def test_a_score_has_a_name(score: float, name: str) -> None:
    assert grade(score).name == name


def test_a_score_in_words() -> None:
    assert in_words(68.14) == "68.1 (good)"
    assert in_words(-9.9) == "-9.9 (low)"
    assert in_words(49.97) == "50.0 (good)"


def test_the_viewers_map_has_the_same_colours() -> None:
    row = r"\[(-?\w+), \[(\d+), (\d+), (\d+)\], ([\d.]+)\]"
    text = VIEWER.with_name("scores.js").read_text(encoding="utf-8")
    theirs = [
        (float(least.replace("Infinity", "inf")), (int(r), int(g), int(b)), float(share))
        for least, r, g, b, share in re.findall(row, text)
    ]
    assert theirs == [(one.least, one.colour, one.share) for one in SHADES]


def test_the_viewer_says_the_same() -> None:
    row = r'from: (\S+), grade: "(\w+)", name: "(\w+)", about: "([^"]+)"'
    theirs = [
        (float(least.replace("Infinity", "inf")), *words)
        for least, *words in re.findall(row, VIEWER.read_text(encoding="utf-8"))
    ]
    ours = [(band.least, band.look, band.name, band.about) for band in GRADES]
    assert sorted(theirs) == sorted(ours)
