"""The codecs compared: a name, a range of integer settings, an encoder and a decoder each.

Settings rise with size. Peers are set as their users would for the web: JPEG optimised and
progressive, WebP method 6, AVIF speed 4, JPEG XL effort 7. The codec of 2022 needs the weights of
Stable Diffusion 1.4: `sdz models pull sd14`.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, features

from sdz.codec.fidelity import psnr


@dataclass(frozen=True)
class Codec:
    """One codec. ``curve``: the settings whose results draw its rate-distortion curve."""

    name: str
    encode: Callable[[Image.Image, int], bytes]
    decode: Callable[[bytes], Image.Image]
    low: int
    high: int
    curve: tuple[int, ...]
    own: bool = False


def available(model: str, *, searching: bool = False) -> tuple[list[Codec], list[str]]:
    """The codecs that work here, sdz first, and a line for each that does not.

    ``searching``: sdz at high effort too, which takes some sixteen times as long.
    """
    makers: dict[str, Callable[[], Codec]] = {f"sdz {model}": lambda: _sdz(model)}
    if searching:
        makers[f"sdz {model}, high effort"] = lambda: _sdz(model, "high")
    makers |= {
        "JPEG": _jpeg,
        "WebP": _webp,
        "AVIF": avif,
        "JPEG XL": _jpeg_xl,
        "2022 palette": _palette,
    }
    found, missing = [], []
    for name, make in makers.items():
        try:
            codec = make()
            check(Image.new("RGB", (40, 24), "teal"), codec, codec.high)
        except Exception as error:  # whatever keeps a codec from working keeps it from the table
            missing.append(f"left out: {name} ({type(error).__name__}: {error})")
        else:
            found.append(codec)
    return found, missing


def chosen(codecs: list[Codec], names: list[str] | None) -> list[Codec]:
    """Those of these names, all without any; exits where a name is none of theirs."""
    known = [codec.name for codec in codecs]
    if unknown := sorted(set(names or ()) - set(known)):
        raise SystemExit(f"no codec here is called {', '.join(unknown)}: {', '.join(known)}")
    return [codec for codec in codecs if not names or codec.name in names]


def check(image: Image.Image, codec: Codec, setting: int) -> tuple[bytes, Image.Image]:
    """(file, decoded picture) of ``image``; exits unless it is the same picture, roughly."""
    data = codec.encode(image, setting)
    decoded = codec.decode(data)
    verify(image, decoded, f"{codec.name} at {setting}")
    return data, decoded


def verify(image: Image.Image, decoded: Image.Image, what: str) -> None:
    """Exit with a word when ``decoded`` has another size or shows something else."""
    if decoded.size != image.size or decoded.mode != "RGB":
        raise SystemExit(f"{what}: {image.size} RGB came back as {decoded.size} {decoded.mode}")
    noise = psnr(np.asarray(image), np.asarray(decoded))
    if noise < 14:
        raise SystemExit(f"{what}: another picture came back ({noise:.1f} dB)")


def _pillow(
    name: str,
    form: str,
    curve: tuple[int, ...],
    *,
    low: int = 0,
    high: int = 100,
    **options: object,
) -> Codec:
    def encode(image: Image.Image, setting: int) -> bytes:
        out = io.BytesIO()
        image.save(out, form, quality=setting, **options)
        return out.getvalue()

    def decode(data: bytes) -> Image.Image:
        image = Image.open(io.BytesIO(data))
        image.load()
        return image

    return Codec(name, encode, decode, low, high, curve)


def _jpeg() -> Codec:
    curve = (5, 8, 12, 18, 26, 36, 50, 65, 78, 88)
    return _pillow("JPEG", "JPEG", curve, low=1, high=95, optimize=True, progressive=True)


def _webp() -> Codec:
    return _pillow("WebP", "WEBP", (0, 4, 10, 20, 35, 50, 65, 78, 86, 92), method=6)


def avif(speed: int = 4) -> Codec:
    """AVIF by Pillow; ``speed``: 0 to 10, from the smallest files to the soonest."""
    if not features.check("avif"):
        raise ImportError("this Pillow was built without AVIF")
    return _pillow("AVIF", "AVIF", (5, 12, 20, 28, 36, 44, 54, 64, 74, 82), speed=speed)


def _jpeg_xl() -> Codec:
    import pillow_jxl  # noqa: F401 (registers itself with Pillow)

    curve = (5, 10, 18, 27, 38, 50, 62, 74, 84, 90)  # 100 would be lossless, and fails
    return _pillow("JPEG XL", "JXL", curve, high=99, effort=7)


def _palette() -> Codec:
    from benchmarks import palette
    from sdz.pictures import load_model

    model = load_model("sd14")

    def encode(image: Image.Image, setting: int) -> bytes:
        return palette.encode(image, model, setting)

    def decode(data: bytes) -> Image.Image:
        return palette.decode(data, model)

    return Codec("2022 palette", encode, decode, 2, 256, (4, 8, 16, 32, 64, 128, 256))


def _sdz(model: str, effort: str = "normal") -> Codec:
    import sdz

    def encode(image: Image.Image, setting: int) -> bytes:
        return sdz.encode(image, model=model, quality=setting, effort=effort)

    name, curve = f"sdz {model}", (1, 6, 12, 20, 30, 40, 50, 60, 75, 90)
    if effort == "high":  # fewer points: each takes as long as fifteen
        name, curve = f"{name}, high effort", (1, 12, 30, 50, 75)
    return Codec(name, encode, sdz.decode, 1, 100, curve, own=True)
