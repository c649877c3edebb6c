"""How child processes of ours are started: they import this package and nothing of the folder
that we were started in, where a picture's neighbour may be called ``queue.py``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Final

PACKAGE_PARENT: Final = str(Path(__file__).resolve().parents[1])

WORKING_FOLDER: Final = os.path.abspath(os.sep)  # noqa: PTH100 - its drive's root on Windows
"""Where children work: nobody's pictures lie there, and it cannot go away."""


def program(module: str) -> tuple[str, ...]:
    """The words that run ``module``: -P, or Python would look for modules in the working folder."""
    return (sys.executable, "-P", "-m", module)


def apart() -> dict[str, Any]:
    """For starting one that a terminal's Ctrl-C does not reach: we end it, in our own time."""
    return {} if sys.platform == "win32" else {"process_group": 0}


def environment(**more: str) -> dict[str, str]:
    """Our own environment, with this very package first where a child looks for modules.

    Entries of PYTHONPATH that stand for the working folder are left out, and a home of sdz that
    was named from there is given whole. ``more`` is set unless the user has set it.
    """
    found = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    parts = [PACKAGE_PARENT, *(part for part in found if Path(part).is_absolute())]
    ours = {"PYTHONPATH": os.pathsep.join(dict.fromkeys(parts)), "PYTHONSAFEPATH": "1"}
    if home := os.environ.get("SDZ_HOME"):
        ours["SDZ_HOME"] = str(Path(home).absolute())
    return {**more, **os.environ, **ours}
