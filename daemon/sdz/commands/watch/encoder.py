"""Encoding for ``sdz watch``: by the running daemon where there is one, else by an engine of ours.

The daemon has the model loaded already, and one that starts or ends in the middle of a watch is
noticed. Its client waits for its answers, so each picture under way has a thread and a connection.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Protocol

from sdz import errors
from sdz.client import Client
from sdz.engine import Engine
from sdz.errors import DaemonError, DaemonRefused, SdzError
from sdz.watch.encoder import Encoder
from sdz.watch.encoders import JITTER, EngineEncoder

if TYPE_CHECKING:
    from sdz.config import Settings
    from sdz.wish import Wish

LOOK_AGAIN_S: Final = 30.0
"""How long no daemon is looked for after none was found."""

_COME_AGAIN_S: Final = 2.0
_COME_AGAIN: Final = frozenset({errors.QueueFull.code, errors.TooManyRequests.code})
_GONE: Final = frozenset(
    {errors.Draining.code, errors.EngineStopped.code, errors.TokenUnknown.code}
)
_ITS_LIMITS: Final = frozenset({errors.BodyTooLarge.code, errors.TookTooLong.code})


class WarmEncoder(Encoder, Protocol):
    """An encoder that can be told that it will be needed."""

    async def warm(self, model: str) -> None:
        """Make ready what takes a while; raises nothing."""


@asynccontextmanager
async def encoding(
    settings: Settings, at_once: int, *, no_daemon: bool
) -> AsyncIterator[WarmEncoder]:
    """What encodes: the running daemon, or an engine that is started by the first picture."""
    from sdz.service.process.run import engine_config

    async with Engine(engine_config(settings)) as engine:
        own = EngineEncoder(engine, at_once)
        if no_daemon:
            yield own
            return
        by_daemon = DaemonFirst(own)
        try:
            yield by_daemon
        finally:
            by_daemon.close()


class DaemonFirst:
    """Asks the daemon, and does without it for what it cannot take. ``own`` is what it does then.

    find: the connection to the daemon. Raises DaemonError where there is none.
    """

    def __init__(
        self,
        own: WarmEncoder,
        *,
        find: Callable[[], Client] = Client.find,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._own, self._find, self._clock, self._sleep = own, find, clock, sleep
        self._idle: list[Client] = []
        self._looked = -LOOK_AGAIN_S

    async def encode(self, data: bytes, wish: Wish) -> bytes:
        """The ``.sdz`` file of a picture file. Raises what the engine raises."""
        while (client := await self._client()) is not None:
            try:
                return await self._ask(client, data, wish)
            except DaemonRefused as refused:
                if refused.code in _COME_AGAIN:
                    await self._sleep(_COME_AGAIN_S * random.uniform(*JITTER))
                elif refused.code in _ITS_LIMITS:
                    break
                elif refused.code in _GONE:
                    self._forget()
                else:
                    raise as_error(refused) from None
            except DaemonError:  # it went away, or is not what it was
                self._forget()
        return await self._own.encode(data, wish)

    async def warm(self, model: str) -> None:
        """Have an engine made ready, where no daemon has one."""
        client = await self._client()
        if client is None:
            await self._own.warm(model)
        else:
            self._idle.append(client)

    def close(self) -> None:
        """End the connections."""
        while self._idle:
            self._idle.pop().close()

    async def _client(self) -> Client | None:
        if self._idle:
            return self._idle.pop()
        if self._clock() - self._looked < LOOK_AGAIN_S:
            return None
        try:
            return await asyncio.to_thread(self._find)
        except DaemonError:
            self._looked = self._clock()
            return None

    async def _ask(self, client: Client, data: bytes, wish: Wish) -> bytes:
        def ask() -> bytes:
            return client.encode(data, background=True, **wish.asked()).data

        try:
            encoded = await asyncio.to_thread(ask)
        except asyncio.CancelledError:
            client.abort()  # or the thread would wait for the answer, and this process for it
            raise
        except DaemonRefused:
            self._idle.append(client)
            raise
        except DaemonError:
            client.close()
            raise
        self._idle.append(client)
        return encoded

    def _forget(self) -> None:
        """The connections there are lead to a daemon that has gone; another may be there."""
        self.close()
        self._looked = self._clock()


def as_error(refused: DaemonRefused) -> SdzError:
    """The error that the daemon's answer stands for, of its own class and without its facts."""
    kind = errors.BY_CODE.get(refused.code)
    return refused if kind is None else kind.retold(refused.detail)
