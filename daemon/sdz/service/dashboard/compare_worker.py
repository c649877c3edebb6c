"""A process that writes a picture as JPEG, WebP or AVIF of a number of bytes, and measures it.

On its input it is asked by a line of JSON, ``format``, ``bytes`` (the least), ``pixels`` (the
largest picture) and ``size``, and the ``size`` bytes of a picture. On its output it answers with a
line of JSON and a file: ``quality``, ``fits``, ``bytes`` (of the file), ``seconds``, ``score`` and
``worst``; or, on failure, with ``reason`` and no file. It ends with its input.

Its word is how many bytes of memory it may take; 0 is most of what the machine has.

A process of its own, at a low priority: finding the quality takes eight encodes, and a comparison
that nobody waits for any more is ended by killing it.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np
from PIL import Image

from sdz.codec.pixels import open_picture
from sdz.engine.images import over_white
from sdz.engine.limits import hold_memory, memory_limit
from sdz.errors import SdzError

if TYPE_CHECKING:
    from sdz.codec.fidelity import Reference

NICE: Final = 10
# As their users would set them for the web, and as in the tables of the README, but for AVIF's
# speed: at 4 each of the eight encodes takes four times as long as at 6 (768x512: 2.1 s against
# 0.5 s on a busy core), for a score of 28.8 instead of 27.1 at 8,000 bytes.
PEERS: Final[dict[str, tuple[str, int, int, dict[str, Any]]]] = {
    "jpeg": ("JPEG", 1, 95, {"optimize": True, "progressive": True}),
    "webp": ("WEBP", 0, 100, {"method": 6}),
    "avif": ("AVIF", 0, 100, {"speed": 6}),
}


def smallest_from(
    write: Callable[[int], bytes], low: int, high: int, least: int
) -> tuple[int, bytes, bool]:
    """(quality, file, fits): the lowest quality of low..high whose file has ``least`` bytes or
    more.

    Qualities are steps, so a file of just that size is hardly ever there; with the next larger one
    the other format is not held back beside a ``.sdz`` of ``least`` bytes. Where even ``high``
    takes fewer, that one. fits: whether there is a smaller file at all.
    """
    best = (low, write(low))
    if len(best[1]) >= least:
        return *best, len(best[1]) == least
    best = (high, write(high))
    while high - low > 1:
        middle = (low + high) // 2
        data = write(middle)
        if len(data) >= least:
            best, high = (middle, data), middle
        else:
            low = middle
    return *best, True


class Original:
    """A picture with what is known of it, so that a second format of it costs no more than that."""

    def __init__(self, data: bytes, max_pixels: int) -> None:
        self.data = data
        self.picture = open_picture(data, max_pixels=max_pixels)
        self._references: dict[bool, Reference] = {}

    def reference(self, *, on_paper: bool) -> Reference:
        """What candidates are measured against; ``on_paper``: over white, without alpha."""
        from sdz.codec.fidelity import Reference

        alpha = self.picture.alpha
        on_paper = on_paper and alpha is not None
        if on_paper not in self._references:
            if on_paper and alpha is not None:
                image = Image.fromarray(self.picture.rgb)
                image.putalpha(Image.fromarray(alpha))
                made = Reference(np.asarray(over_white(image)))
            else:
                made = Reference(self.picture.rgb, alpha)
            self._references[on_paper] = made
        return self._references[on_paper]


def main(asked: BinaryIO, answers: BinaryIO) -> None:
    """Answer until nobody asks."""
    original: Original | None = None
    while line := asked.readline():
        wish = json.loads(line)
        data = asked.read(wish["size"])
        row: dict[str, Any]
        try:
            if original is None or original.data != data:
                original = None  # two at once would be too much of a large picture
                original = Original(data, wish["pixels"])
            row, file = peer(original, wish["format"], wish["bytes"])
        except MemoryError:
            original = None
            row, file = {"reason": "it takes more memory than it may"}, b""
        except (SdzError, OSError, ValueError) as error:
            row, file = {"reason": str(error)}, b""
        answers.write(json.dumps(row).encode() + b"\n" + file)
        answers.flush()


def peer(original: Original, kind: str, least: int) -> tuple[dict[str, Any], bytes]:
    """(figures, file) of a picture as one of ``PEERS`` in ``least`` bytes, or the next more."""
    name, low, high, options = PEERS[kind]
    picture = original.picture
    image = Image.fromarray(picture.rgb)
    if picture.alpha is not None:
        image.putalpha(Image.fromarray(picture.alpha))
        if kind == "jpeg":  # which has no alpha
            image = over_white(image)
    seconds = 0.0

    def write(quality: int) -> bytes:
        nonlocal seconds
        began = time.perf_counter()
        buffer = io.BytesIO()
        image.save(buffer, name, quality=quality, **options)
        seconds = time.perf_counter() - began
        return buffer.getvalue()

    quality, data, fits = smallest_from(write, low, high, least)
    with Image.open(io.BytesIO(data)) as file:
        decoded = np.asarray(file.convert(image.mode))
    alpha = decoded[..., 3] if image.mode == "RGBA" else None
    reference = original.reference(on_paper=kind == "jpeg")
    fidelity = reference.measure(decoded[..., :3], alpha)
    row = {
        "quality": quality,
        "fits": fits,
        "bytes": len(data),
        "seconds": round(seconds, 3),
        "score": round(fidelity.score, 2),
        "worst": round(fidelity.worst, 2),
    }
    return row, data


if __name__ == "__main__":
    with contextlib.suppress(AttributeError, OSError):  # Windows has no nice
        os.nice(NICE)
    hold_memory(memory_limit(int(sys.argv[-1])))
    main(sys.stdin.buffer, sys.stdout.buffer)
