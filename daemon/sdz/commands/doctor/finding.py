"""What one look gives: whether it works, what is there, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["works", "missing", "broken"]


@dataclass(frozen=True, slots=True)
class Finding:
    """state: missing is what one can do without. about: what was looked at; says: what is there;
    todo: what would mend it."""

    about: str
    state: State
    says: str
    todo: str = ""


def works(about: str, says: str) -> Finding:
    """All is well."""
    return Finding(about, "works", says)


def missing(about: str, says: str, todo: str = "") -> Finding:
    """It is not there, and sdz works without."""
    return Finding(about, "missing", says, todo)


def broken(about: str, says: str, todo: str = "") -> Finding:
    """Something fails without it, or because of it."""
    return Finding(about, "broken", says, todo)
