"""The framing of ``.sdz`` files: signature, chunks, checksums, limits. Bytes <-> `SdzFile`.

    file     8 signature 89 53 44 5A 0D 0A 1A 0A, then chunks
    chunk    1 type (ASCII letter) | v payload length | payload | 4 CRC-32 of all before it here
             upper case: critical, a reader that does not know it refuses the file;
             lower case: ancillary, skipped and kept
    order    H, then A m x s k where present, unknown ancillary ones, then L, which ends the file

    H  header     see ``header.py``
    A  alpha      1 levels (1 to 255) | 2 symbol check | stream
    m  EXIF   x  XMP   s  map of scores, k  kept regions: see ``marks.py``
    L  latents    per group, in raster order: v stream length (left out where there is just one
                  group) | 2 symbol check | stream

The numbers on the left are bytes, v a varint, integers little-endian. ``docs/format.md`` is
normative. What the streams hold is the business of ``entropy`` and ``codec``.

A value has one spelling in the file, so ``pack(unpack(data)) == data`` for whatever is accepted
and ``unpack(pack(file)) == file`` for whatever is written, but that reports are rounded. Needs
the standard library alone.
"""

from __future__ import annotations

import string
import zlib
from typing import Final

from sdz.container import header as _header
from sdz.container import marks as _marks
from sdz.container.cursor import Cursor, varint
from sdz.container.fields import Alpha, Chunk, Header, Kept, Limits, ScoreMap, SdzFile, Stream
from sdz.errors import (
    BadChecksum,
    BadField,
    LimitExceeded,
    NotSdz,
    TrailingData,
    Truncated,
    UnsupportedFeature,
)

SIGNATURE: Final = bytes.fromhex("89 53 44 5A 0D 0A 1A 0A")
HEADER_PREFIX_BYTES: Final = 2048
"""`read_header` needs no more than this of any version 1 file (1,109 bytes at the very most)."""

_ORDER: Final = "HAmxsk*L"
_LOWER_CASE: Final = frozenset(string.ascii_lowercase)
_DEFAULT: Final = Limits()


def pack(file: SdzFile, limits: Limits = _DEFAULT) -> bytes:
    """The bytes of ``file``. Raises `BadField` or `LimitExceeded` for what `unpack` refuses."""
    header = file.header
    chunks = [("H", _header.write(header, limits))]
    if header.alpha != (file.alpha is not None):
        raise _alpha_mismatch(header)
    if file.alpha is not None:
        _check_levels(file.alpha.levels)
        payload = bytes((file.alpha.levels,)) + _check_bytes(file.alpha.check) + file.alpha.data
        chunks.append(("A", payload))
    for kind, metadata in (("m", file.exif), ("x", file.xmp)):
        if metadata is not None:
            _check_metadata(kind, len(metadata))
            chunks.append((kind, metadata))
    if file.scores is not None:
        chunks.append(("s", _marks.write_scores(file.scores)))
    if file.kept is not None:
        chunks.append(("k", _marks.write_kept(file.kept, header, limits)))
    for extra in file.extra:
        if not (extra.kind in _LOWER_CASE and _place(extra.kind) == "*"):
            raise BadField("extra chunk", "a lower-case letter, not m, x, s, k", repr(extra.kind))
        chunks.append((extra.kind, extra.data))
    chunks.append(("L", _latents_bytes(header, file.streams)))

    ancillary = _Ancillary(limits)
    parts = [SIGNATURE]
    for kind, payload in chunks:
        if len(payload) > limits.chunk_bytes:
            raise LimitExceeded(f"length of chunk {kind}", limits.chunk_bytes, len(payload))
        if kind.islower():
            ancillary.add(len(payload))
        head = kind.encode("ascii") + varint(len(payload), f"length of chunk {kind}")
        crc = zlib.crc32(payload, zlib.crc32(head))
        parts += head, payload, crc.to_bytes(4, "little")
    return b"".join(parts)


