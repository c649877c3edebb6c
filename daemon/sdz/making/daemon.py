"""Making by the daemon: it has the model loaded already, and its limits apply."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sdz.errors import BY_CODE, DaemonRefused
from sdz.making.maker import Made
from sdz.progress import hand_on, is_heard

if TYPE_CHECKING:
    from sdz.client import Client, Reply
    from sdz.errors import SdzError
    from sdz.wish import Wish


class Daemon:
    """The daemon at the other end of ``client``. background: it lets all others go first."""

    def __init__(self, client: Client, *, background: bool = False) -> None:
        self._client, self._background = client, background

    def make(self, data: bytes, wish: Wish) -> Made:
        """See ``BlockingMaker``; one at a time. Raises DaemonRefused, DaemonNotRunning."""
        options = {"background": self._background or None, **wish.asked()}
        reply = self._told(data, options) if is_heard() else self._client.encode(data, **options)
        return Made(reply.data, tuple(json.loads(reply.headers.get("sdz-notes", "[]"))))

    def _told(self, data: bytes, options: dict[str, Any]) -> Reply:
        try:
            return self._client.encode_told(data, hand_on, **options)
        except DaemonRefused as refused:
            if refused.code != "bad-option" or "'later'" not in refused.detail:
                raise
            return self._client.encode(data, **options)  # it is of before there were such jobs


def as_error(refused: DaemonRefused) -> SdzError:
    """The error that the daemon's answer stands for, in its words; one of another edition stays."""
    kind = BY_CODE.get(refused.code)
    return refused if kind is None else kind.retold(refused.detail)
