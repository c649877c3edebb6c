"""What each preset gives: bytes, score and the word for it, beside AVIF of the same score."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from benchmarks.pictures import Picture

AVIF_QUALITIES = (5, 12, 20, 28, 36, 44, 52, 60, 68, 76, 84)
SPEED = 6


@dataclass
class Row:
    """A value a picture. avif: bytes that AVIF takes for the score, where it was found."""

    sizes: list[int] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    worst: list[float] = field(default_factory=list)
    avif: list[float] = field(default_factory=list)
    whole: int = 0


def run(pictures: list[Picture]) -> None:
    """Print the table, in Markdown."""
    from sdz.wish import PRESETS

    rows = {name: Row() for name in PRESETS}
    for number, picture in enumerate(pictures, 1):
        print(f"\r{picture.name} ({number} of {len(pictures)})", end="", flush=True)
        _measure(picture, rows)
    print("\r" + " " * 60)
    heads = "preset", "score (least to most)", "word", "worst region", "bytes", "AVIF of that score"
    print("| " + " | ".join((*heads, "kept whole")) + " |")
    print("|---" * 7 + "|")
    for name, row in rows.items():
        print(_line(name, row))
    print(
        f"\nMeans of {len(pictures)} pictures; AVIF: speed {SPEED}, 4:2:0, between two qualities."
    )


def _measure(picture: Picture, rows: dict[str, Row]) -> None:
    from sdz.codec.fidelity import Reference
    from sdz.codec.pixels import from_image
    from sdz.pictures import encode_picture
    from sdz.wish import Wish

    reference = Reference(np.asarray(picture.image))
    peers = [_avif(picture.image, reference, quality) for quality in AVIF_QUALITIES]
    scores, sizes = np.array(peers).T
    source = from_image(picture.image)
    for name, row in rows.items():
        made = encode_picture(source, Wish(preset=name))
        row.sizes.append(len(made.data))
        row.scores.append(made.report.score)
        row.worst.append(made.report.worst)
        row.whole += bool(made.notes)
        row.avif.append(float(np.exp(np.interp(made.report.score, scores, np.log(sizes)))))


def _avif(image: Image.Image, reference: object, quality: int) -> tuple[float, int]:
    buffer = io.BytesIO()
    image.save(buffer, "AVIF", quality=quality, speed=SPEED)
    decoded = np.asarray(Image.open(buffer).convert("RGB"))
    return reference.measure(decoded).score, len(buffer.getvalue())  # type: ignore[attr-defined]


def _line(name: str, row: Row) -> str:
    from sdz.grades import grade

    words = list(dict.fromkeys(grade(score).name for score in sorted(row.scores)))
    size, avif = np.mean(row.sizes), np.mean(row.avif)
    return (
        f"| `{name}` | {np.mean(row.scores):.1f} ({min(row.scores):.1f} to {max(row.scores):.1f}) "
        f"| {' or '.join(words)} | {np.mean(row.worst):.0f} | {size:,.0f} | {avif:,.0f} "
        f"| {row.whole} of {len(row.sizes)} |"
    )
