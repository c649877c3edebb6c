"""The codec of 2022 on a network that needs no weights: what comes back, and what colours cost."""

from __future__ import annotations

import drawn
import numpy as np
import pytest
import torch
from PIL import Image

from benchmarks import codecs, palette
from sdz.codec.fidelity import psnr
from sdz.models.quantiser import UniformQuantiser


class Means:
    """Four channels at 1/8: the mean colours, and their brightness."""

    factor, halo, max_tile = 8, 0, 64
    quantiser = UniformQuantiser(4)

    def encode(self, pixels: torch.Tensor) -> torch.Tensor:
        means = torch.nn.functional.avg_pool2d(pixels, 8) * 6 - 3
        return torch.cat([means, means.mean(1, keepdim=True)], 1)

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.interpolate((latents[:, :3] + 3) / 6, scale_factor=8)


def test_more_colours_are_nearer_and_larger_and_any_size_comes_back() -> None:
    image = Image.fromarray(drawn.scene(203, 301))
    model = Means()
    plain = np.asarray(image.resize((38, 26), Image.Resampling.BOX).resize((301, 203)))
    rows = []
    for colours in (4, 16, 256):
        data = palette.encode(image, model, colours)
        decoded = palette.decode(data, model)
        assert decoded.size == image.size
        rows.append((len(data), psnr(plain, np.asarray(decoded))))
    assert rows == sorted(rows)
    assert rows[-1][1] > rows[0][1] + 3


def test_it_is_left_out_by_name_where_its_weights_are_not_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("SDZ_HOME", str(tmp_path))
    found, missing = codecs.available("lite-1")
    assert "2022 palette" not in [codec.name for codec in found]
    (line,) = [line for line in missing if "2022 palette" in line]
    assert "sdz models pull sd14" in line
