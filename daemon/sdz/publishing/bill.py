"""What visitors fetch of what was published: by the extension, by sdz.js, and with neither."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sdz.publishing.manifest import PictureRecord

SCRIPT_BYTES: Final = 2_500_000
"""What sdz.js has a visitor fetch once: weights, 2.44 MB; library, 45 kB; script, 14 kB."""


@dataclass(frozen=True, slots=True)
class Bill:
    """Bytes of all pictures where a visitor fetches each at ``width``, or at its widest if that is
    less; by kind. A picture with clear places has a WebP in place of a JPEG, and counts there."""

    width: int
    pictures: int
    sdz: int
    avif: int
    plain: int

    @property
    def script(self) -> int:
        """With sdz.js, on the first visit."""
        return self.sdz + SCRIPT_BYTES

    @property
    def beside_avif(self) -> int | None:
        """From how many pictures on sdz.js costs fewer bytes than AVIFs; None: never."""
        return self._pays_beside(self.avif)

    @property
    def beside_plain(self) -> int | None:
        """As ``beside_avif``, for a page that would have JPEGs alone."""
        return self._pays_beside(self.plain)

    def _pays_beside(self, other: int) -> int | None:
        saved = (other - self.sdz) / max(self.pictures, 1)
        return math.ceil(SCRIPT_BYTES / saved) if saved > 0 else None


def bill_of(records: Iterable[PictureRecord], width: int) -> Bill:
    """Add up."""
    bytes_of = {"sdz": 0, "avif": 0, "plain": 0}
    count = 0
    for record in records:
        count += 1
        chosen: dict[str, int] = {}
        for one in record.outputs:  # narrowest first
            kind = one.kind if one.kind in bytes_of else "plain"
            if one.width <= width or kind not in chosen:
                chosen[kind] = one.bytes
        for kind, size in chosen.items():
            bytes_of[kind] += size
    return Bill(width, count, **bytes_of)
