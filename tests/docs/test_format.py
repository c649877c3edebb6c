"""docs/format.md is complete: a reader written from it shows what the package shows.

``format_reader.py`` follows the page. Every flag of the header is set by some file here, so that
no part of the page goes unread. Pixels of lite-1 are the same, others may differ by one level.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import drawn
import numpy as np
import pytest
import torch
from fake_autoencoder import FakeAutoencoder
from format_file import FLAGS, MODELS, Refused, read_chunks, read_head
from format_reader import IN_FLOATS, read, read_scores
from format_weights import entries, weights_hash
from numpy.typing import NDArray

import sdz
from sdz import container
from sdz.codec import latents
from sdz.codec.decode import decode_file
from sdz.codec.encode import encode_picture
from sdz.codec.pixels import Picture
from sdz.codec.score_map import pack_scores
from sdz.container import Box, Kept
from sdz.models import editions
from sdz.wish import Wish

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
SMALL = drawn.scene(40, 56)


def assert_same(found: NDArray[Any], wanted: NDArray[Any]) -> None:
    assert_alike(found, wanted, levels=0)


def assert_alike(found: NDArray[Any], wanted: NDArray[Any], levels: int = 1) -> None:
    assert found.shape == wanted.shape
    assert np.abs(found.astype(int) - wanted.astype(int)).max() <= levels
    assert found.std() > 5  # a picture, not a plain field that anything would agree on


def by_package(data: bytes) -> NDArray[Any]:
    return np.asarray(sdz.decode(data))


def weights_of(data: bytes) -> Path:
    """The file of that edition of lite-1 which made ``data``."""
    folder = editions.WEIGHTS.parent
    wanted = read_head(dict(read_chunks(data))["H"]).weights
    (found,) = (
        path
        for path in (editions.WEIGHTS, *folder.glob("editions/*.safetensors"))
        if IN_FLOATS.get(wanted.hex(), "") == path.name or weights_hash(path) == wanted
    )
    return found


def flags_of(data: bytes) -> set[str]:
    return read_head(dict(read_chunks(data))["H"]).flags


@pytest.mark.parametrize("name", sorted(path.name for path in GOLDEN.glob("lite-1*.sdz")))
def test_golden_pictures(name: str) -> None:
    data = (GOLDEN / name).read_bytes()
    assert_same(read(data, weights_of(data)), by_package(data))


@pytest.mark.parametrize("quality", [1, 30, 60, 100])  # beyond the trained rates at both ends
def test_qualities(quality: float) -> None:
    data = sdz.encode(drawn.as_file(SMALL), quality=quality)
    assert_same(read(data, editions.WEIGHTS), by_package(data))


@pytest.mark.parametrize("levels", [1, 51, 255])
def test_alpha(levels: int) -> None:
    alpha = drawn.soft_alpha(*SMALL.shape[:2])
    if levels == 1:
        alpha = (alpha > 127).astype(np.uint8) * 255
    data = sdz.encode(
        drawn.as_file(np.dstack([SMALL, alpha])), quality={1: 40, 51: 40, 255: 90}[levels]
    )
    assert dict(read_chunks(data))["A"][0] == levels
    found = read(data, editions.WEIGHTS)
    assert_same(found, by_package(data))


def test_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latents, "GROUP_PIXELS", 48)
    data = sdz.encode(drawn.as_file(drawn.scene(75, 90)), quality=50)
    assert "GROUPED" in flags_of(data)
    assert_same(read(data, editions.WEIGHTS), by_package(data))


def test_channel_steps_and_metadata_and_unknown_chunks() -> None:
    file = container.unpack(sdz.encode(drawn.as_file(SMALL), quality=40))
    offsets = tuple((c * 7) % 40 - 20 for c in range(file.header.model.channels))
    header = replace(file.header, channel_steps=offsets)
    extra = (container.Chunk("q", b"anything"),)
    data = container.pack(replace(file, header=header, exif=b"II*\0more", xmp=b"<x/>", extra=extra))
    assert "CHANNEL_STEPS" in flags_of(data)
    assert_same(read(data, editions.WEIGHTS), by_package(data))


@pytest.mark.parametrize("soft", [0, 4])
def test_kept_regions_and_the_map_of_scores(soft: int) -> None:
    file = container.unpack(sdz.encode(drawn.as_file(SMALL), quality=40))
    other = drawn.scene(40, 56, seed=3)
    regions = []
    for box, kind, options in (
        (Box(8, 0, 30, 20), 2, {"lossless": True}),
        (Box(20, 11, 36, 29), 1, {"subsampling": "4:4:4"}),
    ):
        pixels = other[box.top : box.bottom, box.left : box.right]
        name = container.REGION_KINDS[kind]
        regions.append(container.Region(box, kind, drawn.as_file(pixels, name, **options)))
    scores = pack_scores(np.array([[3, 15]], np.uint8).repeat(2, 0))
    data = container.pack(replace(file, scores=scores, kept=Kept(soft, tuple(regions))))
    assert_alike(read(data, editions.WEIGHTS), by_package(data))
    head = read_head(dict(read_chunks(data))["H"])
    assert read_scores(dict(read_chunks(data))["s"], head).tolist() == [[3, 15], [3, 15]]


@pytest.mark.parametrize("size", [(40, 200), (130, 100)])
def test_placed_values_and_tiles_of_a_network_that_normalises(size: tuple[int, int]) -> None:
    """No weights are needed: the fake network is four lines, and its file goes by its name."""
    model = FakeAutoencoder(halo=None, max_tile=9, drift=0.6)

    def network(z: NDArray[Any]) -> NDArray[Any]:
        return model.decode(torch.from_numpy(z.astype(np.float32))[None])[0].numpy()

    data = encode_picture(Picture(drawn.scene(*size)), model, Wish(quality=60)).data
    assert {"TILED", "PLACED"} <= flags_of(data)
    assert_alike(read(data, None, network), decode_file(container.unpack(data), model))


def test_every_flag_is_set_in_some_file_that_the_reader_knows() -> None:
    data = (GOLDEN / "container-every-flag.sdz").read_bytes()
    header = container.read_header(data)
    head = read_head(dict(read_chunks(data))["H"])
    # TRAINED, never with PLACED, is that of every file that lite-1 writes.
    assert head.flags == set(FLAGS) - {"TRAINED"}
    assert "TRAINED" in flags_of((GOLDEN / "lite-1.sdz").read_bytes())
    assert (head.width, head.height, head.step) == (header.width, header.height, header.step)
    assert header.report is not None
    assert head.report == (header.report.score, header.report.worst, header.report.psnr)
    assert header.tiling is not None
    assert (head.tile, head.overlap) == (header.tiling.tile, header.tiling.overlap)
    assert (head.group, tuple(head.channel_steps)) == (header.group, header.channel_steps)


def test_models_and_flags_are_those_of_the_package() -> None:
    known = {one.number: (one.name, one.channels, one.factor) for one in container.WELL_KNOWN}
    assert known == MODELS
    page = (ROOT / "docs" / "format.md").read_text(encoding="utf-8")
    for number, (name, channels, factor) in MODELS.items():
        assert f"| {number} | {name} | {channels} | {factor} |" in page
    for bit, flag in enumerate(FLAGS):
        assert f"| {flag} | {bit} | {1 << bit} |" in page


def test_the_weights_hash() -> None:
    assert weights_hash(editions.WEIGHTS) == editions.weights_hash()


def test_other_weights_are_refused(tmp_path: Path) -> None:
    places, tensors = entries(editions.WEIGHTS)
    other = bytearray(editions.WEIGHTS.read_bytes())
    other[len(other) - len(tensors) + places["decoder.enter.bias"]["data_offsets"][0]] ^= 1
    (tmp_path / "other.safetensors").write_bytes(other)
    with pytest.raises(Refused, match="other weights"):
        read(sdz.encode(drawn.as_file(SMALL)), tmp_path / "other.safetensors")


def test_both_refuse_what_is_damaged() -> None:
    """Every field of the smallest golden file, one byte changed, with its CRC made right or not."""
    golden = (GOLDEN / "lite-1.sdz").read_bytes()
    for place in range(60):
        data = bytearray(golden)
        data[place] ^= 0x40
        with pytest.raises(sdz.errors.FormatError):
            container.unpack(bytes(data))
        with pytest.raises(Refused):
            read(bytes(data), editions.WEIGHTS)
    for end in (0, 7, 20, 50, len(golden) - 1):
        with pytest.raises(Refused):
            read(golden[:end], editions.WEIGHTS)
    with pytest.raises(Refused, match="goes on"):
        read(golden + b"\0", editions.WEIGHTS)
