"""The parts of a decoding, the peers beside it, and the coders, on a small drawn picture."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import sdz
from benchmarks import cold
from benchmarks.codecs import available, chosen
from benchmarks.coder import pair_of
from benchmarks.parts import PARTS, take
from benchmarks.pictures import Picture
from sdz.codec.pixels import Picture as Settled
from sdz.codec.source import Source
from sdz.pictures import load_model


@pytest.fixture(scope="module")
def picture() -> Picture:
    y, x = np.mgrid[0:96, 0:144]
    planes = [128 + 90 * np.sin(x / 9), 128 + 90 * np.cos(y / 7), 100 + 60 * np.sin((x + y) / 5)]
    return Picture("waves", Image.fromarray(np.dstack(planes).astype(np.uint8)))


def test_every_part_and_every_peer_is_timed_on_the_same_picture(picture: Picture) -> None:
    codecs = {codec.name: codec for codec in available("lite-1")[0]}
    peers = [codecs["WebP"], codecs["JPEG"]]
    taken = take("lite-1", "fine", peers, picture, 1)
    assert set(taken.spent) == {*PARTS, "WebP", "JPEG"}
    assert taken.size == len(sdz.encode(picture.image, preset="fine"))
    assert taken.peer_sizes["WebP"] == pytest.approx(taken.size, rel=0.25)


def test_a_codec_that_nobody_knows_is_named_with_those_that_are() -> None:
    codecs = available("lite-1")[0]
    assert [codec.name for codec in chosen(codecs, ["WebP"])] == ["WebP"]
    assert chosen(codecs, []) == codecs
    with pytest.raises(SystemExit, match=r"called webp: sdz lite-1, JPEG, WebP"):
        chosen(codecs, ["webp"])


def test_both_coders_write_whole_files_of_the_same_latents(picture: Picture) -> None:
    source = Source.of(Settled(np.asarray(picture.image)), load_model("lite-1"), 50)
    pair = pair_of(source, 60)
    assert pair.trained == len(sdz.encode(picture.image, quality=60))
    assert 0 < pair.same_adaptive < pair.adaptive  # a file is more than its integers
    assert pair.same_trained < pair.trained * 1.1
    assert pair.trained_psnr == pytest.approx(pair.adaptive_psnr, abs=0.5)


def test_a_mosaic_has_every_picture_and_no_gap() -> None:
    colours = ["red", "lime", "blue"]
    pictures = [Picture(name, Image.new("RGB", (30, 20), name)) for name in colours]
    mosaic = np.asarray(cold.mosaic(pictures, 70, 50))
    assert mosaic.shape == (50, 70, 3)
    assert (mosaic.max(2) == 255).all()
    assert [tuple(mosaic[y, x]) for y, x in [(0, 0), (0, 69), (49, 0)]] == [
        (255, 0, 0),
        (0, 0, 255),
        (255, 0, 0),
    ]
