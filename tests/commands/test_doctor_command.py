"""``sdz doctor``: every part says what it is, and what is broken says what to do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sdz.commands.doctor import around, doctor, machine
from sdz.commands.doctor.finding import Finding, broken, works
from sdz.errors import DaemonNotRunning, KernelMissing

Sdz = Callable[..., int]
Capture = pytest.CaptureFixture[str]


def states(found: Iterator[Finding]) -> dict[str, str]:
    return {finding.about: finding.state for finding in found}


def test_one_page_of_this_machine(sdz: Sdz, capsys: Capture) -> None:
    assert sdz("doctor") == 0
    out = capsys.readouterr().out
    for word in ("sdz", "network in C", "torch", "card", "HEIC", "lite-1", "home", "daemon"):
        assert word in out
    assert "-> sdz serve" in out
    assert out.splitlines()[-1].startswith("Everything that is needed works")


def test_json_is_a_finding_a_line(sdz: Sdz, capsys: Capture) -> None:
    assert sdz("doctor", "--json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"about", "state", "says", "todo"} == set(rows[0])
    assert {row["about"]: row["state"] for row in rows}["daemon"] == "missing"


def test_what_is_broken_fails_and_says_what_to_do(
    sdz: Sdz, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = (lambda: [works("one", "is fine"), broken("two", "is not", "mend\x1b[2J it")],)
    monkeypatch.setattr(doctor, "_LOOKS", looks)
    assert sdz("doctor") == 1
    out = capsys.readouterr().out
    assert "-> mend\\u001b[2J it" in out
    assert out.splitlines()[-1] == "1 broken (!!); what to do stands below each"


def test_a_library_that_is_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise KernelMissing("/lib.so", "is not built")

    monkeypatch.setattr("sdz.network.library.library", fail)
    assert states(machine.libraries())["network in C"] == "broken"


def test_a_home_that_cannot_be_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    assert states(machine.places())["home"] == "broken"


def test_settings_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDZ_HOME", str(tmp_path))
    (tmp_path / "config.toml").write_text("[engine]\nnonsense = 1\n")
    (found,) = [finding for finding in machine.places() if finding.about == "settings"]
    assert found.state == "broken"
    assert str(tmp_path / "config.toml") in found.todo


class Daemon:
    """A daemon that says what it is told."""

    def __init__(self, **facts: Any) -> None:
        self.facts = facts

    def __enter__(self) -> Daemon:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def status(self) -> dict[str, Any]:
        engine = {"device": self.facts.get("device")}
        version = self.facts.get("version", around.__version__)
        return {"url": "http://127.0.0.1:7390", "version": version, "engine": engine}

    def clients(self) -> list[dict[str, Any]]:
        return [{"name": name} for name in self.facts.get("clients", ())]

    def watches(self) -> list[dict[str, Any]]:
        row = {"root": "/photos", "state": "watching", "reason": "", "done": 3}
        return [row | {"failed": 0, "bad": 0} | more for more in self.facts.get("folders", ())]


def found_with(monkeypatch: pytest.MonkeyPatch, **facts: Any) -> dict[str, Finding]:
    monkeypatch.setattr(around, "Client", SimpleNamespace(find=lambda: Daemon(**facts)))
    return {finding.about: finding for finding in around.daemon()}


def test_a_daemon_and_who_is_paired(monkeypatch: pytest.MonkeyPatch) -> None:
    found = found_with(monkeypatch, clients=["Firefox", "Photo backup"], folders=[{}])
    assert {finding.state for finding in found.values()} == {"works"}
    assert found["browsers"].says == "paired: Firefox, Photo backup"


def test_a_daemon_of_before_an_update(monkeypatch: pytest.MonkeyPatch) -> None:
    found = found_with(monkeypatch, version="0.0.1")
    assert found["daemon"].state == "broken"
    assert "0.0.1" in found["daemon"].says
    assert "sdz pair" in found["browsers"].todo


@pytest.mark.parametrize("row", [{"failed": 2}, {"bad": 1}, {"reason": "it is gone"}])
def test_a_folder_that_is_not_well(monkeypatch: pytest.MonkeyPatch, row: dict[str, Any]) -> None:
    found = found_with(monkeypatch, folders=[row])
    assert found["folder"].state == "broken"
    assert found["folder"].todo == "sdz watch status /photos"


def test_no_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    def find() -> None:
        raise DaemonNotRunning

    monkeypatch.setattr(around, "Client", SimpleNamespace(find=find))
    assert states(around.daemon()) == {"daemon": "missing", "browsers": "missing"}