def unpack(data: bytes | bytearray | memoryview, limits: Limits = _DEFAULT) -> SdzFile:
    """The file whose bytes are ``data``, all of them.

    Raises a `FormatError` for anything else. No stream is decoded, and no memory is taken for
    what a field promises: only for what is there, and within ``limits``.
    """
    cursor = Cursor(data)
    header = _read_start(cursor, limits)
    alpha: Alpha | None = None
    metadata: dict[str, bytes] = {}
    scores: ScoreMap | None = None
    kept: Kept | None = None
    extra: list[Chunk] = []
    ancillary = _Ancillary(limits)
    before = "H"
    while True:
        kind, payload = _read_chunk(cursor, limits)
        if kind.islower():
            ancillary.add(payload.left)
        _check_order(before, kind)
        before = kind
        if kind == "L":
            break
        if kind == "A":
            alpha = _read_alpha(payload)
        elif kind in "mx":
            _check_metadata(kind, payload.left)
            metadata[kind] = _rest(payload)
        elif kind == "s":
            scores = _marks.read_scores(payload)
        elif kind == "k":
            kept = _marks.read_kept(payload, header, limits)
        else:
            extra.append(Chunk(kind, _rest(payload)))
    if cursor.left:
        raise TrailingData("chunk L, the last of a file", cursor.left)
    if header.alpha != (alpha is not None):
        raise _alpha_mismatch(header)
    streams = _read_latents(payload, header)
    exif, xmp = metadata.get("m"), metadata.get("x")
    return SdzFile(header, streams, alpha, exif, xmp, tuple(extra), scores, kept)


def read_header(data: bytes | bytearray | memoryview, limits: Limits = _DEFAULT) -> Header:
    """The header, from the first `HEADER_PREFIX_BYTES` of a file, or all of a smaller one.

    Checks the signature and the header's own CRC and fields, nothing behind them.
    """
    return _read_start(Cursor(data), limits)


class SymbolCheck:
    """Checksum of decoded integers, which come piece by piece: see `symbol_check`."""

    def __init__(self) -> None:
        self._crc = 0

    def add(self, raw: bytes | bytearray | memoryview) -> None:
        """Take in the next ones, as little-endian int32."""
        self._crc = zlib.crc32(raw, self._crc)

    @property
    def value(self) -> int:
        """That of all until now."""
        return self._crc & 0xFFFF


def symbol_check(raw: bytes | bytearray | memoryview) -> int:
    """Checksum of decoded integers: the low 16 bits of the CRC-32 of ``raw``.

    ``raw`` holds them as little-endian int32, in the order of [C, h, w]. It holds a decoder to
    what was encoded; CRC-32 over the file has already found damage on the way.
    """
    check = SymbolCheck()
    check.add(raw)
    return check.value


def overhead(data: bytes | bytearray | memoryview) -> int:
    """How many bytes of the file ``data`` are not coded latents."""
    return memoryview(data).nbytes - sum(len(stream.data) for stream in unpack(data).streams)


# --- chunks -----------------------------------------------------------------------------------


