"""Every command that is stopped says so in a line, leaves nothing, and exits with one code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hub_server import HubServer
from live_daemon import Daemon

import sdz as package
from sdz.files import part_of
from sdz.models.known import KNOWN, WEIGHTS_FILE
from sdz.stopping import leaving

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(package.__file__).parents[1])}
CODES = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
MORE_THAN_A_PIPE_HOLDS = 1 << 20


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(("number", "code"), CODES)
@pytest.mark.parametrize(
    "words",
    [
        ("info", "-"),
        ("encode", "-", "-o", "x.sdz", "--no-daemon"),
        ("decode", "-", "-o", "x.png", "--no-daemon"),
        ("preview", "-", "-o", "x.png"),
    ],
    ids=lambda words: words[0],
)
def test_a_command_that_is_stopped(
    tmp_path: Path, words: tuple[str, ...], number: int, code: int
) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "sdz", *words],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(bytes(MORE_THAN_A_PIPE_HOLDS))
        process.stdin.flush()  # it reads, so it is at work
        process.send_signal(number)
        process.stdin.close()  # Python looks for signals when a read has ended
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read() == b""
        assert process.stderr.read() == b"sdz: stopped\n"
        assert process.wait() == code
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with Daemon(tmp_path_factory.mktemp("home")) as running:
        yield running


class Stoppable:
    """Commands at their waits: started, known to wait, told to stop."""

    def __init__(self, home: Path, more: dict[str, str] | None = None) -> None:
        self._home = home
        self._environment = {**ENVIRONMENT, "SDZ_HOME": str(home), **(more or {})}

    def ends(self, number: int, code: int, *words: str, waits: Callable[[str], bool]) -> str:
        """What it said on standard error before it said that it is stopped. waits: whether it
        waits, told the first line that it says, of its own or of what it has started."""
        with subprocess.Popen(
            [sys.executable, "-u", "-m", "sdz", *words],
            cwd=self._home,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            said = process.stderr if "pull" in words else process.stdout
            first = said.readline()
            assert waits(first), first
            process.send_signal(number)
            rest = process.stderr.read()
            assert process.wait() == code
        assert rest.endswith("sdz: stopped\n")
        return rest.removesuffix("sdz: stopped\n")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
class TestWaits:
    """Of those that wait for others: a browser, a viewer, the hub."""

    @pytest.mark.parametrize(("number", "code"), CODES)
    def test_pair(self, daemon: Daemon, number: int, code: int) -> None:
        with daemon.client() as client:
            command = Stoppable(daemon.home)
            said = command.ends(number, code, "pair", waits=lambda line: line.startswith("code "))
            assert said == ""
            assert client.pairing_state()["state"] == "closed"  # the code lets nobody in any more

    @pytest.mark.skipif(not sys.platform.startswith("linux"), reason="another has no xdg-open")
    @pytest.mark.parametrize(("number", "code"), CODES[:1])
    def test_open(self, tmp_path: Path, packed: Path, number: int, code: int) -> None:
        viewer = tmp_path / "bin" / "xdg-open"
        viewer.parent.mkdir()
        viewer.write_text("#!/bin/sh\necho shown $$\nexec sleep 600\n")
        viewer.chmod(0o755)
        path = f"{viewer.parent}{os.pathsep}{os.environ['PATH']}"
        command = Stoppable(tmp_path, {"PATH": path, "DISPLAY": ":1"})
        viewers: list[int] = []

        def waits(line: str) -> bool:
            viewers.append(int(line.removeprefix("shown ")))
            return True

        assert command.ends(number, code, "open", str(packed), "--no-daemon", waits=waits) == ""
        with suppress(ProcessLookupError):  # it is not ours where it has only just begun
            os.kill(viewers[0], signal.SIGKILL)

    @pytest.mark.parametrize(("number", "code"), CODES[:1])
    def test_pull(self, tmp_path: Path, number: int, code: int) -> None:
        name = "sd14"
        files = {"vae/config.json": b"{}", f"vae/{WEIGHTS_FILE}": bytes(1 << 20)}
        with HubServer(KNOWN[name].repo, files, KNOWN[name].revision) as hub:
            hub.cuts = [1 << 16]
            hub.hold.clear()  # what follows never comes
            more = {"HF_ENDPOINT": hub.endpoint, "HF_HUB_DISABLE_TELEMETRY": "1", "NO_PROXY": "*"}
            command = Stoppable(tmp_path, more)

            def waits(line: str) -> bool:
                while not any(
                    path.stat().st_size for path in tmp_path.rglob(f"{WEIGHTS_FILE}.part")
                ):
                    time.sleep(0.01)
                return "about 335 MB" in line

            assert command.ends(number, code, "models", "pull", name, waits=waits) == ""
        # What came stays for the next pull to go on from; and nothing says that it is installed.
        left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
        assert left == {f"{WEIGHTS_FILE}.part", "config.json"}


def test_what_heeds_nothing_is_left() -> None:
    ends, where = threading.Event(), list[threading.Thread]()

    def work() -> None:
        where.append(threading.current_thread())
        assert threading.main_thread().ident is not None
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        assert ends.wait(60)

    with pytest.raises(KeyboardInterrupt):
        leaving(work)
    assert where[0].is_alive()
    ends.set()
    where[0].join()
    assert leaving(lambda: 5) == 5
    with pytest.raises(ZeroDivisionError):
        leaving(lambda: 1 / 0)


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("sdz.cli", ["info", "x"]),
        ("argparse", ["info", "x"]),
        ("sdz.commands.console", ["info", "x"]),
        ("sdz.commands.encode", ["encode", "x"]),
        ("sdz.container", ["info", "x"]),
        ("numpy", ["encode", "x", "--no-daemon"]),
        ("sdz.watch.claim", ["watch", "."]),
        ("sdz.service.process.run", ["serve", "--port", "0"]),
        ("sdz.service.app", ["serve", "--port", "0"]),
    ],
)
def test_ctrl_c_while_it_is_being_loaded(photo: Path, module: str, words: list[str]) -> None:
    """Wherever the start is when it comes, which is hardly ever in our own lines."""
    words = [str(photo) if word == "x" else word for word in words]
    program = f"""
