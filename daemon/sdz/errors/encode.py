"""A wish that cannot be met."""

from __future__ import annotations

from sdz.errors.base import SdzError

FLOOR = "codec"


class EncodeError(SdzError):
    """A wish that cannot be met. Nothing was written."""

    code = "cannot-encode"


class ScoreNotReached(EncodeError):
    """The best quality scores ``best`` (SSIMULACRA2), under the ``wanted`` score."""

    code = "score-not-reached"
    wanted: float
    best: float
    model: str
    sentence = (
        "a score of {wanted:g} cannot be reached: {model} at its finest scores {best:.1f}; ask for "
        "less, try another model, or keep the original"
    )


class TargetTooSmall(EncodeError):
    """The smallest file takes ``least`` bytes, over the ``target``."""

    code = "target-too-small"
    target: int
    least: int
    model: str
    sentence = (
        "{target} bytes are too few: the coarsest {model} file of this picture takes {least} "
        "bytes; ask for more or make the picture smaller"
    )


class NotSmaller(EncodeError):
    """The ``.sdz`` would take ``size`` bytes, the source takes ``source``."""

    code = "not-smaller"
    size: int
    source: int
    sentence = (
        "would not get smaller: {size} bytes against {source} of the source; keep the original, or "
        "ask for a lower quality"
    )


class PeerFailed(EncodeError):
    """The picture could not be written in another ``format`` for a comparison."""

    code = "peer-failed"
    format: str
    reason: str
    sentence = "the picture could not be written as {format}: {reason}"
