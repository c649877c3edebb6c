"""Pairing: one code of eight digits, good for one client, a short time and a few tries.

The code is shown where only the machine's user sees it and typed into what is to be let in.
10^8 codes, 5 tries: a guesser gets in once in twenty million openings.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from aiohttp import web

from sdz.errors import PairingClosed, PairingCodeWrong

T = TypeVar("T")
State = Literal["closed", "open", "paired", "expired", "spent"]


@dataclass(frozen=True, slots=True)
class Offer:
    """A code, and for how long it is good."""

    code: str
    valid_s: float


def _new_code() -> str:
    return f"{secrets.randbelow(10**8):08d}"


class Pairing:
    """Open for one client at a time. ``clock``: seconds that only grow."""

    def __init__(
        self,
        valid_s: float,
        tries: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        new_code: Callable[[], str] = _new_code,
    ) -> None:
        self._valid_s, self._tries = valid_s, tries
        self._clock, self._new_code = clock, new_code
        self._code = ""
        self._until = 0.0
        self._left = 0
        self._state: State = "closed"
        self._paired = ""

    @property
    def state(self) -> State:
        """Where it stands; ``expired`` and ``spent`` (out of tries) until it is opened again."""
        if self._state == "open" and self._clock() >= self._until:
            self._close("expired")
        return self._state

    @property
    def is_open(self) -> bool:
        """Whether a code would be looked at."""
        return self.state == "open"

    @property
    def paired(self) -> str:
        """The name of the client that came in by the last code; empty if none did."""
        return self._paired

    def open(self) -> Offer:
        """A new code; an earlier one is void."""
        self._code, self._left, self._paired = self._new_code(), self._tries, ""
        self._until = self._clock() + self._valid_s
        self._state = "open"
        return Offer(self._code, self._valid_s)

    def redeem(self, code: str, admit: Callable[[], T]) -> T:
        """Use the code up by letting its holder in; where ``admit`` fails, it is good still.

        Raises PairingClosed, or PairingCodeWrong, which costs a try.
        """
        if not self.is_open:
            raise PairingClosed
        if not hmac.compare_digest(code.encode("utf-8", "surrogatepass"), self._code.encode()):
            self._left -= 1
            if self._left == 0:
                self._close("spent")
            raise PairingCodeWrong(self._left)
        admitted = admit()
        self._close("paired")
        return admitted

    def close(self) -> None:
        """Void the code, if there is one that is good; what became of an earlier one stays said."""
        if self.is_open:
            self._close("closed")

    def welcome(self, name: str) -> None:
        """Remember who came in, for the one who opened."""
        self._paired = name

    def _close(self, state: State) -> None:
        self._code, self._left, self._state = "", 0, state


PAIRING: Final = web.AppKey("pairing", Pairing)
