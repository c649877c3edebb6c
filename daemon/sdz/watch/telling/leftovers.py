"""What in a folder did not become a ``.sdz``, or not wholly: how many, why, and what to do."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from sdz.media import ANY_OTHER, OTHER_KINDS
from sdz.names import plural
from sdz.watch.journal.rows import State
from sdz.watch.telling.savings import Saving


class Kind(StrEnum):
    """What became of files, in the words that people are told, in the order that they are."""

    FAILED = "failed"
    WAITING = "waiting"
    LEFT = "left alone"
    NOT_TRASHED = "not in the trash"
    BACK = "brought back"
    NOT_READ = "not read"


_KIND_OF: Final = {
    State.SETTLING: Kind.WAITING,
    State.WAITING: Kind.WAITING,
    State.RUNNING: Kind.WAITING,
    State.FAILED: Kind.FAILED,
    State.BAD: Kind.FAILED,
    State.REFUSED: Kind.LEFT,
    State.UNDONE: Kind.BACK,
}
_SMALL_ALREADY: Final = "Nothing: it is small already. A smaller preset may still save something."
_FINER: Final = "Keep the original, or ask for less."
_LARGE: Final = "Keep the original, or save it with fewer pixels."
_WORDS: Final = {
    "not-smaller": ("would not get smaller", _SMALL_ALREADY),
    "saves-too-little": ("would save too little", _SMALL_ALREADY),
    "score-not-reached": ("cannot be made as good as was asked for", _FINER),
    "target-too-small": ("does not fit into so few bytes", "Ask for more bytes."),
    "several-frames": (
        "an animation, or several pages",
        "Keep the original: a .sdz holds one picture.",
    ),
    "not-held-whole": (
        "more than a .sdz holds, such as HDR or a gain map",
        "Keep the original; without --originals trash it gets a .sdz beside it.",
    ),
    "bad-option": ("cannot be made as was asked for", "Read its reason below; ask otherwise."),
    "bad-image": ("cannot be read", "Open it with another program, and save it anew."),
    "unreadable-image": (
        "cannot be read: damaged, or not what the name says",
        "See whether another program opens it; if none does, take it from a backup.",
    ),
    "image-too-large": ("too many pixels", _LARGE),
    "source-too-large": ("too many bytes", _LARGE),
    "body-too-large": ("too many bytes", _LARGE),
    "trash-failed": (
        "done, but the trash did not take the original",
        "Move the original away yourself, or leave it.",
    ),
}
"""Why, and what to do, by the code of the error that says so; others say it in their own words."""

_CUT: Final = "Copy it once more from where it came, and it is taken up by itself."
_MAY_COME: Final = "It is waited for, as it may still be copied; if not, copy it once more."
_OTHERS: Final = {
    "RAW file": "Develop it to JPEG or TIFF where it is to become small; sdz reads no RAW files.",
    "film": "Leave it: sdz is for pictures.",
    "document": "Leave it, or export its pictures as PNG or JPEG.",
    "archive": "Unpack it if there are pictures in it.",
    ANY_OTHER: "Nothing: it is not called as a picture is.",
}


@dataclass(frozen=True, slots=True)
class Leftover:
    """So many files of a folder are of a ``kind``, ``why``, and what is ``to_do``."""

    kind: Kind
    count: int
    why: str
    to_do: str


@dataclass(frozen=True, slots=True)
class ToDo:
    """What is to be done about a folder's files: waiting, in words; retry: a command."""

    waiting: str
    retry: str

    @classmethod
    def of(cls, root: Path, watching: str, *, paused: bool) -> ToDo:
        """watching: who watches it, in words; empty where nobody does."""
        place = shlex.quote(str(root))
        if paused:
            waiting = f"It waits until: sdz watch resume {place}"
        elif watching:
            waiting = f"Nothing: {watching} does one after the other."
        else:
            waiting = f"Have it done by: sdz watch {place}"
        return cls(waiting, f"sdz watch retry {place}")


def kind_of(one: Saving) -> Kind | None:
    """What became of a picture; None: it is done, and no more is to be said."""
    if one.state is State.DONE:
        return Kind.NOT_TRASHED if one.code == "trash-failed" else None
    return _KIND_OF[one.state]


def leftovers(savings: Iterable[Saving], others: Mapping[str, int], to_do: ToDo) -> list[Leftover]:
    """All that a folder holds beside what is done, the weightiest first.

    others: files that are no pictures, by their kind.
    """
    groups: dict[tuple[Kind, State, str], list[Saving]] = {}
    for one in savings:
        if (kind := kind_of(one)) is not None:
            groups.setdefault((kind, one.state, one.code), []).append(one)
    found = [Leftover(key[0], len(all_), *_words(all_[0], to_do)) for key, all_ in groups.items()]
    found += [
        Leftover(Kind.NOT_READ, others[name], plural(name, others[name]), _OTHERS[name])
        for name in (*OTHER_KINDS, ANY_OTHER)
        if others.get(name)
    ]
    order = list(Kind)
    return sorted(found, key=lambda one: (order.index(one.kind), -one.count))


def counts_of(savings: Iterable[Saving]) -> Counter[Kind]:
    """How many pictures are of each kind."""
    return Counter(kind for one in savings if (kind := kind_of(one)) is not None)


def _words(one: Saving, to_do: ToDo) -> tuple[str, str]:
    """Why, and what to do, of a file and all of its kind, state and code."""
    if one.code == "unfinished":
        return "not written to its end", _CUT if one.state is State.BAD else _MAY_COME
    if one.code in _WORDS:
        return _WORDS[one.code]
    why = one.reason or "not done yet"
    match one.state:
        case State.UNDONE:
            return "the original is back", "Nothing: it stays as it is until it changes."
        case State.FAILED:
            return why, f"It is tried again by itself, at once by: {to_do.retry}"
        case State.BAD | State.REFUSED:
            return why, f"It is tried again when it changes, at once by: {to_do.retry}"
        case _:
            return why, to_do.waiting
