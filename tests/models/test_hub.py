"""Pulls through the real huggingface_hub client, from a server on the loopback."""

from __future__ import annotations

import errno
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import huggingface_hub
import pytest

from sdz import models
from sdz.errors import (
    BadModel,
    BuiltInModel,
    HubOffline,
    NoSpace,
    PullFailed,
    UnknownModel,
    WeightsMismatch,
)
from sdz.home import models_folder
from sdz.models import fetch, hub, records
from sdz.models.known import KNOWN


def _server_module() -> ModuleType:
    path = Path(__file__).parents[1] / "kits" / "hub_server.py"
    spec = importlib.util.spec_from_file_location("hub_server", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


HUB_SERVER = _server_module()
REVISION: str = HUB_SERVER.REVISION
CONFIG = "vae/config.json"
WEIGHTS = "vae/diffusion_pytorch_model.safetensors"
FILE = "diffusion_pytorch_model.safetensors"
BASE = f"/CompVis/stable-diffusion-v1-4/resolve/{REVISION}/vae"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The hub's client without the user's proxies, token and telemetry; fresh for each test."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "no-token"))
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "no-token"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    huggingface_hub.close_session()
    yield
    huggingface_hub.close_session()


@pytest.fixture
def server(
    client: None,  # noqa: ARG001 - set up before the server is asked
    save_kl: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Any]:
    """A hub that has sd14 as the real one lays it out."""
    folder = save_kl("hub-copy", block_out_channels=(8, 16, 32, 32))
    files = {
        "README.md": b"# a card",
        "unet/diffusion_pytorch_model.safetensors": b"other weights",
        "vae/diffusion_pytorch_model.bin": b"\x80\x04.",
        CONFIG: (folder / "config.json").read_bytes(),
        WEIGHTS: (folder / FILE).read_bytes(),
    }
    assert len(files[WEIGHTS]) > 200_000  # several network reads
    monkeypatch.setitem(KNOWN, "sd14", replace(KNOWN["sd14"], revision=REVISION))
    with HUB_SERVER.HubServer("CompVis/stable-diffusion-v1-4", files) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.endpoint)
        yield running


