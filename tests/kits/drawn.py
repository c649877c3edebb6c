"""Pictures, picture files and ICC profiles, drawn and built where they are needed."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]


def smooth(height: int, width: int) -> Pixels:
    """Slow waves of colour without an edge or noise: [height, width, 3]."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64) / 97
    planes = [np.sin(x + 2), np.sin(y * 0.8 + x * 0.3), np.cos(x * 0.6 - y)]
    return np.rint(127.5 + 90 * np.stack(planes, axis=2)).astype(np.uint8)


def scene(height: int, width: int, seed: int = 0) -> Pixels:
    """Waves, discs with edges, and a little noise: [height, width, 3]."""
    rng = np.random.default_rng(seed)
    rgb = smooth(height, width).astype(np.float64)
    y, x = np.mgrid[0:height, 0:width]
    for _ in range(8):
        cy, cx = rng.uniform(0, height), rng.uniform(0, width)
        inside = (y - cy) ** 2 + (x - cx) ** 2 < rng.uniform(2, 2 + max(height, width) / 4) ** 2
        rgb[inside] = 0.4 * rgb[inside] + 0.6 * rng.uniform(0, 255, 3)
    return np.clip(rgb + rng.normal(0, 3, rgb.shape), 0, 255).astype(np.uint8)


def letters(rgb: Pixels, top: int, left: int, count: int, ink: int = 250) -> Pixels:
    """``rgb`` with a line of light letters of no script on it, 8 pixels high and 5 wide."""
    rng = np.random.default_rng(3)
    found = rgb.copy()
    for index in range(count):
        x = left + 7 * index
        for stroke in rng.integers(0, 5, 3):
            if stroke < 2:
                found[top : top + 8, x + 2 * stroke] = ink
            else:
                y = top + 3 * (stroke - 2)
                found[y, x : x + 5] = ink
    return found


def soft_alpha(height: int, width: int) -> Pixels:
    """A disc with a soft edge, with clear corners and an opaque middle: [height, width]."""
    y, x = np.mgrid[0:height, 0:width]
    away = np.hypot((y - height / 2) / height, (x - width / 2) / width)
    return np.clip((0.45 - away) * 900, 0, 255).astype(np.uint8)


def as_file(image: Image.Image | Pixels, kind: str = "PNG", **options: Any) -> bytes:
    """The bytes of a picture file of that kind (a format's name in Pillow)."""
    if not isinstance(image, Image.Image):
        image = Image.fromarray(image)
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png_chunk(kind: bytes, payload: bytes) -> bytes:
    return (
        struct.pack(">I", len(payload))
        + kind
        + payload
        + struct.pack(">I", zlib.crc32(kind + payload))
    )


def png_header(width: int, height: int, depth: int = 8, colour: int = 2) -> bytes:
    """A PNG's signature and header, claiming that size."""
    payload = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", payload)


# --- ICC profiles, version 2.4 (ICC.1:2001-04) --------------------------------------------------

SRGB_COLORANTS = {  # of sRGB, adapted to D50
    "r": (0.4361, 0.2225, 0.0139),
    "g": (0.3851, 0.7169, 0.0971),
    "b": (0.1431, 0.0606, 0.7139),
}


def rgb_profile(order: str = "rgb", name: str = "drawn", gamma: float = 2.2) -> bytes:
    """A display profile of three primaries: those of sRGB, handed out in another ``order``."""
    tags = {
        f"{own}XYZ".encode(): _xyz(*SRGB_COLORANTS[of])
        for own, of in zip("rgb", order, strict=True)
    }
    tags |= {f"{own}TRC".encode(): _curve(gamma) for own in "rgb"}
    return _profile(b"mntr", b"RGB ", b"XYZ ", name, tags)


def grey_profile(gamma: float, name: str = "grey") -> bytes:
    """A display profile of one curve."""
    return _profile(b"mntr", b"GRAY", b"XYZ ", name, {b"kTRC": _curve(gamma)})


def cmyk_profile(name: str = "press") -> bytes:
    """A press whose inks all print neutral: only how light they are is kept, four inks are black.

    A table with two points an ink: paper at L* 100, each of C, M and Y takes 20 off, K takes 60.
    """
    ramp = bytes(range(256))
    points = []
    for inks in np.ndindex(2, 2, 2, 2):  # the last ink runs fastest
        light = max(0, 100 - 20 * sum(inks[:3]) - 60 * inks[3])
        points += [round(light * 255 / 100), 128, 128]
    matrix = struct.pack(">9i", *(65536 if at % 4 == 0 else 0 for at in range(9)))
    table = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + matrix + ramp * 4 + bytes(points) + ramp * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", name, {b"A2B0": table})


def _profile(kind: bytes, space: bytes, pcs: bytes, name: str, tags: dict[bytes, bytes]) -> bytes:
    text = name.encode() + b"\0"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)
    tags = {
        b"desc": described,
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": _xyz(0.9642, 1, 0.8249),
        **tags,
    }
    table, bodies = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for tag, body in tags.items():
        table += tag + struct.pack(">II", start + len(bodies), len(body))
        bodies += body + bytes(-len(body) % 4)
    head = struct.pack(
        ">I4sI4s4s4s12x4s", start + len(bodies), b"\0" * 4, 0x02400000, kind, space, pcs, b"acsp"
    )
    head += bytes(28) + _xyz(0.9642, 1, 0.8249)[8:] + bytes(48)
    return head + struct.pack(">I", len(tags)) + table + bodies


def _xyz(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))


def _curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
