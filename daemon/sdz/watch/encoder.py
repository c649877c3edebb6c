"""What turns a picture file into ``.sdz`` bytes. The watcher knows no more of it than this."""

from __future__ import annotations

from typing import Protocol

from sdz.wish import Wish


class Encoder(Protocol):
    """An engine, a daemon, or a quick fake in tests."""

    async def encode(self, data: bytes, wish: Wish) -> bytes:
        """The ``.sdz`` file of the picture file ``data``, decoded again and measured by its maker.

        Runs behind everything a person waits for. May be called up to ``FolderOptions.jobs``
        times at once, and cancelled. Raises errors of ``sdz.errors``: ImageError for what is no
        picture, EncodeError (NotSmaller, ScoreNotReached) for a wish that cannot be met,
        QueueFull, EngineError, DaemonError and ModelError for what another try may cure.
        """
        ...
