"""A picture to a ``.sdz`` file: encode, quantise, code, decode again and measure.

The file handed out has been read back by the same code that every reader runs, and carries
what was measured then. A wish that cannot be met is an error, and there is no file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sdz.codec.autoencoder import Autoencoder
from sdz.codec.draft import pack
from sdz.codec.pixels import Picture
from sdz.codec.search import improve, searchable
from sdz.codec.source import Source
from sdz.codec.wishes import meet, quality_of
from sdz.container import Report
from sdz.errors import NotSmaller
from sdz.progress import part
from sdz.wish import Wish

LOOKED, FIRST_MET = 0.08, 0.06
"""Shares of the time, for who waits: of the network in a plain encode, of a plain encode in one at
high effort. Of 12 megapixels at presets; for a given quality the network's is 0.23."""

LEAST_ROOM = 1024
"""Bytes of a source below which hardly any file is smaller: that is said then, not another reason.
"""


@dataclass(frozen=True, slots=True)
class Encoded:
    """The bytes of a file, what its decoding measured, and what was settled on the way in."""

    data: bytes
    report: Report
    notes: tuple[str, ...]


def encode_picture(picture: Picture, model: Autoencoder, wish: Wish | None = None) -> Encoded:
    """Encode ``picture`` with ``model`` as is wished for (default: preset standard).

    The network gives the latents, the wish a draft of them, high effort perhaps a better one; the
    draft is handed out with its report, if it is worth having.

    Raises ScoreNotReached, TargetTooSmall or NotSmaller when a wish cannot be met, and BadOption
    for high effort with a model that cannot be searched.
    """
    wish = wish or Wish()
    searched = searchable(model) if wish.effort == "high" else None
    met = FIRST_MET if searched is not None else 1.0
    with part("looking at the picture", 0, LOOKED * met):
        source = Source.of(picture, model, quality_of(wish))
    wish = _within_source(wish, picture)
    with part("coding", LOOKED * met, met):
        draft = meet(source, wish)
    if searched is not None:
        with part("searching", met, 1):
            draft = improve(draft, source, searched, wish)
    if picture.source_bytes is not None and not wish.allow_larger:
        _require_smaller(draft.size, picture.source_bytes)
    return Encoded(pack(source, draft), draft.report, picture.notes + draft.notes)


def _within_source(wish: Wish, picture: Picture) -> Wish:
    """The wish, with no more bytes than make a file smaller than its source, where it must be.

    Of a size alone: to use all that was asked for, such as 20 kB of a source of 14, would refuse a
    picture that gets smaller by itself. A source so small that no file is stays as it is asked for.
    """
    most, asked = picture.source_bytes, wish.target_bytes
    if asked is None or most is None or wish.allow_larger or not LEAST_ROOM < most <= asked:
        return wish
    return replace(wish, target_bytes=most - 1)


def _require_smaller(size: int, source_bytes: int) -> None:
    if size >= source_bytes:
        raise NotSmaller(size, source_bytes)
