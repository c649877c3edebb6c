"""Routes on trust: the daemon's proof, pairing, and the clients that are let in."""

from __future__ import annotations

from typing import Final

from sdz import errors
from sdz.discovery import prove
from sdz.service.access.clients import CLIENTS, KnownClient
from sdz.service.access.pairing import PAIRING
from sdz.service.access.shapes import (
    ClientList,
    ClientRow,
    Hello,
    HelloQuery,
    Paired,
    PairingOffer,
    PairingState,
    PairRequest,
)
from sdz.service.http.events import EVENTS
from sdz.service.http.routing import Access, Call, Gives, Routes, Takes

ROUTES: Final = Routes()


@ROUTES.add(
    "GET",
    "/v1/hello",
    "Have the daemon prove itself, before a token is shown to it",
    Gives(Hello, "the proof"),
    access=Access.OPEN,
    query=HelloQuery,
    refuses=(errors.NoSuchClient,),
)
async def hello(call: Call) -> Hello:
    """Prove to a client that this is the daemon it was paired with."""
    client = call.app[CLIENTS].find(call.query.client)
    if client is None:
        raise errors.NoSuchClient(call.query.client)
    return Hello(prove(client.key, call.port, call.query.nonce))


@ROUTES.add(
    "POST",
    "/v1/pair",
    "Become a client by a one-time code",
    Gives(Paired, "let in"),
    access=Access.PAIRING,
    takes=Takes(("application/json",), PairRequest),
    refuses=(errors.PairingClosed, errors.PairingCodeWrong),
)
async def pair(call: Call) -> Paired:
    """Let the holder of the code in."""
    app = call.app
    origin, name = call.request.headers.get("Origin"), call.body.name.strip()
    credentials = app[PAIRING].redeem(call.body.code, lambda: app[CLIENTS].admit(name, origin))
    client = app[CLIENTS].find(credentials.client)
    assert client is not None
    app[PAIRING].welcome(client.name)
    app[EVENTS].publish("client", {"paired": client.name})
    return Paired(credentials.client, credentials.token, credentials.key, client.name)


@ROUTES.add(
    "POST",
    "/v1/pairing",
    "Open pairing",
    Gives(PairingOffer, "pairing is open"),
    access=Access.LOCAL,
)
async def open_pairing(call: Call) -> PairingOffer:
    """Make a code, for the command line to show."""
    offer = call.app[PAIRING].open()
    return PairingOffer(offer.code, offer.valid_s, call.port)


@ROUTES.add(
    "GET",
    "/v1/pairing",
    "Whether somebody came in",
    Gives(PairingState, "where pairing stands"),
    access=Access.LOCAL,
)
async def pairing_state(call: Call) -> PairingState:
    """Whether somebody came in by the code."""
    pairing = call.app[PAIRING]
    return PairingState(pairing.state, pairing.paired)


@ROUTES.add(
    "DELETE",
    "/v1/pairing",
    "Close pairing",
    Gives(PairingState, "where pairing stands"),
    access=Access.LOCAL,
)
async def close_pairing(call: Call) -> PairingState:
    """Void the code, for who does not wait for it any more."""
    pairing = call.app[PAIRING]
    pairing.close()
    return PairingState(pairing.state, pairing.paired)


@ROUTES.add(
    "GET", "/v1/clients", "List clients", Gives(ClientList, "who is let in"), access=Access.LOCAL
)
async def list_clients(call: Call) -> ClientList:
    """Who is let in."""
    return ClientList([_row(client) for client in call.app[CLIENTS].active()])


@ROUTES.add(
    "DELETE",
    "/v1/clients/{name}",
    "Revoke a client by its name or id",
    Gives(ClientRow, "the client that was let in until now"),
    access=Access.LOCAL,
    refuses=(errors.NoSuchClient,),
)
async def revoke(call: Call) -> ClientRow:
    """End a client; its next request is refused."""
    client = call.app[CLIENTS].revoke(call.path_word("name"))
    call.app[EVENTS].publish("client", {"revoked": client.name})
    return _row(client)


def _row(client: KnownClient) -> ClientRow:
    return ClientRow(client.id, client.name, client.origin, client.created)
