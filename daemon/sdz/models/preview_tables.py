"""The linear maps from latents to a small picture, by family of autoencoders; numbers only.

Each table has a row for every latent channel and a last one for the bias; its columns are red,
green and blue in 0..1 sRGB, for latents shifted and scaled to about unit variance.
"""

from __future__ import annotations

Rows = tuple[tuple[float, float, float], ...]

# Fitted by scripts/fit_preview.py: least squares over 32 photographs reduced to 1/8.
# On the 24 Kodak pictures, which it was not fitted to: 23.2 dB, worst 20.9 dB. The factors that
# ComfyUI publishes for this family (latent_formats.py, SD15) reach 18.6 dB there.
SD1: Rows = (
    (0.1415, 0.1105, 0.1101),
    (0.0809, 0.1235, 0.0404),
    (-0.0631, 0.0793, 0.0921),
    (-0.0858, -0.1059, -0.2575),
    (0.4543, 0.4573, 0.4314),
)


def _published(factors: Rows, bias: tuple[float, float, float]) -> Rows:
    """ComfyUI's factors give a picture in -1..1; ours are in 0..1, bias last."""
    halves = tuple((r / 2, g / 2, b / 2) for r, g, b in factors)
    return (*halves, ((bias[0] + 1) / 2, (bias[1] + 1) / 2, (bias[2] + 1) / 2))


# The next three: latent_rgb_factors and latent_rgb_factors_bias of the classes SDXL, SD3 and Flux
# in ComfyUI's comfy/latent_formats.py, which take latents scaled as ours are.
SDXL = _published(
    (
        (0.3651, 0.4232, 0.4341),
        (-0.2533, -0.0042, 0.1068),
        (0.1076, 0.1111, -0.0362),
        (-0.3165, -0.2492, -0.2188),
    ),
    (0.1084, -0.0175, -0.0011),
)

SD3 = _published(
    (
        (-0.0922, -0.0175, 0.0749),
        (0.0311, 0.0633, 0.0954),
        (0.1994, 0.0927, 0.0458),
        (0.0856, 0.0339, 0.0902),
        (0.0587, 0.0272, -0.0496),
        (-0.0006, 0.1104, 0.0309),
        (0.0978, 0.0306, 0.0427),
        (-0.0042, 0.1038, 0.1358),
        (-0.0194, 0.0020, 0.0669),
        (-0.0488, 0.0130, -0.0268),
        (0.0922, 0.0988, 0.0951),
        (-0.0278, 0.0524, -0.0542),
        (0.0332, 0.0456, 0.0895),
        (-0.0069, -0.0030, -0.0810),
        (-0.0596, -0.0465, -0.0293),
        (-0.1448, -0.1463, -0.1189),
    ),
    (0.2394, 0.2135, 0.1925),
)

FLUX = _published(
    (
        (-0.0346, 0.0244, 0.0681),
        (0.0034, 0.0210, 0.0687),
        (0.0275, -0.0668, -0.0433),
        (-0.0174, 0.0160, 0.0617),
        (0.0859, 0.0721, 0.0329),
        (0.0004, 0.0383, 0.0115),
        (0.0405, 0.0861, 0.0915),
        (-0.0236, -0.0185, -0.0259),
        (-0.0245, 0.0250, 0.1180),
        (0.1008, 0.0755, -0.0421),
        (-0.0515, 0.0201, 0.0011),
        (0.0428, -0.0012, -0.0036),
        (0.0817, 0.0765, 0.0749),
        (-0.1264, -0.0522, -0.1103),
        (-0.0280, -0.0881, -0.0499),
        (-0.1262, -0.0982, -0.0778),
    ),
    (-0.0329, -0.0718, -0.0851),
)
