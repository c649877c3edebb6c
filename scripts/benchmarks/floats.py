"""lite-1's network in integers beside the same in floats, run by onnxruntime: time and pixels.

The floats are what ``lite_torch`` makes of the edition's integers, without the roundings between
the layers.
"""

from __future__ import annotations

import io
import warnings
from statistics import mean, median

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from benchmarks.pictures import Picture
from benchmarks.timing import Spent, Work, least, machine, over
from sdz.codec.fidelity import psnr
from sdz.models import lite, lite_torch

QUALITIES = (15, 33, 50, 70, 90, 100)
TIMED_AT = 50
THREADS = (1, 2)
OPSET = 17

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]
Symbols = NDArray[np.int16]


class InFloats:
    """Decoder and encoder of an edition in onnxruntime, on so many threads."""

    def __init__(self, threads: int) -> None:
        net = lite_torch.network()
        assert net.encoder is not None
        latents = torch.zeros(1, net.shape.latents, 2, 2)
        self._decoder = _session(net.decoder, latents, threads)
        self._encoder = _session(net.encoder, torch.zeros(1, 3, 32, 32), threads)

    def decode(self, latents: Floats) -> Floats:
        """[1, C, h, w] to pixels [1, 3, 16h, 16w] around zero."""
        pixels: Floats = self._decoder.run(None, {"in": latents})[0]
        return pixels

    def encode(self, pixels: Floats) -> Floats:
        """The other way."""
        latents: Floats = self._encoder.run(None, {"in": pixels})[0]
        return latents


def run(pictures: list[Picture], rounds: int) -> None:
    """Print the PSNR that the integers lose at each quality, then the ratios of time."""
    model, rgbs = lite.load(), [_whole(picture) for picture in pictures]
    floats = InFloats(max(THREADS))
    _print_pixels(model, floats, rgbs)
    print(f"\n{machine()}")
    print(
        "milliseconds by the clock (by the processors): medians over the pictures of the least of"
        f"\n{rounds} rounds by turns; ratios are the medians of the pictures'"
    )
    print(f"{'':21}{'integers':>17}{'onnxruntime':>17}{'ratio':>16}")
    for threads in THREADS:
        _print_times(model, InFloats(threads), rgbs, threads, rounds)
    print(machine())


def compare(model: lite.Lite, floats: InFloats, rgb: Pixels, code: int) -> tuple[float, float, int]:
    """(PSNR of the integers less that of the floats, levels that pixels differ by: mean, most).

    rgb: sides multiples of 16.
    """
    symbols = _symbols(model, rgb, code)
    ours = model.network.decode(symbols, code, threads=max(THREADS))
    theirs = floats.decode(_latents(model, symbols, code))[0].transpose(1, 2, 0)
    levels = np.rint((theirs + np.float32(0.5)) * 255).clip(0, 255).astype(np.uint8)
    apart = np.abs(ours.astype(np.int16) - levels)
    return psnr(rgb, ours) - psnr(rgb, levels), float(apart.mean()), int(apart.max())


def _print_pixels(model: lite.Lite, floats: InFloats, rgbs: list[Pixels]) -> None:
    print("PSNR in integers less that in floats, of the same symbols; levels between the pixels")
    print(f"{'quality':>7}{'mean dB':>11}{'worst dB':>11}{'mean level':>12}{'most':>6}")
    for quality in QUALITIES:
        code = model.quantiser.code_for_quality(quality)
        gains, apart, most = zip(*(compare(model, floats, rgb, code) for rgb in rgbs), strict=True)
        print(
            f"{quality:7}{mean(gains):+11.5f}{min(gains):+11.5f}{mean(apart):12.4f}{max(most):6}",
            flush=True,
        )


def _print_times(
    model: lite.Lite, floats: InFloats, rgbs: list[Pixels], threads: int, rounds: int
) -> None:
    code = model.quantiser.code_for_quality(TIMED_AT)
    found = [least(_works(model, floats, rgb, code, threads), rounds) for rgb in rgbs]
    for way in ("decoder", "encoder"):
        ours, theirs = ([each[way, kind] for each in found] for kind in ("integers", "floats"))
        ratios = [
            Spent(a.clock / b.clock, a.processors / b.processors)
            for a, b in zip(ours, theirs, strict=True)
        ]
        ratio = over(ratios, median)
        print(
            f"{way}, {threads} threads{over(ours, median).ms:>19}{over(theirs, median).ms:>17}"
            f"{f'{ratio.clock:.2f} ({ratio.processors:.2f})':>16}",
            flush=True,
        )


def _works(
    model: lite.Lite, floats: InFloats, rgb: Pixels, code: int, threads: int
) -> dict[tuple[str, str], Work]:
    symbols = _symbols(model, rgb, code)
    latents = _latents(model, symbols, code)
    pixels = (rgb.transpose(2, 0, 1)[None] / np.float32(255)) - np.float32(0.5)
    return {
        ("decoder", "integers"): lambda: model.network.decode(symbols, code, threads=threads),
        ("decoder", "floats"): lambda: floats.decode(latents),
        ("encoder", "integers"): lambda: model.network.encode(rgb, threads=threads),
        ("encoder", "floats"): lambda: floats.encode(pixels),
    }


def _symbols(model: lite.Lite, rgb: Pixels, code: int) -> Symbols:
    scaled = model.encode(rgb) * model.quantiser.scales(code)[:, None, None]
    return np.rint(scaled).astype(np.int16)


def _latents(model: lite.Lite, symbols: Symbols, code: int) -> Floats:
    """[1, C, h, w], as the decoder in floats takes them."""
    return (symbols * model.quantiser.steps(code)[:, None, None])[None].astype(np.float32)


def _whole(picture: Picture) -> Pixels:
    """Its pixels [H, W, 3], without the last few where a side is no multiple of 16."""
    rgb = np.asarray(picture.image)
    height, width = (side - side % lite.FACTOR for side in rgb.shape[:2])
    return np.ascontiguousarray(rgb[:height, :width])


def _session(
    module: torch.nn.Module, example: torch.Tensor, threads: int
) -> onnxruntime.InferenceSession:
    graph = io.BytesIO()
    free = {"in": {2: "height", 3: "width"}}
    with warnings.catch_warnings():  # the exporter by tracing is the one that needs nothing else
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            *(module, (example,), graph),
            input_names=["in"],
            dynamic_axes=free,
            opset_version=OPSET,
            dynamo=False,
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    providers = ["CPUExecutionProvider"]
    return onnxruntime.InferenceSession(graph.getvalue(), options, providers=providers)
