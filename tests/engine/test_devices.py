"""Which device, and whether half precision will do on it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from fake_autoencoder import FakeAutoencoder

from sdz.engine.devices import (
    agrees_in_half,
    card_may_be_here,
    choose_device,
    half_precision_is_safe,
)
from sdz.errors import DeviceMissing


class Sensitive:
    """The fake network, whose result in half precision is off by ``error`` levels of 255."""

    def __init__(self, error: float, encode_error: float = 0.0) -> None:
        self._fake = FakeAutoencoder()
        self._error, self._encode_error = error, encode_error
        self.quantiser, self.factor, self.halo = self._fake.quantiser, 8, 0

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        pixels = self._fake.decode(latents) * 0.1 + 0.4
        return pixels + self._error / 255 if in_half() else pixels

    def encode(self, pixels: torch.Tensor) -> torch.Tensor:
        latents = self._fake.encode(pixels)
        return latents + self._encode_error if in_half() else latents


def in_half() -> bool:
    return torch.is_autocast_enabled("cpu")


@pytest.fixture
def no_accelerator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


@pytest.mark.usefixtures("no_accelerator")
def test_without_an_accelerator_auto_is_the_processor() -> None:
    assert choose_device("auto") == "cpu"


@pytest.mark.usefixtures("no_accelerator")
@pytest.mark.parametrize("wanted", ["cuda", "mps"])
def test_what_is_not_there_is_not_replaced(wanted: str) -> None:
    with pytest.raises(DeviceMissing) as caught:
        choose_device(wanted)
    assert (caught.value.wanted, caught.value.found) == (wanted, ("cpu",))


def test_a_card_is_looked_for_where_a_driver_shows_itself(tmp_path: Path) -> None:
    assert not card_may_be_here(tmp_path)
    (tmp_path / "nvidiactl").touch()
    assert card_may_be_here(tmp_path)


def test_auto_does_not_load_torch_to_find_that_there_is_no_card() -> None:
    program = (
        "import sys; from sdz.engine import devices as d; d.card_may_be_here = lambda: False;"
        "assert d.choose_device('auto') == 'cpu'; print('torch' in sys.modules)"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["False"]


def test_auto_prefers_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr("sdz.engine.devices.card_may_be_here", lambda: True)
    assert choose_device("auto") == "cuda"
    assert choose_device("cpu") == "cpu"


@pytest.mark.parametrize(
    ("model", "agrees"),
    [
        (Sensitive(0), True),
        (Sensitive(0.9), True),
        (Sensitive(2.5), False),
        (Sensitive(float("nan")), False),
        (Sensitive(float("inf")), False),
        (Sensitive(0, float("nan")), False),
        (Sensitive(0, 5.0), False),
    ],
)
def test_half_precision_must_give_the_same_pixels(model: Any, agrees: bool) -> None:
    assert agrees_in_half(model, "cpu", torch.bfloat16) is agrees


def test_half_precision_is_for_gpus_and_for_convolutions() -> None:
    assert not half_precision_is_safe(FakeAutoencoder(halo=None), "cuda")
    assert not half_precision_is_safe(FakeAutoencoder(), "cpu")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_lite_1_on_a_card_is_within_a_level_of_its_integers() -> None:
    import drawn

    import sdz
    from sdz import container
    from sdz.codec.decode import decode_file
    from sdz.models import load

    file = container.unpack(sdz.encode(drawn.as_file(drawn.scene(300, 400)), quality=70))
    here, there = (decode_file(file, load("lite-1", device)) for device in ("cpu", "cuda"))
    assert np.abs(here.astype(int) - there).max() <= 1
