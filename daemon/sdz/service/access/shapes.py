"""The values of the routes on trust."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, Literal

from sdz.errors import BadOption
from sdz.service.http.fields import about, matching

_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{16,128}")
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CODE: Final = re.compile(r"[0-9]{8}")


def _check_name(name: str, value: Any) -> None:
    # What cannot be printed could speak to the terminal of the one who lists the clients.
    if not (1 <= len(value) <= 64 and value.isprintable() and value.strip()):
        raise BadOption(name, "1 to 64 characters that can be printed", "others")


@dataclass(frozen=True, slots=True)
class HelloQuery:
    """Who asks for proof, and the challenge."""

    client: str = about("id of the client, from its pairing", matching(_ID))
    nonce: str = about("random text made for this one question", matching(_NONCE))


@dataclass(frozen=True, slots=True)
class Hello:
    """proof: HMAC-SHA-256, hex, under the client's key of ``sdz-hello:PORT:NONCE``."""

    proof: str


@dataclass(frozen=True, slots=True)
class PairRequest:
    """What a new client shows."""

    code: str = about("the eight digits that sdz pair shows", matching(_CODE))
    name: str = about(
        "what to call the client",
        {"check": _check_name, "schema": {"minLength": 1, "maxLength": 64}},
    )


@dataclass(frozen=True, slots=True)
class Paired:
    """All that a client needs; the token is told this once."""

    client: str
    token: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class PairingOffer:
    """A code to be typed into what is to be let in."""

    code: str
    valid_s: float
    port: int


@dataclass(frozen=True, slots=True)
class PairingState:
    """How it went; ``name``: who came in, once the state is ``paired``."""

    state: Literal["closed", "open", "paired", "expired", "spent"]
    name: str


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client that is let in. ``origin``: of an extension; null for a program."""

    id: str
    name: str
    origin: str | None
    created: str


@dataclass(frozen=True, slots=True)
class ClientList:
    """All clients that are let in."""

    clients: list[ClientRow]
