"""One run at a time writes into a folder: a lock on ``.sdz-publish.lock`` there, which stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sdz.errors import AlreadyPublishing
from sdz.locks import try_lock

NAME: Final = ".sdz-publish.lock"


@contextmanager
def claimed(out: Path) -> Iterator[None]:
    """``out``, which is made where it is missing, is this run's within the block.

    Raises AlreadyPublishing where another has it; OSError passes through.
    """
    out.mkdir(parents=True, exist_ok=True)
    with (out / NAME).open("ab") as file:
        if not try_lock(file):
            raise AlreadyPublishing(str(out))
        yield
