"""The same network in floats, as onnxruntime runs it, has the pixels that the integers have."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="scripts/setup --bench brings it")


def test_integers_and_floats_are_within_a_level() -> None:
    from benchmarks.floats import InFloats, compare
    from sdz.models import lite

    y, x = np.mgrid[0:64, 0:96]
    rgb = np.dstack([x * 2, y * 3, 120 + 60 * np.sin((x + y) / 6)]).astype(np.uint8)
    model, floats = lite.load(), InFloats(1)
    for quality in (33, 90):
        code = model.quantiser.code_for_quality(quality)
        loss, mean, most = compare(model, floats, rgb, code)
        assert abs(loss) < 0.05
        assert mean < 0.2
        assert most <= 2
    latents = model.encode(rgb)
    found = floats.encode((rgb.transpose(2, 0, 1)[None] / np.float32(255)) - np.float32(0.5))[0]
    assert np.abs(found - latents).max() < 0.02 * np.abs(latents).max()
