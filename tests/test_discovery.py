"""The files by which a daemon is found."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from sdz.discovery import Credentials, Discovery, announce, discover, local_credentials
from sdz.service.process.instance import Instance

LOCAL = Credentials("local", "token", "key")


def test_discovery_comes_and_goes_with_the_daemon(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    instance = Instance(folder)
    assert discover(folder) is None
    assert instance.acquire()
    here = Discovery("http://127.0.0.1:7391", 12, "1.0")
    announce(folder, here, LOCAL)
    assert (discover(folder), local_credentials(folder)) == (here, LOCAL)
    assert stat.S_IMODE((folder / "local.json").stat().st_mode) == 0o600
    Instance(folder).release()  # holds nothing, so it takes nothing away
    assert discover(folder) == here
    instance.release()
    assert (discover(folder), local_credentials(folder)) == (None, None)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"url": 1}'])
def test_a_damaged_discovery_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "daemon.json").write_text(text)
    (tmp_path / "local.json").write_text(text)
    assert discover(tmp_path) is None
    assert local_credentials(tmp_path) is None
