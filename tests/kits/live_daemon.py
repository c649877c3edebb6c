"""The real daemon as a process on a port of its own, that can be stopped and come back there."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from sdz.client import Client

PACKAGE = Path(__file__).parents[2] / "daemon"


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def usual_port() -> int:
    """A free port of those where an extension that is not paired looks for a daemon."""
    for port in range(7439, 7390, -1):
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)):
                return port
    raise SystemExit("no port from 7391 to 7439 is free")


class Daemon:
    """``sdz serve``; starts with the block, ends with it. ``more``: of its environment.

    port: where; any that is free is none that an extension looks at by itself.
    """

    def __init__(
        self, home: Path, more: Mapping[str, str] | None = None, port: int | None = None
    ) -> None:
        self.home, self._more = home, more or {}
        self.port = free_port() if port is None else port
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Daemon:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def is_up(self) -> bool:
        """Whether it was started and not stopped."""
        return self._process is not None

    def start(self) -> None:
        """Start it and wait for its address."""
        own = {"SDZ_HOME": str(self.home), "PYTHONPATH": str(PACKAGE)}
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-m", "sdz", "serve", "--port", str(self.port)],
            env={**os.environ, **own, **self._more},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        url = self._process.stdout.readline().strip()
        assert url.endswith(f":{self.port}"), f"the daemon said {url!r}"

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.communicate(timeout=60)
            self._process = None

    def client(self) -> Client:
        """The user's own command line."""
        return Client.find(self.home / "service")

    def code(self) -> str:
        """A fresh pairing code."""
        with self.client() as client:
            code: str = client.open_pairing()["code"]
            return code

    def decodes(self) -> int:
        """How often it was asked for a whole picture and had one to give."""
        with self.client() as client:
            text = client.ask("GET", "/metrics").data.decode()
        lines = re.findall(r"^sdz_answers_total\{(.*)\} ([0-9.e+]+)$", text, re.M)
        return sum(
            int(float(n)) for labels, n in lines if '"/v1/decode"' in labels and '"200"' in labels
        )
