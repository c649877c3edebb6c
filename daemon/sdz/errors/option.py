"""An option has a value that it may not have."""

from __future__ import annotations

from sdz.errors.base import SdzError

FLOOR = "wish"


class BadOption(SdzError):
    """``option`` should be ``expected`` but is ``found``."""

    code = "bad-option"
    option: str
    expected: str
    found: object
    sentence = "{option}: expected {expected}, found {found}"
