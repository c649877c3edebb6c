"""Rate-distortion curves over whole files, and Bjontegaard's rate differences against each peer.

Writes rd.json (all figures) and rate-distortion.svg. A point of a curve is one setting: the mean
of bits per pixel and of the quality over all pictures. MS-SSIM is in decibels, -10 log10(1 - x).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from benchmarks import plots
from benchmarks.bjontegaard import rate_difference
from benchmarks.codecs import Codec, check
from benchmarks.msssim import MIN_SIDE, decibels, ms_ssim
from benchmarks.pictures import Picture
from sdz.codec.fidelity import Reference

METRICS = {"psnr": "PSNR", "msssim": "MS-SSIM", "ssimulacra2": "SSIMULACRA2"}
Curve = dict[str, list[float]]  # "bpp" and each metric, by setting
Curves = dict[str, Curve]


def run(codecs: list[Codec], pictures: list[Picture], out: Path, side_by_side: Path | None) -> None:
    """Measure, print the table of rate differences, write the figures and the plot."""
    usable = [picture for picture in pictures if min(picture.image.size) >= MIN_SIDE]
    if not usable:
        raise SystemExit(f"no picture has {MIN_SIDE} pixels a side, which MS-SSIM needs")
    curves = measure(codecs, usable)
    out.mkdir(parents=True, exist_ok=True)
    rounded = {
        name: {k: [round(v, 4) for v in vs] for k, vs in c.items()} for name, c in curves.items()
    }
    (out / "rd.json").write_text(json.dumps(rounded, indent=1) + "\n")
    plots.draw_curves(curves, METRICS, out / "rate-distortion.svg")
    _print_curves(curves)
    _print_differences(curves, codecs)
    print(f"\nwritten: {out / 'rd.json'}, {out / 'rate-distortion.svg'}")
    if side_by_side:
        plots.draw_side_by_side(codecs, usable, side_by_side)


def measure(codecs: list[Codec], pictures: list[Picture]) -> Curves:
    """The mean curve of each codec."""
    keys = ["bpp", *METRICS]
    sums = {codec.name: np.zeros((len(keys), len(codec.curve))) for codec in codecs}
    for number, picture in enumerate(pictures, 1):
        original = np.asarray(picture.image)
        reference = Reference(original)
        for codec in codecs:
            print(f"\r{picture.name} ({number} of {len(pictures)}) {codec.name:24}", end="")
            for i, setting in enumerate(codec.curve):
                data, image = check(picture.image, codec, setting)
                decoded = np.asarray(image)
                found = reference.measure(decoded)
                similar = decibels(ms_ssim(original, decoded))
                bpp = 8 * len(data) / picture.pixels
                sums[codec.name][:, i] += [bpp, found.psnr, similar, found.score]
    print("\r" + " " * 60)
    return {
        name: dict(zip(keys, (total / len(pictures)).tolist(), strict=True))
        for name, total in sums.items()
    }


def _print_curves(curves: Curves) -> None:
    print("bpp / PSNR dB / MS-SSIM dB / SSIMULACRA2")
    for name, curve in curves.items():
        points = zip(*(curve[key] for key in ("bpp", *METRICS)), strict=True)
        print(f"{name:24}" + "  ".join(f"{b:.3f}/{p:.1f}/{m:.1f}/{s:.0f}" for b, p, m, s in points))


def _print_differences(curves: Curves, codecs: list[Codec]) -> None:
    own = [codec.name for codec in codecs if codec.own] or [codecs[0].name]
    for name in reversed(own):
        print(f"\nBjontegaard rate difference of {name} (negative: smaller)")
        print(f"{'against':24}" + "".join(f"{title:>13}" for title in METRICS.values()))
        for peer, curve in curves.items():
            if peer in own[own.index(name) :]:  # itself, and what is compared with it already
                continue
            differences = [
                rate_difference(curves[name]["bpp"], curves[name][key], curve["bpp"], curve[key])
                for key in METRICS
            ]
            print(f"{peer:24}" + "".join(f"{100 * value:+11.1f} %" for value in differences))
