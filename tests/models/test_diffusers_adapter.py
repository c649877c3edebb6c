from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from diffusers import AutoencoderKL, AutoencoderTiny
from safetensors.torch import load_file, save_file

from sdz import models
from sdz.codec.autoencoder import Autoencoder
from sdz.errors import BadModel, WeightsMismatch
from sdz.models import records
from sdz.models.diffusers_adapter import tiny_halo
from sdz.models.weights import decoder_sha256

WEIGHTS = "diffusion_pytorch_model.safetensors"
FLUX_LIKE: dict[str, Any] = {
    "latent_channels": 16,
    "scaling_factor": 0.3611,
    "shift_factor": 0.1159,
    "use_quant_conv": False,
    "use_post_quant_conv": False,
}


def picture(height: int = 32, width: int = 48) -> torch.Tensor:
    generator = torch.Generator().manual_seed(5)
    return torch.rand(1, 3, height, width, generator=generator)


def change_weights(folder: Path, change: Callable[[dict[str, torch.Tensor]], None]) -> None:
    tensors = load_file(folder / WEIGHTS)
    change(tensors)
    save_file(tensors, folder / WEIGHTS)


@pytest.mark.parametrize("config", [{}, FLUX_LIKE], ids=["sd", "flux"])
def test_kl_gives_the_scaled_posterior_mean(
    save_kl: Callable[..., Path], config: dict[str, Any]
) -> None:
    folder = save_kl(**config)
    models.add(folder, "own")
    model = models.load("own")
    plain = AutoencoderKL.from_pretrained(folder).eval()
    with torch.no_grad():
        # The first half of the moments is the mean; computed past diffusers' distribution class.
        moments = plain.encoder(picture() * 2 - 1)
        if plain.quant_conv is not None:
            moments = plain.quant_conv(moments)
        mean = moments.chunk(2, dim=1)[0]
    scaling, shift = plain.config.scaling_factor, plain.config.shift_factor or 0.0
    latents = model.encode(picture())
    assert latents.shape == (1, model.quantiser.channels, 4, 6)
    torch.testing.assert_close(latents, (mean - shift) * scaling, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(latents, model.encode(picture()), rtol=0, atol=0)
    with torch.no_grad():
        pixels = plain.decode(mean).sample / 2 + 0.5
    torch.testing.assert_close(model.decode(latents), pixels, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("channels", [4, 16])
def test_tiny_gives_its_latents(save_tiny: Callable[..., Path], channels: int) -> None:
    folder = save_tiny(latent_channels=channels)
    models.add(folder, "own")
    model = models.load("own")
    plain = AutoencoderTiny.from_pretrained(folder).eval()
    with torch.no_grad():
        latents = plain.encode(picture() * 2 - 1).latents
        pixels = plain.decode(latents).sample / 2 + 0.5
    torch.testing.assert_close(model.encode(picture()), latents, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(model.decode(latents), pixels, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("make", ["save_kl", "save_tiny"])
def test_it_is_an_autoencoder_as_the_codec_wants_it(
    request: pytest.FixtureRequest, make: str
) -> None:
    folder = request.getfixturevalue(make)()
    models.add(folder, "own")
    model, known = models.load("own"), models.describe("own")
    assert isinstance(model, Autoencoder)
    assert (model.name, model.quantiser.channels, model.factor) == ("own", 4, 8)
    assert model.weights_hash == known.weights_hash == decoder_sha256(folder / WEIGHTS)[:8]
    assert model.max_tile >= 64
    assert model.quantiser == known.quantiser
    latents = model.encode(picture())
    assert not latents.requires_grad
    assert latents.is_contiguous()
    assert model.decode(latents).is_contiguous()
    assert torch.is_grad_enabled()


def test_outliers_are_kept(save_kl: Callable[..., Path]) -> None:
    folder = save_kl()
    change_weights(folder, lambda tensors: tensors["quant_conv.bias"].add_(1000))
    models.add(folder, "own")
    assert models.load("own").encode(picture()).min() > 100


def test_weights_in_half_precision_run_in_single(save_tiny: Callable[..., Path]) -> None:
    folder = save_tiny()

    def halve(tensors: dict[str, torch.Tensor]) -> None:
        tensors.update({name: tensor.half() for name, tensor in tensors.items()})

    change_weights(folder, halve)
    models.add(folder, "own")
    model = models.load("own")
    assert model.encode(picture()).dtype == torch.float32
    assert model.decode(torch.zeros(1, 4, 2, 2)).dtype == torch.float32


@pytest.mark.parametrize(
    ("make", "change"),
    [
        ("save_kl", lambda tensors: tensors.pop("decoder.conv_out.bias")),
        ("save_tiny", lambda tensors: tensors.pop("encoder.layers.0.bias")),
        ("save_kl", lambda tensors: tensors.update({"decoder.new": torch.zeros(1)})),
        ("save_tiny", lambda tensors: tensors.update({"decoder.layers.0.bias": torch.zeros(9)})),
    ],
    ids=["missing", "missing in tiny", "unexpected", "other shape"],
)
def test_weights_must_fill_the_network_exactly(
    request: pytest.FixtureRequest,
    make: str,
    change: Callable[[dict[str, torch.Tensor]], None],
) -> None:
    folder = request.getfixturevalue(make)()
    change_weights(folder, change)
    models.add(folder, "own")
    with pytest.raises(BadModel):
        models.load("own")


def test_a_config_that_diffusers_refuses(
    save_kl: Callable[..., Path], edit_config: Callable[..., None]
) -> None:
    folder = save_kl()
    edit_config(folder, up_block_types=["NoSuchBlock"] * 4)
    models.add(folder, "own")
    with pytest.raises(BadModel, match="diffusers cannot load it"):
        models.load("own")


def test_old_attention_names_load_and_hash_as_the_new(save_kl: Callable[..., Path]) -> None:
    folder = save_kl()
    digest = decoder_sha256(folder / WEIGHTS)
    models.add(folder, "new")
    old_names = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}

    def rename(tensors: dict[str, torch.Tensor]) -> None:
        for name in [name for name in tensors if ".attentions." in name]:
            for new, old in old_names.items():
                if f".{new}." in name:
                    tensors[name.replace(new, old)] = tensors.pop(name)

    change_weights(folder, rename)
    assert decoder_sha256(folder / WEIGHTS) == digest
    models.add(folder, "old")
    latents = torch.zeros(1, 4, 2, 3)
    new, old = models.load("new").decode(latents), models.load("old").decode(latents)
    torch.testing.assert_close(new, old, rtol=0, atol=0)


def test_a_touched_file_is_hashed_again_before_it_is_used(save_tiny: Callable[..., Path]) -> None:
    models.add(save_tiny(), "own")
    path = records.require("own").folder / WEIGHTS
    os.utime(path, ns=(0, 0))
    assert models.load("own").name == "own"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(WeightsMismatch, match="own"):
        models.load("own")


def test_pickled_weights_beside_the_safe_ones_are_not_touched(
    save_tiny: Callable[..., Path],
) -> None:
    folder = save_tiny()
    (folder / "diffusion_pytorch_model.bin").write_bytes(b"\x80\x04.")
    models.add(folder, "own")
    assert not list(records.require("own").folder.glob("*.bin"))
    assert models.load("own").quantiser.channels == 4


def test_kl_has_no_halo(save_kl: Callable[..., Path]) -> None:
    models.add(save_kl(), "own")
    assert models.load("own").halo is None


def tiny_config(encoder: tuple[int, ...], decoder: tuple[int, ...], **more: Any) -> Any:
    config = {
        "num_encoder_blocks": encoder,
        "num_decoder_blocks": decoder,
        "upsampling_scaling_factor": 2,
        "upsample_fn": "nearest",
    }
    return SimpleNamespace(**(config | more))


def test_halo_of_taesd() -> None:
    assert tiny_halo(tiny_config((1, 3, 3, 3), (3, 3, 3, 1))) == 19
    assert tiny_halo(tiny_config((1, 3, 3, 3), (3, 3, 3, 1), upsample_fn="bilinear")) is None


def influence(run: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """How much each position [h, w] of x adds to one result, by its gradient."""
    x = x.clone().requires_grad_()
    run(x).sum().backward()
    assert x.grad is not None
    return x.grad.abs().sum((0, 1))


@pytest.mark.parametrize("blocks", [(1, 1, 1, 1), (2, 1, 0, 1), (0, 0, 0, 3)])
def test_halo_is_the_reach_of_both_networks(
    save_tiny: Callable[..., Path], blocks: tuple[int, ...]
) -> None:
    shape = {"num_encoder_blocks": blocks, "num_decoder_blocks": blocks, "act_fn": "gelu"}
    plain = AutoencoderTiny.from_pretrained(save_tiny(**shape)).double().eval()
    halo = tiny_halo(plain.config)
    assert halo is not None
    torch.manual_seed(3)
    reach = 0
    for place in range(8):  # every place of the pixel within its latent
        pixel = slice(halo * 8 + 8 + place, halo * 8 + 9 + place)
        found = influence(
            lambda z, pixel=pixel: plain.decode(z).sample[:, :, pixel, pixel],
            torch.rand(1, 4, 2 * halo + 3, 2 * halo + 3, dtype=torch.double),
        ).nonzero()
        reach = max(reach, int((found - halo - 1).abs().max()))
    centre = halo + 1
    found = influence(
        lambda x: plain.encode(x).latents[:, :, centre, centre],
        torch.rand(1, 3, (2 * halo + 3) * 8, (2 * halo + 3) * 8, dtype=torch.double),
    ).nonzero()
    latents = (found // 8 - centre).abs().max()
    assert max(reach, int(latents)) == halo
