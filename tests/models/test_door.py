"""The models have one door, and what stands in it is there."""

from __future__ import annotations

import pytest
from imports import MODULES, imported, is_in

from sdz import models

OUTSIDE = [module for module in MODULES if not is_in(module, "sdz.models")]


@pytest.mark.parametrize("module", OUTSIDE)
def test_nobody_reaches_behind_it(module: str) -> None:
    assert [name for name in imported(module) if name.startswith("sdz.models.")] == []


@pytest.mark.parametrize("name", models.__all__)
def test_what_it_offers_is_there(name: str) -> None:
    assert getattr(models, name) is not None


def test_it_offers_nothing_else() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(models, "nothing")  # noqa: B009 - not known to the type checker
