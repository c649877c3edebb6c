"""What only some need is not installed."""

from __future__ import annotations

from sdz.errors.base import SdzError

FLOOR = "extras"


class ExtraMissing(SdzError, ImportError):
    """``module`` is not installed. ``extra``: its name in ``pip install 'sdz[extra]'``."""

    code = "extra-missing"
    extra: str
    module: str
    sentence = "this needs {module}, which is not here; pip install 'sdz[{extra}]'"
