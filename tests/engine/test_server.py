"""The child's side of the frames, and the end that comes when nobody is there any more."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from typing import Any

import pytest

from sdz.engine.jobs import JobResult
from sdz.engine.protocol import pack_head, read_frame
from sdz.engine.server import Server
from sdz.engine.settings import ChildConfig, EngineConfig
from sdz.errors import BadOption, BadSymbols
from sdz.progress import Progress


class Trickle(io.BytesIO):
    """Takes three bytes at a time, as a full pipe may."""

    def write(self, data: Any) -> int:
        return super().write(bytes(data[:3]))


def test_answers_are_whole_frames() -> None:
    target = Trickle()
    server = Server(io.BytesIO(), target)
    server.progress(5, Progress("coding", 0.5, 2))
    server.done(
        5, JobResult(b"picture", "image/png", {"width": 3}, "tiles", "cpu", 1.5), ["single"]
    )
    server.failed(6, BadSymbols("latents", 1, 2))
    server.cancelled(7)
    target.seek(0)
    frames = [read_frame(target.read) for _ in range(4)]
    headers = [frame.header for frame in frames if frame is not None]
    assert [(header["type"], header["id"]) for header in headers] == [
        ("progress", 5),
        ("done", 5),
        ("failed", 6),
        ("cancelled", 7),
    ]
    assert frames[1] is not None
    assert frames[1].body == b"picture"
    assert headers[1]["meta"] == {"width": 3}
    assert headers[1]["out_of_memory"] == ["single"]
    assert headers[2]["error"]["class"] == "BadSymbols"


def run_child(stub: Any, given: bytes) -> subprocess.CompletedProcess[bytes]:
    config = ChildConfig("view", os.getpid()).to_argument()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [*stub(), config]
    return subprocess.run(command, input=given, env=environment, capture_output=True, timeout=120)


def test_the_end_of_standard_input_ends_the_child(stub: Any) -> None:
    done = run_child(stub, b"")
    assert done.returncode == 0


def test_nonsense_ends_the_child_too_and_is_said(stub: Any) -> None:
    done = run_child(stub, pack_head({"type": "cancel", "id": 3}, 0) + b"nonsense")
    assert done.returncode == 0
    assert b"in the middle of a frame" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel of Linux")
def test_a_child_whose_parent_is_another_does_not_start(stub: Any) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [*stub(), ChildConfig("view", 1).to_argument()]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE) as child:
        assert child.wait(20) == 1


# --- settings -----------------------------------------------------------------------------------


def test_the_childs_settings_come_through() -> None:
    config = EngineConfig(device="cpu", threads=3, keep_alive_s=-1, memory_budget_bytes=5)
    child = ChildConfig.of(config, "work", 77)
    assert ChildConfig.from_argument(child.to_argument()) == child
    assert (child.device, child.threads, child.lane, child.parent) == ("cpu", 3, "work", 77)


@pytest.mark.parametrize(
    "wrong",
    [{"device": "tpu"}, {"queue_limit": 0}, {"threads": 0}, {"memory_budget_bytes": -1}],
)
def test_settings_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadOption):
        EngineConfig(**wrong)
