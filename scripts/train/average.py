"""The mean of several runs' averaged weights: ``average.py RUN RUN --out RUN``.

Runs that part late, with other crops (``--seed``), end in one basin; the mean of their weights is
a little better than either.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import torch

PARTS = ("average", "contexts")


def mean_of(runs: list[Path]) -> dict[str, Any]:
    """What ``average.pt`` of one run has, with the mean of all; ValueError for other shapes."""
    states = [torch.load(run / "average.pt", map_location="cpu", weights_only=True) for run in runs]
    if any(state["shape"] != states[0]["shape"] for state in states):
        raise ValueError("these runs' networks differ in shape")
    found = dict(states[0])
    for part in PARTS:
        found[part] = {
            name: torch.stack([state[part][name].float() for state in states]).mean(0)
            for name in states[0][part]
        }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.save(mean_of(args.runs), args.out / "average.pt")


if __name__ == "__main__":
    main()
