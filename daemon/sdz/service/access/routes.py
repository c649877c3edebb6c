"""Routes on trust: the daemon's proof, pairing, and the clients that are let in."""

from __future__ import annotations

from typing import Final

from sdz import errors
from sdz.discovery.proof import prove
from sdz.service.access.clients import KnownClient
from sdz.service.access.guard import Access
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
from sdz.service.http.perimeter import port_of
from sdz.service.http.routing import BODY_REFUSALS, TAKES_NOTHING, Call, Gives, Route, Takes
from sdz.service.parts import CLIENTS, EVENTS, PAIRING


async def hello(call: Call) -> Hello:
    """Prove to a client that this is the daemon it was paired with."""
    client = call.request.app[CLIENTS].find(call.query.client)
    if client is None:
        raise errors.NoSuchClient(call.query.client)
    return Hello(prove(client.key, port_of(call.request), call.query.nonce))


async def pair(call: Call) -> Paired:
    """Let the holder of the code in."""
    app = call.request.app
    app[PAIRING].redeem(call.body.code)
    origin = call.request.headers.get("Origin")
    credentials = app[CLIENTS].admit(call.body.name.strip(), origin)
    client = app[CLIENTS].find(credentials.client)
    assert client is not None
    app[PAIRING].welcome(client.name)
    app[EVENTS].publish("client", {"paired": client.name})
    return Paired(credentials.client, credentials.token, credentials.key, client.name)


async def open_pairing(call: Call) -> PairingOffer:
    """Make a code, for the command line to show."""
    offer = call.request.app[PAIRING].open()
    return PairingOffer(offer.code, offer.valid_s, port_of(call.request))


async def pairing_state(call: Call) -> PairingState:
    """Whether somebody came in by the code."""
    pairing = call.request.app[PAIRING]
    return PairingState(pairing.state, pairing.paired)


async def list_clients(call: Call) -> ClientList:
    """Who is let in."""
    return ClientList([_row(client) for client in call.request.app[CLIENTS].active()])


async def revoke(call: Call) -> ClientRow:
    """End a client; its next request is refused."""
    client = call.request.app[CLIENTS].revoke(call.path_word("name"))
    call.request.app[EVENTS].publish("client", {"revoked": client.name})
    return _row(client)


def _row(client: KnownClient) -> ClientRow:
    return ClientRow(client.id, client.name, client.origin, client.created)


ROUTES: Final = (
    Route(
        "GET",
        "/v1/hello",
        hello,
        gives=(Gives(shape=Hello, about="the proof"),),
        about="Have the daemon prove itself, before a token is shown to it",
        access=Access.OPEN,
        query=HelloQuery,
        refuses=(errors.NoSuchClient,),
    ),
    Route(
        "POST",
        "/v1/pair",
        pair,
        gives=(Gives(shape=Paired, about="let in"),),
        about="Become a client by a one-time code",
        access=Access.PAIRING,
        takes=Takes(("application/json",), PairRequest),
        refuses=(*BODY_REFUSALS, errors.PairingClosed, errors.PairingCodeWrong),
    ),
    Route(
        "POST",
        "/v1/pairing",
        open_pairing,
        gives=(Gives(shape=PairingOffer, about="pairing is open"),),
        about="Open pairing",
        access=Access.LOCAL,
        takes=TAKES_NOTHING,
        refuses=BODY_REFUSALS,
    ),
    Route(
        "GET",
        "/v1/pairing",
        pairing_state,
        gives=(Gives(shape=PairingState, about="where pairing stands"),),
        about="Whether somebody came in",
        access=Access.LOCAL,
    ),
    Route(
        "GET",
        "/v1/clients",
        list_clients,
        gives=(Gives(shape=ClientList, about="who is let in"),),
        about="List clients",
        access=Access.LOCAL,
    ),
    Route(
        "DELETE",
        "/v1/clients/{name}",
        revoke,
        gives=(Gives(shape=ClientRow, about="the client that was let in until now"),),
        about="Revoke a client by its name or id",
        access=Access.LOCAL,
        refuses=(errors.NoSuchClient,),
    ),
)
