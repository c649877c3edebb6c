"""One thing that was measured on a card, or for which there was no time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """part: engine or kl. ms: the median of one picture; None: see ``note``. aim_ms: at most so
    much is aimed at. error: of what came out, in levels of 255, the largest and the mean. peak_mib:
    of the device's memory. way: of kl, how it was run."""

    part: str
    name: str
    ms: float | None = None
    aim_ms: float | None = None
    error: tuple[float, float] | None = None
    peak_mib: float | None = None
    way: tuple[str, ...] = ()
    note: str = ""

    def __str__(self) -> str:
        words = [f"{self.part:<7}{self.name:<46}"]
        words.append("not measured" if self.ms is None else f"{self.ms:9.2f} ms")
        if self.aim_ms is not None and self.ms is not None:
            words.append(f"{'within' if self.ms <= self.aim_ms else 'OVER'} {self.aim_ms:g} ms")
        if self.error is not None:
            words.append("off by {:.2f} at most, {:.3f} in the mean".format(*self.error))
        if self.peak_mib is not None:
            words.append(f"{self.peak_mib:,.0f} MiB")
        return "  ".join(words + ([self.note] if self.note else []))
