"""What a ``.sdz`` file is made of: its header, its parts, and the limits on both.

Plain frozen values. They do not check themselves: ``header.py`` and ``chunks.py`` do, alike when
they read and when they write.
"""

from __future__ import annotations

import math
import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sdz.errors import BadField


@dataclass(frozen=True, slots=True)
class Limits:
    """What a reader accepts at most; checked before memory is taken."""

    pixels: int = 2**28
    """width × height"""
    symbols: int = 2**28
    """latent integers: channels × latent height × latent width"""
    groups: int = 2**16
    """independently coded groups; each becomes an object in memory, for 3 bytes of the file"""
    chunk_bytes: int = 2**28
    ancillary_bytes: int = 2**24
    """payloads of all ancillary chunks together"""
    ancillary_chunks: int = 256
    kept_regions: int = 256


FACTORS: Final = (1, 2, 4, 8, 16, 32, 64)
MAX_CHANNELS: Final = 1024
MODEL_NAME_RULE: Final = "1 to 32 of a-z 0-9 . _ -, a letter or digit first"
_NAME_STARTS: Final = frozenset(string.ascii_lowercase + string.digits)
_NAME_LETTERS: Final = _NAME_STARTS | frozenset("._-")


def is_model_name(name: str) -> bool:
    """Whether ``name`` is as ``MODEL_NAME_RULE`` says: names become names of folders on readers'
    machines, hence no dot or dash at the front."""
    return 1 <= len(name) <= 32 and _NAME_LETTERS.issuperset(name) and name[0] in _NAME_STARTS


@dataclass(frozen=True, slots=True)
class Model:
    """The autoencoder a file is written for. ``number`` is 0 where it is not well known."""

    number: int
    name: str
    channels: int
    factor: int
    """pixels per latent position, in each direction"""

    @classmethod
    def of(cls, name: str, channels: int, factor: int) -> Model:
        """The well-known model that is just this, or else a custom one."""
        wanted = (name, channels, factor)
        for model in WELL_KNOWN:
            if (model.name, model.channels, model.factor) == wanted:
                return model
        return cls(0, *wanted)


WELL_KNOWN: Final = (
    Model(1, "lite-1", 192, 16),
    Model(2, "sd14", 4, 8),
    Model(3, "sd-mse", 4, 8),
    Model(4, "sdxl", 4, 8),
    Model(5, "taesd", 4, 8),
    Model(6, "taesdxl", 4, 8),
    Model(7, "taesd3", 16, 8),
    Model(8, "taef1", 16, 8),
)


@dataclass(frozen=True, slots=True)
class Report:
    """What an encoder measures by decoding its own file; higher is better.

    score: SSIMULACRA2 of the whole picture, at most 100, below 0 for ruins. worst: the least of
    its regions' scores, never over ``score``. psnr: dB over all three channels, infinite when
    identical.
    """

    score: float
    worst: float
    psnr: float

    def held(self) -> Report:
        """What a file can hold of it: hundredths, scores of -327.68 to 327.67, PSNR of 0 to 655.35,
        which is also what an infinite one becomes. Raises `BadField` for what is no number."""
        held = []
        for field, low, high in (
            ("score", -0x8000, 0x7FFF),
            ("worst", -0x8000, 0x7FFF),
            ("psnr", 0, 0xFFFF),
        ):
            value = getattr(self, field)
            if math.isnan(value):
                raise BadField(f"report {field}", "a number", value)
            held.append(round(min(max(value * 100, low), high)) / 100)
        return Report(*held)


@dataclass(frozen=True, slots=True)
class Tiling:
    """How large pictures go through the decoder: side and overlap of its tiles, latent units."""

    tile: int
    overlap: int


@dataclass(frozen=True, slots=True)
class Header:
    """All that is known of a picture before anything of it is decoded."""

    width: int
    height: int
    model: Model
    weights: bytes
    """first 8 bytes of the SHA-256 of the decoder's weights"""
    step: int
    """code of the quantiser step, 0 to 65535"""
    alpha: bool = False
    report: Report | None = None
    tiling: Tiling | None = None
    group: int | None = None
    """side of the coding groups, latent units; None: the whole picture is one group"""
    channel_steps: tuple[int, ...] | None = None
    """per channel, -128 to 127, added to ``step``"""
    placed: bool = False
    """values lie where the coder's own prediction leans, not on the integers"""
    trained: bool = False
    """coded by statistics that come with the model's weights, not learnt from each group"""

    @property
    def latent_shape(self) -> tuple[int, int, int]:
        """Shape (C, h, w) of the coded integers: h = ceil(height / factor), w alike."""
        factor = self.model.factor
        return self.model.channels, -(-self.height // factor), -(-self.width // factor)

    @property
    def group_count(self) -> int:
        """How many groups, thus streams, the latents are coded in."""
        _, h, w = self.latent_shape
        side = self.group or max(h, w)
        return -(-h // side) * -(-w // side)

    def groups(self) -> Iterator[tuple[int, int, int, int]]:
        """The groups in the order of their streams: (top, left, height, width), latent units."""
        _, h, w = self.latent_shape
        side = self.group or max(h, w)
        for top in range(0, h, side):
            for left in range(0, w, side):
                yield top, left, min(side, h - top), min(side, w - left)


@dataclass(frozen=True, slots=True)
class Stream:
    """One group of latents: the coded ``data`` and the `symbol_check` of what it decodes to."""

    check: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Alpha:
    """The coded alpha plane [1, height, width]: ``levels`` steps, 1 to 255, between 0 and 255."""

    levels: int
    check: int
    data: bytes


@dataclass(frozen=True, slots=True)
class ScoreMap:
    """How close the picture is to its source, by cells of ``CELL`` x ``CELL`` pixels: the coded
    classes, as differences from ``middle``, and the `symbol_check` of those."""

    middle: int
    check: int
    data: bytes


CELL: Final = 32
"""Side of a cell of a score map, in pixels."""
CLASSES: Final = 16
"""Of a score map: 0, closest, to 15."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle within a picture, in pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def area(self) -> int:
        """Pixels."""
        return self.width * self.height

    @property
    def right(self) -> int:
        """The first column behind it."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """The first row below it."""
        return self.top + self.height


REGION_KINDS: Final = {1: "AVIF", 2: "WEBP"}
"""Numbers of what a kept region may be written as, and the names that ``codec.headers`` has."""
MAX_SOFT_EDGE: Final = 16


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of the picture as it is: a picture file of one of ``REGION_KINDS``."""

    box: Box
    kind: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """The kept regions, in the order in which they are placed, and the width of their soft edges
    in pixels."""

    soft: int
    regions: tuple[Region, ...]

    @property
    def area(self) -> int:
        """Pixels of all regions together."""
        return sum(region.box.area for region in self.regions)


@dataclass(frozen=True, slots=True)
class Chunk:
    """An ancillary chunk that this version does not know: one lower-case letter, and bytes."""

    kind: str
    data: bytes


@dataclass(frozen=True, slots=True)
class SdzFile:
    """A whole file, taken apart but not decoded."""

    header: Header
    streams: tuple[Stream, ...]
    """one for each of ``header.groups()``"""
    alpha: Alpha | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    extra: tuple[Chunk, ...] = ()
    scores: ScoreMap | None = None
    kept: Kept | None = None
