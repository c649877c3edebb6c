"""JPEG XL: the first bits of its codestream (ISO/IEC 18181-1, annex D), bare or in boxes."""

from __future__ import annotations

from typing import Final

from sdz.codec.headers.boxes import boxes
from sdz.codec.headers.seen import Header, Unread

BARE: Final = b"\xff\x0a"
BOXED: Final = b"\0\0\0\x0cJXL \r\n\x87\n"
_RATIOS: Final = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


def read(data: bytes) -> Header:
    """Size, turn and whether it is animated. ``turn`` is what the codestream says: a decoder makes
    it, and the EXIF is only told of it (18181-2, 9.4)."""
    bits = _Bits(_codestream(data))
    height, width = _size(bits)
    turn, frames = 1, 1
    if not bits.take(1) and bits.take(1):  # all_default, extra_fields
        turn = bits.take(3) + 1
        if bits.take(1):  # intrinsic size
            _size(bits)
        if bits.take(1):  # preview
            _preview(bits)
        frames = 2 if bits.take(1) else 1  # how many there are, no header says
    return Header("JXL", (height, width) if turn > 4 else (width, height), frames, turn=turn)


def _codestream(data: bytes) -> bytes:
    if data.startswith(BARE):
        return data[2:66]
    for box in boxes(data):
        if box.kind in (b"jxlc", b"jxlp"):
            start = box.start + (4 if box.kind == b"jxlp" else 0)  # the number of the part
            if data[start : start + 2] == BARE:
                return data[start + 2 : start + 66]
    raise Unread


class _Bits:
    """The least one of each byte first."""

    def __init__(self, data: bytes) -> None:
        self._number, self._left = int.from_bytes(data, "little"), 8 * len(data)

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise Unread
        found = self._number & (1 << count) - 1
        self._number >>= count
        return found


def _size(bits: _Bits) -> tuple[int, int]:
    """(height, width)."""
    small = bits.take(1)
    height = _side(bits, small)
    ratio = bits.take(3)
    if ratio:
        across, down = _RATIOS[ratio - 1]
        return height, height * across // down
    return height, _side(bits, small)


def _side(bits: _Bits, small: int) -> int:
    if small:
        return (bits.take(5) + 1) * 8
    return bits.take((9, 13, 18, 30)[bits.take(2)]) + 1


def _preview(bits: _Bits) -> None:
    """Sizes that are not asked for."""
    eighths = bits.take(1)

    def side() -> None:
        which = bits.take(2)
        if eighths:
            bits.take((0, 0, 5, 9)[which])
        else:
            bits.take((6, 8, 10, 12)[which])

    side()
    if not bits.take(3):
        side()
