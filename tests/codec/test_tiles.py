"""Tiles leave no trace: exact where they can be, blended where they cannot."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import drawn
import numpy as np
import pytest
import torch
from fake_autoencoder import FakeAutoencoder
from numpy.typing import NDArray

from sdz.codec import tiles
from sdz.codec.tiles import blended_starts, decode_picture, encode_picture, exact_spans, tiling_for
from sdz.container import Tiling
from sdz.errors import BadField, LimitExceeded
from sdz.models.lite_net import LiteNet, LiteShape
from sdz.models.lite_tables import LiteQuantiser, LiteTables
from sdz.models.lite_torch import LiteTorch

Floats = NDArray[np.float32]


def lite(max_tile: int, **shape: int) -> LiteTorch:
    """The real network with random weights, small."""
    widths = {"latents": 6, "encode_width_8": 8, "encode_width_16": 8}
    widths |= {"decode_width_16": 8, "decode_width_8": 8}
    torch.manual_seed(3)
    net = LiteNet(LiteShape(**(widths | shape)), rates=1).requires_grad_(False).eval()
    row = np.zeros((1, 6), np.float32)
    quantiser = LiteQuantiser(row, row.astype(np.int32), row[0] + 1, row)
    preview = np.zeros((7, 12), np.float32)
    known = LiteTables(quantiser, preview, "random", (0.01,))
    model = LiteTorch(net, known, bytes(8), "cpu")
    model.max_tile = max_tile
    return model


@dataclass(frozen=True, slots=True)
class Watched(FakeAutoencoder):
    """Notes the sizes, in latents, that it is run on."""

    seen: list[tuple[int, int]] = field(default_factory=list)

    def encode(self, pixels: torch.Tensor) -> torch.Tensor:
        self.seen.append((pixels.shape[2] // 8, pixels.shape[3] // 8))
        return FakeAutoencoder.encode(self, pixels)

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        self.seen.append((latents.shape[2], latents.shape[3]))
        return FakeAutoencoder.decode(self, latents)


class TestExact:
    @pytest.mark.parametrize("size", [(400, 500), (33, 700), (640, 16), (337, 449)])
    def test_tiles_give_what_the_whole_picture_gives(self, size: tuple[int, int]) -> None:
        rgb = drawn.scene(*size)
        whole, tiled = lite(1000), lite(20)
        assert tiled.halo == 7
        latents = encode_picture(whole, rgb, None)
        # Convolutions of another size may add in another order: the last bits are free.
        assert np.allclose(encode_picture(tiled, rgb, None), latents, rtol=0, atol=1e-5)
        one, other = (decode_picture(model, latents * 9, *size, None) for model in (whole, tiled))
        assert np.abs(one.astype(int) - other).max() <= 1
        assert (one != other).mean() < 1e-3
        assert one.std() > 1

    @pytest.mark.parametrize("shape", [{}, {"decode_8": 1, "encode_16": 0}, {"decode_16": 0}])
    def test_halo_reaches_as_far_as_the_network_and_hardly_further(
        self, shape: dict[str, int]
    ) -> None:
        model = lite(1000, **shape)
        assert model.halo is not None
        side, middle = 41, 20
        latents = torch.zeros(1, 6, side, side)
        plain = model.decode(latents)
        latents[0, :, middle, middle] = 50
        changed = (model.decode(latents) != plain).any(1)[0].any(0).nonzero() // 16
        decoder = int((changed - middle).abs().max())

        pixels = torch.full((1, 3, 16 * side, 16 * side), 0.5)
        plain = model.encode(pixels)
        pixels[..., 16 * middle : 16 * middle + 16, 16 * middle : 16 * middle + 16] = 50
        changed = (model.encode(pixels) != plain).any(1)[0].any(0).nonzero()
        encoder = int((changed - middle).abs().max())
        assert max(decoder, encoder) <= model.halo <= max(decoder, encoder) + 2

    def test_memory_is_bounded_by_max_tile(self) -> None:
        model = Watched(halo=2, max_tile=16)
        rgb = drawn.smooth(8 * 50, 8 * 33)
        latents = encode_picture(model, rgb, None)
        decode_picture(model, latents, *rgb.shape[:2], None)
        assert len(model.seen) > 8
        # The last tile takes in a rest that is shorter than the margin.
        assert max(max(size) for size in model.seen) <= 16 + 2

    def test_without_a_halo_the_whole_is_run_at_once(self) -> None:
        model = Watched(halo=None, max_tile=64, drift=0.5)
        rgb = drawn.smooth(8 * 60, 8 * 62)
        latents = encode_picture(model, rgb, tiling_for(model, 60, 62))
        decode_picture(model, latents, *rgb.shape[:2], None)
        assert model.seen == [(60, 62), (60, 62)]

    @pytest.mark.parametrize(
        ("length", "tile", "halo"), [(1, 4, 2), (9, 4, 0), (100, 7, 3), (48, 48, 7)]
    )
    def test_spans_keep_everything_once(self, length: int, tile: int, halo: int) -> None:
        spans = exact_spans(length, tile, halo)
        kept = [at for span in spans for at in range(span.keep_start, span.keep_stop)]
        assert kept == list(range(length))
        for span in spans:
            assert span.start == max(0, span.keep_start - halo)
            assert span.stop == min(length, span.keep_stop + halo)


class TestPixels:
    @pytest.mark.parametrize("size", [(1, 1), (7, 300), (300, 7), (8, 8), (65, 129)])
    def test_any_size_comes_back(self, size: tuple[int, int]) -> None:
        rgb = np.full((*size, 3), (200, 100, 50), np.uint8)
        model = FakeAutoencoder()
        latents = encode_picture(model, rgb, None)
        assert latents.shape == (12, -(-size[0] // 8), -(-size[1] // 8))
        assert latents.dtype == np.float32
        assert np.array_equal(decode_picture(model, latents, *size, None), rgb)

    def test_the_edge_is_continued_not_darkened(self) -> None:
        rgb = np.full((9, 9, 3), 255, np.uint8)
        latents = encode_picture(FakeAutoencoder(), rgb, None)
        assert np.allclose(latents, 2)

    def test_values_are_rounded_and_cut(self) -> None:
        values = np.array([-1, 0.4 / 255, 0.6 / 255, 254.4 / 255, 2], np.float32)
        latents = np.repeat((values - 0.5) * 4, 1)[None, None].repeat(12, 0)
        found = decode_picture(FakeAutoencoder(), latents, 8, 40, None)
        assert found[0, ::8, 0].tolist() == [0, 0, 1, 254, 255]

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38])
    def test_latents_of_a_hostile_file_give_some_picture(self, value: float) -> None:
        latents = np.full((6, 2, 2), value, np.float32)
        assert decode_picture(lite(100), latents, 30, 30, None).shape == (30, 30, 3)


def seam(rgb: NDArray[np.uint8], tiling: Tiling, axis: int) -> float:
    """Mean absolute step across the borders of tiles over that across other latents' borders."""
    values = rgb.astype(float).swapaxes(0, axis)
    length = values.shape[0] // 8
    steps = np.abs(np.diff(values, axis=0)).mean((1, 2))[7::8]
    starts = blended_starts(length, tiling)
    borders = {x for start in starts for x in (start, start + tiling.tile) if 0 < x < length}
    at_border = np.isin(np.arange(1, len(steps) + 1), sorted(borders))
    return float(steps[at_border].mean() / steps[~at_border].mean())


