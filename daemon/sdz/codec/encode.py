"""A picture to a ``.sdz`` file: encode, quantise, code, decode again and measure.

The file handed out has been read back by the same code that every reader runs, and carries
what was measured then. A wish that cannot be met is an error, and there is no file.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from sdz import container
from sdz.codec import tiles
from sdz.codec.alpha import (
    ALL_LEVELS,
    SOME_LEVELS,
    levels_for,
    pack_alpha,
    unpack_alpha,
)
from sdz.codec.autoencoder import Autoencoder, Searchable
from sdz.codec.decode import decode_values_to_rgb
from sdz.codec.fidelity import Fidelity, Reference
from sdz.codec.latents import Coded, Floats, code_latents, decode_latents, group_for, split_group
from sdz.codec.pixels import Picture
from sdz.codec.rate import SizeSearch, search_score
from sdz.codec.refine import refine
from sdz.container import Alpha, Header, Model, Report, SdzFile
from sdz.errors import BadSymbols, NotSmaller, ScoreNotReached, TargetTooSmall
from sdz.wish import PRESETS, Wish, cannot_search

FINEST_QUALITY, COARSEST_QUALITY = 100.0, 1.0
LEAST_SHARE = 0.98  # of the bytes that were wished for
LENIENCIES = (0.8, 0.65, 0.5)
COARSER = (1024, 512, 256)
"""Step codes by which a search for a score gets coarser, one after the other where the last still
reached it: together nearly half a trained rate of lite-1, and a sixth of the bytes."""
FIRST_AIM = 0.94
"""Of the bytes wished for, where a search for a size begins: files grow by 0 to 12 % in it."""
GOOD_AIM = 0.97
"""Of the bytes wished for: a search that ends between this and all of them began rightly."""
NOT_MEASURED = Report(0, 0, 0)


class Outcome(NamedTuple):
    """An attempt: latents, the alpha that goes with them, and what was measured of both."""

    coded: Coded
    alpha: Alpha | None
    fidelity: Fidelity


@dataclass(frozen=True, slots=True)
class Encoded:
    """The bytes of a file, what its decoding measured, and what was settled on the way in."""

    data: bytes
    fidelity: Fidelity
    notes: tuple[str, ...]


def encode_picture(picture: Picture, model: Autoencoder, options: Wish | None = None) -> Encoded:
    """Encode ``picture`` with ``model`` as ``options`` wish (default: preset standard).

    Raises ScoreNotReached, TargetTooSmall or NotSmaller when a wish cannot be met.
    """
    return _Encoding(picture, model, options or Wish()).run()


class _Encoding:
    """One picture on its way: what all attempts at it share."""

    def __init__(self, picture: Picture, model: Autoencoder, options: Wish) -> None:
        self.picture, self.model, self.options = picture, model, options
        self.searchable = _searchable(model) if options.effort == "high" else None
        self.quantiser = model.quantiser
        wanted = Model.of(model.name, self.quantiser.channels, model.factor)
        h, w = -(-picture.height // model.factor), -(-picture.width // model.factor)
        self.header = Header(
            width=picture.width,
            height=picture.height,
            model=wanted,
            weights=model.weights_hash,
            step=0,
            alpha=picture.alpha is not None,
            report=Report(0, 0, 0),
            tiling=tiles.tiling_for(model, h, w),
            group=group_for(model.factor, h, w),
            placed=self.quantiser.trellis,
        )
        quality = options.quality or PRESETS["standard"]
        self.alpha = (
            pack_alpha(picture.alpha, levels_for(picture.alpha, quality))
            if picture.alpha is not None
            else None
        )
        self.latents = tiles.encode_picture(model, picture.rgb, self.header.tiling)
        self.leniency = 1.0
        self._reference: Reference | None = None

    def run(self) -> Encoded:
        """Search as the options wish, then verify."""
        found = self.wished()
        if self.searchable is not None:
            found = self.searched(self.searchable, found)
        return self.finish(found)

    def wished(self) -> Outcome:
        """What the options ask for, of the latents there are."""
        options = self.options
        if options.target_bytes is not None:
            return self.measured(self.fitted(options.target_bytes))
        if options.min_score is not None:
            return self.reaching(options.min_score)
        quality = options.quality if options.quality is not None else PRESETS["standard"]
        return self.measured(self.code(self.quantiser.code_for_quality(quality)))

    def searched(self, model: Searchable, best: Outcome) -> Outcome:
        """What serves the wish better than ``best`` after a search, or ``best`` itself."""
        own = self.latents
        if self.options.min_score is not None:
            for stride in COARSER:
                found = self.searched_at(model, best.coded.code + stride, own)
                reaches = found.fidelity.score >= self.options.min_score
                if reaches and found.coded.size < best.coded.size:
                    best = found
            return best
        if self.options.target_bytes is not None:
            return self.searched_to_fit(model, best, own, self.options.target_bytes)
        found = self.searched_at(model, best.coded.code, own)
        better = found.fidelity.score > best.fidelity.score
        return found if better or found.coded.size < best.coded.size else best

    def searched_to_fit(
        self, model: Searchable, best: Outcome, own: Floats, target: int
    ) -> Outcome:
        """The best file of at most ``target`` bytes, of those searched for at two steps at most.

        What was searched for at one step is little use at another, and at the step where it began
        it takes more bytes than before, how many depends on the picture: so the first search
        begins with a smaller file, and the second where the first one says that it should.
        """
        aim = target * FIRST_AIM
        for _ in range(2):
            self.latents, self.alpha = own, best.alpha
            try:
                start = self.coded_within(round(aim))
                self.latents = refine(own, self.picture.rgb, model, self.header, start)
                grown = self.size(self.code(start.code))
                found = self.wished()
            except TargetTooSmall:
                break
            if found.fidelity.score > best.fidelity.score:
                best = found
            if GOOD_AIM * target <= grown <= target:
                break
            aim *= target * (1 + GOOD_AIM) / 2 / grown
        return best

    def searched_at(self, model: Searchable, code: int, own: Floats) -> Outcome:
        """The latents of the network, ``own``, searched from at another step code."""
        self.latents = own
        coded = self.code(code)
        self.latents = refine(own, self.picture.rgb, model, self.header, coded)
        return self.measured(self.code(code))

    def fitted(self, target: int) -> Coded:
        """The finest latents in a file of at most ``target`` bytes; where even the finest leave
        room, alpha gets all its levels."""
        finest = self.quantiser.code_for_quality(FINEST_QUALITY)
        coded = self.coded_within(target)
        # Decisions depend on each other: a few bytes finer, a whole region may come alive at once.
        # Where a small file leaps over the target so, valuing errors less makes other sizes.
        for leniency in LENIENCIES:
            if coded.code == finest or self.size(coded) >= LEAST_SHARE * target:
                break
            self.leniency = leniency
            coded = max(coded, self.coded_within(target), key=self.size)
        self.leniency = 1.0
        coarse_alpha = self.alpha
        if coded.code == finest and self.refine_alpha():
            try:
                return self.coded_within(target)
            except TargetTooSmall:  # an alpha that alone takes more than the latents
                self.alpha = coarse_alpha
        return coded

    def coded_within(self, target: int) -> Coded:
        """The finest latents in a file of at most ``target`` bytes. Raises TargetTooSmall."""
        finest, coarsest = map(self.quantiser.code_for_quality, (FINEST_QUALITY, COARSEST_QUALITY))
        return SizeSearch(target, self.sized, self.model.name).run(finest, coarsest)

    def reaching(self, wanted: float) -> Outcome:
        """The coarsest latents that score ``wanted``, with all levels of alpha if it takes them."""
        by_quality, name = self.quantiser.code_for_quality, self.model.name
        try:
            return search_score(wanted, self.scored, by_quality, name)
        except ScoreNotReached:
            if not self.refine_alpha():
                raise
        return search_score(wanted, self.scored, by_quality, name)

    def refine_alpha(self) -> bool:
        """Give alpha all its levels; False if it had them, or needs no more."""
        if self.picture.alpha is None or self.alpha is None or self.alpha.levels != SOME_LEVELS:
            return False
        self.alpha = pack_alpha(self.picture.alpha, ALL_LEVELS)
        return True

    def code(self, code: int) -> Coded:
        """The latents quantised and coded at one step code."""
        coded = code_latents(self.latents, self.quantiser, code, self.header, self.leniency)
        side = split_group(coded, self.header)
        if side is None:
            return coded
        header = replace(self.header, group=side)
        return code_latents(self.latents, self.quantiser, code, header, self.leniency)

    def sized(self, code: int) -> tuple[int, Coded]:
        """(bytes of the whole file, coded latents) at one step code."""
        coded = self.code(code)
        return self.size(coded), coded

    def size(self, coded: Coded) -> int:
        """Bytes of the whole file with these latents."""
        return len(self.pack(coded, self.alpha))

    def scored(self, code: int) -> tuple[float, Outcome]:
        """(SSIMULACRA2, all that was measured) at one step code."""
        found = self.measured(self.code(code))
        return found.fidelity.score, found

    def measured(self, coded: Coded) -> Outcome:
        """These latents with the present alpha, measured."""
        return Outcome(coded, self.alpha, self.measure(coded))

    def measure(self, coded: Coded) -> Fidelity:
        """Decode what would be written, from its bytes, and compare it with the picture."""
        file = container.unpack(self.pack(coded, self.alpha))
        values = decode_latents(file.header, file.streams)
        if not np.array_equal(values, coded.values):
            written, read = (zlib.crc32(v.tobytes()) & 0xFFFF for v in (coded.values, values))
            raise BadSymbols("the latents just written", written, read)
        rgb = decode_values_to_rgb(file.header, values, self.model)
        if self._reference is None:
            self._reference = Reference(self.picture.rgb, self.picture.alpha)
        if file.alpha is None:
            return self._reference.measure(rgb)
        return self._reference.measure(rgb, unpack_alpha(file.alpha, *rgb.shape[:2]))

    def pack(self, coded: Coded, alpha: Alpha | None, report: Report = NOT_MEASURED) -> bytes:
        """The file's bytes; a report takes as many whatever it says."""
        header = replace(self.header, step=coded.code, group=coded.group, report=report)
        file = SdzFile(header, coded.streams, alpha, self.picture.exif, self.picture.xmp)
        return container.pack(file)

    def finish(self, found: Outcome) -> Encoded:
        """The file with its report, if it is worth having."""
        coded, alpha, fidelity = found
        data = self.pack(coded, alpha, Report(fidelity.score, fidelity.worst, fidelity.psnr))
        source = self.picture.source_bytes
        if source is not None and len(data) >= source and not self.options.allow_larger:
            raise NotSmaller(len(data), source)
        return Encoded(data, fidelity, self.picture.notes)


def _searchable(model: Autoencoder) -> Searchable:
    """The model, if latents can be searched for with it."""
    if not isinstance(model, Searchable):
        raise cannot_search(model.name)
    return model
