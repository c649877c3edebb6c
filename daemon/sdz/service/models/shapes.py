"""The values of the routes on models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model there is or could be. ``resident``: it is in memory right now. ``purpose``: what it
    is for; ``needs``: what must be installed besides; ``download_bytes``: about what a pull takes.
    ``licence``: as far as it is known; ``page``: what decides it, empty for what has none.
    """

    name: str
    state: Literal["built-in", "installed", "missing", "damaged"]
    size: int
    repo: str | None
    weights: str | None
    resident: bool
    purpose: str
    licence: str
    page: str
    download_bytes: int
    needs: str


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
