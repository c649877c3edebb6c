"""Pictures whose colours, turn and number are said in every way that we know of.

Each shows the same four patches, unless it says otherwise. What they must become is worked out here
from the standards (IEC 61966-2-1, SMPTE ST 2084, BT.2100, SMPTE RP 177), not by the package.
``python tests/kits/inputs.py`` prints the table of docs/pictures.md.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import drawn
import numpy as np
import pillow_heif
import pillow_jxl  # noqa: F401 - teaches Pillow to write JPEG XL
from numpy.typing import NDArray
from PIL import Image

import sdz.pillow  # noqa: F401 - or it is asked last, behind all that Pillow itself knows

PATCHES = np.array([[[200, 60, 50], [60, 180, 70]], [[50, 70, 190], [128, 128, 128]]], np.uint8)
SIDE = 32  # of a patch
BT2020 = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), (0.3127, 0.3290))
P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.3127, 0.3290))
BT709 = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), (0.3127, 0.3290))
ADOBE = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), (0.3127, 0.3290))

Light = NDArray[np.float64]


@dataclass(frozen=True)
class Input:
    """A file. about: for the table. wanted: its patches, [h, w, 3]. levels: how near. refused: by
    ``only`` (single, whole), or nothing. note: part of what is said. pillow: whether Pillow, asked
    by a program that has the bytes alone, still knows.
    """

    about: str
    data: bytes
    wanted: NDArray[np.uint8]
    levels: int = 2
    refused: str = ""
    note: str = ""
    pillow: bool = True


# --- the standards' own formulas ----------------------------------------------------------------


def light(values: NDArray[np.uint8]) -> Light:
    """sRGB to light, 1 for white (IEC 61966-2-1)."""
    v = values / 255
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def matrix(primaries: tuple[tuple[float, float], ...]) -> Light:
    """RGB to XYZ (SMPTE RP 177)."""
    p = np.array([[x, y, 1 - x - y] for x, y in primaries]).T
    white = p[:, 3] / p[1, 3]
    return p[:, :3] * np.linalg.solve(p[:, :3], white)


def by(primaries: tuple[tuple[float, float], ...], rgb: Light) -> Light:
    """Light by the primaries of BT.709 as light by others."""
    return rgb @ (np.linalg.inv(matrix(primaries)) @ matrix(BT709)).T


def ours(primaries: tuple[tuple[float, float], ...], rgb: Light) -> NDArray[np.uint8]:
    """Light by others as values of sRGB."""
    own = rgb @ (np.linalg.inv(matrix(BT709)) @ matrix(primaries)).T
    return np.rint(np.clip(srgb(own), 0, 1) * 255).astype(np.uint8)


def srgb(rgb: Light) -> Light:
    """Light to values of sRGB, 0 to 1."""
    return np.where(rgb <= 0.0031308, 12.92 * rgb, 1.055 * np.maximum(rgb, 0) ** (1 / 2.4) - 0.055)


def pq(rgb: Light) -> Light:
    """Light, 1 for 203 cd/m2, to PQ."""
    y = (np.maximum(rgb, 0) * 203 / 10000) ** (2610 / 16384)
    return ((3424 / 4096 + 2413 / 128 * y) / (1 + 2392 / 128 * y)) ** (2523 / 32)


def light_of_pq(values: Light) -> Light:
    """PQ to light, 1 for 203 cd/m2."""
    v = values ** (32 / 2523)
    y = np.maximum(v - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * v)
    return y ** (16384 / 2610) * 10000 / 203


def hlg(rgb: Light) -> Light:
    """Light of a display of 1,000 cd/m2, 1 for 203, to HLG: BT.2100's OOTF turned round, OETF."""
    shown = np.maximum(rgb, 0) * 203 / 1000
    luma = shown @ np.array([0.2627, 0.6780, 0.0593])
    scene = shown * luma[..., None] ** ((1 - 1.2) / 1.2)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    low = np.sqrt(3 * np.minimum(scene, 1 / 12))
    return np.where(scene <= 1 / 12, low, a * np.log(np.maximum(12 * scene - b, 1e-9)) + c)


def bt709(rgb: Light) -> Light:
    """Light by BT.709's OETF."""
    return np.where(rgb < 0.018, 4.5 * rgb, 1.099 * np.maximum(rgb, 0) ** 0.45 - 0.099)


# --- files ----------------------------------------------------------------------------------------


def spread(patches: NDArray[np.generic], side: int = SIDE) -> NDArray[np.generic]:
    """Patches of that many pixels a side."""
    return patches.repeat(side, 0).repeat(side, 1)


def bytes_of(values: Light) -> NDArray[np.uint8]:
    return np.asarray(spread(np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)), np.uint8)


