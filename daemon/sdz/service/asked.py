"""The fields of a wish in the queries and bodies of the API, made of the wish's rows."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from sdz.service.http.fields import about, between, matching
from sdz.wish import ROWS, Row, Wish

Shape = TypeVar("Shape", bound="Asked")


class Asked:
    """A shape of the API in which a wish is said; ``asking`` gives it the fields."""

    __slots__ = ()
    if TYPE_CHECKING:
        __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

        def __init__(self, *args: Any, **values: Any) -> None: ...

        def __getattr__(self, name: str) -> Any: ...

    def wish(self) -> Wish:
        """What is asked for. Raises BadOption."""
        names = [row.name for row in ROWS if row.name in self.__dataclass_fields__]
        return Wish(**{name: getattr(self, name) for name in names})


def asking(*, after: str = "", watched: bool = False) -> Callable[[type[Shape]], type[Shape]]:
    """Make a frozen dataclass of a class and put the fields of a wish behind its field ``after``.

    watched: as a watched folder has them.
    """

    def made(shape: type[Shape]) -> type[Shape]:
        own = dict(shape.__annotations__)
        names = list(own)
        place = names.index(after) + 1 if after else 0
        fields = {row.name: row for row in ROWS if row.watched or not watched}
        hints = {name: _hint(row) for name, row in fields.items()}
        before, behind = names[:place], names[place:]
        shape.__annotations__ = (
            {name: own[name] for name in before} | hints | {name: own[name] for name in behind}
        )
        for name, row in fields.items():
            setattr(shape, name, _field(row, watched=watched))
        return dataclasses.dataclass(frozen=True, slots=True)(shape)

    return made


def _hint(row: Row) -> Any:
    hint: Any = Literal[row.choices] if row.choices else row.kind
    return hint | None if row.default is None else hint


def _field(row: Row, *, watched: bool) -> Any:
    rules = None
    if row.is_number:
        rules = between(*(row.sent or (row.low, row.high)))
    elif row.pattern and not watched:  # who watches is this user, and is told which there are
        rules = matching(re.compile(row.pattern))
    words = (row.watch_about if watched else "") or row.about
    return about(words, rules, row.unasked(watched=watched))
