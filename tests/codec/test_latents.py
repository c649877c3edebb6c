"""Latents to integers to bytes and back: the same on any number of threads."""

from __future__ import annotations

import tracemalloc
import zlib
from dataclasses import replace

import numpy as np
import pytest
from fake_autoencoder import FakeAutoencoder
from numpy.typing import NDArray

from sdz.codec.latents import (
    GROUP_PIXELS,
    LONG_STREAM,
    Coded,
    code_latents,
    decode_latents,
    group_for,
    reconstruct,
    scale_of,
    split_group,
)
from sdz.container import Header, Model, Stream
from sdz.errors import BadSymbols
from sdz.stopping import Stop, Stopped, heeding

MODEL = FakeAutoencoder()
QUANTISER = MODEL.quantiser
CODE = QUANTISER.code_for_quality(60)
STEP = float(QUANTISER.steps(CODE)[0])


def header(height: int, width: int, group: int | None = None, **fields: object) -> Header:
    """A header of height x width latents."""
    plain = Header(
        width=8 * width,
        height=8 * height,
        model=Model.of("fake", 12, 8),
        weights=MODEL.weights_hash,
        step=CODE,
        group=group,
    )
    return replace(plain, **fields)  # type: ignore[arg-type]


def latents(height: int, width: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(height * width)
    return rng.laplace(0, 0.6, (12, height, width)).astype(np.float32)


@pytest.mark.parametrize(("size", "group"), [((1, 1), None), ((13, 20), None), ((13, 20), 8)])
def test_what_is_decoded_is_what_was_decided(size: tuple[int, int], group: int | None) -> None:
    head = header(*size, group)
    coded = code_latents(latents(*size), QUANTISER, CODE, head)
    assert len(coded.streams) == head.group_count
    assert coded.size == sum(len(stream.data) for stream in coded.streams)
    assert np.array_equal(decode_latents(head, coded.streams, QUANTISER), coded.values)


def test_integers_are_near_the_latents() -> None:
    head, y = header(20, 20), latents(20, 20)
    values = code_latents(y, QUANTISER, CODE, head).values
    error = np.abs(reconstruct(values, QUANTISER, head) - y)
    # Rate-distortion decisions move some by well over half a step; what is lost stays small.
    assert error.max() <= 3 * STEP
    assert np.sqrt((error**2).mean()) < 0.6 * STEP


@pytest.mark.parametrize("threads", [2, 5, 64])
def test_threads_change_nothing(threads: int) -> None:
    head, y = header(40, 56, group=16), latents(40, 56)
    alone = code_latents(y, QUANTISER, CODE, head, threads=1)
    together = code_latents(y, QUANTISER, CODE, head, threads=threads)
    assert together.streams == alone.streams
    assert np.array_equal(together.values, alone.values)
    assert np.array_equal(decode_latents(head, alone.streams, QUANTISER, threads), alone.values)


def test_groups_decode_independently() -> None:
    head = header(20, 20, group=16)
    coded = code_latents(latents(20, 20), QUANTISER, CODE, head)
    top, left, rows, columns = list(head.groups())[3]
    alone = header(rows, columns)
    part = decode_latents(alone, (coded.streams[3],), QUANTISER)
    assert np.array_equal(part, coded.values[:, top : top + rows, left : left + columns])


@pytest.mark.parametrize(("group", "place"), [(None, "the latents"), (8, "the latents at 8,0")])
def test_symbols_of_another_checksum_are_named(group: int | None, place: str) -> None:
    head = header(12, 12, group)
    streams = list(code_latents(latents(12, 12), QUANTISER, CODE, head).streams)
    at = 2 if group else 0
    streams[at] = Stream(streams[at].check ^ 0x0100, streams[at].data)
    with pytest.raises(BadSymbols) as caught:
        decode_latents(head, tuple(streams), QUANTISER)
    assert caught.value.what == place


def test_small_pictures_have_one_group_and_large_ones_several() -> None:
    side = GROUP_PIXELS // 16
    assert group_for(16, side, side) is None
    assert group_for(16, 1, 65535 // 16) is None
    assert group_for(16, 2 * side, side) == side
    assert group_for(8, 750, 500) == GROUP_PIXELS // 8


def test_a_long_stream_is_split_in_four_and_a_short_one_is_not() -> None:
    head = header(40, 60)
    streams = (Stream(0, bytes(LONG_STREAM)),)
    values = np.zeros((12, 40, 60), np.float32)
    assert split_group(Coded(CODE, values, streams, None), head) is None
    longer = (Stream(0, bytes(LONG_STREAM + 1)),)
    side = split_group(Coded(CODE, values, longer, None), head)
    assert side == 30
    assert replace(head, group=side).group_count == 4
    grouped = replace(head, group=16)
    assert split_group(Coded(CODE, values, longer, 16), grouped) is None
    assert split_group(Coded(CODE, values[:, :1, :1], longer, None), header(1, 1)) is None


@pytest.mark.parametrize("placed", [False, True])
@pytest.mark.parametrize("group", [None, 8])
def test_the_first_channels_are_those_of_the_whole(group: int | None, placed: bool) -> None:
    head = header(13, 20, group, placed=placed)
    coded = code_latents(latents(13, 20), QUANTISER, CODE, head)
    whole = decode_latents(head, coded.streams, QUANTISER)
    for count in (1, 5, 12, 99):
        first = decode_latents(head, coded.streams, QUANTISER, channels=count)
        assert first.shape == whole.shape
        np.testing.assert_array_equal(first[:count], whole[:count])
        assert not first[count:].any()


def test_the_checksum_is_of_all_channels() -> None:
    head = header(5, 6)
    (stream,) = code_latents(latents(5, 6), QUANTISER, CODE, head).streams
    wrong = (Stream(stream.check ^ 1, stream.data),)
    decode_latents(head, wrong, QUANTISER, channels=11)
    for count in (None, 12):
        with pytest.raises(BadSymbols):
            decode_latents(head, wrong, QUANTISER, channels=count)


class TestReconstruction:
    VALUES = np.array([-3, -1, 0, 1, 2], np.float32).reshape(1, 1, 5).repeat(12, 0)

    def test_plain(self) -> None:
        values = reconstruct(self.VALUES, QUANTISER, header(1, 5))
        assert np.allclose(values[5, 0], np.array([-3, -1, 0, 1, 2]) * STEP)
        assert values.dtype == np.float32

    def test_channel_steps_are_sixteenths_of_an_octave(self) -> None:
        head = header(1, 5, channel_steps=(16, -16, *[0] * 10))
        values = reconstruct(self.VALUES, QUANTISER, head)
        assert np.allclose(values[:3, 0, 4], np.array([4, 1, 2]) * STEP)
        assert np.allclose(scale_of(QUANTISER, CODE, head)[:3], np.array([0.5, 2, 1]) / STEP)


def test_placed_values_lie_beside_the_integers_and_nearer_to_the_latents() -> None:
    rng = np.random.default_rng(5)
    ramp = np.linspace(0, 6, 40, dtype=np.float32)
    y = (ramp[None, :, None] + rng.normal(0, 0.3, (12, 40, 40))).astype(np.float32)
    errors = {}
    for placed in (False, True):
        head = header(40, 40, placed=placed)
        coded = code_latents(y, QUANTISER, CODE, head)
        read = decode_latents(head, coded.streams, QUANTISER)
        assert np.array_equal(read, coded.values)
        assert bool((read != np.rint(read)).any()) is placed
        errors[placed] = float(np.mean((reconstruct(read, QUANTISER, head) - y) ** 2))
        errors[placed] *= coded.size**2  # 6 dB a bit: sizes that differ a little are made up for
    assert errors[True] < errors[False]


@pytest.mark.parametrize("placed", [True, False])
def test_values_take_the_place_of_their_integers(*, placed: bool) -> None:
    """A blank page of 150 million pixels, 40 bytes, took 40 bytes of memory a symbol."""
    blank = Header(4096, 4096, Model.of("lite-1", 192, 16), bytes(8), 0, placed=placed)
    symbols = 192 * 256 * 256
    tracemalloc.start()
    try:
        stream = Stream(zlib.crc32(bytes(4 * symbols)) & 0xFFFF, b"\xff")
        values = decode_latents(blank, (stream,), QUANTISER)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert not values.any()
    assert most < 5 * symbols + (16 << 20)


@pytest.mark.parametrize("group", [None, 8])
def test_coding_ends_when_it_is_told_to(group: int | None) -> None:
    head, y, stop = header(13, 20, group), latents(13, 20), Stop()
    with heeding(stop):
        coded = code_latents(y, QUANTISER, CODE, head)
        assert np.array_equal(decode_latents(head, coded.streams, QUANTISER), coded.values)
        stop.set()
        with pytest.raises(Stopped):
            decode_latents(head, coded.streams, QUANTISER)
        with pytest.raises(Stopped):
            code_latents(y, QUANTISER, CODE, head)
    assert stop.is_set
    decode_latents(head, coded.streams, QUANTISER)
