"""``sdz serve --open`` and ``sdz dashboard``: the browser is given an address that opens once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

PACKAGE = Path(__file__).parents[3] / "daemon"
PATIENCE_S = 60

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the browser of the test is a script")


class Browser:
    """A program that ``webbrowser`` takes for one: it notes what it is to open."""

    def __init__(self, folder: Path) -> None:
        self.noted = folder / "opened"
        self.program = folder / "browser"
        self.program.write_text(f'#!/bin/sh\necho "$1" >> "{self.noted}"\n')
        self.program.chmod(0o700)

    def addresses(self, count: int) -> list[str]:
        """The first ``count`` addresses, once they are there."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            lines = self.noted.read_text().splitlines() if self.noted.exists() else []
            if len(lines) >= count:
                return lines
            time.sleep(0.05)
        raise AssertionError(f"{count} addresses were not opened")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Redirects are looked at, not followed."""

    def redirect_request(self, *_: Any) -> None:
        return None


def status_of(address: str) -> tuple[int, Message]:
    opener = urllib.request.build_opener(NoRedirect)
    with pytest.raises(urllib.error.HTTPError) as caught:
        opener.open(address, timeout=PATIENCE_S)
    caught.value.close()
    return caught.value.code, caught.value.headers


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    return Browser(tmp_path)


@pytest.fixture
def environment(browser: Browser) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(PACKAGE),
        "PYTHONUNBUFFERED": "1",
        "BROWSER": f"{browser.program} %s",
    }


@pytest.fixture
def daemon(environment: dict[str, str]) -> Iterator[str]:
    """The address of ``sdz serve --open``."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sdz", "serve", "--port", "0", "--open"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.terminate()
    process.communicate(timeout=PATIENCE_S)


def sdz(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sdz", *words]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


def test_each_opening_has_its_own_address(
    daemon: str, browser: Browser, environment: dict[str, str]
) -> None:
    browser.addresses(1)
    second = sdz(environment, "serve", "--open")  # one runs already: that one is opened
    assert (second.returncode, second.stdout.strip()) == (0, daemon)
    browser.addresses(2)
    third = sdz(environment, "dashboard")
    assert third.returncode == 0
    assert daemon in third.stdout
    assert "key=" not in third.stdout
    opened = browser.addresses(3)
    printed = sdz(environment, "dashboard", "--print").stdout.strip()
    addresses = {*opened, printed}
    assert len(addresses) == 4
    assert len(opened) == 3
    for address in addresses:
        assert address.startswith(f"{daemon}/open?key=")
        code, headers = status_of(address)
        assert (code, headers["Location"]) == (303, "/")
        assert status_of(address)[0] == 410


def test_without_a_daemon_it_says_so(environment: dict[str, str], browser: Browser) -> None:
    done = sdz(environment, "dashboard")
    assert done.returncode == 1
    assert "sdz serve" in done.stderr
    assert not browser.noted.exists()


def test_without_a_browser_it_prints_the_address(
    daemon: str, browser: Browser, environment: dict[str, str]
) -> None:
    browser.addresses(1)
    done = sdz({**environment, "BROWSER": "false %s"}, "dashboard")
    assert done.returncode == 1
    assert done.stdout.startswith(f"{daemon}/open?key=")
    assert "no browser" in done.stderr
