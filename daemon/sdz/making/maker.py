"""The port: what a maker is given, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from sdz import container

if TYPE_CHECKING:
    from sdz.container import Report
    from sdz.wish import Wish


@dataclass(frozen=True, slots=True)
class Made:
    """A ``.sdz`` file, decoded again and measured. notes: what was changed on the way in."""

    data: bytes = field(repr=False)
    notes: tuple[str, ...] = ()

    @property
    def report(self) -> Report | None:
        """What was measured, as the file says it."""
        return container.read_header(self.data).report


class Maker(Protocol):
    """An engine, a daemon, or a quick fake in tests, for those who do other things meanwhile."""

    async def make(self, data: bytes, wish: Wish) -> Made:
        """The ``.sdz`` of the picture file ``data``. May be called several times at once, and
        cancelled.

        Raises errors of ``sdz.errors``: ImageError for what is no picture, EncodeError
        (NotSmaller, ScoreNotReached) for a wish that cannot be met, QueueFull, EngineError,
        DaemonError and ModelError for what another try may cure.
        """
        ...


class WarmMaker(Maker, Protocol):
    """A maker that can be told that it will be needed."""

    async def warm(self, model: str) -> None:
        """Make ready what takes a while; raises nothing."""


class BlockingMaker(Protocol):
    """A maker for a thread that has nothing else to do: ``sdz encode`` waits for no event loop."""

    def make(self, data: bytes, wish: Wish) -> Made:
        """As ``Maker.make``, from several threads."""
        ...
