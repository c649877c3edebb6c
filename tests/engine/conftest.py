"""Jobs for the child without torch, and a clock that only the test moves."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import stub_child

from sdz.container import Header, Model, SdzFile, Stream, pack
from sdz.engine import DecodeJob

STUB = Path(stub_child.__file__)


class Clock:
    """Shows what it was set to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stub() -> Callable[..., list[str]]:
    """The command line of the child without torch; words change how it starts."""
    return lambda *words: [sys.executable, str(STUB), *words]


@pytest.fixture
def tell() -> Callable[..., DecodeJob]:
    """A decode that has the stub do something; ``width`` of its header, which names lite-1."""

    def tell(words: str, width: int = 64) -> DecodeJob:
        header = Header(
            width=width, height=64, model=Model.of("lite-1", 192, 16), weights=bytes(8), step=0
        )
        return DecodeJob(pack(SdzFile(header, (Stream(0, words.encode()),))))

    return tell
