"""The guarded model is an autoencoder in every respect that the codec asks for."""

from __future__ import annotations

from sdz.codec.autoencoder import Autoencoder
from sdz.engine.guarded import Guarded
from sdz.models.fake import FakeAutoencoder


def test_it_is_an_autoencoder_with_the_properties_of_its_model() -> None:
    model = FakeAutoencoder(max_tile=64)
    guarded = Guarded(
        model, device="cpu", dtype=None, checkpoint=lambda: None, advanced=lambda: None
    )
    assert isinstance(guarded, Autoencoder)
    for name in ("name", "channels", "factor", "weights_hash", "halo", "max_tile", "trellis"):
        assert getattr(guarded, name) == getattr(model, name)
