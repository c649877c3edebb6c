"""The training pictures in the memory of the device that trains, and random crops cut there.

All pictures lie in one row of bytes; a batch of crops is one gather. Photographs are kept at
several sizes, since a network that saw only one learns that size's statistics.
"""

from __future__ import annotations

import io
import os
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from corpus import SUFFIXES
from PIL import Image
from torch import Tensor
from torch.nn import functional

SCALES = {1.0: 0.45, 0.76: 0.30, 0.56: 0.25}  # size: its share of the crops
DRAWN_SHARE = 0.10
CONTRAST = (0.75, 1.0)  # of half of the crops, about a level that keeps them within range


def read_pictures(source: Path, every: int = 1) -> list[np.ndarray]:
    """The pictures of a folder, or of a zip of pictures, as uint8 [H, W, 3], by all cores."""
    if source.is_dir():
        data = [p.read_bytes() for p in sorted(source.iterdir()) if p.suffix.lower() in SUFFIXES]
    else:
        with zipfile.ZipFile(source) as archive:
            data = [archive.read(name) for name in sorted(archive.namelist())]
    if not data:
        raise SystemExit(f"no pictures in {source}")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [p for p in pool.map(_decode, data[::every]) if p is not None]


def _decode(data: bytes) -> np.ndarray | None:
    try:
        with Image.open(io.BytesIO(data)) as opened:
            return np.asarray(opened.convert("RGB"))
    except (OSError, ValueError) as error:
        print(f"a picture is left out: {error}")
        return None


@dataclass(frozen=True)
class Side:
    """What crops of one size are cut from: pictures that are large enough, and their shares."""

    height: int
    width: int
    shares: Tensor  # running sum, [P]


class Crops:
    """Pictures on a device; ``cut`` makes batches of one size."""

    def __init__(
        self,
        pictures: list[np.ndarray],
        pages: list[np.ndarray],
        least: int,
        device: torch.device,
    ) -> None:
        """``pages``: drawn ones, kept at one size; ``least``: shortest side that is any use."""
        parts: list[Tensor] = []
        sizes: list[tuple[int, int]] = []
        weights: list[float] = []
        for picture in pictures:
            whole = torch.from_numpy(picture.copy()).to(device).permute(2, 0, 1)[None].float()
            for scale, share in SCALES.items():
                h, w = (round(side * scale) for side in picture.shape[:2])
                if min(h, w) < least:
                    continue
                scaled = whole
                if scale != 1:
                    scaled = functional.interpolate(
                        whole, (h, w), mode="bicubic", antialias=True, align_corners=False
                    )
                parts.append(_bytes(scaled))
                sizes.append((h, w))
                weights.append(share * picture.shape[0] * picture.shape[1])
        page_weight = sum(weights) * DRAWN_SHARE / (1 - DRAWN_SHARE) / max(len(pages), 1)
        for page in pages:
            parts.append(torch.from_numpy(page.copy()).to(device).reshape(-1, 3))
            sizes.append(page.shape[:2])
            weights.append(page_weight)
        self.device = device
        self.flat = torch.cat(parts)
        self.heights, self.widths = (
            torch.tensor(s, device=device) for s in zip(*sizes, strict=True)
        )
        areas = self.heights * self.widths
        self.starts = areas.cumsum(0) - areas
        self.weights = torch.tensor(weights, device=device, dtype=torch.float64)

    def side(self, height: int, width: int) -> Side:
        """Prepare to cut crops of this size; turned ones swap the two."""
        most = max(height, width)
        fits = (self.heights >= most) & (self.widths >= most)
        running = (self.weights * fits).cumsum(0)
        if not running[-1] > 0:
            raise SystemExit(f"no picture is {most} pixels wide and high")
        return Side(height, width, (running / running[-1]).float())

    def cut(self, side: Side, count: int) -> Tensor:
        """[count, H, W, 3] float32 in -0.5..0.5, flipped, turned, half with less contrast."""
        device, h, w = self.device, side.height, side.width
        r = torch.rand(7, count, device=device)
        i = torch.searchsorted(side.shares, r[0]).clamp(max=len(self.starts) - 1)
        turned = r[3] < 0.25
        high, wide = torch.where(turned, w, h), torch.where(turned, h, w)
        top = (r[1] * (self.heights[i] - high + 1)).long()
        left = (r[2] * (self.widths[i] - wide + 1)).long()
        y = torch.arange(h, device=device)[None, :, None]
        x = torch.arange(w, device=device).expand(count, w)
        x = torch.where((r[4] < 0.5)[:, None], x, w - 1 - x)[:, None, :]
        turned = turned[:, None, None]
        rows, columns = torch.where(turned, x, y), torch.where(turned, y, x)
        start = self.starts[i] + top * self.widths[i] + left
        at = start[:, None, None] + rows * self.widths[i][:, None, None] + columns
        gain = CONTRAST[0] + (CONTRAST[1] - CONTRAST[0]) * (2 * r[5]).clamp(max=1)
        level = (2 * r[6] - 1) * (1 - gain) / 2
        pixels = self.flat[at].float() / 255 - 0.5
        return pixels * gain[:, None, None, None] + level[:, None, None, None]


def _bytes(picture: Tensor) -> Tensor:
    """[1, 3, H, W] floats -> [HW, 3] bytes."""
    return picture.round().clamp(0, 255).to(torch.uint8)[0].permute(1, 2, 0).reshape(-1, 3)
