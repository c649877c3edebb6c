"""Every variant that this machine has gives the same bits, however the work is split."""

from __future__ import annotations

import networks
import numpy as np
import pytest

from sdz.errors import KernelMissing
from sdz.network import network_of
from sdz.network.library import FORCED, VARIANTS, library

NETWORKS = [
    network_of(tensors, ValueError) for tensors in (networks.network(), networks.at_the_limit())
]
OTHERS = [name for name in library().variants() if name != "plain"]


@pytest.mark.parametrize("variant", OTHERS)
@pytest.mark.parametrize("network", NETWORKS, ids=["usual", "limits"])
@pytest.mark.parametrize("width", [1, 2, 5, 11, 12, 13, 37, 96, 97, 200])
def test_same_bits(network: object, variant: str, width: int) -> None:
    assert isinstance(network, type(NETWORKS[0]))
    q = networks.symbols(width, network.channels, 5, width)
    plain = network.decode(q, 18000, variant="plain")
    np.testing.assert_array_equal(network.decode(q, 18000, variant=variant), plain)
    latents = network.encode(plain, variant="plain")
    np.testing.assert_array_equal(network.encode(plain, variant=variant), latents)


def test_this_machine_has_more_than_plain_c() -> None:
    """Else the test above is empty: x86-64 has SSE2, ARM NEON."""
    assert OTHERS
    assert library().best in OTHERS


def test_the_environment_forces_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FORCED, "plain")
    assert VARIANTS[library().chosen()] == "plain"
    monkeypatch.setenv(FORCED, "abacus")
    with pytest.raises(KernelMissing, match="abacus"):
        library().chosen()


@pytest.mark.parametrize("threads", [2, 3, 9, 17, 40])
@pytest.mark.parametrize("h", [1, 40, 100])
def test_same_bits_by_many_threads(threads: int, h: int) -> None:
    """From nine threads on, tall pictures are worked on in bands."""
    network = NETWORKS[0]
    q = networks.symbols(h, network.channels, h, 7)
    size = (16 * h - 3, 16 * 7 - 11)
    whole = network.decode(q, 18000)[: size[0], : size[1]]
    found = network.decode(q, 18000, size=size, threads=threads)
    np.testing.assert_array_equal(found, whole)
    latents = network.encode(whole, threads=threads)
    np.testing.assert_array_equal(latents, network.encode(whole))


def test_what_lies_far_away_changes_nothing() -> None:
    network = NETWORKS[0]
    halo = network.decoder.shape.halo()
    q = networks.symbols(4, network.channels, 3, 2 * halo + 3)
    other = q.copy()
    other[:, :, 0] ^= 5
    before, after = network.decode(q, 18000), network.decode(other, 18000)
    far = 16 * (halo + 1)
    assert (before[:, :16] != after[:, :16]).any()
    np.testing.assert_array_equal(before[:, far:], after[:, far:])
