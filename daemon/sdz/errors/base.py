"""What all errors have: facts, a sentence made of them, a code; and their way to another process.

A class declares its facts with their types, which are the parameters of its constructor in that
order, and its sentence as a template of ``str.format``:

    class Truncated(FormatError):
        code = "truncated"
        what: str
        need: int
        got: int
        sentence = "cut short: {what} needs {need} bytes, found {got}; fetch the file again"

    raise Truncated("the header", need=40, got=12)

``{known:, }`` joins a tuple by what follows the colon. Words that depend on the facts are
properties of the class.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self, dataclass_transform

BY_CODE: dict[str, type[SdzError]] = {}
"""Every class by its code."""

_BY_NAME: dict[str, type[SdzError]] = {}


def composed(sentence: str, *, init: Literal[False] = False) -> Any:  # noqa: ARG001 - for mypy
    """A fact that the constructor makes of the others, and is not given."""
    return _Composed(sentence)


class _Composed(str):
    __slots__ = ()


@dataclass_transform(eq_default=False, field_specifiers=(composed,))
class SdzError(Exception):
    """Base of all errors the package raises on purpose."""

    code: ClassVar[str] = "error"
    sentence: ClassVar[str] = ""
    _names: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        # Not by inspect, which takes longer to import than all errors.
        own = cls.__dict__.get("__annotations__", ())  # noqa: RUF063
        cls._names = (*cls._names, *(name for name in own if name not in cls._names))
        BY_CODE[cls.code] = _BY_NAME[cls.__name__] = cls

    def __init__(self, *given: Any, **named: Any) -> None:
        if not self.sentence:  # a family, raised with words of its own
            super().__init__(*given)
            return
        kind = type(self)
        defaults = {name: getattr(kind, name) for name in self._names if hasattr(kind, name)}
        composed = {key: text for key, text in defaults.items() if isinstance(text, _Composed)}
        asked = [name for name in self._names if name not in composed]
        facts = {**defaults, **dict(zip(asked, given, strict=False)), **named}
        if len(given) > len(asked) or facts.keys() != set(self._names):
            raise TypeError(f"{kind.__name__} is made of {', '.join(asked) or 'nothing'}")
        for name in asked:
            setattr(self, name, self._kept(name, facts[name]))
        for name, text in composed.items():
            setattr(self, name, text.format_map(_Words(self)))
        super().__init__(self.sentence.format_map(_Words(self)))

    @staticmethod
    def _kept(name: str, fact: Any) -> Any:  # noqa: ARG004
        """A fact as it is to be kept."""
        return fact

    @property
    def facts(self) -> dict[str, Any]:
        """What it knows, by name."""
        return {name: value for name, value in vars(self).items() if name in self._names}

    # --- to another process, and back ---------------------------------------------------------

    def to_values(self) -> dict[str, Any]:
        """As JSON values: class, message and facts."""
        facts = {name: _to_json(value) for name, value in self.facts.items()}
        return {"class": type(self).__name__, "message": str(self), "facts": facts}

    @staticmethod
    def of_values(values: Mapping[str, Any]) -> SdzError | None:
        """The error of which ``to_values`` told; None where no class has that name."""
        kind = _BY_NAME.get(values["class"])
        facts = {name: _of_json(value) for name, value in values["facts"].items()}
        return kind.retold(values["message"], facts) if kind else None

    @classmethod
    def retold(cls, message: str, facts: Mapping[str, Any] | None = None) -> Self:
        """One that another process met: in its words, with the facts that it has told."""
        error = cls.__new__(cls)
        super(SdzError, error).__init__(message)
        vars(error).update(facts or {})
        return error

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).retold, (str(self), self.facts)


def code_of(error: BaseException) -> str:
    """A stable code, for programs, of any error that a picture may end with."""
    if isinstance(error, SdzError):
        return error.code
    return "out-of-memory" if isinstance(error, MemoryError) else "os-error"


BY_CODE[SdzError.code] = _BY_NAME[SdzError.__name__] = SdzError


class _Words:
    """The words of a template: attributes of an error."""

    def __init__(self, error: SdzError) -> None:
        self._error = error

    def __getitem__(self, name: str) -> Any:
        value = getattr(self._error, name)
        return _Listed(value) if isinstance(value, tuple) else value


class _Listed(tuple[str, ...]):
    __slots__ = ()

    def __format__(self, between: str) -> str:
        return between.join(self) if between else str(tuple(self))


def _to_json(value: object) -> Any:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, tuple | list):
        return [_to_json(item) for item in value]
    return value if isinstance(value, bool | int | float | str) or value is None else str(value)


def _of_json(value: Any) -> Any:
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    return tuple(_of_json(item) for item in value) if isinstance(value, list) else value
