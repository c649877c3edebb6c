"""The autoencoders known by name: where they come from and what is pinned of them; data only.

Revisions and hashes were collected from public projects that pin the same files, each found in
at least two of them. A weights hash that is not known is None: it is recorded at the first
pull and held to from then on (trust on first use); the revision is pinned all the same, and a
revision of the hub names its content. Needs no numpy, so that listing models is cheap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DiffusersKind = Literal["AutoencoderKL", "AutoencoderTiny"]
Kind = Literal["lite"] | DiffusersKind
Family = Literal["sd1", "sdxl", "sd3", "flux"]

BUILT_IN = "lite-1"
WEIGHTS_FILE = "diffusion_pytorch_model.safetensors"
CONFIG_FILE = "config.json"


@dataclass(frozen=True, slots=True)
class Known:
    """A model on the hub. ``weights_sha256`` is that of the whole file, hex, or None."""

    name: str
    kind: Kind
    family: Family
    channels: int
    repo: str
    revision: str
    weights_sha256: str | None
    subfolder: str = ""
    factor: int = 8


KNOWN: dict[str, Known] = {
    model.name: model
    for model in (
        Known(
            name="sd14",
            kind="AutoencoderKL",
            family="sd1",
            channels=4,
            repo="CompVis/stable-diffusion-v1-4",
            subfolder="vae",
            revision="133a221b8aa7292a167afc5127cb63fb5005638b",
            weights_sha256=None,
        ),
        Known(
            name="sd-mse",
            kind="AutoencoderKL",
            family="sd1",
            channels=4,
            repo="stabilityai/sd-vae-ft-mse",
            revision="31f26fdeee1355a5c34592e401dd41e45d25a493",
            weights_sha256="a1d993488569e928462932c8c38a0760b874d166399b14414135bd9c42df5815",
        ),
        Known(
            name="sdxl",
            kind="AutoencoderKL",
            family="sdxl",
            channels=4,
            repo="madebyollin/sdxl-vae-fp16-fix",
            revision="207b116dae70ace3637169f1ddd2434b91b3a8cd",
            weights_sha256="1b909373b28f2137098b0fd9dbc6f97f8410854f31f84ddc9fa04b077b0ace2c",
        ),
        Known(
            name="taesd",
            kind="AutoencoderTiny",
            family="sd1",
            channels=4,
            repo="madebyollin/taesd",
            revision="614f76814bbe30edbe2e627ace1c2234c81a2c0e",
            weights_sha256="db169d69145ec4ff064e49d99c95fa05d3eb04ee453de35824a6d0f325513549",
        ),
        Known(
            name="taesdxl",
            kind="AutoencoderTiny",
            family="sdxl",
            channels=4,
            repo="madebyollin/taesdxl",
            revision="b20258aaef75ef61e659c1e0f14f251cf0ad153e",
            weights_sha256="ff4824aca94dd6111e0340fa749347fb74101060d9712cb5ef1ca8f1cf17502f",
        ),
        Known(
            name="taesd3",
            kind="AutoencoderTiny",
            family="sd3",
            channels=16,
            repo="madebyollin/taesd3",
            revision="d58dcaccd2b36fcb7a6b9e93c1cc507acab5a778",
            weights_sha256="6f79c1397cb9ce1dac363722dbe70147aee0ccca75e28338f8482fe515891399",
        ),
        Known(
            name="taef1",
            kind="AutoencoderTiny",
            family="flux",
            channels=16,
            repo="madebyollin/taef1",
            revision="b1b2d00e9e440cfbf3dedb34266864da86016ceb",
            weights_sha256="47a6c2bff850da04b267cab70fe3553fef57255eb9a8e76852baa0a87850e54d",
        ),
    )
}


def family_of(channels: int, scaling: float, shift: float) -> Family | None:
    """The family whose latent space has this scaling and shift factor, or None.

    Fine-tuned autoencoders keep the latent space, and with it the preview, of the family that
    they come from. Factors as in the published configs of the four.
    """
    spaces: dict[tuple[int, float, float], Family] = {
        (4, 0.18215, 0.0): "sd1",
        (4, 0.13025, 0.0): "sdxl",
        (16, 1.5305, 0.0609): "sd3",
        (16, 0.3611, 0.1159): "flux",
    }
    return spaces.get((channels, scaling, shift))
