"""Folders to publish."""

from __future__ import annotations

from pathlib import Path

import drawn
import numpy as np
import pytest
from counting_maker import CountingMaker


@pytest.fixture
def maker() -> CountingMaker:
    return CountingMaker()


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Three pictures: one wider than the others, one small, one with clear places."""
    folder = tmp_path / "album"
    (folder / "more").mkdir(parents=True)
    (folder / "wide one.jpg").write_bytes(drawn.as_file(drawn.scene(48, 128), "JPEG", quality=95))
    (folder / "small.png").write_bytes(drawn.as_file(drawn.scene(32, 40, 1)))
    clear = np.dstack([drawn.scene(48, 64), drawn.soft_alpha(48, 64)])
    (folder / "more" / "clear.png").write_bytes(drawn.as_file(clear))
    return folder