import sys
import sdz.__main__
class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupts())
sys.modules.pop({module!r}, None)
sys.argv[1:] = {words!r}
raise SystemExit(sdz.__main__.main())
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "sdz: stopped\n", 130)


def test_what_a_killed_command_left_is_removed_by_a_later_one(
    sdz: Callable[..., int], photo: Path
) -> None:
    part = part_of(photo.with_suffix(".sdz"))
    part.write_bytes(b"half of a pic")
    assert sdz("encode", photo, "--resume", "--no-daemon") == 0
    assert sorted(path.name for path in photo.parent.iterdir()) == ["photo.png", "photo.sdz"]


def test_next_to_nothing_is_loaded_before_ctrl_c_is_minded() -> None:
    """Until ``main`` of ``sdz.__main__`` runs, Python answers Ctrl-C by a traceback."""
    program = (
        "import sys; before = set(sys.modules); import sdz.__main__\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    words = [sys.executable, "-S", "-c", program]
    done = subprocess.run(words, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["__future__", "sdz", "sdz.__main__", "sdz.version"]


def test_the_package_has_its_errors_all_the_same() -> None:
    program = "import sdz; print(sdz.errors.Truncated.__mro__[2] is sdz.SdzError)"
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


@pytest.mark.skipif(sys.platform == "win32", reason="a shell closes them")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_hinder_nothing(photo: Path, closed: str) -> None:
    """As cron, some launchers and daemons start programs."""
    command = f'"$0" -m sdz encode {photo.name} --no-daemon {closed}'
    words = ["sh", "-c", command, sys.executable]
    done = subprocess.run(
        words, cwd=photo.parent, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "" or done.stdout.startswith("photo.png -> photo.sdz")
    assert sorted(path.name for path in photo.parent.iterdir()) == ["photo.png", "photo.sdz"]


@pytest.mark.skipif(sys.platform == "win32", reason="a shell closes them")
def test_nothing_comes_from_a_closed_standard_input(tmp_path: Path) -> None:
    words = ["sh", "-c", '"$0" -m sdz info - <&-', sys.executable]
    done = subprocess.run(
        words, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("sdz: -: ")
    assert "Traceback" not in done.stderr
