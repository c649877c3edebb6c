"""A region's bytes do not depend on how many processors write it."""

from __future__ import annotations

import drawn
import pytest

from sdz.codec.kept.writing import write_region
from sdz.container import Box
from sdz.processors import sharing


@pytest.mark.parametrize("speed", [6, 9])
def test_any_number_of_threads_writes_the_same(speed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rgb = drawn.scene(600, 1100)  # wide enough for tiles of AV1, which would follow the threads
    written = set()
    for threads in (1, 2, 5):
        # What Pillow would take of itself: as many as this machine has.
        monkeypatch.setattr("PIL.AvifImagePlugin._get_default_max_threads", lambda n=threads: n)
        with sharing(lambda n=threads: n):  # type: ignore[misc]
            written.add(write_region(rgb, Box(0, 0, 1100, 600), 60, speed=speed).data)
    assert len(written) == 1
