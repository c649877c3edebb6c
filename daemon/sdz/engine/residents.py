"""What a child has said of its memory, for ``status``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sdz.engine.settings import LaneName
from sdz.engine.status import ModelStatus


class Residents:
    """The models of one lane's child, and the bytes it takes, as last heard."""

    def __init__(self, lane: LaneName, keep_alive_s: float, clock: Callable[[], float]) -> None:
        self._lane, self._keep_alive_s, self._clock = lane, keep_alive_s, clock
        self._models: list[Mapping[str, Any]] = []
        self._heard = clock()
        self.bytes = 0

    def update(self, said: Mapping[str, Any]) -> None:
        """Take in the values of a hello or of a memory frame."""
        self._models = said.get("models", [])
        self._heard = self._clock()
        self.bytes = said["resident_bytes"]

    def models(self) -> tuple[ModelStatus, ...]:
        """The models, with seconds counted from now."""
        since = self._clock() - self._heard
        return tuple(self._model(said, said["idle_s"] + since) for said in self._models)

    def _model(self, said: Mapping[str, Any], idle_s: float) -> ModelStatus:
        keep = self._keep_alive_s
        return ModelStatus(
            name=said["name"],
            device=said["device"],
            lane=self._lane,
            bytes=said["bytes"],
            idle_s=idle_s,
            expires_s=None if keep < 0 else max(0.0, keep - idle_s),
        )
