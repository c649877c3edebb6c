"""All codecs at equal sizes: what each makes of the bytes that sdz takes, and how long it takes.

sdz sets the size at each preset (where sdz is missing, the first codec there is, at three
settings of its curve); every peer then uses the setting whose file comes nearest. Times are
taken codec by codec in turn, so that whatever else the machine does falls on all of them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from statistics import mean, median

import numpy as np
from PIL import Image

from benchmarks.codecs import Codec, check, verify
from benchmarks.matching import closest
from benchmarks.pictures import Picture
from sdz.codec.fidelity import Reference
from sdz.codec.looks import quality_for
from sdz.wish import PRESETS

POINTS = ("tiny", "small", "standard")
_HEAD = (
    f"{'':14}{'bytes':>9}{'bpp':>8}{'PSNR':>8}{'SSIMULACRA2':>13}{'worst':>8}"
    f"{'encode':>11}{'decode':>11}{'encode':>12}{'decode':>11}"
)
_UNITS = f"{'':14}{'':>9}{'':>8}{'dB':>8}{'':>13}{'':>8}{'ms':>11}{'ms':>11}"


@dataclass
class Row:
    """What one codec gave at one point: a value of each list per picture."""

    size: list[int] = field(default_factory=list)
    bpp: list[float] = field(default_factory=list)
    psnr: list[float] = field(default_factory=list)
    score: list[float] = field(default_factory=list)
    worst: list[float] = field(default_factory=list)
    encode_s: list[float] = field(default_factory=list)
    decode_s: list[float] = field(default_factory=list)


class Sizes:
    """Sizes of one picture's files by one codec, each made once."""

    def __init__(self, codec: Codec, image: Image.Image) -> None:
        self._codec, self._image = codec, image
        self._files: dict[int, bytes] = {}

    def file(self, setting: int) -> bytes:
        if setting not in self._files:
            self._files[setting] = self._codec.encode(self._image, setting)
        return self._files[setting]

    def size(self, setting: int) -> int:
        return len(self.file(setting))


def run(codecs: list[Codec], pictures: list[Picture], rounds: int) -> None:
    """Measure and print a table for each point."""
    anchor = codecs[0]
    if anchor.own:
        points = {name: round(quality_for(PRESETS[name])) for name in POINTS}
    else:
        points = {f"{anchor.name} {q}": q for q in anchor.curve[:6:2]}
    rows = {point: {codec.name: Row() for codec in codecs} for point in points}
    guesses: dict[tuple[str, str], int] = {}
    for codec in codecs:  # what a first call loads or compiles is no one's time
        check(pictures[0].image, codec, codec.curve[4])
    for number, picture in enumerate(pictures, 1):
        print(f"\r{picture.name} ({number} of {len(pictures)})  ", end="", flush=True)
        sizes = {codec.name: Sizes(codec, picture.image) for codec in codecs}
        reference = Reference(np.asarray(picture.image))
        for point, setting in points.items():
            target = sizes[anchor.name].size(setting)
            chosen = {anchor.name: setting}
            for codec in codecs[1:]:
                guess = guesses.get((point, codec.name), codec.curve[4])
                chosen[codec.name] = closest(
                    sizes[codec.name].size, codec.low, codec.high, target, guess
                )
                guesses[point, codec.name] = chosen[codec.name]
            files = {codec.name: sizes[codec.name].file(chosen[codec.name]) for codec in codecs}
            _judge(rows[point], files, codecs, picture, reference)
            _time(rows[point], files, chosen, codecs, picture, rounds)
    print("\r" + " " * 40)
    for point, found in rows.items():
        _print(point, found, anchor)
    _explain(anchor)


def _judge(
    rows: dict[str, Row],
    files: dict[str, bytes],
    codecs: list[Codec],
    picture: Picture,
    reference: Reference,
) -> None:
    """Decode each file, see that it is the picture, and measure it."""
    for codec in codecs:
        decoded = codec.decode(files[codec.name])
        verify(picture.image, decoded, f"{codec.name}, {picture.name}")
        found = reference.measure(np.asarray(decoded))
        row, size = rows[codec.name], len(files[codec.name])
        row.size.append(size)
        row.bpp.append(8 * size / picture.pixels)
        row.psnr.append(found.psnr)
        row.score.append(found.score)
        row.worst.append(found.worst)


def _time(
    rows: dict[str, Row],
    files: dict[str, bytes],
    chosen: dict[str, int],
    codecs: list[Codec],
    picture: Picture,
    rounds: int,
) -> None:
    """One encoding and the median of ``rounds`` decodings, the codecs by turns."""
    decode: dict[str, list[float]] = {codec.name: [] for codec in codecs}
    for _ in range(rounds):
        for codec in codecs:
            start = time.perf_counter()
            codec.decode(files[codec.name])
            decode[codec.name].append(time.perf_counter() - start)
    for codec in codecs:
        start = time.perf_counter()
        codec.encode(picture.image, chosen[codec.name])
        rows[codec.name].encode_s.append(time.perf_counter() - start)
        rows[codec.name].decode_s.append(median(decode[codec.name]))


def _print(point: str, rows: dict[str, Row], anchor: Codec) -> None:
    own = rows[anchor.name]
    print(f"\n{point}\n{_HEAD}\n{_UNITS}{'relative to ' + anchor.name:>23}")
    for name, row in rows.items():
        encode = median(a / b for a, b in zip(row.encode_s, own.encode_s, strict=True))
        decode = median(a / b for a, b in zip(row.decode_s, own.decode_s, strict=True))
        print(
            f"{name:14}{mean(row.size):9.0f}{mean(row.bpp):8.3f}{mean(row.psnr):8.2f}"
            f"{mean(row.score):13.2f}{mean(row.worst):8.2f}{1000 * median(row.encode_s):11.1f}"
            f"{1000 * median(row.decode_s):11.1f}{encode:12.3g}{decode:11.3g}"
            f"{_missed(row, own)}"
        )


def _missed(row: Row, own: Row) -> str:
    """A remark where a codec has no setting near the size."""
    off = [a / b for a, b in zip(row.size, own.size, strict=True) if abs(a / b - 1) > 0.1]
    return f"  size missed by over 10 % on {len(off)} of {len(row.size)}" if off else ""


def _explain(anchor: Codec) -> None:
    print(
        "\nmeans over the pictures; times are medians of runs taken by turns, relative times"
        "\nmedians of each picture's ratio. worst: the lowest SSIMULACRA2 of any 256x256 region."
    )
    if anchor.own:
        print("sdz's encoding includes decoding the file again and measuring it.")
