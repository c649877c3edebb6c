"""Each library in C says its version, and is refused with the remedy where that is another."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from sdz import ssimulacra2
from sdz.compiled import SUFFIX, load
from sdz.entropy.adaptive import kernel as adaptive
from sdz.entropy.trained import library as trained
from sdz.errors import KernelMissing
from sdz.network import library as network
from sdz.ssimulacra2 import library as metric

LIBRARIES = [
    (adaptive, "sdz_version"),
    (trained, "sdz_trained_version"),
    (network, "sdz_network_version"),
    (metric, "sdz_metric_version"),
]


@pytest.mark.parametrize(("module", "told_by"), LIBRARIES)
def test_one_of_another_version_is_refused(module: ModuleType, told_by: str) -> None:
    load(module.LIBRARY, told_by, module.VERSION)
    with pytest.raises(
        KernelMissing,
        match=rf"is version {module.VERSION}, not {module.VERSION + 1}; "
        r"build it by: pip install -e \..*install sdz anew",
    ):
        load(module.LIBRARY, told_by, module.VERSION + 1)


def test_all_there_are_say_theirs() -> None:
    built = Path(ssimulacra2.__file__).parents[1].rglob("_*" + SUFFIX)
    assert sorted(built) == sorted(module.LIBRARY for module, _ in LIBRARIES)
