"""The compiled kernel: the instructions it finds, and what is said when it is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdz.entropy.trained import library as module
from sdz.entropy.trained.library import LIBRARY, VARIANTS, Kernel, kernel
from sdz.errors import KernelMissing


def test_the_plain_variant_is_everywhere() -> None:
    found = kernel().variants
    assert found[0] == "plain"
    assert set(found) <= set(VARIANTS)


def test_a_kernel_that_is_not_built(tmp_path: Path) -> None:
    with pytest.raises(KernelMissing, match="is not built"):
        kernel(tmp_path / "_kernel.so")


def test_a_library_that_is_something_else(tmp_path: Path) -> None:
    library = tmp_path / "_kernel.so"
    library.write_bytes(b"not a library")
    with pytest.raises(KernelMissing, match="does not load"):
        Kernel(library)


def test_a_kernel_of_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "VERSION", -5)
    with pytest.raises(KernelMissing, match="is version"):
        Kernel(LIBRARY)
