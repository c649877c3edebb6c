"""A file to pixels: only by the model it was made for, and damage has its own names."""

from __future__ import annotations

from dataclasses import dataclass, replace

import drawn
import numpy as np
import pytest
from fake_autoencoder import FakeAutoencoder

from sdz import container
from sdz.codec.decode import check_model, decode_file, parse_file, render
from sdz.codec.encode import encode_picture
from sdz.codec.pixels import Picture
from sdz.container import Alpha, Model, Stream
from sdz.errors import BadField, BadSymbols, WeightsMismatch
from sdz.models.quantiser import UniformQuantiser
from sdz.wish import Wish

MODEL = FakeAutoencoder()
ALPHA = drawn.soft_alpha(40, 60)


@dataclass(frozen=True)
class Described:
    quantiser: UniformQuantiser = MODEL.quantiser
    factor: int = 8
    weights_hash: bytes | None = None


@pytest.fixture(scope="module")
def file() -> container.SdzFile:
    picture = Picture(drawn.scene(40, 60), ALPHA)
    return container.unpack(encode_picture(picture, MODEL, Wish(quality=90)).data)


def test_both_steps_are_the_whole(file: container.SdzFile) -> None:
    rgba = decode_file(file, MODEL)
    assert rgba.shape == (40, 60, 4)
    assert rgba.dtype == np.uint8
    assert np.array_equal(rgba[..., 3], ALPHA)
    assert np.array_equal(render(parse_file(file, MODEL.quantiser), MODEL), rgba)


def test_without_alpha_there_are_three_channels() -> None:
    data = encode_picture(Picture(drawn.scene(9, 11)), MODEL).data
    assert decode_file(container.unpack(data), MODEL).shape == (9, 11, 3)


def test_other_weights(file: container.SdzFile) -> None:
    with pytest.raises(WeightsMismatch) as caught:
        decode_file(file, FakeAutoencoder(weights_hash=b"another!"))
    assert caught.value.expected == MODEL.weights_hash.hex()
    assert caught.value.found == b"another!".hex()


@pytest.mark.parametrize("model", [Model(0, "fake", 13, 8), Model(0, "fake", 12, 16)])
def test_a_file_that_claims_another_shape(file: container.SdzFile, model: Model) -> None:
    header = replace(file.header, model=model)
    with pytest.raises(BadField, match="latents of fake expected 12 channels at 1/8"):
        decode_file(replace(file, header=header), MODEL)


def test_unknown_weights_are_not_compared(file: container.SdzFile) -> None:
    check_model(file.header, Described())
    with pytest.raises(BadField):
        check_model(file.header, Described(UniformQuantiser(4)))


def test_symbols_that_fail_their_checksum(file: container.SdzFile) -> None:
    (stream,) = file.streams
    damaged = replace(file, streams=(Stream(stream.check ^ 1, stream.data),))
    with pytest.raises(BadSymbols, match="the latents"):
        parse_file(damaged, MODEL.quantiser)
    assert file.alpha is not None
    alpha = Alpha(file.alpha.levels, file.alpha.check ^ 1, file.alpha.data)
    with pytest.raises(BadSymbols, match="the alpha channel"):
        parse_file(replace(file, alpha=alpha), MODEL.quantiser)
