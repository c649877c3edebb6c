"""What all attempts at a file share: the picture, its model, and what follows from the two."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sdz.codec.alpha import ALL_LEVELS, SOME_LEVELS, levels_for, pack_alpha
from sdz.codec.autoencoder import Autoencoder
from sdz.codec.coder import Floats
from sdz.codec.fidelity import Reference
from sdz.codec.kept.placing import SOFT_EDGE
from sdz.codec.latents import group_for
from sdz.codec.pixels import Picture
from sdz.codec.through import tiling_for, to_latents
from sdz.container import Alpha, Header, Kept, Model, Region


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A picture as its model sees it.

    header: what no attempt changes; step, groups and report come with each. latents: [C, h, w]
    float32, the network's own or better ones. alpha: coded, None for an opaque picture. regions:
    what is kept as it is.
    """

    picture: Picture
    model: Autoencoder
    header: Header
    latents: Floats
    alpha: Alpha | None
    reference: Reference
    regions: tuple[Region, ...] = ()

    @property
    def kept(self) -> Kept | None:
        """The regions as a file has them."""
        return Kept(SOFT_EDGE, self.regions) if self.regions else None

    @classmethod
    def of(cls, picture: Picture, model: Autoencoder, quality: float) -> Source:
        """Run the network over ``picture``. Alpha gets the levels of that quality (1..100)."""
        h, w = -(-picture.height // model.factor), -(-picture.width // model.factor)
        header = Header(
            width=picture.width,
            height=picture.height,
            model=Model.of(model.name, model.quantiser.channels, model.factor),
            weights=model.weights_hash,
            step=0,
            alpha=picture.alpha is not None,
            tiling=tiling_for(model, h, w),
            group=group_for(model.factor, h, w),
            placed=model.quantiser.trellis,
            trained=model.quantiser.statistics is not None,
        )
        alpha = None
        if picture.alpha is not None:
            alpha = pack_alpha(picture.alpha, levels_for(picture.alpha, quality))
        latents = to_latents(model, picture.rgb, header.tiling)
        return cls(picture, model, header, latents, alpha, Reference(picture.rgb, picture.alpha))

    def code_for_quality(self, quality: float) -> int:
        """The model's step code of a quality from 1 to 100."""
        return self.model.quantiser.code_for_quality(quality)

    def with_all_alpha(self) -> Source | None:
        """The same with all levels of alpha; None if it has them, or needs no more."""
        plane = self.picture.alpha
        if plane is None or self.alpha is None or self.alpha.levels != SOME_LEVELS:
            return None
        return replace(self, alpha=pack_alpha(plane, ALL_LEVELS))
