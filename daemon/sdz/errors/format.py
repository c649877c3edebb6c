"""The bytes are not a ``.sdz`` file that can be read."""

from __future__ import annotations

from typing import Any

from sdz.errors.base import SdzError

FLOOR = "container"


class FormatError(SdzError):
    """The bytes are not a ``.sdz`` file that this version can read."""

    code = "bad-file"


_USUAL = (
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\0", "a TIFF picture, or a RAW file"),
    (b"MM\0*", "a TIFF picture, or a RAW file"),
    (b"BM", "a BMP picture"),
    (b"RIFF", "a WebP picture, a film or a sound"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
)
"""How files begin that are taken for .sdz files most often."""


class NotSdz(FormatError):
    """The signature is missing. ``found``: the first bytes of the data (at most 8)."""

    code = "not-sdz"
    found: bytes
    sentence = "not a .sdz file: {_what}"

    @property
    def _what(self) -> str:
        if not self.found:
            return "it is empty"
        if self.found[4:] == b"ftyp":
            return "it is a HEIC or AVIF picture, or a film"
        for start, name in _USUAL:
            if self.found.startswith(start):
                return f"it is {name}"
        return f"expected it to start with 89 53 44 5a 0d 0a 1a 0a, found {self.found.hex(' ')}"

    @staticmethod
    def _kept(name: str, fact: Any) -> Any:  # noqa: ARG004
        return fact[:8]


class UnsupportedVersion(FormatError):
    """Written by a format version later than ``supported``."""

    code = "unsupported-version"
    found: int
    supported: int
    sentence = (
        "format version {found} is newer than version {supported}, the latest this sdz reads; "
        "update sdz to open it"
    )


class UnsupportedFeature(FormatError):
    """The file needs a feature that this reader does not know. ``feature`` names it."""

    code = "unsupported-feature"
    feature: str
    sentence = "needs {feature}, which this sdz does not know; update sdz to open it"


class Truncated(FormatError):
    """``what`` needs ``need`` bytes but only ``got`` are left."""

    code = "truncated"
    what: str
    need: int
    got: int
    sentence = "cut short: {what} needs {need} bytes, found {got}; fetch the file again"


class TrailingData(FormatError):
    """``count`` bytes follow the place where ``what`` ends."""

    code = "trailing-data"
    what: str
    count: int
    sentence = "damaged: {count} bytes follow the end of {what}"


class BadChecksum(FormatError):
    """The CRC-32 of chunk ``what`` is ``found``, the file says ``expected``."""

    code = "bad-checksum"
    what: str
    expected: int
    found: int
    sentence = (
        "damaged: checksum of {what} expected {expected:08x}, found {found:08x}; fetch the file "
        "again"
    )


class BadSymbols(FormatError):
    """The integers decoded for ``what`` do not have the checksum the file carries."""

    code = "bad-symbols"
    what: str
    expected: int
    found: int
    sentence = (
        "damaged: decoded symbols of {what} expected checksum {expected:04x}, found {found:04x}"
    )


class BadField(FormatError):
    """``field`` should be ``expected`` but the file holds ``found``."""

    code = "bad-field"
    field: str
    expected: str
    found: object
    sentence = "damaged: {field} expected {expected}, found {found}"


class LimitExceeded(FormatError):
    """``what`` is ``found``, over ``limit``; raised before memory is taken for it."""

    code = "limit-exceeded"
    what: str
    limit: int
    found: int
    sentence = "refused: {what} is {found}, the limit is {limit}"


class TooMuchWork(FormatError):
    """``stored`` bytes of streams ask for more than the ``steps`` of decoding that they may."""

    code = "too-much-work"
    stored: int
    steps: int
    sentence = (
        "refused: its {stored:,} bytes ask for more than {steps:,} steps of decoding: it is "
        "damaged, or was made to do harm"
    )
