"""Making by the running daemon where there is one, else by another maker.

The daemon has the model loaded already, and one that starts or ends in the middle of a watch is
noticed. Its client waits for its answers, so each picture under way has a thread and a connection.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, Literal

from sdz.client import Client
from sdz.errors import DaemonError, DaemonRefused
from sdz.making.daemon import Daemon, as_error
from sdz.making.engine import JITTER
from sdz.making.maker import BlockingMaker, Made, WarmMaker

if TYPE_CHECKING:
    from sdz.wish import Wish

LOOK_AGAIN_S: Final = 30.0
"""How long no daemon is looked for after none was found."""

PATIENCE: Final = 5
"""How often somebody who waits asks a daemon that is busy: for some 12 s. Torch takes about two."""

_COME_AGAIN_S: Final = 2.0
# By their codes, since the daemon's answer has no more than that.
_COME_AGAIN: Final = frozenset(
    {
        *("queue-full", "too-many-requests"),
        *("cancelled", "no-such-job"),  # not by us: it ends, or is another by now
    }
)
_GONE: Final = frozenset({"draining", "engine-stopped", "token-unknown"})
_ITS_LIMITS: Final = frozenset({"body-too-large", "took-too-long"})


def _then(refused: DaemonRefused) -> Literal["come again", "without it", "gone"]:
    """What a refusal means. Raises the error that it stands for where anybody would refuse."""
    if refused.code in _COME_AGAIN:
        return "come again"
    if refused.code in _ITS_LIMITS:
        return "without it"
    if refused.code in _GONE:
        return "gone"
    raise as_error(refused) from None


def _pause_s() -> float:
    return _COME_AGAIN_S * random.uniform(*JITTER)


class BlockingDaemonFirst:
    """As ``DaemonFirst``, for threads, of which somebody waits for each: its patience ends.

    find: this thread's connection to the daemon, None where there is none.
    """

    def __init__(
        self,
        own: BlockingMaker,
        find: Callable[[], Client | None],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._own, self._find, self._sleep = own, find, sleep
        self._gone = False

    def make(self, data: bytes, wish: Wish) -> Made:
        """See ``BlockingMaker``. Raises what ``own`` raises."""
        for _ in range(PATIENCE):
            client = None if self._gone else self._find()
            if client is None:
                break
            try:
                return Daemon(client).make(data, wish)
            except DaemonRefused as refused:
                then = _then(refused)
                if then == "come again":
                    self._sleep(_pause_s())
                    continue
                self._gone = then == "gone"
            except DaemonError:  # it went away, or is not what it was
                self._gone = True
            break
        return self._own.make(data, wish)


class DaemonFirst:
    """Asks the daemon, and does without it for what it cannot take. ``own`` is what it does then.

    find: the connection to the daemon. Raises DaemonError where there is none.
    """

    def __init__(
        self,
        own: WarmMaker,
        *,
        find: Callable[[], Client] = Client.find,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._own, self._find, self._clock, self._sleep = own, find, clock, sleep
        self._idle: list[Client] = []
        self._looked = -LOOK_AGAIN_S

    async def make(self, data: bytes, wish: Wish) -> Made:
        """See ``Maker``. Raises what the engine raises."""
        while (client := await self._client()) is not None:
            try:
                return await self._ask(client, data, wish)
            except DaemonRefused as refused:
                then = _then(refused)
                if then == "come again":
                    await self._sleep(_pause_s())
                elif then == "without it":
                    break
                else:
                    self._forget()
            except DaemonError:  # it went away, or is not what it was
                self._forget()
        return await self._own.make(data, wish)

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

    async def _ask(self, client: Client, data: bytes, wish: Wish) -> Made:
        try:
            made = await asyncio.to_thread(Daemon(client, background=True).make, data, wish)
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
        return made

    def _forget(self) -> None:
        """The connections there are lead to a daemon that has gone; another may be there."""
        self.close()
        self._looked = self._clock()
