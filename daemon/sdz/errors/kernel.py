"""A library in C, a coder's, the network's or the metric's, is not there or cannot go on."""

from __future__ import annotations

from sdz.errors.base import SdzError

FLOOR = "compiled"


class KernelMissing(SdzError, ImportError):
    """The compiled library ``where`` cannot be used. ``reason`` says why."""

    code = "kernel-missing"
    where: str
    reason: str
    sentence = (
        "the compiled library {where} {reason}; build it by: pip install -e . (in the project's "
        "folder), or install sdz anew: pip install --force-reinstall sdz"
    )


class BadStatistics(SdzError):
    """The statistics of a model cannot be coded by. ``reason`` says what was expected and found."""

    code = "bad-statistics"
    reason: str
    sentence = "the model's statistics are damaged: {reason}; install sdz or the model anew"
