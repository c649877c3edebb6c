from __future__ import annotations

import numpy as np
import pytest

from sdz.codec.autoencoder import Quantiser
from sdz.models.quantiser import UniformQuantiser


def test_it_is_a_quantiser() -> None:
    assert isinstance(UniformQuantiser(4), Quantiser)


def test_steps_grow_strictly_with_the_code() -> None:
    quantiser = UniformQuantiser(1)
    steps = np.array([quantiser.steps(code)[0] for code in range(65536)])
    assert steps.dtype == np.float32
    assert (np.diff(steps) > 0).all()
    assert steps[0] == 2.0**-8
    assert steps[32768] == 1.0
    assert steps[36864] == 2.0


def test_every_channel_has_the_step_and_its_inverse() -> None:
    quantiser = UniformQuantiser(16)
    assert quantiser.steps(40000).shape == quantiser.rd_weights(40000).shape == (16,)
    np.testing.assert_allclose(quantiser.steps(40000) * quantiser.scales(40000), 1, rtol=1e-6)


def test_quality_refines_the_step() -> None:
    quantiser = UniformQuantiser(4)
    codes = [quantiser.code_for_quality(quality) for quality in range(1, 101)]
    assert codes == sorted(codes, reverse=True)
    assert len(set(codes)) == 100
    # A step of the trellis is worth 1 / 0.62 of a plain one.
    plain = [float(quantiser.steps(code)[0]) / 0.62 for code in (codes[0], codes[-1])]
    assert plain == pytest.approx([4.0, 0.0625], rel=1e-3)
    middle = quantiser.steps(quantiser.code_for_quality(50.5))[0]
    assert middle / 0.62 == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize(("asked", "meant"), [(-3, 1), (0.5, 1), (1000, 100)])
def test_quality_beyond_the_range_is_its_end(asked: float, meant: float) -> None:
    quantiser = UniformQuantiser(4)
    assert quantiser.code_for_quality(asked) == quantiser.code_for_quality(meant)


def test_rd_weight_is_below_the_high_rate_optimum_of_a_plain_quantiser() -> None:
    weight = UniformQuantiser(1).rd_weights(0)[0]
    assert 6 / np.log(2) * 0.62**2 < weight < 6 / np.log(2)
