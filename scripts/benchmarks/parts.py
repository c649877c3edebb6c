"""What one decoding is made of, and what its peers take for about as many bytes of the picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import sdz
from benchmarks.codecs import Codec, check, verify
from benchmarks.matching import closest
from benchmarks.pictures import Picture
from benchmarks.timing import Spent, Work, least
from sdz import container
from sdz.codec.coder import Values
from sdz.codec.decode import allowance_of, parse_file
from sdz.codec.fidelity import Reference
from sdz.codec.latents import decode_latents
from sdz.codec.looks import quality_for
from sdz.codec.through import to_pixels
from sdz.entropy.allowance import allowing
from sdz.pictures import load_model
from sdz.wish import PRESETS

PARTS = ("symbols", "network, 1", "network, 2", "measure", "decode()", "encode()", "one attempt")
"""Threads: symbols one, the network as said, the others as many as they take by themselves.

encode() meets the preset's score by several attempts; one attempt is encode() at the quality where
they begin."""


@dataclass(frozen=True)
class Taken:
    """What one picture took at one preset. ``size``: bytes of the file; ``peer_sizes`` of theirs.

    spent: by the names of ``PARTS`` and of the peers, which decode."""

    size: int
    peer_sizes: dict[str, int]
    spent: dict[str, Spent]


def take(model: str, preset: str, peers: list[Codec], picture: Picture, rounds: int) -> Taken:
    """Time everything by turns. Exits where the parts do not give what the whole gives."""

    def encode() -> bytes:
        return sdz.encode(picture.image, model=model, preset=preset)

    data = encode()
    works = _parts(data, picture, encode, quality_for(PRESETS[preset]))
    sizes = {}
    for peer in peers:
        file = _near(peer, picture, len(data))
        sizes[peer.name] = len(file)
        works[peer.name] = lambda peer=peer, file=file: peer.decode(file)
    return Taken(len(data), sizes, least(works, rounds))


def _parts(
    data: bytes, picture: Picture, encode: Callable[[], bytes], quality: float
) -> dict[str, Work]:
    file = container.unpack(data)
    model = load_model(file.header.model.name)

    def symbols(threads: int) -> Values:
        with allowing(allowance_of(file)):
            return decode_latents(file.header, file.streams, model.quantiser, threads)

    decoded = sdz.decode(data)
    verify(picture.image, decoded, picture.name)
    values, shown = symbols(1), np.asarray(decoded)
    parsed = parse_file(file, model.quantiser)
    rgb = to_pixels(model, values, file.header, 1)
    if not np.array_equal(parsed.finished(rgb.copy()), shown):
        raise SystemExit(f"{picture.name}: symbols and network give other pixels than decode()")
    reference = Reference(np.asarray(picture.image))
    works: list[Work] = [
        lambda: symbols(1),
        lambda: to_pixels(model, values, file.header, 1),
        lambda: to_pixels(model, values, file.header, 2),
        lambda: reference.measure(shown),
        lambda: sdz.decode(data),
        encode,
        lambda: sdz.encode(picture.image, model=file.header.model.name, quality=quality),
    ]
    return dict(zip(PARTS, works, strict=True))


def _near(peer: Codec, picture: Picture, size: int) -> bytes:
    """The peer's file of the picture that is nearest to ``size`` bytes."""
    files: dict[int, bytes] = {}

    def bytes_at(setting: int) -> int:
        files[setting] = peer.encode(picture.image, setting)
        return len(files[setting])

    setting = closest(bytes_at, peer.low, peer.high, size, peer.curve[4])
    check(picture.image, peer, setting)
    return files[setting]