class TestBlended:
    MODEL = FakeAutoencoder(halo=None, max_tile=16, drift=0.4)
    BLENDED, HARD = Tiling(16, 4), Tiling(16, 0)

    @pytest.mark.parametrize("axis", [0, 1])
    def test_there_is_no_seam_to_be_seen(self, axis: int) -> None:
        rgb = drawn.smooth(8 * 61, 8 * 77)
        latents = encode_picture(self.MODEL, rgb, None)
        size = rgb.shape[:2]
        blended = seam(decode_picture(self.MODEL, latents, *size, self.BLENDED), self.BLENDED, axis)
        hard = seam(decode_picture(self.MODEL, latents, *size, self.HARD), self.HARD, axis)
        assert blended < 1.1
        assert hard > 2

    @pytest.mark.parametrize("size", [(17, 16), (16, 17), (30, 34), (5, 100), (31, 33)])
    def test_blending_equal_tiles_changes_nothing(self, size: tuple[int, int]) -> None:
        model = FakeAutoencoder(halo=None, max_tile=16)
        rgb = drawn.scene(8 * size[0] - 3, 8 * size[1] - 5)
        whole = encode_picture(model, rgb, None)
        latents = encode_picture(model, rgb, self.BLENDED)
        assert np.allclose(latents, whole, rtol=0, atol=1e-6)
        one, other = (decode_picture(model, whole, *rgb.shape[:2], t) for t in (None, self.BLENDED))
        assert np.abs(one.astype(int) - other).max() <= 1

    def test_tiles_are_no_larger_than_asked(self) -> None:
        model = Watched(halo=None, max_tile=16)
        rgb = drawn.smooth(8 * 50, 8 * 20)
        encode_picture(model, rgb, self.BLENDED)
        assert set(model.seen) == {(16, 16)}

    @pytest.mark.parametrize("length", [1, 16, 17, 28, 29, 100])
    def test_starts_cover_the_axis(self, length: int) -> None:
        starts = blended_starts(length, self.BLENDED)
        assert starts[0] == 0
        assert starts[-1] + 16 >= length
        assert starts == sorted(set(starts))
        assert all(b - a <= 12 for a, b in pairwise(starts))


class TestGeometry:
    def test_only_where_it_is_needed(self) -> None:
        normalising = FakeAutoencoder(halo=None, max_tile=16)
        assert tiling_for(normalising, 16, 16) is None
        assert tiling_for(normalising, 3, 17) == Tiling(16, 4)
        assert tiling_for(FakeAutoencoder(halo=0, max_tile=16), 500, 500) is None

    @pytest.mark.parametrize(
        ("halo", "tiling"), [(None, None), (None, Tiling(65535, 0)), (0, Tiling(400, 10))]
    )
    def test_a_file_cannot_ask_for_any_amount_at_once(
        self, halo: int | None, tiling: Tiling | None
    ) -> None:
        model = FakeAutoencoder(halo=halo, max_tile=16)
        latents = np.zeros((12, 9, 300), np.float32)
        with pytest.raises(LimitExceeded, match="run at once is 2700, the limit is 1024"):
            decode_picture(model, latents, 72, 2400, tiling)

    def test_nor_for_tiles_that_only_take_time(self) -> None:
        latents = np.zeros((12, 30, 30), np.float32)
        with pytest.raises(BadField, match="view tile expected at least 8, found 1"):
            decode_picture(FakeAutoencoder(), latents, 240, 240, Tiling(1, 0))

    def test_what_the_encoder_chooses_is_accepted(self) -> None:
        for side in (1, 16, 17, 70_000 // 8):
            model = FakeAutoencoder(halo=None, max_tile=16)
            tiles.check_tiling(model, side, 1, tiling_for(model, side, 1))
