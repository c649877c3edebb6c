from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from sdz import models
from sdz.codec.autoencoder import Quantiser
from sdz.errors import ModelMissing, UnknownModel
from sdz.models import editions, lite, lite_tables, lite_torch
from sdz.models.known import KNOWN
from sdz.models.quantiser import UniformQuantiser

# Number, channels and factor as the format's table of well-known models has them.
SHAPES = {
    "sd14": (4, 8),
    "sd-mse": (4, 8),
    "sdxl": (4, 8),
    "taesd": (4, 8),
    "taesdxl": (4, 8),
    "taesd3": (16, 8),
    "taef1": (16, 8),
}


def test_known_models_are_those_of_the_format() -> None:
    assert {name: (model.channels, model.factor) for name, model in KNOWN.items()} == SHAPES


@pytest.mark.parametrize("name", KNOWN)
def test_a_known_model_is_described_without_being_there(name: str) -> None:
    known = models.describe(name)
    assert isinstance(known.quantiser, Quantiser)
    assert (known.quantiser.channels, known.factor) == SHAPES[name]
    assert known.quantiser.steps(32768).shape == (known.quantiser.channels,)
    assert known.weights_hash is None
    assert known.repo == KNOWN[name].repo
    assert len(KNOWN[name].revision) == 40
    with pytest.raises(ModelMissing, match=f"sdz models pull {name}"):
        models.load(name)


def test_unknown_names_say_what_is_known() -> None:
    for ask in (models.describe, models.load):
        with pytest.raises(UnknownModel, match=r"lite-1, sd14.*sdz models add DIR --name other"):
            ask("other")


def test_an_added_model_is_described_from_its_record(save_tiny: Callable[..., Path]) -> None:
    row = models.add(save_tiny(latent_channels=6), "own")
    known = models.describe("own")
    assert (known.quantiser.channels, known.factor, known.kind) == (6, 8, "AutoencoderTiny")
    assert known.preview is None
    assert known.weights_hash is not None
    assert known.weights_hash.hex() == row.weights_hash


@pytest.mark.parametrize(
    ("like", "config"),
    [
        ("sd14", {}),
        ("sdxl", {"scaling_factor": 0.13025}),
        ("taesd3", {"latent_channels": 16, "scaling_factor": 1.5305, "shift_factor": 0.0609}),
        ("taef1", {"latent_channels": 16, "scaling_factor": 0.3611, "shift_factor": 0.1159}),
        (None, {"scaling_factor": 0.5}),
    ],
)
def test_an_added_models_preview_is_that_of_its_latent_space(
    save_kl: Callable[..., Path], like: str | None, config: dict[str, float]
) -> None:
    models.add(save_kl(**config), "own")
    own = models.describe("own").preview
    if like is None:
        assert own is None
    else:
        family = models.describe(like).preview
        assert own is not None
        assert family is not None
        np.testing.assert_array_equal(own.rows, family.rows)


def test_the_built_in_model_comes_from_its_own_tables(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    weights = tmp_path / "weights"
    weights.write_bytes(b"12345")
    tables = SimpleNamespace(quantiser=UniformQuantiser(96), preview=np.zeros((97, 12), np.float32))
    network = object()
    monkeypatch.setattr(lite_tables, "tables", lambda _: tables)
    monkeypatch.setattr(editions, "weights_hash", lambda _: b"abcdefgh")
    monkeypatch.setattr(editions, "WEIGHTS", weights)
    monkeypatch.setattr(lite, "load", lambda path, _: (network, path))
    monkeypatch.setattr(lite_torch, "load", lambda device, *_: (network, device))
    known = models.describe("lite-1")
    assert (known.quantiser.channels, known.factor, known.weights_hash) == (96, 16, b"abcdefgh")
    assert known.preview is not None
    assert known.preview.side == 2
    assert models.load("lite-1") == (network, weights)
    assert models.load("lite-1", "meta") == (network, "meta")
    [row, *_] = models.list_models()
    assert (row.name, row.state, row.size, row.repo) == ("lite-1", "built-in", 5, None)
    assert models.verify("lite-1") == row


def test_describing_and_listing_load_no_torch() -> None:
    code = (
        "import sys; from sdz import models; "
        "[models.describe(row.name) for row in models.list_models() if row.state == 'missing']; "
        "from sdz.models import preview; "
        "print(sorted({'torch', 'diffusers', 'huggingface_hub'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
