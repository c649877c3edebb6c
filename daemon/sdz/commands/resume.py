"""Whether an output that is there is what a command would make: the rule of ``--resume``.

There is no list of what was done that could be lost or lie: the outputs themselves tell. One
counts as done when it is a whole ``.sdz`` file, of its source as that is now (it has its time, or
was written after it came), by the wanted model's present weights, and as the options wish it. The
first two need its bytes and two dates, the others are in its header. A look is met by what scores
as much, and by more that is no other look: a drawing may leap from 28 to 57, and whatever it was
made for, it is no worse.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from sdz import container
from sdz.errors import FormatError
from sdz.origin import has_time_of, is_later
from sdz.wish import PRESETS, PROMISED, Wish

if TYPE_CHECKING:
    from sdz.models import Description


class Resume:
    """The rule for one command: a wish, and what is known of its model."""

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self._known: Description | None = None

    def reason_to_redo(self, source: str, output: Path) -> str | None:
        """Why ``output`` does not stand for ``source``; None if it does.

        OSError of the file system (the source is not there) passes through.
        """
        there, now = output.stat(), Path(source).stat()
        if not has_time_of(there, now) and not is_later(there, now):
            older = there.st_mtime_ns < now.st_mtime_ns
            return "it is older than its source" if older else "its source came after it"
        try:
            data = output.read_bytes()
            file = container.unpack(data)
        except FormatError as error:
            return f"it is not whole ({error})"
        header, known = file.header, self._describe()
        if (file.exif or file.xmp) and not self._wish.keep_metadata:
            return "it keeps metadata"
        if header.model.name != self._wish.model:
            return f"it was made with {header.model.name}"
        if known.weights_hash not in (None, header.weights):
            return "it was made with other weights"
        return self._unlike_options(header, len(data), known)

    def _unlike_options(
        self, header: container.Header, size: int, known: Description
    ) -> str | None:
        wish, report = self._wish, header.report
        if wish.target_bytes is not None:
            over = size > wish.target_bytes
            return f"it has {size:,} bytes" if over else None
        if wish.min_score is not None:
            reached = report is not None and report.score >= wish.min_score
            return None if reached else "its score is lower"
        if wish.look is not None:
            score = -math.inf if report is None else report.score
            looks = [look for look in PRESETS.values() if abs(score - look) <= PROMISED]
            alike = wish.look in looks if looks else score > wish.look
            return None if alike else "it was made for another look"
        assert wish.quality is not None
        same = header.step == known.quantiser.code_for_quality(wish.quality)
        return None if same else "it was made at another quality"

    def _describe(self) -> Description:
        if self._known is None:
            from sdz.models import describe

            self._known = describe(self._wish.model)
        return self._known
