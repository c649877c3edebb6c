"""Clients and pairing apart from HTTP: what is on the disk, what is forgotten, what is proven."""

from __future__ import annotations

import errno
import hashlib
import hmac
import os
import stat
from pathlib import Path

import pytest

from sdz.discovery import prove
from sdz.errors import (
    NoSuchClient,
    OutputError,
    PairingClosed,
    PairingCodeWrong,
    TokenRevoked,
    TokenUnknown,
)
from sdz.service.access import clients as clients_module
from sdz.service.access.clients import Clients
from sdz.service.access.pairing import Pairing
from sdz.service.process.instance import Instance


def nothing() -> None:
    """For who is let in by a code."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "clients.json"


def test_no_token_is_on_the_disk_and_nobody_else_can_read(path: Path) -> None:
    credentials = Clients(path).admit("Firefox", "moz-extension://1")
    text = path.read_text()
    assert credentials.token not in text
    assert hashlib.sha256(credentials.token.encode()).hexdigest() in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["clients.json"]


def test_clients_survive_a_restart_and_the_local_one_does_not(path: Path) -> None:
    first = Clients(path)
    token = first.admit("Firefox", None).token
    local = first.admit_local().token
    first.admit("Chrome", None)
    again = Clients(path)
    assert again.authenticate(token).name == "Firefox"
    with pytest.raises(TokenUnknown):
        again.authenticate(local)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"clients": [{"id": 1}]}', "\udcff"])
def test_a_damaged_list_is_moved_away_and_lets_nobody_in(
    path: Path, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    path.parent.mkdir()
    path.write_bytes(text.encode(errors="surrogateescape"))
    clients = Clients(path)
    assert clients.active() == []
    assert "must be paired again" in caplog.text
    clients.admit("a", None)
    names = sorted(entry.name for entry in path.parent.iterdir())
    assert names == ["clients.damaged", "clients.json"]
    assert [client.name for client in Clients(path).active()] == ["a"]


def test_a_full_disk_leaves_code_and_list_as_they_were(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = Clients(path)
    pairing = Pairing(120.0, 5)
    code = pairing.open().code

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(clients_module, "write_private", full)
        with pytest.raises(OutputError, match="no space left"):
            pairing.redeem(code, lambda: clients.admit("a", None))
    assert (pairing.state, clients.active()) == ("open", [])
    token = pairing.redeem(code, lambda: clients.admit("a", None)).token
    assert pairing.state == "paired"
    assert Clients(path).authenticate(token).name == "a"


@pytest.mark.skipif(not hasattr(os, "umask"), reason="no permissions here")
def test_the_state_is_closed_to_others_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        new = Instance(tmp_path / "a" / "b" / "service")
        assert new.acquire()
        new.release()
        opened = tmp_path / "open"
        opened.mkdir(mode=0o777)
        old = Instance(opened)
        assert old.acquire()
        old.release()
    finally:
        os.umask(before)
    for folder in (tmp_path / "a", tmp_path / "a" / "b", new.folder, opened):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no users here")
def test_a_state_folder_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(PermissionError, match="another user"):
        Instance(tmp_path).acquire()


def test_revoking_is_at_once_and_for_good(path: Path) -> None:
    clients = Clients(path)
    gone, other = clients.admit("a", "chrome-extension://a"), clients.admit("b", None)
    clients.revoke("a")
    for known in (clients, Clients(path)):
        with pytest.raises(TokenRevoked):
            known.authenticate(gone.token)
        assert not known.knows_origin("chrome-extension://a")
        assert known.find(gone.client) is None
        assert known.authenticate(other.token).name == "b"
    assert gone.key not in path.read_text()
    with pytest.raises(NoSuchClient):
        clients.revoke("a")


def test_names_are_told_apart(path: Path) -> None:
    clients = Clients(path)
    for _ in range(3):
        clients.admit("Firefox", None)
    clients.admit("local", None)
    names = [client.name for client in clients.active()]
    assert names == ["Firefox", "Firefox 2", "Firefox 3", "local 2"]
    assert clients.revoke(clients.active()[1].id).name == "Firefox 2"


def test_revoked_clients_are_forgotten_in_the_end(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients_module, "REVOKED_KEPT", 2)
    clients = Clients(path)
    tokens = [clients.admit(name, None).token for name in "abc"]
    for name in "abc":
        clients.revoke(name)
    with pytest.raises(TokenUnknown):
        clients.authenticate(tokens[0])
    with pytest.raises(TokenRevoked):
        clients.authenticate(tokens[2])


def test_every_token_is_compared(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clients = Clients(path)
    tokens = [clients.admit(name, None).token for name in "abcd"]
    compared: list[str] = []

    def compare(one: str, other: str) -> bool:
        compared.append(one)
        return one == other

    monkeypatch.setattr("sdz.service.access.clients.hmac.compare_digest", compare)
    assert clients.authenticate(tokens[0]).name == "a"
    assert len(compared) == 4


def test_the_proof_is_an_hmac_that_names_the_port() -> None:
    key = "00" * 31 + "ff"
    expected = hmac.new(bytes.fromhex(key), b"sdz-hello:7390:abc", hashlib.sha256).hexdigest()
    assert prove(key, 7390, "abc") == expected
    assert prove(key, 7391, "abc") != expected


class Steps:
    """A clock and codes for `Pairing`."""

    def __init__(self) -> None:
        self.now = 0.0
        self.codes = iter(["00000001", "00000002"])
        self.pairing = Pairing(
            120, 2, clock=lambda: self.now, new_code=lambda: next(self.codes)
        )  # fmt: skip


def test_a_code_works_once() -> None:
    pairing = Steps().pairing
    with pytest.raises(PairingClosed):
        pairing.redeem("00000001", nothing)
    assert pairing.open().code == "00000001"
    pairing.redeem("00000001", nothing)
    assert pairing.state == "paired"
    with pytest.raises(PairingClosed):
        pairing.redeem("00000001", nothing)


def test_a_new_code_voids_the_old_one_and_has_all_tries() -> None:
    steps = Steps()
    pairing = steps.pairing
    pairing.open()
    with pytest.raises(PairingCodeWrong) as caught:
        pairing.redeem("99999999", nothing)
    assert caught.value.left == 1
    pairing.open()
    with pytest.raises(PairingCodeWrong):
        pairing.redeem("00000001", nothing)
    with pytest.raises(PairingCodeWrong):
        pairing.redeem("\udcff", nothing)
    assert pairing.state == "spent"
    with pytest.raises(PairingClosed):
        pairing.redeem("00000002", nothing)


def test_a_code_expires() -> None:
    steps = Steps()
    steps.pairing.open()
    steps.now = 119.9
    assert steps.pairing.is_open
    steps.now = 120.0
    assert steps.pairing.state == "expired"
    with pytest.raises(PairingClosed):
        steps.pairing.redeem("00000001", nothing)


def test_codes_are_eight_digits_and_differ() -> None:
    pairing = Pairing(120, 5)
    codes = {pairing.open().code for _ in range(50)}
    assert len(codes) > 40
    assert all(len(code) == 8 and code.isdigit() for code in codes)
