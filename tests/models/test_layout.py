from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sdz.errors import BadModel
from sdz.models.layout import read_layout


def test_kl(save_kl: Callable[..., Path]) -> None:
    layout = read_layout(save_kl(scaling_factor=1.5305, shift_factor=0.0609, latent_channels=16))
    assert (layout.kind, layout.channels, layout.factor) == ("AutoencoderKL", 16, 8)
    assert (layout.scaling, layout.shift) == (1.5305, 0.0609)


def test_tiny(save_tiny: Callable[..., Path]) -> None:
    layout = read_layout(save_tiny(latent_channels=16))
    assert (layout.kind, layout.channels, layout.factor) == ("AutoencoderTiny", 16, 8)
    assert (layout.scaling, layout.shift) == (1.0, 0.0)


def test_old_configs_leave_factors_out(save_kl: Callable[..., Path]) -> None:
    folder = save_kl()
    text = (folder / "config.json").read_text()
    text = text.replace('"scaling_factor"', '"_unused"').replace('"shift_factor"', '"_unused_2"')
    (folder / "config.json").write_text(text)
    layout = read_layout(folder)
    assert (layout.scaling, layout.shift) == (0.18215, 0.0)


def test_a_whole_pipelines_vae_is_found(save_tiny: Callable[..., Path], tmp_path: Path) -> None:
    pipeline = tmp_path / "pipeline"
    shutil.copytree(save_tiny(), pipeline / "vae")
    assert read_layout(pipeline).folder == pipeline / "vae"


def test_the_only_safetensors_file_will_do(save_tiny: Callable[..., Path]) -> None:
    folder = save_tiny()
    weights = folder / "diffusion_pytorch_model.safetensors"
    other = weights.rename(folder / "diffusion_pytorch_model.fp16.safetensors")
    assert read_layout(folder).weights == other
    shutil.copy(other, folder / "third.safetensors")
    with pytest.raises(BadModel, match="several others"):
        read_layout(folder)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"_class_name": "AutoencoderDC"}, "AutoencoderDC"),
        ({"_class_name": None}, "None"),
        ({"in_channels": 4}, "in_channels"),
        ({"out_channels": 1}, "out_channels"),
        ({"latent_channels": 5}, "5 latent channels"),
        ({"latent_channels": 0}, "latent_channels"),
        ({"latent_channels": True}, "latent_channels"),
        ({"latent_channels": "4"}, "latent_channels"),
        ({"block_out_channels": [4] * 8}, "reduces the size"),
        ({"block_out_channels": 4}, "reduces the size"),
        ({"scaling_factor": 0}, "over 0"),
        ({"scaling_factor": float("nan")}, "should be a number"),
        ({"scaling_factor": "1"}, "should be a number"),
        ({"shift_factor": [0]}, "should be a number"),
        ({"latents_mean": [0.0] * 4}, "by channel"),
    ],
)
def test_configs_that_cannot_be_used(
    save_kl: Callable[..., Path],
    edit_config: Callable[..., None],
    fields: dict[str, Any],
    reason: str,
) -> None:
    folder = save_kl()
    edit_config(folder, **fields)
    with pytest.raises(BadModel, match=reason):
        read_layout(folder)


def test_tiny_must_give_back_the_size_it_takes(
    save_tiny: Callable[..., Path], edit_config: Callable[..., None]
) -> None:
    folder = save_tiny()
    edit_config(folder, upsampling_scaling_factor=4)
    with pytest.raises(BadModel, match="give back the size"):
        read_layout(folder)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "cannot be read"), (b"[]", "not an object"), (b" " * 300_000, "larger than")],
)
def test_configs_that_are_none(save_tiny: Callable[..., Path], content: bytes, reason: str) -> None:
    folder = save_tiny()
    (folder / "config.json").write_bytes(content)
    with pytest.raises(BadModel, match=reason):
        read_layout(folder)


def test_pickled_weights_are_refused_and_never_opened(save_tiny: Callable[..., Path]) -> None:
    folder = save_tiny()
    (folder / "diffusion_pytorch_model.safetensors").unlink()
    with pytest.raises(BadModel, match=r"no diffusion_pytorch_model\.safetensors"):
        read_layout(folder)
    (folder / "diffusion_pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(BadModel, match=r"can run code.*safetensors is needed"):
        read_layout(folder)


def test_split_weights_are_refused(save_tiny: Callable[..., Path]) -> None:
    folder = save_tiny()
    weights = folder / "diffusion_pytorch_model.safetensors"
    weights.rename(folder / "diffusion_pytorch_model-00001-of-00001.safetensors")
    (folder / "diffusion_pytorch_model.safetensors.index.json").write_text("{}")
    with pytest.raises(BadModel, match="several files"):
        read_layout(folder)


def test_not_a_folder(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match=r"config\.json cannot be read"):
        read_layout(tmp_path / "nowhere")
