"""Models in memory: by lease, under a budget, and gone when they have been idle for long.

    with pool.lease("lite-1", "cuda") as model:
        pixels = model.decode(latents)

A leased model stays. One that is not goes when the budget is needed by another, least recently
used first, or when it has not been used for ``keep_alive_s``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sdz.codec.autoencoder import Autoencoder

_IN_USE_S: Final = 1.0  # a model in use may be idle then at the earliest

Load = Callable[[str, str], "Autoencoder"]
Change = tuple[str, str, str, int]
"""("loaded" or "evicted", model, device, bytes)."""


@dataclass(eq=False, slots=True)
class _Resident:
    name: str
    device: str
    model: Autoencoder
    bytes: int
    used: float
    leases: int = 0


class Pool:
    """The models of one process. Loading is serialised; a lease may be held in any thread."""

    def __init__(
        self,
        load: Load,
        budget_bytes: int,
        keep_alive_s: float,
        release: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load, self._budget_bytes, self._keep_alive_s = load, budget_bytes, keep_alive_s
        self._release, self._clock = release, clock
        self._lock = threading.RLock()
        self._models: dict[tuple[str, str], _Resident] = {}
        self._changes: list[Change] = []

    @contextmanager
    def lease(self, name: str, device: str) -> Iterator[Autoencoder]:
        """The model, loaded if need be, and kept at least until the end of the block.

        Raises what loading raises: ModelError, or for want of memory.
        """
        with self._lock:
            resident = self._models.get((name, device)) or self._bring(name, device)
            resident.leases += 1
        try:
            yield resident.model
        finally:
            with self._lock:
                resident.leases -= 1
                resident.used = self._clock()
                self._shrink_to_budget(keep=resident)

    def _bring(self, name: str, device: str) -> _Resident:
        model = self._load(name, device)
        resident = _Resident(name, device, model, weights_bytes(model), self._clock())
        self._models[name, device] = resident
        self._changes.append(("loaded", name, device, resident.bytes))
        self._shrink_to_budget(keep=resident)
        return resident

    def _shrink_to_budget(self, keep: _Resident) -> None:
        idle = sorted(
            (other for other in self._models.values() if not other.leases and other is not keep),
            key=lambda other: other.used,
        )
        over = sum(other.bytes for other in self._models.values()) - self._budget_bytes
        going = []
        while over > 0 and idle:
            going.append(idle.pop(0))
            over -= going[-1].bytes
        self._evict(going)

    def evict_others(self, name: str) -> bool:
        """Let go of all idle models but the named one; whether there were any."""
        with self._lock:
            return self._evict_idle(lambda resident: resident.name != name)

    def unload(self, name: str) -> bool:
        """Let go of the named model on every device where it is idle; whether it was anywhere."""
        with self._lock:
            return self._evict_idle(lambda resident: resident.name == name)

    def expire(self) -> bool:
        """Let go of models idle for longer than they are kept; whether there were any."""
        if self._keep_alive_s < 0:
            return False
        with self._lock:
            before = self._clock() - self._keep_alive_s
            return self._evict_idle(lambda resident: resident.used <= before)

    def next_expiry_s(self) -> float | None:
        """Seconds until ``expire`` may find something; None for never."""
        with self._lock:
            if self._keep_alive_s < 0 or not self._models:
                return None
            now = self._clock()
            return min(
                max(self._keep_alive_s, _IN_USE_S)
                if resident.leases
                else max(0.0, resident.used + self._keep_alive_s - now)
                for resident in self._models.values()
            )

    def snapshot(self) -> list[dict[str, Any]]:
        """Name, device, bytes and idle_s of each model, as JSON values."""
        with self._lock:
            now = self._clock()
            return [
                {
                    "name": resident.name,
                    "device": resident.device,
                    "bytes": resident.bytes,
                    "idle_s": 0.0 if resident.leases else now - resident.used,
                }
                for resident in self._models.values()
            ]

    def take_changes(self) -> list[Change]:
        """What was loaded and evicted since the last call."""
        with self._lock:
            changes, self._changes = self._changes, []
            return changes

    def _evict_idle(self, chosen: Callable[[_Resident], bool]) -> bool:
        going = [
            resident
            for resident in self._models.values()
            if not resident.leases and chosen(resident)
        ]
        return self._evict(going)

    def _evict(self, going: list[_Resident]) -> bool:
        found = bool(going)
        while going:
            resident = going.pop(0)
            del self._models[resident.name, resident.device]
            self._changes.append(("evicted", resident.name, resident.device, resident.bytes))
            del resident  # the last reference: only then is there something to release
        if found:
            self._release()
        return found


def weights_bytes(model: object) -> int:
    """Bytes of the parameters and buffers of all networks that ``model`` holds."""
    told = getattr(model, "weights_bytes", None)
    if isinstance(told, int):
        return told
    from torch import nn

    networks = [
        value for value in getattr(model, "__dict__", {}).values() if isinstance(value, nn.Module)
    ]
    tensors = [
        tensor
        for network in networks
        for group in (network.parameters(), network.buffers())
        for tensor in group
    ]
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
