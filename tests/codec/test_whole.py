"""Whether AVIF would be smaller: answered by its quickest speed where that is sure."""

from __future__ import annotations

from typing import Any

import drawn
import pytest
from fake_autoencoder import FakeAutoencoder

from sdz.codec import whole
from sdz.codec.pixels import Picture
from sdz.codec.source import Source
from sdz.container import Region


@pytest.mark.parametrize(("share", "speeds"), [(0.5, [9]), (0.97, [9, 6]), (2.0, [9])])
def test_the_speed_that_is_written_is_asked_where_the_quickest_leaves_doubt(
    share: float, speeds: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    sizes: dict[int, int] = {}
    real = whole.write_region

    def write(*args: Any, speed: int = 6) -> Region:
        region = real(*args, speed=speed)
        asked.append(speed)
        sizes[speed] = len(region.data)
        return region

    monkeypatch.setattr(whole, "write_region", write)
    source = Source.of(Picture(drawn.scene(160, 240)), FakeAutoencoder(), 50)
    whole.is_smaller_whole(source, 50, 0)
    size = share * sizes[9]
    asked.clear()
    found = whole.is_smaller_whole(source, 50, size)
    assert asked == speeds
    assert found is (sizes[asked[-1]] < size)
