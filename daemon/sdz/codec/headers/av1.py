"""AV1: how large the frames of a picture may be, by its sequence headers (AV1, 5.5)."""

from __future__ import annotations

from typing import Final

from sdz.codec.headers.seen import Frame, Unread, within

_SEQUENCE: Final = 1


def largest_frame(data: memoryview) -> Frame:
    """What the units (OBU) in ``data`` say of the frames among them, the largest of each side.
    Raises Unread, also where none can be among them."""
    heads = [_read(data[start:end]) for kind, start, end in _units(data) if kind == _SEQUENCE]
    if not heads:
        raise Unread
    return Frame(
        (max(one.size[0] for one in heads), max(one.size[1] for one in heads)),
        (max(one.most[0] for one in heads), max(one.most[1] for one in heads)),
    )


def _units(data: memoryview) -> list[tuple[int, int, int]]:
    """(kind, start, end) of what the units hold."""
    units, at = [], 0
    while at < len(data):
        head = data[at]
        at += 2 if head & 4 else 1  # an extension
        size = len(data) - at
        if head & 2:
            size, at = _leb128(data, at)
        units.append((head >> 3 & 15, at, at + size))
        within(len(units), "units")
        at += size
    return units


def _leb128(data: memoryview, at: int) -> tuple[int, int]:
    """A number, and where it ends."""
    value = 0
    for index in range(8):
        if at + index >= len(data):
            break
        value |= (data[at + index] & 127) << 7 * index
        if not data[at + index] & 128:
            return value, at + index + 1
    raise Unread


class _Bits:
    def __init__(self, data: memoryview) -> None:
        self.value = int.from_bytes(data[:_MOST_BYTES], "big")
        self.left = 8 * min(len(data), _MOST_BYTES)

    def take(self, count: int) -> int:
        if count > self.left:
            raise Unread
        self.left -= count
        return self.value >> self.left & (1 << count) - 1

    def varying(self) -> int:
        """The specification's uvlc()."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << 32) - 1 if zeros >= 32 else (1 << zeros) - 1 + self.take(zeros)


_MOST_BYTES = 1 << 10
"""Of a sequence header up to its sizes: 32 operating points with all they may say are 600."""


def _read(data: memoryview) -> Frame:
    """What a sequence header says."""
    bits = _Bits(data)
    bits.take(4)  # profile, still_picture
    short = bool(bits.take(1))
    if short:
        bits.take(5)
    else:
        _skip_points(bits)
    widths = [1 + bits.take(4) for _ in "wh"]
    width, height = (1 + bits.take(each) for each in widths)
    most = (width, height) if short else (1 << widths[0], 1 << widths[1])
    return Frame((width, height), most)


def _skip_points(bits: _Bits) -> None:
    """Past timing and operating points."""
    delays = 0
    if bits.take(1):  # timing_info_present_flag
        bits.take(64)
        if bits.take(1):
            bits.varying()
        if bits.take(1):  # decoder_model_info_present_flag
            delays = 1 + bits.take(5)
            bits.take(42)
    displayed = bits.take(1)
    for _ in range(1 + bits.take(5)):
        bits.take(12)
        if bits.take(5) > 7:
            bits.take(1)
        if delays and bits.take(1):
            bits.take(2 * delays + 1)
        if displayed and bits.take(1):
            bits.take(4)