def png(values: Light, *chunks: tuple[bytes, bytes], depth: int = 8) -> bytes:
    """Values of 0 to 1 as a PNG with chunks before its pixels."""
    top = 2**depth - 1
    kind = ">u2" if depth == 16 else "u1"
    pixels = spread(np.rint(np.clip(values, 0, 1) * top).astype(kind))
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    height, width = pixels.shape[:2]
    body = b"".join(drawn.png_chunk(*chunk) for chunk in chunks)
    end = drawn.png_chunk(b"IDAT", zlib.compress(rows)) + drawn.png_chunk(b"IEND", b"")
    return drawn.png_header(width, height, depth) + body + end


def cicp(primaries: int, transfer: int) -> tuple[bytes, bytes]:
    return b"cICP", bytes((primaries, transfer, 0, 1))


def gama(value: int) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", value)


def chrm(primaries: tuple[tuple[float, float], ...]) -> tuple[bytes, bytes]:
    points = [round(v * 100_000) for pair in (primaries[3], *primaries[:3]) for v in pair]
    return b"cHRM", struct.pack(">8I", *points)


def iccp(profile: bytes) -> tuple[bytes, bytes]:
    return b"iCCP", b"x\0\0" + zlib.compress(profile)


def nclx(data: bytes, primaries: int, transfer: int) -> bytes:
    """A file with other code points in its box of colours."""
    at = data.index(b"colrnclx") + 8
    return data[:at] + struct.pack(">HH", primaries, transfer) + data[at + 4 :]


