"""The compiled kernel: its tables, and what is said when it is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdz.entropy.adaptive import kernel as module
from sdz.entropy.adaptive.kernel import LIBRARY, Kernel, kernel
from sdz.errors import KernelMissing, SdzError

TABLES = 0x6A6458BD


def test_tables_are_the_same_everywhere() -> None:
    assert kernel().table_checksum == TABLES


def test_tables_are_made_anew_without_change() -> None:
    assert Kernel(LIBRARY).table_checksum == TABLES


def test_a_kernel_that_is_not_built(tmp_path: Path) -> None:
    with pytest.raises(
        KernelMissing, match=r"is not built; build it by: pip install -e \."
    ) as caught:
        kernel(tmp_path / "_kernel.so")
    assert isinstance(caught.value, ImportError)
    assert isinstance(caught.value, SdzError)


def test_a_library_that_is_something_else(tmp_path: Path) -> None:
    library = tmp_path / "_kernel.so"
    library.write_bytes(b"not a library")
    with pytest.raises(KernelMissing, match="does not load"):
        Kernel(library)


def test_a_kernel_of_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "VERSION", -5)
    with pytest.raises(KernelMissing, match="is version"):
        Kernel(LIBRARY)
