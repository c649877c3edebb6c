"""Pixels pinned for ever: a network made up by the tests, and what it makes of some symbols.

If one of these changes, the change is wrong: files would look otherwise than when they were made.
"""

from __future__ import annotations

import hashlib

import networks
import numpy as np
import pytest

from sdz.network import network_of

PIXELS = {
    ("usual", 1, 1): "b2700e9b76e1128fe170c76963c6f45e7eb00480e41652815f29a69bde7f1e85",
    ("usual", 9, 14): "8baab219c067a13d24cda33189d8467fc3ba539b0c8f79d35cc54e52ce7e66ad",
    ("limits", 4, 31): "12cdac6c0f98893ac241eb717abd981f4c0829975cea70a429fdf8cfb894a167",
}
LATENTS = {
    ("usual", 1, 1): "1254613c554f4d0a0536e7d1de41d819d9d9b909902e5c6cee43eae56e0c717f",
    ("usual", 91, 137): "8d49ce461db832902cbede7a8afea4d58eb525fb5b355a5ebfb575c69277052b",
    ("limits", 64, 300): "ffda8dd3261ebf6d3a8baf160d7dbdb583f71779136c6d8a7c6c18ad7392700a",
}
READY = {
    "usual": network_of(networks.network(), ValueError),
    "limits": network_of(networks.at_the_limit(), ValueError),
}


def sha256(array: np.ndarray) -> str:
    return hashlib.sha256(array.tobytes()).hexdigest()


@pytest.mark.parametrize("case", PIXELS, ids=str)
def test_pixels(case: tuple[str, int, int]) -> None:
    name, h, w = case
    q = networks.symbols(7, READY[name].channels, h, w)
    assert sha256(READY[name].decode(q, 17777)) == PIXELS[case]


@pytest.mark.parametrize("case", LATENTS, ids=str)
def test_latents(case: tuple[str, int, int]) -> None:
    name, height, width = case
    rgb = networks.picture(7, height, width)
    assert sha256(READY[name].encode(rgb).astype("<i2")) == LATENTS[case]
