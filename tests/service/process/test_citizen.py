"""Lock, discovery, port, notify, log lines and units: what the daemon is to the system."""

from __future__ import annotations

import io
import json
import logging
import os
import plistlib
import socket
import sys
import xml.etree.ElementTree as ET
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from sdz.errors import NoFreePort
from sdz.service.http.traffic import Traffic
from sdz.service.process.instance import Instance
from sdz.service.process.logs import JsonLines, TextLines
from sdz.service.process.notify import notify, watchdog_pause_s
from sdz.service.process.ports import bind, owner_of
from sdz.service.process.service_units import launchd_agent, systemd_unit, windows_task
from sdz.service.system.idle import IdleTrim


def test_one_instance_at_a_time(tmp_path: Path) -> None:
    first, second = Instance(tmp_path), Instance(tmp_path)
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_port_that_is_taken_is_named_and_the_next_one_had() -> None:
    taken: list[int] = []
    with bind(0, 1, taken.append) as first:
        port = first.getsockname()[1]
        with bind(port, 20, taken.append) as second:
            assert second.getsockname()[1] > port
        assert taken[0] == port
        assert f"(process {os.getpid()})" in owner_of(port)
        with pytest.raises(NoFreePort):
            bind(port, 1, taken.append)


def test_bound_to_this_machine_alone() -> None:
    with bind(0, 1, list[int]().append) as sock:
        assert sock.getsockname()[0] == "127.0.0.1"


def test_the_owner_of_a_port_from_the_tables_of_the_system(tmp_path: Path) -> None:
    row = "0: 0100007F:1CDE 00000000:0000 {} 00000000:00000000 00:00000000 00000000 0 0 {} 1\n"
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "tcp").write_text("head\n" + row.format("01", 5) + row.format("0A", 77))
    assert owner_of(0x1CDE, tmp_path) == "another user's program"
    (tmp_path / "31" / "fd").mkdir(parents=True)
    (tmp_path / "31" / "fd" / "4").symlink_to("socket:[77]")
    (tmp_path / "31" / "comm").write_text("squatter\n")
    assert owner_of(0x1CDE, tmp_path) == "squatter (process 31)"
    assert owner_of(9, tmp_path) == "another program"


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no such sockets")
def test_systemd_is_told(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(path)
        sock.settimeout(60)
        notify("READY=1", {"NOTIFY_SOCKET": path})
        assert sock.recv(100) == b"READY=1"
    notify("READY=1", {"NOTIFY_SOCKET": path})  # nobody listens any more: no matter
    notify("READY=1", {})


def test_the_watchdog_is_fed_at_twice_its_pace() -> None:
    assert watchdog_pause_s({"WATCHDOG_USEC": "60000000"}) == 30
    assert watchdog_pause_s({}) is None
    assert watchdog_pause_s({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}) is None


def _log_line(formatter: logging.Formatter) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger = logging.Logger("sdz.test")
    logger.addHandler(handler)
    try:
        raise ValueError("broken")
    except ValueError:
        logger.exception("fault", extra={"fields": {"request": "ab", "client": None}})
    return stream.getvalue()


def test_a_log_line_is_json() -> None:
    entry = json.loads(_log_line(JsonLines()))
    assert entry["event"] == "fault"
    assert entry["request"] == "ab"
    assert "ValueError: broken" in entry["traceback"]
    assert "request=ab" in _log_line(TextLines())
    assert "client" not in _log_line(TextLines())


COMMAND = ["/opt/my sdz/bin/python", "-m", "sdz", "serve"]


def test_the_systemd_unit() -> None:
    unit = systemd_unit(COMMAND, Path("/home/u/.config"), {"SDZ_HOME": "/a b/50%$x"})
    assert unit.path == Path("/home/u/.config/systemd/user/sdz.service")
    lines = unit.text.splitlines()
    assert 'ExecStart="/opt/my sdz/bin/python" -m sdz serve' in lines
    assert 'Environment="SDZ_HOME=/a b/50%%$x"' in lines
    assert "Type=notify" in lines
    assert "WatchdogSec=60" in lines
    assert "WantedBy=default.target" in lines
    assert unit.install[-1] == ("systemctl", "--user", "enable", "--now", "sdz.service")


def test_the_launchd_agent() -> None:
    unit = launchd_agent(COMMAND, Path("/Users/u"), {"SDZ_HOME": "/x"}, 501)
    assert unit.path == PurePosixPath("/Users/u/Library/LaunchAgents/sdz.daemon.plist")
    read = plistlib.loads(unit.text.encode())
    assert read["ProgramArguments"] == COMMAND
    assert read["EnvironmentVariables"] == {"SDZ_HOME": "/x"}
    assert unit.install == (("launchctl", "bootstrap", "gui/501", str(unit.path)),)


def test_the_windows_task() -> None:
    command = [r"C:\Program Files\py & co\python.exe", "-m", "sdz", "serve", "a b"]
    unit = windows_task(command, PureWindowsPath(r"C:\Users\u"), r"PC\u")
    root = ET.fromstring(unit.text)
    space = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    assert root.findtext(".//t:Command", namespaces=space) == command[0]
    assert root.findtext(".//t:Arguments", namespaces=space) == '-m sdz serve "a b"'
    assert root.findtext(".//t:RunLevel", namespaces=space) == "LeastPrivilege"
    assert unit.path == PureWindowsPath(r"C:\Users\u\sdz-task.xml")


def test_memory_is_given_back_once_after_each_burst() -> None:
    traffic, given = Traffic(), []
    idle = IdleTrim(traffic, lambda: given.append(1))
    idle.check()
    assert not given  # nothing was asked yet
    traffic.answered("GET", "/", 200, 0.0)
    idle.check()
    assert not given  # there was an answer since the last check
    traffic.under_way = 1
    idle.check()
    assert not given
    traffic.under_way = 0
    for _ in range(3):
        idle.check()
    assert len(given) == 1
