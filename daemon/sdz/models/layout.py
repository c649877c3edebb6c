"""Folders in diffusers layout: what may be used, and what the config says of it.

Looks at ``config.json`` and the header of the safetensors file only; nothing is executed and no
network is built. Pickled weights (``.bin``, ``.pt``, ``.ckpt``) are refused: opening one can run
code. Needs neither torch nor numpy.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sdz.container import FACTORS, MAX_CHANNELS
from sdz.errors import BadModel
from sdz.models.known import CONFIG_FILE, WEIGHTS_FILE, DiffusersKind
from sdz.models.weights import TensorPlace, read_header

MAX_CONFIG = 256 << 10
PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl")


@dataclass(frozen=True, slots=True)
class Layout:
    """An autoencoder in a folder. Latents are stored as (z - shift) * scaling."""

    folder: Path
    weights: Path
    kind: DiffusersKind
    channels: int
    factor: int
    scaling: float
    shift: float


def read_layout(folder: Path) -> Layout:
    """Read what a folder holds, or its subfolder ``vae`` if it is a whole pipeline.

    Raises BadModel, with the reason, if sdz cannot use it.
    """
    if not (folder / CONFIG_FILE).is_file() and (folder / "vae" / CONFIG_FILE).is_file():
        folder = folder / "vae"
    config = _read_config(folder)
    kind = config.get("_class_name")
    if kind == "AutoencoderKL":
        channels, factor = _kl_shape(config)
        scaling, shift = config.get("scaling_factor", 0.18215), config.get("shift_factor")
        first_layer = "decoder.conv_in.weight"
    elif kind == "AutoencoderTiny":
        channels, factor = _tiny_shape(config, str(folder))
        scaling, shift = config.get("scaling_factor", 1.0), config.get("shift_factor")
        first_layer = "decoder.layers.0.weight"
    else:
        raise BadModel(
            str(folder),
            f"expected the class AutoencoderKL or AutoencoderTiny, found {kind!r}",
        )
    layout = Layout(
        folder=folder,
        weights=_find_weights(folder),
        kind=kind,
        channels=channels,
        factor=factor,
        scaling=_number(folder, "scaling_factor", scaling),
        shift=0.0 if shift is None else _number(folder, "shift_factor", shift),
    )
    _check(layout, config, read_header(layout.weights), first_layer)
    return layout


def _read_config(folder: Path) -> dict[str, Any]:
    path = folder / CONFIG_FILE
    try:
        with path.open("rb") as file:
            text = file.read(MAX_CONFIG + 1)
        if len(text) > MAX_CONFIG:
            raise BadModel(str(folder), f"{CONFIG_FILE} is larger than {MAX_CONFIG} bytes")
        config = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise BadModel(str(folder), f"{CONFIG_FILE} cannot be read ({error})") from error
    if not isinstance(config, dict):
        raise BadModel(str(folder), f"{CONFIG_FILE} is not an object")
    return config


def _find_weights(folder: Path) -> Path:
    """Find the one safetensors file: the usual name, or the only one there is."""
    usual = folder / WEIGHTS_FILE
    if usual.is_file():
        return usual
    if list(folder.glob("*.safetensors.index.json")):
        raise BadModel(str(folder), "its weights are split into several files")
    found = sorted(folder.glob("*.safetensors"))
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(path.name for path in found)
        raise BadModel(str(folder), f"expected {WEIGHTS_FILE}, found several others: {names}")
    pickled = sorted(path.name for path in folder.iterdir() if path.suffix in PICKLED)
    if pickled:
        raise BadModel(str(folder), pickled_reason(pickled[0]))
    raise BadModel(str(folder), f"it has no {WEIGHTS_FILE}")


def pickled_reason(name: str) -> str:
    """Say why a folder that has only the pickled weights ``name`` is refused."""
    return f"its weights are only in {name}, which can run code when opened; safetensors is needed"


def _kl_shape(config: dict[str, Any]) -> tuple[Any, int]:
    """Latent channels and factor: every block of the encoder but the last halves the size."""
    blocks = config.get("block_out_channels", [64])
    return config.get("latent_channels", 4), 2 ** (_length(blocks) - 1)


def _tiny_shape(config: dict[str, Any], where: str) -> tuple[Any, int]:
    """Latent channels and factor: every stage but one changes the size."""
    encoder = 2 ** (_length(config.get("num_encoder_blocks", [1, 3, 3, 3])) - 1)
    stages = _length(config.get("num_decoder_blocks", [3, 3, 3, 1]))
    upsampling = config.get("upsampling_scaling_factor", 2)
    if not isinstance(upsampling, int) or upsampling ** (stages - 1) != encoder:
        raise BadModel(where, "its decoder does not give back the size its encoder takes")
    return config.get("latent_channels", 4), encoder


def _length(blocks: Any) -> int:
    """Length of a list of blocks; 99, which no factor allows, if it is none."""
    return len(blocks) if isinstance(blocks, list) and blocks else 99


def _number(folder: Path, field: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadModel(str(folder), f"{field} should be a number, found {value!r}")
    return float(value)


def _check(
    layout: Layout, config: dict[str, Any], tensors: dict[str, TensorPlace], first_layer: str
) -> None:
    """Check the config against what sdz can do and against the weights."""
    where = str(layout.folder)
    for field in ("in_channels", "out_channels"):
        if config.get(field, 3) != 3:
            raise BadModel(where, f"{field} should be 3 (red, green, blue): {config[field]!r}")
    if type(layout.channels) is not int or not 1 <= layout.channels <= MAX_CHANNELS:
        raise BadModel(where, f"latent_channels should be 1 to {MAX_CHANNELS}: {layout.channels!r}")
    if layout.factor not in FACTORS:
        raise BadModel(where, f"it reduces the size by other than {FACTORS}")
    if layout.scaling <= 0:
        raise BadModel(where, f"scaling_factor should be over 0, found {layout.scaling}")
    if config.get("latents_mean") is not None or config.get("latents_std") is not None:
        raise BadModel(where, "it normalises latents by channel, which sdz does not do yet")
    if not any(name.startswith("encoder.") for name in tensors):
        raise BadModel(where, "its weights hold no encoder")
    if first_layer not in tensors:
        raise BadModel(where, f"its weights hold no {first_layer}")
    shape = tensors[first_layer].shape
    if len(shape) != 4 or shape[1] != layout.channels:
        raise BadModel(
            where, f"the config says {layout.channels} latent channels, the decoder is {shape}"
        )
