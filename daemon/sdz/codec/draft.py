"""One attempt at a file: coded, and where it is to be judged, decoded again and measured."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sdz import container
from sdz.codec.alpha import unpack_alpha
from sdz.codec.decode import allowance_of
from sdz.codec.kept.opening import open_kept
from sdz.codec.latents import Coded, code_latents, decode_latents, split_group
from sdz.codec.score_map import MOST_SHARE, classes_of, pack_scores
from sdz.codec.source import Source
from sdz.codec.through import to_pixels
from sdz.container import Alpha, Kept, Report, ScoreMap, SdzFile
from sdz.entropy.allowance import allowing
from sdz.errors import BadSymbols

NOT_MEASURED = Report(0, 0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """Coded latents, and the alpha that goes with them.

    data: the whole file, but for what its report says. report: what decoding ``data`` measured.
    kept: its regions. scores: its map, where it is worth its bytes. notes: for people.
    """

    coded: Coded
    alpha: Alpha | None
    data: bytes
    report: Report = NOT_MEASURED
    kept: Kept | None = None
    scores: ScoreMap | None = None
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return len(self.data)


def code(source: Source, step: int, leniency: float = 1.0) -> Draft:
    """The latents of ``source`` quantised and coded at one step code, not measured.

    leniency: what an error counts for in rounding, times the model's own weight for it.
    """
    quantiser, header = source.model.quantiser, source.header
    coded = code_latents(source.latents, quantiser, step, header, leniency)
    side = split_group(coded, header)
    if side is not None:
        header = replace(header, group=side)
        coded = code_latents(source.latents, quantiser, step, header, leniency)
    return _packed(source, Draft(coded, source.alpha, b"", kept=source.kept))


def measure(source: Source, draft: Draft, most: int | None = None) -> Draft:
    """The draft with its report: its bytes are decoded and compared with the picture. It has
    ``most`` bytes at most.

    Raises BadSymbols where other latents are read than were written, TooMuchWork for a file that
    readers would refuse.
    """
    return judge(source, draft, show(source, draft), most).draft


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A measured draft, and the local scores of its cells, see ``fidelity.Measured``."""

    draft: Draft
    cells: NDArray[np.float64]


def judge(
    source: Source, draft: Draft, shown: NDArray[np.uint8], most: int | None = None
) -> Judged:
    """The draft with its report and, where that is worth its bytes, the map of its scores.

    shown: what ``show`` gave for the latents of ``draft``. most: bytes that it may have.
    """
    alpha = draft.alpha
    plane = None if alpha is None else unpack_alpha(alpha, *shown.shape[:2])
    if draft.kept is not None:
        shown = shown.copy()
        open_kept(draft.kept).over(shown)
    measured = source.reference.look(shown, plane)
    draft = replace(draft, report=measured.report, scores=None)
    return Judged(_with_map(source, draft, measured.cells, most), measured.cells)


def _with_map(source: Source, draft: Draft, cells: NDArray[np.float64], most: int | None) -> Draft:
    without = _packed(source, draft)
    room = MOST_SHARE * without.size
    if most is not None:
        room = min(room, most - without.size)
    mapped = _packed(source, replace(draft, scores=pack_scores(classes_of(cells))))
    return mapped if mapped.size - without.size <= room else without


def with_kept(source: Source, draft: Draft) -> Draft:
    """The draft with the regions of ``source``, not measured."""
    return _packed(source, replace(draft, kept=source.kept, scores=None))


def show(source: Source, draft: Draft) -> NDArray[np.uint8]:
    """The pixels [H, W, 3] that the latents of a draft give, read from its bytes.

    Raises BadSymbols where other latents are read than were written, TooMuchWork for a file that
    readers would refuse.
    """
    file = container.unpack(draft.data)
    with allowing(allowance_of(file)):
        values = decode_latents(file.header, file.streams, source.model.quantiser)
        if file.alpha is not None:
            unpack_alpha(file.alpha, file.header.height, file.header.width)
    if not np.array_equal(values, draft.coded.values):
        written, read = (zlib.crc32(v.tobytes()) & 0xFFFF for v in (draft.coded.values, values))
        raise BadSymbols("the latents just written", written, read)
    return to_pixels(source.model, values, file.header)


def pack(source: Source, draft: Draft) -> bytes:
    """The file's bytes, with the draft's report: as many as ``draft.size``."""
    coded, picture = draft.coded, source.picture
    header = replace(source.header, step=coded.code, group=coded.group, report=draft.report)
    file = SdzFile(
        header,
        coded.streams,
        draft.alpha,
        picture.exif,
        picture.xmp,
        scores=draft.scores,
        kept=draft.kept,
    )
    return container.pack(file)


def _packed(source: Source, draft: Draft) -> Draft:
    return replace(draft, data=pack(source, draft))