class _Ancillary:
    """Counts ancillary chunks against the limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits, self._count, self._bytes = limits, 0, 0

    def add(self, length: int) -> None:
        self._count += 1
        self._bytes += length
        for what, limit, found in (
            ("number of ancillary chunks", self._limits.ancillary_chunks, self._count),
            ("bytes in ancillary chunks", self._limits.ancillary_bytes, self._bytes),
        ):
            if found > limit:
                raise LimitExceeded(what, limit, found)


def _read_start(cursor: Cursor, limits: Limits) -> Header:
    start = bytes(cursor.take(min(cursor.left, len(SIGNATURE)), "signature"))
    if not start or not SIGNATURE.startswith(start):
        raise NotSdz(start)
    if len(start) < len(SIGNATURE):
        raise Truncated("the signature", len(SIGNATURE), len(start))
    kind, payload = _read_chunk(cursor, limits)
    if kind != "H":
        raise BadField("first chunk", "H", kind)
    return _header.read(payload, limits)


def _read_chunk(cursor: Cursor, limits: Limits) -> tuple[str, Cursor]:
    """The next chunk: its type and a cursor over its payload. Its CRC is right."""
    code = cursor.number(1, "a chunk, as L has not come yet,")
    kind = chr(code)
    name = f"chunk {kind}" if kind.isascii() and kind.isalpha() else f"chunk {code:#04x}"
    length = cursor.varint(f"length of {name}")
    if length > limits.chunk_bytes:
        raise LimitExceeded(f"length of {name}", limits.chunk_bytes, length)
    payload = cursor.take(length, name)
    expected = cursor.number(4, f"checksum of {name}")
    # The type is looked at only now: damage should be called damage, not a missing feature.
    head = bytes((code,)) + varint(length, "length")
    found = zlib.crc32(payload, zlib.crc32(head))
    if found != expected:
        raise BadChecksum(name, expected, found)
    if not (kind.isascii() and kind.isalpha()):
        raise BadField("chunk type", "an ASCII letter", f"{code:#04x}")
    return kind, Cursor(payload)


def _place(kind: str) -> str:
    """Where chunk ``kind`` stands in `_ORDER`: ``*`` for those of no known type."""
    return kind if kind in _ORDER else "*"


def _check_order(before: str, kind: str) -> None:
    if kind.isupper() and kind not in _ORDER:
        raise UnsupportedFeature(f"chunk {kind}")
    earlier, place = _ORDER.index(_place(before)), _ORDER.index(_place(kind))
    if place < earlier or (place == earlier and _place(kind) != "*"):
        raise BadField("order of chunks", "H A m x s k, others, L", f"{kind} after {before}")


def _rest(payload: Cursor) -> bytes:
    return bytes(payload.take(payload.left, "the rest"))


# --- alpha, metadata, latents -----------------------------------------------------------------


def _read_alpha(payload: Cursor) -> Alpha:
    levels = payload.number(1, "alpha levels")
    _check_levels(levels)
    return Alpha(levels, payload.number(2, "symbol check of alpha"), _rest(payload))


def _check_levels(levels: int) -> None:
    if not 1 <= levels <= 255:
        raise BadField("alpha levels", "1 to 255", levels)


def _check_metadata(kind: str, length: int) -> None:
    if not length:
        raise BadField(f"length of chunk {kind}", "at least 1", 0)


def _alpha_mismatch(header: Header) -> BadField:
    expected, found = ("a chunk A", "none") if header.alpha else ("no chunk A", "one")
    return BadField("alpha, by the header's flag,", expected, found)


def _read_latents(payload: Cursor, header: Header) -> tuple[Stream, ...]:
    count = header.group_count
    if count == 1:
        return (Stream(payload.number(2, "symbol check of the latents"), _rest(payload)),)
    if payload.left < 3 * count:  # a length and a check each, before anything is made of them
        raise Truncated(f"chunk L, with {count} groups,", 3 * count, payload.left)
    streams = []
    for _ in range(count):
        length = payload.varint("length of a stream")
        check = payload.number(2, "symbol check of a stream")
        streams.append(Stream(check, bytes(payload.take(length, "a stream"))))
    if payload.left:
        raise TrailingData("the last stream in chunk L", payload.left)
    return tuple(streams)


def _latents_bytes(header: Header, streams: tuple[Stream, ...]) -> bytes:
    if len(streams) != header.group_count:
        raise BadField("streams", f"{header.group_count}, one a group", len(streams))
    parts = []
    for stream in streams:
        if len(streams) > 1:
            parts.append(varint(len(stream.data), "length of a stream"))
        parts += _check_bytes(stream.check), stream.data
    return b"".join(parts)


def _check_bytes(check: int) -> bytes:
    if not 0 <= check <= 0xFFFF:
        raise BadField("symbol check", "0 to 65535", check)
    return check.to_bytes(2, "little")
