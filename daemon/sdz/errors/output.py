"""The result has nowhere to go."""

from __future__ import annotations

from sdz.errors.base import SdzError, composed

FLOOR = "models"


class OutputError(SdzError):
    """The result has nowhere to go. ``where``: the path."""

    code = "cannot-write"
    where: str
    reason: str
    sentence = "cannot write {where}: {reason}"


class OutputExists(OutputError):
    """There is already a file at ``where``, and it is not overwritten unasked."""

    code = "output-exists"
    reason: str = composed("it exists already; use --force to overwrite it")


class OutputStale(OutputExists):
    """The file at ``where`` is not what would be made now, and is not replaced unasked."""

    code = "output-stale"
    why: str
    reason: str = composed("it exists, but {why}; use --force to make it again, or move it away")
