"""What a graphics card is worth: pictures through the engine, and Stable Diffusion's autoencoder.

    scripts/bench card                                  # the card that is there
    scripts/bench card --device cpu --small             # a rehearsal on the processor, in seconds

Ends within `--seconds` (180; with the tests that need a card, four minutes): what there is no time
left for is named, and not measured. Pictures are compared with those of the processor before times
are printed. AutoencoderKL has RANDOM weights of Stable Diffusion's architecture: its times and
memory are right, its errors show how precisions differ, and not what real weights would lose.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import card_engine, card_kl
from benchmarks.card_rows import Row
from benchmarks.timing import machine
from sdz.engine.devices import choose_device
from sdz.extras import version_of

SECONDS = 180.0


@dataclass(frozen=True)
class Plan:
    """device: cuda, mps or cpu. small: little pictures and a little network, to rehearse. left_s:
    seconds until all must be over."""

    device: str
    small: bool
    left_s: Callable[[], float]


def main(words: list[str] | None = None) -> None:
    args = _parser().parse_args(words)
    began = time.monotonic()
    plan = Plan(
        choose_device(args.device),
        args.small,
        lambda: args.seconds - (time.monotonic() - began),
    )
    facts = facts_of(plan)
    print(", ".join(f"{name} {value}" for name, value in facts.items()), flush=True)
    rows = []
    for row in measure(plan):
        print(row, flush=True)
        rows.append(row)
    choices = card_kl.choices(rows)
    print("\nby these figures, for AutoencoderKL on this device:")
    for line in choices or ["nothing: too little was measured"]:
        print(f"  {line}")
    print(f"took {time.monotonic() - began:.0f} s")
    if args.json:
        found = {"facts": facts, "rows": [asdict(row) for row in rows], "choices": choices}
        args.json.write_text(json.dumps(found, indent=1))


def measure(plan: Plan) -> Iterator[Row]:
    """All rows, the engine's first."""
    yield from card_engine.measure(plan.device, small=plan.small, left_s=plan.left_s)
    yield from card_kl.measure(plan.device, small=plan.small, left_s=plan.left_s)


def facts_of(plan: Plan) -> dict[str, Any]:
    """Where it was measured."""
    name = platform.processor() or platform.machine()
    if plan.device == "cuda":
        import torch

        name = torch.cuda.get_device_name()
    facts = {"device": plan.device, "name": name, "torch": version_of("torch")}
    facts |= {"diffusers": version_of("diffusers"), "machine": machine()}
    return facts | ({"rehearsal": "of small pictures, no figures"} if plan.small else {})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench card", description=__doc__)
    parser.add_argument("--device", default="auto", choices=("auto", "cuda", "mps", "cpu"))
    parser.add_argument("--seconds", type=float, default=SECONDS, help="end by then (180)")
    parser.add_argument("--small", action="store_true", help="little pictures, to rehearse")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all of it there")
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
