"""Frames both ways, damaged ones, and errors on their way through them."""

from __future__ import annotations

import asyncio
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdz import errors
from sdz.engine.jobs import (
    DecodeJob,
    EncodeJob,
    Job,
    LoadJob,
    PreviewJob,
    UnloadJob,
    describe,
    restore,
)
from sdz.engine.protocol import (
    BrokenFrame,
    Frame,
    dump_error,
    load_error,
    pack_head,
    read_frame,
    receive,
)
from sdz.errors import BadOption, SdzError
from sdz.wish import Wish

FRAME = pack_head({"type": "done", "id": 7}, 4) + b"body"


def receive_all(data: bytes) -> list[Frame]:
    async def go() -> list[Frame]:
        stream = asyncio.StreamReader()
        stream.feed_data(data)
        stream.feed_eof()
        frames = []
        while (frame := await receive(stream)) is not None:
            frames.append(frame)
        return frames

    return asyncio.run(go())


def test_the_bytes_of_a_frame() -> None:
    assert FRAME.hex() == (
        "000000160000000000000004" + b'{"type":"done","id":7}'.hex() + b"body".hex()
    )


def test_both_sides_read_what_is_written() -> None:
    wanted = [Frame({"type": "done", "id": 7}, b"body"), Frame({"type": "ready"})]
    data = FRAME + pack_head({"type": "ready"}, 0)
    stream = io.BytesIO(data)
    assert [read_frame(stream.read), read_frame(stream.read)] == wanted
    assert read_frame(stream.read) is None
    assert receive_all(data) == wanted


@pytest.mark.parametrize("length", range(1, len(FRAME)))
def test_a_frame_cut_short_is_broken(length: int) -> None:
    with pytest.raises(BrokenFrame):
        read_frame(io.BytesIO(FRAME[:length]).read)
    with pytest.raises(BrokenFrame):
        receive_all(FRAME[:length])


@pytest.mark.parametrize(
    "data",
    [b"\xff" * 12, b"\0\0\0\2" + bytes(8) + b"[]", b"\0\0\0\2" + bytes(8) + b"{x"],
    ids=["too long", "no object", "no JSON"],
)
def test_nonsense_is_broken(data: bytes) -> None:
    with pytest.raises(BrokenFrame):
        read_frame(io.BytesIO(data).read)


# --- jobs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "job",
    [
        DecodeJob(b"abc", "webp", 300),
        DecodeJob(b"abc", stored=True),
        PreviewJob(b"abc", "jpeg", 256, stored=True, channels=16, alpha=True),
        EncodeJob(b"abc", Wish("taesd", min_score=80.0, keep_metadata=True)),
        EncodeJob(b"abc", Wish(effort="high")),
        LoadJob("lite-1"),
        UnloadJob("lite-1"),
    ],
)
def test_jobs_come_through(job: Job) -> None:
    assert restore(*describe(job)) == job


def test_a_job_that_is_none_is_refused() -> None:
    with pytest.raises(BadOption):
        restore({"kind": "dance"}, b"")
    with pytest.raises(BadOption):
        DecodeJob(b"", "gif")
    with pytest.raises(BadOption):
        DecodeJob(b"", max_side=0)


# --- errors -------------------------------------------------------------------------------------

ERRORS = [
    errors.NotSdz(b"GIF89a"),
    errors.BadChecksum("chunk L", 1, 2),
    errors.UnknownModel("x", ("a", "b")),
    errors.HubOffline("taesd", "https://hub", "no route"),
    errors.NoSpace("taesd", "store", 5, 3),
    errors.ScoreNotReached(99.0, 87.5, "lite-1"),
    errors.OutOfMemory("cuda", ("single", "tiles")),
    errors.JobCancelled(),
    errors.DeviceMissing("mps", ("cpu",)),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_errors_come_through_with_their_facts(error: SdzError) -> None:
    found = load_error(dump_error(error))
    assert type(found) is type(error)
    assert (str(found), vars(found), found.code) == (str(error), vars(error), error.code)


@given(st.text())
def test_any_other_error_is_one_of_this_program(text: str) -> None:
    found = load_error(dump_error(KeyError(text)))
    assert isinstance(found, errors.JobFailed)
    assert (found.kind, found.reason) == ("KeyError", repr(text))


@pytest.mark.parametrize("name", ["Exception", "annotations", "__name__", "nothing"])
def test_what_is_no_class_of_ours_is_not_made(name: str) -> None:
    found = load_error({"class": name, "message": "m", "facts": {}})
    assert isinstance(found, errors.JobFailed)