def stored(data: bytes) -> NDArray[np.uint8]:
    """The patches of a lossy file as any decoder has them: what they mean is another matter."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)[SIDE // 2 :: SIDE, SIDE // 2 :: SIDE]


def avif(values: Light, **options: object) -> bytes:
    return drawn.as_file(bytes_of(values), "AVIF", quality=100, subsampling="4:4:4", **options)


def heic(*pictures: NDArray[np.uint8], **options: object) -> bytes:
    made = pillow_heif.from_pillow(Image.fromarray(pictures[0]))
    for more in pictures[1:]:
        made.add_from_pillow(Image.fromarray(more))
    for name in ("thumbnails",):
        if name in options:
            made[0].info[name] = options.pop(name)
    out = io.BytesIO()
    made.save(out, quality=-1, chroma=444, **options)
    return out.getvalue()


def deep_heic(values: Light, primaries: int, transfer: int) -> bytes:
    """10 bits a channel."""
    wide = spread(np.rint(np.clip(values, 0, 1) * 65535).astype(np.uint16))
    size = (wide.shape[1], wide.shape[0])
    made = pillow_heif.from_bytes(mode="RGB;16", size=size, data=wide.tobytes())
    out = io.BytesIO()
    made.save(
        out,
        quality=-1,
        chroma=444,
        color_primaries=primaries,
        transfer_characteristics=transfer,
        matrix_coefficients=9,
        full_range_flag=1,
    )
    return out.getvalue()


def jp2_with_profile(pixels: NDArray[np.uint8], profile: bytes) -> bytes:
    """The enumerated colours of a JPEG 2000 file in exchange for a profile."""
    data = drawn.as_file(pixels, "JPEG2000")
    at = data.index(b"colr") - 4
    old = int.from_bytes(data[at : at + 4], "big")
    new = struct.pack(">I4sBBB", 11 + len(profile), b"colr", 2, 0, 0) + profile
    head = data.index(b"jp2h") - 4
    size = int.from_bytes(data[head : head + 4], "big") + len(new) - old
    return data[:head] + struct.pack(">I", size) + data[head + 4 : at] + new + data[at + old :]


def jxl(pixels: NDArray[np.uint8], **options: object) -> bytes:
    return drawn.as_file(pixels, "JXL", lossless=True, **options)


def jxl_that_says(data: bytes, turn: int = 1, *, animated: bool = False) -> bytes:
    """A bare codestream that says its turn, or that it is animated (ISO/IEC 18181-1, annex D).

    Of an animated one the frames are not made to fit: its header alone is good.
    """
    bits = "".join(f"{byte:08b}"[::-1] for byte in data[2:40])
    at = 4 + 5 if bits[0] == "1" else 4 + 2 + (9, 13, 18, 30)[int(bits[1:3][::-1], 2)]
    if bits[at - 3 : at] == "000":  # no ratio: the width follows
        at += 5 if bits[0] == "1" else 2 + (9, 13, 18, 30)[int(bits[at : at + 2][::-1], 2)]
    assert bits[at : at + 2] == "00"  # neither all_default nor extra_fields
    rest = at + 2 + 8  # depth, buffers, channels, XYB, colours: all as they are usually
    more = f"01{turn - 1:03b}"[:2] + f"{turn - 1:03b}"[::-1] + "00"
    more += "1" + 7 * "0" if animated else "0"
    head = bits[:at] + more + bits[at + 2 : rest] + "1" + bits[rest : rest + 3]  # tone mapping
    head += "0" * (-len(head) % 8)
    packed = bytes(int(head[i : i + 8][::-1], 2) for i in range(0, len(head), 8))
    return data[:2] + packed + data[2 + -(-(rest + 3) // 8) :]


def exif(**tags: object) -> bytes:
    found = Image.Exif()
    if "turn" in tags:
        found[0x0112] = tags["turn"]
    if "interop" in tags:
        found.get_ifd(0x8769)[0xA005] = {1: tags["interop"]}
    return found.tobytes()


# --- the list -------------------------------------------------------------------------------------

SCENE = light(PATCHES)
BRIGHT = np.concatenate([SCENE, [[[1.0, 1.0, 1.0], [4.0, 4.0, 4.0]]]])  # 203 and 812 cd/m2
PAIR = np.zeros((SIDE, 2 * SIDE, 3), np.uint8)  # wider than high: turning shows
PAIR[:, :SIDE], PAIR[:, SIDE:] = PATCHES[0]
TURNED = PATCHES[0][:, None]  # by orientation 6 the left one is above
OTHER = 255 - PAIR


def colours() -> Iterator[Input]:
    """Colours, said in every way."""
    wide, p3 = by(BT2020, SCENE), srgb(by(P3, SCENE))
    adobe = np.maximum(by(ADOBE, SCENE), 0) ** (256 / 563)
    grey = drawn.rgb_profile(gamma=1.0)
    hdr = "left out: light of over 203 cd/m2"
    yield Input("PNG, nothing said", png(srgb(SCENE)), PATCHES)
    data = png(SCENE, iccp(grey))
    yield Input("PNG, ICC (linear)", data, ours(BT709, stored(data) / 255))
    yield Input("PNG, cICP Display P3", png(p3, cicp(12, 13)), PATCHES, pillow=False)
    yield Input("PNG, cICP before iCCP", png(p3, cicp(12, 13), iccp(grey)), PATCHES, pillow=False)
    yield Input("PNG, cICP BT.709 curve", png(bt709(SCENE), cicp(1, 1)), PATCHES, pillow=False)
    data = png(SCENE, cicp(1, 8), depth=16)
    yield Input("PNG of 16 bits, cICP linear", data, PATCHES, pillow=False)
    data = png(pq(wide), cicp(9, 16), depth=16)
    yield Input("PNG of 16 bits, cICP PQ up to white", data, PATCHES, pillow=False)
    data = png(hlg(wide), cicp(9, 18), depth=16)
    yield Input("PNG of 16 bits, cICP HLG up to white", data, PATCHES, pillow=False)
    data = png(pq(by(BT2020, BRIGHT)), cicp(9, 16), depth=16)
    yield Input("PNG of 16 bits, cICP PQ, HDR", data, PATCHES, 2, "whole", hdr, pillow=False)
    data = png(SCENE, gama(100_000))
    yield Input("PNG, gAMA linear", data, ours(BT709, stored(data) / 255))
    data = png(adobe, gama(45471), chrm(ADOBE))
    yield Input("PNG, gAMA and cHRM of Adobe RGB", data, PATCHES)
    yield Input("PNG, cHRM alone (P3)", png(p3, chrm(P3)), PATCHES)
    data = png(srgb(SCENE), (b"sRGB", b"\0"), gama(100_000))
    yield Input("PNG, sRGB before gAMA", data, PATCHES)
    yield Input("PNG, gAMA and cHRM of sRGB", png(srgb(SCENE), gama(45455), chrm(BT709)), PATCHES)
    data = nclx(avif(p3), 12, 13)
    yield Input("AVIF, nclx Display P3", data, ours(P3, light(stored(data))), pillow=False)
    data = avif(SCENE, icc_profile=grey)
    yield Input("AVIF, ICC (linear)", data, ours(BT709, stored(data) / 255))
    data = nclx(avif(pq(wide)), 9, 16)
    wanted = ours(BT2020, light_of_pq(stored(data) / 255))
    yield Input("AVIF of 8 bits, nclx PQ", data, wanted, pillow=False)
    data = nclx(heic(bytes_of(p3)), 12, 13)
    yield Input("HEIC, nclx Display P3", data, PATCHES)
    data = deep_heic(pq(wide), 9, 16)
    yield Input("HEIC of 10 bits, nclx PQ", data, PATCHES, pillow=False)
    options = {"quality": 100, "subsampling": 0, "exif": exif(interop="R03")}
    data = drawn.as_file(bytes_of(adobe), "JPEG", **options)
    wanted = ours(ADOBE, (stored(data) / 255) ** (563 / 256))
    yield Input("JPEG, Adobe RGB by its EXIF", data, wanted)
    data = jp2_with_profile(bytes_of(SCENE), grey)
    yield Input("JPEG 2000, ICC (linear)", data, ours(BT709, stored(data) / 255), pillow=False)
    yield Input("JPEG XL, sRGB", jxl(bytes_of(srgb(SCENE))), PATCHES)


def turns() -> Iterator[Input]:
    """Turned by the file, by its EXIF, or by both: wider than high, or once turned the reverse."""
    six, flat = exif(turn=6), PATCHES[:1]
    yield Input("JPEG, EXIF 6", drawn.as_file(PAIR, "JPEG", quality=100, exif=six), TURNED)
    yield Input("PNG, EXIF 6", drawn.as_file(PAIR, exif=six), TURNED)
    yield Input("TIFF, orientation 6", drawn.as_file(PAIR, "TIFF", exif=six), TURNED)
    data = drawn.as_file(PAIR, "WEBP", lossless=True, exif=six)
    yield Input("WebP, EXIF 6", data, TURNED)
    data = drawn.as_file(PAIR, "AVIF", quality=100, subsampling="4:4:4", exif=six)
    yield Input("AVIF, irot for EXIF 6", data, TURNED)
    yield Input("HEIC, irot and EXIF 6", heic(PAIR, exif=six), TURNED)
    data = drawn.as_file(PAIR, "JXL", lossless=True, use_container=True, exif=six)
    yield Input("JPEG XL, EXIF 6 alone", data, flat)
    yield Input("JPEG XL, codestream 6", jxl_that_says(jxl(PAIR), 6), TURNED)


def several() -> Iterator[Input]:
    """More pictures than one, and what only looks like it."""
    first, more = Image.fromarray(PAIR), [Image.fromarray(OTHER)]
    flat = PATCHES[:1]
    for about, kind, options in (
        ("GIF, 2 frames", "GIF", {}),
        ("PNG, 2 frames", "PNG", {}),
        ("WebP, 2 frames", "WEBP", {"lossless": True}),
        ("AVIF, 2 frames", "AVIF", {"quality": 100, "subsampling": "4:4:4"}),
        ("TIFF, 2 pages", "TIFF", {}),
        ("BigTIFF, 2 pages", "TIFF", {"big_tiff": True}),
        ("MPO, 2 pictures", "MPO", {"quality": 100, "subsampling": 0}),
    ):
        data = drawn.as_file(first, kind, save_all=True, append_images=more, **options)
        yield Input(about, data, flat, 2, "single", "first of 2 frames")
        if kind == "AVIF":
            data = data.replace(b"ftypavis", b"ftypavif", 1)
            yield Input("AVIF, frames behind the brand avif", data, flat, 2, "single", "of 2")
        if about == "TIFF, 2 pages":
            data = called_reduced(data)
            yield Input("TIFF, a page called reduced", data, flat, 2, "single", "first of 2 frames")
    yield Input("HEIC, 2 pictures", heic(PAIR, OTHER), flat, 2, "single", "main one of 2")
    yield Input("HEIC, a thumbnail", heic(PAIR, thumbnails=[32]), flat)
    icon = Image.fromarray(PAIR).resize((32, 32), Image.Resampling.NEAREST)
    data = drawn.as_file(icon, "ICO", sizes=[(32, 32), (16, 16)])
    yield Input("ICO, 2 sizes", data, flat, 2, "single", "first of 2 frames")


def called_reduced(data: bytes) -> bytes:
    """A TIFF whose second page says that it is a smaller copy (NewSubfileType 1)."""
    out = bytearray(data)
    order = "<" if data[:2] == b"II" else ">"
    at = struct.unpack_from(order + "I", data, 4)[0]
    count = struct.unpack_from(order + "H", data, at)[0]
    second = struct.unpack_from(order + "I", data, at + 2 + 12 * count)[0]
    count = struct.unpack_from(order + "H", data, second)[0]
    for entry in range(second + 2, second + 2 + 12 * count, 12):  # in place of what nobody needs
        if struct.unpack_from(order + "H", data, entry)[0] == 282:
            struct.pack_into(order + "HHII", out, entry, 254, 4, 1, 1)
    return bytes(out)


ALL = [*colours(), *turns(), *several()]


def table() -> str:
    """The list as a table of Markdown."""
    rows = ["| | read to | `--only` that refuses it | said |", "|---|---|---|---|"]
    from sdz.codec.pixels import open_picture

    for each in ALL:
        notes = "; ".join(open_picture(each.data).notes)
        only = {"": "", "single": "`single`, `whole`", "whole": "`whole`"}[each.refused]
        rows.append(f"| {each.about} | {each.levels} levels | {only} | {notes} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(table())
