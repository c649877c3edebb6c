"""Making by the daemon: it has the model loaded already, and its limits apply."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sdz.errors import BY_CODE
from sdz.making.maker import Made

if TYPE_CHECKING:
    from sdz.client import Client
    from sdz.errors import DaemonRefused, SdzError
    from sdz.wish import Wish


class Daemon:
    """The daemon at the other end of ``client``. background: it lets all others go first."""

    def __init__(self, client: Client, *, background: bool = False) -> None:
        self._client, self._background = client, background

    def make(self, data: bytes, wish: Wish) -> Made:
        """See ``BlockingMaker``; one at a time. Raises DaemonRefused, DaemonNotRunning."""
        reply = self._client.encode(data, background=self._background or None, **wish.asked())
        return Made(reply.data, tuple(json.loads(reply.headers.get("sdz-notes", "[]"))))


def as_error(refused: DaemonRefused) -> SdzError:
    """The error that the daemon's answer stands for, in its words; one of another edition stays."""
    kind = BY_CODE.get(refused.code)
    return refused if kind is None else kind.retold(refused.detail)
