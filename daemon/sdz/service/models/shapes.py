"""The values of the routes on models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model there is or could be. ``resident``: it is in memory right now."""

    name: str
    state: Literal["built-in", "installed", "missing", "damaged"]
    size: int
    repo: str | None
    weights: str | None
    resident: bool


@dataclass(frozen=True, slots=True)
class ModelList:
    """All models."""

    models: list[ListedModel]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model was made ready, or let go."""

    model: str
    resident: bool
    device: str
    seconds: float
