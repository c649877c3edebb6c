"""The losses of the training measure what they are named for."""

from __future__ import annotations

import torch
from edges import block_edges


def test_edges_are_jumps_on_block_lines_that_were_not_there() -> None:
    smooth = (torch.linspace(0, 0.4, 64) + torch.linspace(0, 0.2, 64)[:, None]).expand(1, 3, 64, 64)
    stairs = smooth + 0.004 * (torch.arange(64) // 8)
    beside = smooth + 0.004 * ((torch.arange(64) + 4) // 8)
    assert block_edges(smooth, smooth).item() == 0
    assert block_edges(smooth + 0.1, smooth).item() < 1e-3
    assert block_edges(stairs, smooth).item() > 0.1
    assert block_edges(beside, smooth).item() < 1e-3
    assert block_edges(stairs, stairs).item() == 0
