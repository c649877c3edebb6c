"""Files of all presets and shapes: the same pixels by every variant of both libraries.

tests/docs/test_format.py holds the same against a reader in NumPy, tests/extension and
tests/browser against WebAssembly.
"""

from __future__ import annotations

from typing import Any

import drawn
import numpy as np
import pytest
from numpy.typing import NDArray

import sdz
from sdz import container
from sdz.entropy import trained
from sdz.models import lite
from sdz.network.library import library
from sdz.wish import PRESETS

SHAPES = [(1, 1), (5, 40), (33, 17), (96, 131), (130, 64)]
WISHES = [{"preset": name} for name in PRESETS] + [{"quality": q} for q in (1, 100)]
FILES = [
    (*SHAPES[number % len(SHAPES)], WISHES[number % len(WISHES)], number) for number in range(10)
]
MODEL = lite.load()


@pytest.fixture(params=FILES, ids=lambda one: f"{one[0]}x{one[1]}-{next(iter(one[2].values()))}")
def file(request: pytest.FixtureRequest) -> container.SdzFile:
    height, width, wish, seed = request.param
    picture = drawn.as_file(drawn.scene(height, width, seed))
    return container.unpack(sdz.encode(picture, keep="none", **wish))


def pixels(
    file: container.SdzFile, code: str | None, layers: str | None, threads: int
) -> NDArray[Any]:
    header = file.header
    assert MODEL.quantiser.statistics is not None
    (stream,) = file.streams
    symbols = trained.decode_symbols(
        stream.data, header.latent_shape, MODEL.quantiser.statistics, header.step, variant=code
    )
    size = header.height, header.width
    return MODEL.network.decode(symbols, header.step, size=size, threads=threads, variant=layers)


def test_all_variants_there_are(file: container.SdzFile) -> None:
    wanted = np.asarray(sdz.decode(container.pack(file)))
    for code in trained.variants():
        assert np.array_equal(pixels(file, code, None, 1), wanted), code
    for layers in library().variants():
        for threads in (1, 3):
            assert np.array_equal(pixels(file, None, layers, threads), wanted), layers


def test_there_is_more_than_one_to_compare() -> None:
    assert "plain" in library().variants()
    assert "plain" in trained.variants()


def test_latents_are_the_same_too() -> None:
    rgb = drawn.scene(75, 131)
    wanted = MODEL.network.encode(rgb)
    for layers in library().variants():
        assert np.array_equal(MODEL.network.encode(rgb, variant=layers), wanted), layers
