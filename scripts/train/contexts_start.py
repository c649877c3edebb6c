"""Contexts to begin a fit with: those of an edition whose channels are in the same order."""

from __future__ import annotations

import contexts_tables as tables
import numpy as np
import torch
from contexts_model import KNOTS, Causal, Planes
from torch import Tensor

from sdz.entropy.trained import Statistics
from sdz.entropy.trained.pairs import squared


def contexts_of(statistics: Statistics) -> tuple[Causal, Planes]:
    """The floats that ``contexts_export.weights_of`` made the statistics' integers of."""
    sizes = statistics.sizes
    n, lowest = sizes.causal, tables.LOWEST
    causal, planes = Causal(n, sizes.hidden), Planes(sizes.channels, n, sizes.second)

    def get(name: str, scale: int) -> Tensor:
        return torch.from_numpy(statistics.arrays[name].astype(np.float32) / scale)

    def before(name: str, scale: int, count: int, first: int = 0) -> Tensor:
        return torch.from_numpy(squared(get(name, scale).numpy(), count, first))

    knots = (torch.tensor(KNOTS, dtype=torch.float32) - 30000) / 12000
    near = get("near", 4096)  # a line over the knots, but for rounding
    pairs = before("plane_earlier", 2048, sizes.planes, n)  # [M, C, G, 2]
    found = {
        "near": near.mean(2),
        "near_code": near @ (knots - knots.mean()) / (knots - knots.mean()).square().sum(),
        "cross": before("cross", 4096, n, 0),
        "own": get("own", 2048),
        "earlier": before("earlier", 2048, n, 0).permute(0, 2, 1, 3),
        "pools": before("pools", 2048, n, 0).permute(0, 2, 1),
        "filled": get("share", 2048),
        "bias": get("bias", 65536),
        "out": get("out", 1024),
        "rest": get("rest", 1 << 20) + lowest,
    }
    found["near"] -= found["near_code"] * knots.mean()
    causal.load_state_dict(found, strict=False)
    planes.load_state_dict(
        {
            "earlier": pairs.permute(0, 2, 3, 1).reshape_as(planes.earlier),
            "windows": get("windows", 2048),
            "bias": get("plane_bias", 65536),
            "ring": get("ring", 2048),
            "first_half": get("half", 2048),
            "second": get("later", 65536),
            "out": get("plane_out", 1024),
            "rest": get("plane_rest", 1 << 20) + lowest,
        },
        strict=False,
    )
    return causal, planes
