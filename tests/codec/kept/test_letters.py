"""What a place looks like is the same wherever it lies in a picture."""

from __future__ import annotations

import drawn
import numpy as np
import pytest

from sdz.codec.kept import letters
from sdz.codec.kept.letters import BLOCK, likelihood

PICTURE = drawn.letters(drawn.scene(264, 320) // 2, 126, 40, 30)[..., 1]


def test_each_block_has_a_likelihood() -> None:
    assert likelihood(PICTURE).shape == (33, 40)
    assert likelihood(PICTURE[:5, :17]).shape == (1, 3)


def test_letters_are_likelier_than_what_is_beside_them() -> None:
    found = likelihood(PICTURE)
    assert np.median(found[16, 6:30]) > 2
    assert np.median(found[:12]) < -2


def test_where_a_picture_is_cut_for_memory_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = likelihood(PICTURE)
    monkeypatch.setattr(letters, "_ROWS", 1024)
    assert np.abs(pieces - likelihood(PICTURE)).max() < 1e-3


def test_what_lies_above_does_not_count_far_below() -> None:
    other = PICTURE.copy()
    other[: 16 * BLOCK] = 255 - other[: 16 * BLOCK]
    assert np.abs(likelihood(other) - likelihood(PICTURE))[20:].max() < 1e-3
