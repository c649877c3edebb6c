"""One attempt at a file: coded, and where it is to be judged, decoded again and measured."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace

import numpy as np

from sdz import container
from sdz.codec.alpha import unpack_alpha
from sdz.codec.decode import allowance_of
from sdz.codec.latents import Coded, code_latents, decode_latents, split_group
from sdz.codec.source import Source
from sdz.codec.through import to_pixels
from sdz.container import Alpha, Report, SdzFile
from sdz.entropy.allowance import allowing
from sdz.errors import BadSymbols

NOT_MEASURED = Report(0, 0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """Coded latents, and the alpha that goes with them.

    data: the whole file, but for what its report says. report: what decoding ``data`` measured.
    """

    coded: Coded
    alpha: Alpha | None
    data: bytes
    report: Report = NOT_MEASURED

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
    return Draft(coded, source.alpha, _pack(source, coded, source.alpha, NOT_MEASURED))


def measure(source: Source, draft: Draft) -> Draft:
    """The draft with its report: its bytes are decoded and compared with the picture.

    Raises BadSymbols where other latents are read than were written, TooMuchWork for a file that
    readers would refuse.
    """
    file = container.unpack(draft.data)
    with allowing(allowance_of(file)):
        values = decode_latents(file.header, file.streams, source.model.quantiser)
        alpha = None
        if file.alpha is not None:
            alpha = unpack_alpha(file.alpha, file.header.height, file.header.width)
    if not np.array_equal(values, draft.coded.values):
        written, read = (zlib.crc32(v.tobytes()) & 0xFFFF for v in (draft.coded.values, values))
        raise BadSymbols("the latents just written", written, read)
    rgb = to_pixels(source.model, values, file.header)
    return replace(draft, report=source.reference.measure(rgb, alpha))


def pack(source: Source, draft: Draft) -> bytes:
    """The file's bytes, with the draft's report: as many as ``draft.size``."""
    return _pack(source, draft.coded, draft.alpha, draft.report)


def _pack(source: Source, coded: Coded, alpha: Alpha | None, report: Report) -> bytes:
    header = replace(source.header, step=coded.code, group=coded.group, report=report)
    picture = source.picture
    return container.pack(SdzFile(header, coded.streams, alpha, picture.exif, picture.xmp))
