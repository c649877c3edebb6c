"""The framing of ``.sdz`` files a second time, from docs/format.md alone: chunks and the header.

A new flag of the header is a name in ``FLAGS``, and a line in ``read_head`` if it has fields.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

SIGNATURE = bytes.fromhex("89 53 44 5A 0D 0A 1A 0A")
FLAGS = ("ALPHA", "REPORT", "TILED", "GROUPED", "CHANNEL_STEPS", "PLACED", "TRAINED")
MODELS = {
    1: ("lite-1", 192, 16),
    2: ("sd14", 4, 8),
    3: ("sd-mse", 4, 8),
    4: ("sdxl", 4, 8),
    5: ("taesd", 4, 8),
    6: ("taesdxl", 4, 8),
    7: ("taesd3", 16, 8),
    8: ("taef1", 16, 8),
}


class Refused(Exception):
    """What the page says a reader must refuse."""


def require(sound: bool, what: str) -> None:
    if not sound:
        raise Refused(what)


class Bytes:
    """Numbers as the page's section of that name has them."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        require(self.at + count <= len(self.data), "it ends too early")
        self.at += count
        return self.data[self.at - count : self.at]

    def rest(self) -> bytes:
        return self.take(len(self.data) - self.at)

    def number(self, kind: str) -> int:
        return int(struct.unpack("<" + kind, self.take(struct.calcsize(kind)))[0])

    def varint(self) -> int:
        value, shift = 0, 0
        while True:
            byte = self.number("B")
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                require(value < 2**32 and (byte != 0 or shift == 7), "a varint")
                return value
            require(shift < 35, "a varint")


@dataclass
class Head:
    """Chunk H."""

    flags: set[str]
    width: int
    height: int
    name: str
    channels: int
    factor: int
    weights: bytes
    step: int
    report: tuple[float, float, float] | None = None
    tile: int = 0
    overlap: int = 0
    group: int = 0
    channel_steps: list[int] = field(default_factory=list)

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.channels, -(-self.height // self.factor), -(-self.width // self.factor)


def read_head(payload: bytes) -> Head:
    data = Bytes(payload)
    require(data.number("B") == 1, "version")
    bits = data.number("B")
    require(bits >> len(FLAGS) == 0, "a reserved flag")
    flags = {name for bit, name in enumerate(FLAGS) if bits >> bit & 1}
    require(not {"PLACED", "TRAINED"} <= flags, "two coders")
    width, height = data.varint(), data.varint()
    require(1 <= width <= 65535 and 1 <= height <= 65535, "the size")
    number = data.number("B")
    if number:
        require(number in MODELS, "the model's number")
        name, channels, factor = MODELS[number]
    else:
        name, channels, factor = _described(data)
    head = Head(flags, width, height, name, channels, factor, data.take(8), data.number("H"))
    if "REPORT" in flags:
        score, worst, psnr = data.number("h"), data.number("h"), data.number("H")
        head.report = (score / 100, worst / 100, psnr / 100)
    if "TILED" in flags:
        head.tile, head.overlap = data.varint(), data.varint()
        require(1 <= head.tile <= 65535 and 2 * head.overlap < head.tile, "the tiles")
    if "GROUPED" in flags:
        head.group = data.varint()
        require(1 <= head.group <= 65535, "the groups")
    if "CHANNEL_STEPS" in flags:
        head.channel_steps = [data.number("b") for _ in range(channels)]
    require(not data.rest(), "the header goes on")
    return head


def _described(data: Bytes) -> tuple[str, int, int]:
    name = data.take(data.number("B"))
    letters = b"abcdefghijklmnopqrstuvwxyz0123456789"
    known = 1 <= len(name) <= 32 and name[0] in letters and set(name) <= {*letters, *b"._-"}
    channels, factor = data.varint(), data.number("B")
    require(known and 1 <= channels <= 1024, "the model")
    require(factor in (1, 2, 4, 8, 16, 32, 64), "the factor")
    return name.decode(), channels, factor


def read_chunks(file: bytes) -> list[tuple[str, bytes]]:
    data = Bytes(file)
    require(data.take(8) == SIGNATURE, "the signature")
    chunks: list[tuple[str, bytes]] = []
    while not chunks or chunks[-1][0] != "L":
        start = data.at
        kind = data.take(1)
        payload = data.take(data.varint())
        crc = zlib.crc32(file[start : data.at])
        require(crc == data.number("I"), "a checksum")
        require(kind.isalpha(), "the type of a chunk")
        chunks.append((kind.decode(), payload))
    require(not data.rest(), "it goes on after L")
    kinds = "".join(kind for kind, _ in chunks)
    require(kinds[0] == "H" and set(kinds) - set("HAL") == set(filter(str.islower, kinds)), kinds)
    known = [kind for kind in "HAmxsk" if kind in kinds]
    require(list(kinds[: len(known)]) == known, "the order of chunks")
    require(not set(kinds[len(known) : -1]) & set("HAmxsk"), "the order of chunks")
    require(all(payload for kind, payload in chunks if kind in "mx"), "empty metadata")
    return chunks
