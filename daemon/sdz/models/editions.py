"""The weights of the built-in model: the present edition's, and those of earlier ones.

A better training makes another edition under the same name. What earlier editions wrote stays
readable: ``editions/`` has theirs without the encoders, named by the hash that their files carry.
Within sdz such a one goes by the name lite-1@HASH; no other model's name can have an @.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sdz.models.known import BUILT_IN
from sdz.models.weights import decoder_sha256

WEIGHTS = Path(__file__).with_name("lite-1.safetensors")
EARLIER = Path(__file__).with_name("editions")

IN_FLOATS = {"c6be81868d9194b1": EARLIER / "lite-1-f87747a50280b441.safetensors"}
"""Editions that were once written and read in floats: what those files carry, and which integers
now read them, to within one level. (The first edition's integers go by its floats' name.)"""


@cache
def weights_hash(path: Path = WEIGHTS) -> bytes:
    """First 8 bytes of the SHA-256 over the decoder's weights."""
    return decoder_sha256(path)[:8]


def weights_of(name: str) -> Path | None:
    """The file of the weights that ``name`` stands for, if it names an edition that is here."""
    if name == BUILT_IN:
        return WEIGHTS
    built_in, _, digest = name.partition("@")
    if built_in != BUILT_IN or len(digest) != 16 or not digest.isalnum():
        return None
    path = IN_FLOATS.get(digest, EARLIER / f"{BUILT_IN}-{digest}.safetensors")
    return path if path.exists() else None


def hash_of(name: str) -> bytes:
    """The hash that files carry of the edition that ``name`` stands for."""
    digest = name.partition("@")[2]
    return bytes.fromhex(digest) if digest else weights_hash(WEIGHTS)


def reader_of(name: str, weights: bytes) -> str:
    """The model that reads files of model ``name`` whose header has this hash (8 bytes).

    ``name`` itself, but for earlier editions of the built-in one. A hash that is not known gives
    the present edition, which then refuses the file.
    """
    edition = f"{name}@{weights.hex()}"
    if name != BUILT_IN or weights == weights_hash() or weights_of(edition) is None:
        return name
    return edition
