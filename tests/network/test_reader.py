"""The library against the second decoder: what docs/network.md says is what pixels are."""

from __future__ import annotations

import hypothesis.strategies as st
import network_reader
import networks
import numpy as np
import pytest
from hypothesis import given

from sdz.network import network_of
from sdz.network.steps import multipliers

MADE = {
    "usual": networks.network(),
    "limits": networks.at_the_limit(2),
    "bare": networks.network(3, networks.BARE, None),
}
READY = {name: network_of(tensors, ValueError) for name, tensors in MADE.items()}
SIDES = [(1, 1), (1, 9), (7, 1), (3, 13), (6, 49), (17, 4)]


@pytest.mark.parametrize(("h", "w"), SIDES)
@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("code", [0, 16384, 20001, 65535])
def test_pixels(name: str, h: int, w: int, code: int) -> None:
    q = networks.symbols(code, READY[name].channels, h, w)
    wanted = network_reader.decode(MADE[name], q, code)
    np.testing.assert_array_equal(READY[name].decode(q, code), wanted)


def test_made_networks_are_not_dull() -> None:
    """Most levels come out, and neither black nor white is most of them."""
    q = networks.symbols(1, READY["usual"].channels, 12, 12)
    pixels = READY["usual"].decode(q, 20000)
    counts = np.bincount(pixels.ravel(), minlength=256)
    assert (counts > 0).sum() > 200
    assert counts[[0, 255]].max() < pixels.size / 2


def test_channel_steps() -> None:
    channels = READY["usual"].channels
    offsets = list(range(-channels // 2, channels - channels // 2))
    q = networks.symbols(5, channels, 4, 5)
    wanted = network_reader.decode(MADE["usual"], q, 19000, offsets)
    found = READY["usual"].decode(q, 19000, channel_steps=offsets)
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (16, 16), (17, 33), (100, 41), (48, 784)])
@pytest.mark.parametrize("name", ["usual", "limits"])
def test_latents(name: str, height: int, width: int) -> None:
    rgb = networks.picture(3, height, width)
    wanted = network_reader.encode(MADE[name], rgb)
    np.testing.assert_array_equal(READY[name].encode(rgb), wanted)


@given(
    code=st.integers(0, 65535),
    rows=st.lists(st.integers(-(32 << 16), 32 << 16), min_size=1, max_size=9),
    offset=st.none() | st.integers(-128, 127),
)
def test_steps(code: int, rows: list[int], offset: int | None) -> None:
    table = np.array(rows, np.int32)[:, None]
    offsets = None if offset is None else [offset]
    m, s = multipliers(table, code, offsets)
    assert network_reader.step_numbers(table, code, offsets) == [(int(m[0]), int(s[0]))]
    assert 16384 <= m[0] <= 32767
    assert 0 <= s[0] <= 30
