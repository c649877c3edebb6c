"""Autoencoders by diffusers' own classes, AutoencoderKL and AutoencoderTiny, as the codec's.

The only file that knows diffusers. Weights are read from safetensors and nothing else, into
float32: the original SDXL decoder overflows in half precision. diffusers' own tiling stays off:
its tiles are not in the file, and AutoencoderTiny's assume four channels. Latents are the
posterior mean and are never clipped: an outlier may carry what the whole picture needs.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from diffusers import AutoencoderKL, AutoencoderTiny

from sdz.errors import BadModel
from sdz.models.description import Description
from sdz.models.records import Installed

KL_MAX_TILE = 128
"""AutoencoderKL needs about 0.2 MB a latent beyond its weights: 3.2 GB for 128 x 128 (1024 px)."""

TINY_MAX_TILE = 128


class DiffusersAutoencoder:
    """A ``sdz.codec.autoencoder.Autoencoder`` around one of diffusers' classes."""

    def __init__(
        self, module: Any, description: Description, installed: Installed, device: str
    ) -> None:
        self._module = module
        self._device = torch.device(device)
        self._scaling, self._shift = installed.scaling, installed.shift
        self.name = description.name
        self.quantiser = description.quantiser
        self.factor = description.factor
        self.weights_hash = installed.weights_hash
        self._tiny = installed.kind == "AutoencoderTiny"
        self.halo = tiny_halo(module.config) if self._tiny else None
        self.max_tile = TINY_MAX_TILE if self._tiny else KL_MAX_TILE

    @torch.inference_mode()
    def encode(self, pixels: torch.Tensor) -> torch.Tensor:
        """[1, 3, H, W] sRGB in 0..1 -> [1, C, H / factor, W / factor] posterior mean, scaled."""
        encoded = self._module.encode(self._arrange(pixels * 2 - 1))
        mean = encoded.latents if self._tiny else encoded.latent_dist.mode()
        latents: torch.Tensor = (mean - self._shift) * self._scaling
        return latents.contiguous()

    @torch.inference_mode()
    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """[1, C, h, w] scaled latents -> [1, 3, h * factor, w * factor] sRGB, not clamped."""
        z = self._arrange(latents.to(self._device) / self._scaling + self._shift)
        pixels: torch.Tensor = self._module.decode(z).sample / 2 + 0.5
        return pixels.contiguous()

    def _arrange(self, x: torch.Tensor) -> torch.Tensor:
        return x.to(self._device, torch.float32, memory_format=torch.channels_last)


def open_installed(
    installed: Installed, description: Description, device: str
) -> DiffusersAutoencoder:
    """Build the network of an installed model and load its weights.

    Raises BadModel if diffusers cannot read it, or if the weights do not fill the network exactly:
    diffusers itself would leave what is missing at random values and only warn.
    """
    network: Any = AutoencoderTiny if installed.kind == "AutoencoderTiny" else AutoencoderKL
    where = str(installed.folder)
    try:
        module, loaded = network.from_pretrained(
            where,
            use_safetensors=True,
            local_files_only=True,
            torch_dtype=torch.float32,
            output_loading_info=True,
        )
    except (OSError, ValueError, TypeError, RuntimeError, KeyError) as error:
        raise BadModel(where, f"diffusers cannot load it ({error})") from error
    for trouble in ("missing_keys", "unexpected_keys", "mismatched_keys", "error_msgs"):
        if loaded.get(trouble):
            first = sorted(map(str, loaded[trouble]))[0]
            raise BadModel(where, f"weights and config do not agree: {trouble} {first}")
    module = module.eval().requires_grad_(False).to(device, memory_format=torch.channels_last)
    return DiffusersAutoencoder(module, description, installed, device)


def tiny_halo(config: Any) -> int | None:
    """Radius, in latents, of AutoencoderTiny, which is convolutions, clamps and nothing else.

    The larger of the two networks' reaches, counted backwards from their results; a block is
    three 3x3 convolutions. Decoder: each stage ends in one more; nearest-neighbour upsampling by
    u turns a reach of r into ceil(r / u). Encoder: a 3x3 convolution of stride 2 turns r into
    2 r + 1. Both are 19 for TAESD. None for another way of upsampling.
    """
    if config.upsample_fn != "nearest":
        return None
    *stages, last = (int(blocks) for blocks in config.num_decoder_blocks)
    decoder = 1 + 3 * last
    for blocks in reversed(stages):
        decoder = math.ceil((decoder + 1) / int(config.upsampling_scaling_factor)) + 3 * blocks
    decoder += 1
    first, *stages = (int(blocks) for blocks in config.num_encoder_blocks)
    encoder = 1
    for blocks in reversed(stages):
        encoder = 2 * (encoder + 3 * blocks) + 1
    pixels = encoder + 3 * first + 1
    return max(decoder, math.ceil(pixels / (1 << len(stages))))
