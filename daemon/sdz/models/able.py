"""Whether a model can do what is wished for, told by its name alone: no torch, no picture read."""

from __future__ import annotations

from sdz.errors import UnknownModel
from sdz.models.known import BUILT_IN
from sdz.wish import cannot_search


def require_able(model: str, effort: str = "normal") -> None:
    """Raise UnknownModel for a name that means nothing, BadOption for an effort beyond it."""
    from sdz.models.store import known_names

    known = known_names()
    if model not in known:
        raise UnknownModel(model, known)
    if effort == "high" and model != BUILT_IN:
        raise cannot_search(model)
