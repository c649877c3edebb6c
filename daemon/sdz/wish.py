"""What is asked of an encoder: one frozen value, on its whole way from a command line to the codec.

It stands above no floor but that of errors: it needs neither numpy nor torch, and no picture.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, InitVar, asdict, dataclass
from typing import Any, Literal, get_args

from sdz.errors import BadOption

PRESETS = {"tiny": 20.0, "small": 33.0, "standard": 50.0, "fine": 75.0}
"""Preset names and their qualities."""

Effort = Literal["normal", "high"]
"""How hard an encoder may try; see ``Wish``."""
EFFORTS = get_args(Effort)
EFFORT_HELP = "high: better for its bytes, for some sixteen times the time; lite-1 alone can"

HIGH_EFFORT_TIMES = 20
"""How many times as long an answer may take at high effort: a search for a score takes longest."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A model by its name; one of ``quality`` (1 to 100), ``preset``, ``target_bytes`` and
    ``min_score``, where none means preset standard; and what else counts.

    preset: a quality by its name, and kept as that. target_bytes: the whole file's size, never
    exceeded, met within 2 %. min_score: the least SSIMULACRA2 the decoded picture must reach (100
    is identical, 90 cannot be told apart, 70 is high, 50 medium). allow_larger: keep a file that is
    not smaller than its source. effort: high searches for latents that decode better, for some
    sixteen times the time; lite-1 alone can.

    Raises BadOption for what cannot be wished for.
    """

    model: str = "lite-1"
    _: KW_ONLY
    preset: InitVar[str | None] = None
    quality: float | None = None
    target_bytes: int | None = None
    min_score: float | None = None
    keep_metadata: bool = False
    keep_location: bool = False
    allow_larger: bool = False
    effort: str = "normal"

    def __post_init__(self, preset: str | None) -> None:
        if preset is not None:
            if self.quality is not None:
                raise BadOption("quality and preset", "one of them", "both")
            object.__setattr__(self, "quality", quality_of(preset))
        wishes = [self.quality, self.target_bytes, self.min_score]
        if sum(wish is not None for wish in wishes) > 1:
            raise BadOption("quality, target bytes and min score", "one of them", "several")
        if self.quality is not None and not 1 <= self.quality <= 100:
            raise BadOption("quality", "1 to 100", self.quality)
        if self.target_bytes is not None and self.target_bytes < 1:
            raise BadOption("target bytes", "at least 1", self.target_bytes)
        if self.min_score is not None and not self.min_score <= 100:
            raise BadOption("min score", "at most 100", self.min_score)
        if self.effort not in EFFORTS:
            raise BadOption("effort", " or ".join(EFFORTS), repr(self.effort))

    def facts(self) -> dict[str, Any]:
        """All that is wished for but the model, for names of wishes. Normal effort is left out, so
        that the names of before there was a choice stay as they were."""
        found = asdict(self)
        del found["model"]
        if self.effort == "normal":
            del found["effort"]
        return found


def quality_of(preset: str) -> float:
    """The quality of a preset's name. Raises BadOption for a name that is none."""
    if preset not in PRESETS:
        raise BadOption("preset", " or ".join(PRESETS), repr(preset))
    return PRESETS[preset]


def cannot_search(model: str) -> BadOption:
    """What high effort by a model is told that is not ``Searchable``, as only lite-1 is."""
    return BadOption("effort", f"normal with {model}: it cannot be searched", "high")