class Waits(list[float]):
    """In place of sleeping: notes how long it would have."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def partial_weights() -> Path:
    return models_folder() / ".partial" / f"sd14@{REVISION}" / f"{FILE}.part"


def test_a_pull_installs_the_model(server: Any) -> None:
    reports: list[tuple[int, int]] = []
    folder = models.pull("sd14", lambda done, total: reports.append((done, total)))
    assert (folder / "config.json").read_bytes() == server.files[CONFIG]
    assert (folder / FILE).read_bytes() == server.files[WEIGHTS]
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", FILE, "model.json"]
    installed = records.require("sd14")
    assert (installed.revision, installed.subfolder) == (REVISION, "vae")
    assert installed.files[FILE].sha256 == hashlib.sha256(server.files[WEIGHTS]).hexdigest()
    total = len(server.files[CONFIG]) + len(server.files[WEIGHTS])
    assert reports == sorted(reports)
    assert reports[-1] == (total, total)
    assert models.load("sd14").name == "sd14"
    assert models.verify("sd14").state == "installed"
    assert list((models_folder() / ".partial").iterdir()) == []


def test_nothing_but_the_two_files_is_asked_for(server: Any) -> None:
    models.pull("sd14")
    assert server.requests == [
        ("GET", f"/api/models/CompVis/stable-diffusion-v1-4/revision/{REVISION}", None),
        ("GET", f"{BASE}/config.json", None),
        ("GET", f"{BASE}/{FILE}", None),
    ]


def test_what_is_here_and_intact_is_not_fetched_again(server: Any) -> None:
    folder = models.pull("sd14")
    server.requests.clear()
    assert models.pull("sd14") == folder
    assert server.requests == []


@pytest.mark.usefixtures("server")
def test_what_is_here_but_damaged_is_fetched_again() -> None:
    folder = models.pull("sd14")
    (folder / FILE).write_bytes(b"damaged")
    with pytest.raises(WeightsMismatch):
        models.verify("sd14")
    assert models.pull("sd14") == folder
    assert models.verify("sd14").state == "installed"


def test_other_weights_than_the_first_time_are_refused(server: Any) -> None:
    folder = models.pull("sd14")
    first = records.require("sd14")
    (folder / FILE).write_bytes(b"damaged")
    server.files[WEIGHTS] = server.files[WEIGHTS][:-1] + b"\x01"
    with pytest.raises(WeightsMismatch) as caught:
        models.pull("sd14")
    assert caught.value.expected == first.files[FILE].sha256
    assert records.require("sd14") == first


def test_a_cut_connection_is_taken_up_where_it_broke(server: Any) -> None:
    server.cuts = [70_000, 0, 50_000]
    waits = Waits()
    hub.pull("sd14", wait=waits)
    assert (records.require("sd14").folder / FILE).read_bytes() == server.files[WEIGHTS]
    ranges = [wanted for _, path, wanted in server.requests if path.endswith(FILE)]
    assert ranges == [None, "bytes=70000-", "bytes=70000-", "bytes=120000-"]
    assert waits == [1.0, 2.0, 1.0]


def test_a_connection_that_gives_nothing_is_given_up(server: Any) -> None:
    server.cuts = [70_000, 0, 0, 0, 0, 0, 0]
    waits = Waits()
    with pytest.raises(HubOffline, match="repeat: sdz models pull sd14"):
        hub.pull("sd14", wait=waits)
    assert len(waits) == fetch.TRIES  # one after the cut, then between those that gave nothing
    assert partial_weights().stat().st_size == 70_000
    server.cuts = []
    reports: list[int] = []
    hub.pull("sd14", lambda done, _: reports.append(done), wait=waits)
    assert server.requests[-1] == ("GET", f"{BASE}/{FILE}", "bytes=70000-")
    assert reports[0] > 70_000


def test_a_killed_pull_is_resumed(server: Any) -> None:
    server.cuts = [100_000]
    server.hold.clear()
    code = (
        "import os, signal\n"
        "from dataclasses import replace\n"
        "from sdz import models\n"
        "from sdz.models.known import KNOWN\n"
        f"KNOWN['sd14'] = replace(KNOWN['sd14'], revision={REVISION!r})\n"
        "def report(done, total):\n"
        "    if done > 50_000: os.kill(os.getpid(), signal.SIGKILL)\n"
        "models.pull('sd14', report)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    server.hold.set()
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    begun = partial_weights().stat().st_size
    assert 0 < begun <= 100_000
    assert records.find("sd14") is None
    models.pull("sd14")
    assert server.requests[-1] == ("GET", f"{BASE}/{FILE}", f"bytes={begun}-")
    assert models.verify("sd14").state == "installed"


def test_large_files_may_come_from_elsewhere(server: Any) -> None:
    server.redirect = True
    server.cuts = [70_000]
    hub.pull("sd14", wait=Waits())
    assert server.requests[-1] == ("GET", f"/cdn/{WEIGHTS}", "bytes=70000-")
    assert models.verify("sd14").state == "installed"


def test_a_part_that_is_too_long_is_begun_anew(server: Any) -> None:
    partial_weights().parent.mkdir(parents=True)
    partial_weights().write_bytes(server.files[WEIGHTS] + b"more")
    models.pull("sd14")
    assert server.requests[-1] == ("GET", f"{BASE}/{FILE}", None)
    assert models.verify("sd14").state == "installed"


def test_another_process_may_finish_first(server: Any, tmp_path: Path) -> None:
    models.pull("sd14")
    finished = records.require("sd14").folder.rename(tmp_path / "finished")

    def report(done: int, total: int) -> None:
        if done == total:
            shutil.rmtree(partial_weights().parent)
            finished.rename(models_folder() / "sd14")

    assert models.pull("sd14", report) == records.require("sd14").folder
    assert server.files[WEIGHTS] == (records.require("sd14").folder / FILE).read_bytes()


@pytest.mark.usefixtures("server")
def test_a_store_that_cannot_be_written(home: Path) -> None:
    home.write_bytes(b"a file where the folder should be")
    with pytest.raises(PullFailed, match="cannot write in"):
        models.pull("sd14")


@pytest.mark.parametrize(
    "answer", [b"<html>log in</html>", b"{}", b"[]", b'{"id": 1, "siblings": 2}']
)
def test_a_page_in_place_of_the_hubs_answer(server: Any, answer: bytes) -> None:
    server.listing_instead = answer
    with pytest.raises(PullFailed, match="does not answer as a hub does"):
        models.pull("sd14")


def test_a_listing_without_sizes(server: Any) -> None:
    listing = server.listing()
    for sibling in listing["siblings"]:
        del sibling["size"]
    server.listing_instead = json.dumps(listing).encode()
    with pytest.raises(PullFailed, match="size of vae/config"):
        models.pull("sd14")


def test_a_server_without_ranges_sends_all_again(server: Any) -> None:
    server.cuts = [70_000]
    server.honour_ranges = False
    hub.pull("sd14", wait=Waits())
    assert (records.require("sd14").folder / FILE).read_bytes() == server.files[WEIGHTS]


@pytest.mark.parametrize("length", ["same", "longer"])
def test_bytes_that_are_not_what_the_hub_said(server: Any, length: str) -> None:
    content = server.files[WEIGHTS]
    server.sent_instead[WEIGHTS] = content[:-1] + b"\x01" if length == "same" else content + b"\x01"
    with pytest.raises(PullFailed, match="damaged" if length == "same" else "longer"):
        hub.pull("sd14", wait=Waits())
    assert records.find("sd14") is None
    server.sent_instead.clear()
    hub.pull("sd14", wait=Waits())
    assert models.verify("sd14").state == "installed"


def test_weights_that_are_not_the_pinned_ones_are_not_even_fetched(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KNOWN, "sd14", replace(KNOWN["sd14"], weights_sha256="ab" * 32))
    with pytest.raises(WeightsMismatch) as caught:
        models.pull("sd14")
    assert caught.value.expected == "ab" * 32
    assert len(server.requests) == 1


def test_a_hub_that_lies_about_the_pinned_hash_is_caught(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned = hashlib.sha256(server.files[WEIGHTS]).hexdigest()
    monkeypatch.setitem(KNOWN, "sd14", replace(KNOWN["sd14"], weights_sha256=pinned))
    server.told_sha256 = pinned
    server.files[WEIGHTS] = server.files[WEIGHTS][:-1] + b"\x01"
    with pytest.raises(PullFailed, match="damaged"):
        hub.pull("sd14", wait=Waits())
    assert records.find("sd14") is None


def test_what_is_whole_but_wrong_is_not_kept(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    listing = server.listing()
    for sibling in listing["siblings"]:
        sibling.pop("lfs", None)
    server.listing_instead = json.dumps(listing).encode()
    pinned = hashlib.sha256(server.files[WEIGHTS]).hexdigest()
    monkeypatch.setitem(KNOWN, "sd14", replace(KNOWN["sd14"], weights_sha256=pinned))
    server.sent_instead[WEIGHTS] = server.files[WEIGHTS][:-1] + b"\x01"
    with pytest.raises(WeightsMismatch):
        models.pull("sd14")
    server.sent_instead.clear()
    models.pull("sd14")
    assert models.verify("sd14").state == "installed"


def test_a_file_that_the_hub_lists_and_refuses(server: Any) -> None:
    server.refused = FILE
    waits = Waits()
    with pytest.raises(PullFailed, match=r"could not fetch sd14: .*403"):
        hub.pull("sd14", wait=waits)
    assert waits == []


def test_only_pickled_weights(server: Any) -> None:
    del server.files[WEIGHTS]
    with pytest.raises(BadModel, match=r"stable-diffusion-v1-4/vae.*model\.bin.*can run code"):
        models.pull("sd14")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda files: (files.pop(WEIGHTS), files.pop(WEIGHTS.replace("safetensors", "bin"))),
            "no d",
        ),
        (lambda files: files.pop(CONFIG), "no config"),
        (lambda files: files.update({CONFIG: b" " * 300_000}), "larger than"),
        (lambda files: files.update({CONFIG: b"{}"}), "class"),
    ],
    ids=["no weights", "no config", "large config", "other config"],
)
def test_repositories_that_hold_no_autoencoder(
    server: Any, change: Callable[[dict[str, bytes]], object], reason: str
) -> None:
    change(server.files)
    with pytest.raises(BadModel, match=reason):
        models.pull("sd14")
    assert records.find("sd14") is None


def test_room_on_the_disk_is_checked_before_anything_large_comes(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=hub.SPARE + 1000))
    with pytest.raises(NoSpace) as caught:
        models.pull("sd14")
    need = hub.SPARE + len(server.files[CONFIG]) + len(server.files[WEIGHTS])
    assert (caught.value.need, caught.value.free) == (need, hub.SPARE + 1000)
    assert len(server.requests) == 1


def test_a_disk_that_fills_up_meanwhile(server: Any) -> None:
    def report(done: int, _: int) -> None:
        if done > 50_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(NoSpace, match="make room"):
        hub.pull("sd14", report, wait=Waits())
    assert partial_weights().stat().st_size > 50_000 - len(server.files[CONFIG])


def test_nobody_listens(client: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}"
        monkeypatch.setenv("HF_ENDPOINT", endpoint + "/")
        with pytest.raises(HubOffline, match=f"{endpoint} cannot be reached") as caught:
            models.pull("taesd")
    assert caught.value.endpoint == endpoint


def test_offline_by_the_users_wish(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(HubOffline, match="HF_HUB_OFFLINE"):
        models.pull("sd14")
    assert server.requests == []


@pytest.mark.parametrize("status", [404, 401, 500])
def test_refusals_of_the_hub(server: Any, status: int) -> None:
    server.status = status
    with pytest.raises(PullFailed, match=f"could not fetch sd14: .*{status}") as caught:
        models.pull("sd14")
    assert not isinstance(caught.value, HubOffline)
    assert "\n" not in str(caught.value)


def test_names_that_cannot_be_pulled(save_tiny: Callable[..., Path]) -> None:
    with pytest.raises(BuiltInModel):
        models.pull("lite-1")
    with pytest.raises(UnknownModel):
        models.pull("other")
    models.add(save_tiny(), "own")
    folder = records.require("own").folder
    assert models.pull("own") == folder
    (folder / FILE).unlink()
    with pytest.raises(PullFailed, match="added from a folder"):
        models.pull("own")


def test_remove_takes_unfinished_pulls_with_it(server: Any) -> None:
    server.cuts = [70_000, 0, 0, 0, 0, 0, 0]
    with pytest.raises(HubOffline):
        hub.pull("sd14", wait=Waits())
    models.remove("sd14")
    assert not partial_weights().exists()
