"""Bytes of whole files by the trained coder over those by the adaptive one, of the same latents.

Each decides the roundings by its own costs, as its files have it, so the errors differ a little:
the change of PSNR stands beside the ratio. The integers that the adaptive coder chose, coded by
either, compare the bytes alone. The adaptive coder's are in one stream, where they are fewest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.pictures import Picture
from sdz import container
from sdz.codec.draft import NOT_MEASURED
from sdz.codec.fidelity import psnr
from sdz.codec.latents import code_latents, to_symbols
from sdz.codec.pixels import Picture as Settled
from sdz.codec.source import Source
from sdz.codec.through import to_pixels
from sdz.container import SdzFile
from sdz.entropy.trained import encode_symbols
from sdz.pictures import load_model

QUALITIES = (15, 33, 50, 70)


@dataclass(frozen=True)
class Pair:
    """One picture at one quality: bytes of the files, PSNR in dB, bytes of the same integers."""

    trained: int
    adaptive: int
    trained_psnr: float
    adaptive_psnr: float
    same_trained: int
    same_adaptive: int


def run(model: str, pictures: list[Picture]) -> None:
    """Print a line for each quality: sums over the pictures, and the worst of them."""
    loaded = load_model(model)
    if loaded.quantiser.statistics is None:
        raise SystemExit(f"{model} has no trained coder")
    sources = [Source.of(Settled(np.asarray(p.image)), loaded, 50) for p in pictures]
    print(
        "bytes a file by the trained coder, over the adaptive coder's (the highest of a picture),"
    )
    print("PSNR less the adaptive coder's, bytes of the same integers over the adaptive coder's\n")
    print(f"{'quality':>7}{'bytes':>9}{'ratio':>9}{'highest':>10}{'dB':>9}{'same':>9}")
    for quality in QUALITIES:
        pairs = [pair_of(source, quality) for source in sources]
        trained, adaptive = sum(p.trained for p in pairs), sum(p.adaptive for p in pairs)
        same = sum(p.same_trained for p in pairs) / sum(p.same_adaptive for p in pairs)
        gain = np.mean([p.trained_psnr - p.adaptive_psnr for p in pairs])
        print(
            f"{quality:7}{trained / len(pairs):9.0f}{trained / adaptive:9.4f}"
            f"{max(p.trained / p.adaptive for p in pairs):10.4f}{gain:+9.4f}{same:9.4f}",
            flush=True,
        )


def pair_of(source: Source, quality: float) -> Pair:
    """Code the latents of ``source``, whose model has statistics, both ways."""
    code, quantiser = source.code_for_quality(quality), source.model.quantiser
    sizes, noises = [], []
    for trained in (True, False):
        header = replace(source.header, step=code, trained=trained, report=NOT_MEASURED)
        coded = code_latents(source.latents, quantiser, code, header)
        sizes.append(len(container.pack(SdzFile(header, coded.streams))))
        noises.append(psnr(source.picture.rgb, to_pixels(source.model, coded.values, header)))
    same = _bytes(source, to_symbols(coded.values), code)  # the adaptive coder's, the last
    return Pair(*sizes, *noises, same, coded.size)


def _bytes(source: Source, symbols: np.ndarray, code: int) -> int:
    """Of these integers, by the trained coder."""
    statistics = source.model.quantiser.statistics
    assert statistics is not None
    return sum(
        len(encode_symbols(symbols[:, y : y + h, x : x + w], statistics, code))
        for y, x, h, w in source.header.groups()
    )
