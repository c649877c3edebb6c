"""What is asked of an encoder: one frozen value, on its whole way from a command line to the codec.

Every field has one row, which says what it may be, the words for it, and where it can be asked for.
The words of the command line, the query of ``/v1/encode``, the body of a watch, Pillow's options,
the engine's frames and the names of wishes are made of the rows; a new field takes its row and the
place in the codec that acts on it. Needs neither numpy nor torch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any, Final, get_args, get_type_hints

from sdz.errors import BadOption
from sdz.keeping import PATTERN as KEEP_PATTERN
from sdz.keeping import keeping_of

PRESETS: Final = {"tiny": 10.0, "small": 30.0, "standard": 50.0, "fine": 65.0, "near": 80.0}
"""Preset names and the scores (SSIMULACRA2) that they promise, up to two points more."""
PROMISED: Final = 2.0
"""Points by which a picture may be over the score of its preset; under it its word is another."""

HIGH_EFFORT_TIMES: Final = 20
"""How many times as long an answer may take at high effort: a search for a score takes longest."""

_NAMED_BY_ALL: Final = (
    "quality",
    "target_bytes",
    "min_score",
    "keep_metadata",
    "keep_location",
    "allow_larger",
)
"""What is in the name of every wish. What came later is in it where it is asked for alone, so that
the names that journals and manifests have stay as they are."""


@dataclass(frozen=True, slots=True)
class Row:
    """A field of a wish; its name and kind (bool, int, float or str) are those of the field.

    about: words for the API; help: for the command line, where metavar stands for a value.
    watch_about, watch_help: those for a watched folder; empty: the same, None: none. choices: what
    a str may be, pattern: what a name is like, rule: what raises BadOption for what it is not. low,
    high: bounds; ``sent``: those for programs far away, where these leave a side open. goal: one of
    those of which there may be one. size: a number of bytes, which people write as 20KB. watched,
    saved: whether a watched folder, and Pillow, can be asked for it. watch_default: where that is
    another one in a watched folder, whose originals may end in the trash.
    """

    default: Any
    about: str
    help: str = ""
    _: KW_ONLY
    watch_about: str = ""
    watch_help: str | None = ""
    choices: tuple[str, ...] = ()
    pattern: str = ""
    low: float = -math.inf
    high: float = math.inf
    sent: tuple[float, float] | None = None
    rule: Callable[[Any], object] | None = None
    metavar: str | None = None
    goal: bool = False
    size: bool = False
    watched: bool = True
    watch_default: Any = None
    saved: bool = True
    name: str = ""
    kind: type = object

    @property
    def words(self) -> str:
        """The name in words for people."""
        return self.name.replace("_", " ")

    @property
    def is_number(self) -> bool:
        """Whether it is an int or a float."""
        return self.kind in (int, float)

    def unasked(self, *, watched: bool) -> Any:
        """The value where nothing is said."""
        return self.watch_default if watched and self.watch_default is not None else self.default

    def check(self, value: Any) -> None:
        """Raise BadOption for a value that may not be."""
        if value is None and self.default is None:
            return
        if self.choices and value not in self.choices:
            raise BadOption(self.words, " or ".join(self.choices), repr(value))
        if self.rule is not None:
            self.rule(value)
        if self.is_number and not self.low <= value <= self.high:
            raise BadOption(self.words, self._range(), value)

    def _range(self) -> str:
        if self.high == math.inf:
            return f"at least {self.low:g}"
        if self.low == -math.inf:
            return f"at most {self.high:g}"
        return f"{self.low:g} to {self.high:g}"


def _row(*words: Any, **rules: Any) -> Any:
    row = Row(*words, **rules)
    return field(default=row.default, metadata={"row": row})


@dataclass(frozen=True, slots=True)
class Wish:
    """A model by its name; one of ``quality`` (1 to 100), ``preset``, ``target_bytes`` and
    ``min_score``, where none means preset standard; and what else counts.

    preset: a score by its name, or up to two points more, whatever the picture. target_bytes: the
    whole file's size, never exceeded, met within 2 %. min_score: the least SSIMULACRA2 the decoded
    picture must reach (100 is identical, 90 cannot be told apart, 70 is high, 50 medium). keep:
    regions that are kept as they are, see ``sdz.keeping``. allow_larger: keep a file that is not
    smaller than its source. effort: high searches for latents that decode better, for some fifty
    times the time; lite-1 alone can. only: which files are taken.

    Raises BadOption for what cannot be wished for.
    """

    model: str = _row(
        "lite-1",
        "name of the autoencoder",
        "autoencoder (default: lite-1)",
        pattern=r"[a-z0-9_-][a-z0-9._-]{0,31}",
    )
    _: KW_ONLY
    preset: str | None = _row(
        None,
        "a look by name: tiny, small, standard, fine, near score 10, 30, 50, 65, 80",
        "tiny, small, standard, fine or near: SSIMULACRA2 of 10, 30, 50, 65 or 80, or up to two "
        "points more (default: standard)",
        choices=tuple(PRESETS),
        goal=True,
    )
    quality: float | None = _row(
        None,
        "1 to 100",
        "1 smallest, 100 finest: the same steps for every picture",
        watch_help=None,
        low=1,
        high=100,
        metavar="1..100",
        goal=True,
    )
    target_bytes: int | None = _row(
        None,
        "largest size of the file",
        "largest size of the file, such as 20000 or 20KB; met within 2 %%",
        watch_about="largest size of a file",
        watch_help="largest size of each file, such as 20000 or 20KB",
        low=1,
        sent=(1, 2**40),
        metavar="SIZE",
        size=True,
        goal=True,
    )
    min_score: float | None = _row(
        None,
        "least SSIMULACRA2",
        "least SSIMULACRA2 (90 cannot be told apart)",
        high=100,
        sent=(-1000, 100),
        metavar="S",
        goal=True,
    )
    effort: str = _row(
        "normal",
        "high: better for its bytes, for some fifty times the time; lite-1 alone can",
        choices=("normal", "high"),
    )
    keep: str = _row(
        "auto",
        "regions to be kept as they are: auto, text, none or X,Y,W,H, several with ; between",
        "regions to keep as they are: auto (what would fall far below the look, and text), text, "
        "none, or X,Y,W,H in pixels; several with ; between",
        pattern=KEEP_PATTERN,
        rule=keeping_of,
        metavar="WHAT",
    )
    keep_metadata: bool = _row(
        False,
        "keep EXIF and XMP, not the place",
        "keep EXIF and XMP, not GPS",
        watch_about="keep EXIF and XMP (date, camera), not the place",
        watch_help="keep EXIF and XMP such as date and camera, not GPS (default: kept)",
        watch_default=True,
    )
    keep_location: bool = _row(False, "with the former: the place too", "with the former: GPS too")
    allow_larger: bool = _row(
        False,
        "answer also with a file that is not smaller",
        "write it even if it is not smaller",
        watched=False,
        saved=False,
    )
    only: str = _row(
        "any",
        "single: refuse a file of several pictures, of which one would be kept; whole: refuse also "
        "one of whose picture a part would be left out, such as light beyond white (HDR)",
        "single: not files of several pictures, of which one would be kept; whole: also none that "
        "is more than a .sdz holds (HDR)",
        choices=("any", "single", "whole"),
        watched=False,
        saved=False,
    )

    def __post_init__(self) -> None:
        goals = [row for row in ROWS if row.goal]
        if sum(getattr(self, row.name) is not None for row in goals) > 1:
            *first, last = (row.words for row in goals)
            raise BadOption(f"{', '.join(first)} and {last}", "one of them", "several")
        for row in ROWS:
            row.check(getattr(self, row.name))

    def facts(self) -> dict[str, Any]:
        """All that is wished for but the model, for names of wishes."""
        names = [*_NAMED_BY_ALL, *(name for name in self.asked() if name not in _NAMED_BY_ALL)]
        return {name: getattr(self, name) for name in names if name != "model"}

    def asked(self) -> dict[str, Any]:
        """The model, and what is not as it is unasked, by name."""
        found = {row.name: getattr(self, row.name) for row in ROWS}
        return {"model": self.model, **without_defaults(found)}

    @property
    def patience(self) -> int:
        """How many times as long as usual an answer may take."""
        return HIGH_EFFORT_TIMES if self.effort == "high" else 1

    @property
    def look(self) -> float | None:
        """The score that a preset promises; None where another goal is set."""
        if self.preset is not None:
            return PRESETS[self.preset]
        others = (self.quality, self.target_bytes, self.min_score)
        return PRESETS["standard"] if others == (None, None, None) else None


def _rows() -> Iterator[Row]:
    hints = get_type_hints(Wish)
    for name, found in Wish.__dataclass_fields__.items():
        hint = hints[name]
        kind = next(part for part in (*get_args(hint), hint) if part is not type(None))
        yield replace(found.metadata["row"], name=name, kind=kind)


ROWS: Final = tuple(_rows())
"""The rows, in the order of the class."""


def without_defaults(values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` but those of a wish that are as they are unasked: a daemon of before there was a
    field would not know the word."""
    defaults = {row.name: row.default for row in ROWS}
    return {
        name: value
        for name, value in values.items()
        if name not in defaults or value != defaults[name]
    }


def cannot_search(model: str) -> BadOption:
    """What high effort by a model is told that is not ``Searchable``, as only lite-1 is."""
    return BadOption("effort", f"normal with {model}: it cannot be searched", "high")
