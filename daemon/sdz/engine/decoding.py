"""A decode in the child, in three steps: open (integers), run (network), save (picture file).

Only ``run`` needs the device, and only it is done for several pictures at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sdz import container
from sdz.codec import tiles
from sdz.codec.autoencoder import Autoencoder, Described, Whole
from sdz.codec.decode import Parsed, check_model, parse_file, render
from sdz.codec.kept.opening import Opened, open_kept
from sdz.codec.latents import reconstruct
from sdz.container import Header, Kept, SdzFile
from sdz.engine.encoding import OPENING_BYTES, OPENING_BYTES_PER_PIXEL
from sdz.engine.images import write_image
from sdz.engine.jobs import DecodeJob
from sdz.engine.limits import little_memory
from sdz.errors import TooCostly
from sdz.media import MEDIA_TYPES
from sdz.models import describe_reader, reader_of
from sdz.stopping import Stopped

Pixels = NDArray[np.uint8]
Item = TypeVar("Item")
Result = TypeVar("Result")
Heeding = Callable[[int], AbstractContextManager[object]]


@dataclass(eq=False, slots=True)
class Decoding:
    """One picture on its way. ``number``: that of its order."""

    number: int
    job: DecodeJob
    file: SdzFile
    parsed: Parsed

    @classmethod
    def open(
        cls, number: int, job: DecodeJob, describe: Callable[[Header], Described] = describe_reader
    ) -> Decoding:
        """Read the file and decode its integers, unless ``describe`` knows no model that reads it.

        Raises FormatError, ModelError, Stopped, TooCostly.
        """
        file = container.unpack(job.data)
        quantiser = describe(file.header).quantiser
        return cls(number, job, file, parse_file(file, quantiser, _open_kept))

    @property
    def header(self) -> Header:
        """The file's header."""
        return self.file.header

    @property
    def model(self) -> str:
        """The model that reads the file."""
        return reader_of(self.header.model.name, self.header.weights)

    def tiles(self, model: Autoencoder) -> int:
        """How many times the network will be run for this picture alone."""
        if isinstance(model, Whole):
            return 1
        tiling = self.header.tiling
        count = 1
        for length in self.header.latent_shape[1:]:
            if tiling is not None:
                count *= len(tiles.blended_starts(length, tiling))
            else:
                count *= len(tiles.model_spans(length, model))
        return count

    @staticmethod
    def run(
        items: Sequence[Decoding], model: Autoencoder, heeding: Heeding = nullcontext
    ) -> Sequence[Pixels | None]:
        """Pixels [H, W, 3 or 4] of each, None of one that was stopped on its way.

        Several must have latents of one shape, without tiles. heeding: what each is to heed while a
        network of integers is at it, by its number.

        Raises WeightsMismatch where ``model`` is not that of the files.
        """
        for item in items:
            check_model(item.header, model)
        if isinstance(model, Whole):
            return _run_whole(items, model, heeding)
        if len(items) == 1:
            return [render(items[0].parsed, model)]
        import torch

        quantiser = model.quantiser
        latents = np.stack(
            [reconstruct(item.parsed.values, quantiser, item.header) for item in items]
        )
        pixels = model.decode(torch.from_numpy(latents)).numpy()
        return [_finish(one, item.parsed) for one, item in zip(pixels, items, strict=True)]

    def save(self, pixels: Pixels) -> tuple[bytes, str, dict[str, Any]]:
        """(bytes, media type, meta) of the picture file that was asked for."""
        job = self.job
        data, width, height = write_image(
            pixels,
            job.format,
            max_side=job.max_side,
            stored=job.stored,
            exif=self.file.exif,
            xmp=self.file.xmp,
        )
        meta = {"width": width, "height": height, "model": self.header.model.name}
        return data, MEDIA_TYPES[job.format], meta


def side_by_side(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """``work`` on each, several at once: that wastes no processor, and nobody waits for another."""
    if len(items) == 1:
        return [work(items[0])]
    with ThreadPoolExecutor(min(len(items), os.cpu_count() or 1)) as pool:
        return list(pool.map(work, items))


def _run_whole(
    items: Sequence[Decoding], model: Whole, heeding: Heeding
) -> Sequence[Pixels | None]:
    """One picture by all threads, or several by one each."""

    def one(item: Decoding) -> Pixels | None:
        try:
            with heeding(item.number):
                return render(item.parsed, model, None if len(items) == 1 else 1)
        except Stopped:
            return None

    return side_by_side(one, items)


def _finish(pixels: NDArray[np.float32], parsed: Parsed) -> Pixels:
    """[3, h * factor, w * factor] in 0..1 to [H, W, 3 or 4] uint8."""
    rgb = tiles.to_levels(pixels[:, : parsed.header.height, : parsed.header.width])
    return parsed.finished(rgb)


def _open_kept(kept: Kept) -> Opened:
    """Kept regions, in the memory that pictures of their size may take: AVIF's decoder believes its
    own header, not ours, and 2 kB took 170 MB."""
    try:
        with little_memory(OPENING_BYTES + OPENING_BYTES_PER_PIXEL * kept.area):
            return open_kept(kept)
    except MemoryError:
        raise TooCostly("memory") from None
