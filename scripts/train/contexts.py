"""Fit the trained coder to a frozen lite-1: ``python scripts/train/contexts.py --photos DIR ...``.

1. Crops of the photographs are encoded once and kept unrounded (``contexts_data.py``).
2. The contexts of the first channels and those of the planes are fitted, each in floats, to
   integers that are rounded at random qualities.
3. Both go on with integers that an encoder would choose by the first fit: fewer of them stand
   alone, which files of low quality are full of.
4. Weights are rounded, tables counted, bounds proved; what comes out is the coder's bytes.

``--measure DIR`` compares with the adaptive coder, the same integers, on pictures not trained on.
Times are for two cores: 10 minutes for the crops of 400 photographs, then as given. Edition 2, so
fitted, on Kodak at qualities 15, 33, 50, 70: 1.014, 0.987, 0.963, 0.961 of the adaptive bytes for
the integers that it chose, 2.0 to 4.6 ms a picture where the adaptive coder took 10 to 75.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import contexts_export
import numpy as np
import torch
from contexts_fit import batches, fit, start_levels
from contexts_measure import measure
from contexts_model import Causal, Planes
from contexts_start import contexts_of

from sdz.entropy.trained import Statistics
from sdz.models.editions import WEIGHTS
from sdz.models.lite_tables import LiteQuantiser, tables

COUNTED = 150  # batches that the tables are counted over


def crops(args: argparse.Namespace) -> list[np.ndarray]:
    """Latents of the photographs, from ``--run`` if they are there already."""
    path: Path = args.run / "latents.npz"
    if not path.exists():
        script = Path(__file__).with_name("contexts_data.py")
        command = [sys.executable, str(script), "--out", str(path), "--photos", *args.photos]
        command += ["--weights", str(args.weights), "--rounds", str(args.rounds)]
        subprocess.run(command, check=True)
    with np.load(path) as found:
        return [found[name] for name in found.files]


def export(
    causal: Causal, planes: Planes, latents: list[np.ndarray], quantiser: LiteQuantiser
) -> Statistics:
    """Integers of a fit, with tables counted on the rounding that it was fitted to."""
    source = batches(latents, quantiser, planes.channels, 77)
    return contexts_export.statistics_of(causal, planes, source, COUNTED)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", nargs="+", required=True)
    parser.add_argument("--run", type=Path, default=Path("runs/contexts"))
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="of the frozen edition")
    parser.add_argument("--out", type=Path, help="RUN/statistics.bin")
    parser.add_argument("--measure", type=Path, help="a folder of other pictures")
    parser.add_argument("--begin", type=Path, help="edition with the same order of channels")
    parser.add_argument("--causal", type=int, default=48, help="channels coded place after place")
    parser.add_argument("--hidden", type=int, default=8)
    parser.add_argument("--second", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--causal-minutes", type=float, default=28)
    parser.add_argument("--plane-minutes", type=float, default=25)
    parser.add_argument("--again-minutes", type=float, default=19)
    args = parser.parse_args()
    args.run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    latents, quantiser = crops(args), tables(args.weights).quantiser
    channels = quantiser.channels
    causal = Causal(args.causal, args.hidden)
    planes = Planes(channels, args.causal, args.second)
    earlier = tables(args.begin).quantiser.statistics if args.begin else None
    if earlier is not None:
        causal, planes = contexts_of(earlier)

    def part(model: Causal | Planes, minutes: float, rate: float, known: Statistics | None) -> None:
        wide = isinstance(model, Planes)
        seen = channels if wide else model.channels
        source = batches(latents, quantiser, seen, 1 if known is None else 2, known)
        if known is None and earlier is None and isinstance(model, Planes):
            start_levels(model, source)
        name = "planes.pt" if wide else "causal.pt"
        fit(model, source, 60 * minutes, rate, args.run / name)

    gentle = 1.0 if earlier is None else 0.5  # not to forget what is known
    part(causal, args.causal_minutes, gentle * 6e-3, None)
    part(planes, args.plane_minutes, gentle * 8e-3, None)
    known = export(causal, planes, latents, quantiser)
    part(causal, args.again_minutes, 2e-3, known)
    part(planes, args.again_minutes / 2, 2e-3, known)
    source = batches(latents, quantiser, channels, 78, known)
    known = contexts_export.statistics_of(causal, planes, source, COUNTED)
    out = args.out or args.run / "statistics.bin"
    out.write_bytes(known.to_bytes())
    print(f"{out}: {out.stat().st_size:,} bytes, SHA-256 {known.digest().hex()[:16]}")
    if args.measure:
        measure(args.measure, known, args.weights)


if __name__ == "__main__":
    main()
