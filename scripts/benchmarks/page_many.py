"""What a page of many pictures takes of memory, beside the same page of PNGs and of JPEGs.

A browser keeps the bytes of each picture as long as its page is open, so that it can decode it
anew: of a .sdz the picture that it was given in its place. What is left after the page was closed
is what the extension, the daemon and the browser keep for the next one.
"""

from __future__ import annotations

import io
import os
import time
from typing import Any, Final

import sdz
from benchmarks import page_memory

_SETTLED_MIB: Final = 2.0
_SETTLED_S: Final = 1.0
_LONGEST_S: Final = 20.0


def run(name: str, browser: Any, pages: Any, files: list[bytes], fresh: list[bytes]) -> None:
    """Print it. files: .sdz of the pictures; fresh: many with these pictures, in no cache."""
    _page(name, browser, pages, "x-sdz", fresh)
    for kind, options in (("png", {"compress_level": 6}), ("jpeg", {"quality": 90})):
        made = [_written(data, kind, options) for data in files]
        _page(name, browser, pages, kind, [made[n % len(made)] for n in range(len(fresh))])


def _page(name: str, browser: Any, pages: Any, kind: str, files: list[bytes]) -> None:
    meanwhile: dict[str, float] = {}

    def look() -> None:
        meanwhile.update(page_memory.mebibytes(os.getpid()))

    before = _settled()
    at = pages.put_up(f"many-{kind}", files, kind=kind)
    browser.show(pages, at, then=look)
    after = _settled()
    for part in sorted(meanwhile):
        figures = ", ".join(
            f"{when} {memory.get(part, 0):.0f}"
            for when, memory in (("before", before), ("open", meanwhile), ("closed", after))
        )
        print(f"{name:<9} page of {len(files)} {kind:<5} memory of {part}: {figures} MiB")


def _settled() -> dict[str, float]:
    """Memory when what ends has ended."""
    end = time.monotonic() + _LONGEST_S
    memory = page_memory.mebibytes(os.getpid())
    while time.monotonic() < end:
        time.sleep(_SETTLED_S)
        earlier, memory = memory, page_memory.mebibytes(os.getpid())
        if abs(sum(memory.values()) - sum(earlier.values())) < _SETTLED_MIB:
            break
    return memory


def _written(data: bytes, kind: str, options: dict[str, int]) -> bytes:
    buffer = io.BytesIO()
    sdz.decode(data).save(buffer, kind.upper(), **options)
    return buffer.getvalue()
