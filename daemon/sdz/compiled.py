"""Our libraries in C, found beside the file that calls them and held to the version it needs.

``setup.py`` builds them. ctypes lets go of the interpreter while they are called.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import Final

from sdz.errors import KernelMissing

SUFFIX: Final = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")


def load(path: Path, told_by: str, version: int) -> ctypes.CDLL:
    """The library at ``path``, whose function ``told_by`` says that it is of this version.

    Raises KernelMissing where it is not built, does not load or is another.
    """
    try:
        library = ctypes.CDLL(str(path))
        found = int(getattr(library, told_by)())
    except (OSError, AttributeError) as error:
        reason = "is not built" if not path.exists() else f"does not load ({error})"
        raise KernelMissing(str(path), reason) from error
    if found != version:
        raise KernelMissing(str(path), f"is version {found}, not {version}")
    return library
