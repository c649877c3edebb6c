"""What the values of the API say of their fields: words for people, bounds, and the checks."""

from __future__ import annotations

import re
from dataclasses import MISSING, field
from typing import Any

from sdz.errors import BadOption


def between(low: float, high: float) -> dict[str, Any]:
    """Rules of a number within these bounds."""

    def check(name: str, value: Any) -> None:
        if value is not None and not low <= value <= high:
            raise BadOption(name, f"{low:g} to {high:g}", value)

    return {"check": check, "schema": {"minimum": low, "maximum": high}}


def matching(pattern: re.Pattern[str]) -> dict[str, Any]:
    """Rules of a text that matches, from its first letter to its last."""

    def check(name: str, value: Any) -> None:
        if not pattern.fullmatch(value):
            raise BadOption(name, f"text like {pattern.pattern}", value[:40])

    return {"check": check, "schema": {"pattern": f"^{pattern.pattern}$"}}


def about(text: str, rules: dict[str, Any] | None = None, default: Any = MISSING) -> Any:
    """A field with its words and its rules."""
    metadata = {"about": text, **(rules or {})}
    if default is MISSING:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)
