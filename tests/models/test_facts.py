"""What is said of models before they are fetched: of all of them, and true where it can be seen."""

from __future__ import annotations

import pytest

from sdz.models.facts import ABOUT
from sdz.models.known import BUILT_IN, KNOWN


def test_every_model_has_its_facts() -> None:
    assert set(ABOUT) == {BUILT_IN, *KNOWN}
    assert all(about.purpose and about.licence for about in ABOUT.values())
    assert all(about.bytes and about.needs for name, about in ABOUT.items() if name in KNOWN)


@pytest.mark.parametrize("name", KNOWN)
def test_the_size_is_that_of_the_network(name: str) -> None:
    """Its weights in 32 bits; the family's usual shape, which has not changed since the first."""
    torch = pytest.importorskip("torch")
    import diffusers  # type: ignore[import-untyped]

    known = KNOWN[name]
    with torch.device("meta"):
        if known.kind == "AutoencoderKL":
            blocks = 4
            network = diffusers.AutoencoderKL(
                down_block_types=("DownEncoderBlock2D",) * blocks,
                up_block_types=("UpDecoderBlock2D",) * blocks,
                block_out_channels=(128, 256, 512, 512),
                layers_per_block=2,
                latent_channels=known.channels,
            )
        else:
            network = diffusers.AutoencoderTiny(latent_channels=known.channels)
    size = sum(4 * weights.numel() for weights in network.parameters())
    assert size == pytest.approx(ABOUT[name].bytes, rel=0.03)
