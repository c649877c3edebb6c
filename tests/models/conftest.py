"""Small autoencoders of the real classes, and an empty store, for the tests of the models."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SaveModel = Callable[..., Path]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store; no test may touch the user's."""
    folder = tmp_path / "home"
    monkeypatch.setenv("SDZ_HOME", str(folder))
    return folder


@pytest.fixture
def save_kl(tmp_path: Path) -> SaveModel:
    """Save an AutoencoderKL with random weights in diffusers layout; the folder."""

    def save(name: str = "kl", seed: int = 0, **config: Any) -> Path:
        import torch
        from diffusers import AutoencoderKL

        torch.manual_seed(seed)
        shape: dict[str, Any] = {
            "block_out_channels": (4, 4, 8, 8),
            "down_block_types": ("DownEncoderBlock2D",) * 4,
            "up_block_types": ("UpDecoderBlock2D",) * 4,
            "layers_per_block": 1,
            "norm_num_groups": 2,
            "sample_size": 32,
        }
        AutoencoderKL(**(shape | config)).save_pretrained(tmp_path / name)
        return tmp_path / name

    return save


@pytest.fixture
def save_tiny(tmp_path: Path) -> SaveModel:
    """Save an AutoencoderTiny with random weights in diffusers layout; the folder."""

    def save(name: str = "tiny", seed: int = 0, **config: Any) -> Path:
        import torch
        from diffusers import AutoencoderTiny

        torch.manual_seed(seed)
        shape: dict[str, Any] = {
            "encoder_block_out_channels": (8, 8, 8, 8),
            "decoder_block_out_channels": (8, 8, 8, 8),
            "num_encoder_blocks": (1, 1, 1, 1),
            "num_decoder_blocks": (1, 1, 1, 1),
        }
        AutoencoderTiny(**(shape | config)).save_pretrained(tmp_path / name)
        return tmp_path / name

    return save


@pytest.fixture
def edit_config() -> Callable[..., None]:
    """Change fields of a folder's config.json; None as a keyword's value is JSON's null."""

    def edit(folder: Path, **fields: Any) -> None:
        path = folder / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | fields))

    return edit
