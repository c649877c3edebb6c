"""How far a watched folder is, in words: for ``sdz status`` and ``sdz watch status``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def watch_counts(row: Mapping[str, Any]) -> str:
    """How many files are in which state, and what was saved."""
    oldest = f" (oldest {row['oldest_waiting_s']:.0f} s)" if row["waiting"] else ""
    words = [
        f"{row['waiting']} waiting{oldest}",
        f"{row['running']} running",
        f"{row['done']} done",
    ]
    for state, word in (("refused", "left alone"), ("failed", "failed"), ("bad", "bad")):
        if row[state]:
            words.append(f"{row[state]} {word}")
    if row["undone"]:
        words.append(f"{row['undone']} brought back")
    return f"{', '.join(words)}; {row['saved_bytes'] / 1e6:,.1f} MB saved"
