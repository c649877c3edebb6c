"""Damaged, cut and hostile files: always one of the package's own errors, and little memory."""

from __future__ import annotations

import tracemalloc
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sdz import container
from sdz.errors import BadChecksum, FormatError, LimitExceeded, NotSdz, Truncated

GOLDEN = {
    path.stem: path.read_bytes()
    for path in sorted((Path(__file__).parents[1] / "golden").glob("container-*.sdz"))
}
PLAIN = GOLDEN["container-plain"]
EVERY_FLAG = GOLDEN["container-every-flag"]
relaxed = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])

Chunks = list[tuple[bytes, bytes]]


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes((value % 128 + 128,)), value // 128
    return out + bytes((value,))


def sealed(chunks: Chunks) -> bytes:
    """A file of these (type, payload), with every length and CRC as it should be."""
    out = container.SIGNATURE
    for kind, payload in chunks:
        body = kind + varint(len(payload)) + payload
        out += body + zlib.crc32(body).to_bytes(4, "little")
    return out


def taken_apart(data: bytes) -> tuple[Chunks, set[int]]:
    """The (type, payload) of an undamaged file, and at which offsets its lengths stand."""
    chunks, lengths, at = [], set(), 8
    while at < len(data):
        kind, at, length, shift = data[at : at + 1], at + 1, 0, 0
        while True:
            lengths.add(at)
            byte, at = data[at], at + 1
            length |= byte % 128 << shift
            shift += 7
            if byte < 128:
                break
        chunks.append((kind, data[at : at + length]))
        at += length + 4
    return chunks, lengths


def read_or_refuse(data: bytes) -> bool:
    """Whether ``data`` was read; if so it must be the one spelling of what was read."""
    try:
        file = container.unpack(data)
    except FormatError:
        return False
    assert container.pack(file) == data
    return True


# --- cut, or with flipped bits ------------------------------------------------------------------


def test_there_are_golden_files_and_they_are_well_formed() -> None:
    assert len(GOLDEN) >= 4
    for data in GOLDEN.values():
        assert sealed(taken_apart(data)[0]) == data
        assert read_or_refuse(data)


@pytest.mark.parametrize("name", GOLDEN)
def test_every_strict_prefix_is_refused(name: str) -> None:
    data = GOLDEN[name]
    with pytest.raises(NotSdz):
        container.unpack(b"")
    for length in range(1, len(data)):
        with pytest.raises(Truncated):
            container.unpack(data[:length])


@pytest.mark.parametrize("name", GOLDEN)
def test_every_flipped_bit_is_noticed(name: str) -> None:
    data = GOLDEN[name]
    _, lengths = taken_apart(data)
    for position in range(len(data)):
        # A wrong length takes the CRC from a wrong place: damage, but of which kind depends.
        kind = NotSdz if position < 8 else FormatError if position in lengths else BadChecksum
        for bit in range(8):
            damaged = bytearray(data)
            damaged[position] ^= 1 << bit
            with pytest.raises(kind):
                container.unpack(damaged)


@pytest.mark.parametrize("name", GOLDEN)
def test_header_alone_notices_every_flipped_bit_of_its_own(name: str) -> None:
    data = GOLDEN[name]
    header = container.read_header(data)
    end = len(sealed(taken_apart(data)[0][:1]))
    for position in range(len(data)):
        damaged = bytearray(data)
        damaged[position] ^= 0x10
        if position < end:
            with pytest.raises(FormatError):
                container.read_header(damaged)
        else:
            assert container.read_header(damaged) == header


@relaxed
@given(st.sampled_from(sorted(GOLDEN)), st.data())
def test_bursts_up_to_32_bits_are_noticed(name: str, draw: st.DataObject) -> None:
    data = GOLDEN[name]
    start = draw.draw(st.integers(0, len(data) * 8 - 32))
    burst = draw.draw(st.integers(1, 2**32 - 1))
    damaged = (int.from_bytes(data, "little") ^ burst << start).to_bytes(len(data), "little")
    with pytest.raises(FormatError):
        container.unpack(damaged)


# --- hostile ------------------------------------------------------------------------------------


@relaxed
@given(st.binary(max_size=300), st.booleans())
def test_any_bytes(data: bytes, signed: bool) -> None:
    read_or_refuse(container.SIGNATURE + data if signed else data)


@relaxed
@given(st.lists(st.tuples(st.sampled_from(b"HHALLmxskqQ1"), st.binary(max_size=60)), max_size=6))
def test_any_chunks_with_right_checksums(chunks: list[tuple[int, bytes]]) -> None:
    read_or_refuse(sealed([(bytes((kind,)), payload) for kind, payload in chunks]))


@st.composite
def edited(draw: st.DrawFn) -> bytes:
    """A golden file with some payload bytes changed and chunks moved, its checksums made right."""
    chunks, _ = taken_apart(GOLDEN[draw(st.sampled_from(sorted(GOLDEN)))])
    for _ in range(draw(st.integers(1, 3))):
        index = draw(st.integers(0, len(chunks) - 1))
        kind, payload = chunks[index]
        start = draw(st.integers(0, len(payload)))
        end = draw(st.integers(start, min(start + 3, len(payload))))
        chunks[index] = kind, payload[:start] + draw(st.binary(max_size=3)) + payload[end:]
    if draw(st.booleans()):
        source, target = (draw(st.integers(0, len(chunks) - 1)) for _ in "st")
        chunks.insert(target, chunks[source] if draw(st.booleans()) else chunks.pop(source))
    return sealed(chunks)


@settings(relaxed, max_examples=1000)
@given(edited())
def test_edited_files_with_right_checksums(data: bytes) -> None:
    read_or_refuse(data)


# --- promises of much, in a file of little ------------------------------------------------------

LITE = "01 1f2e3d4c5b6a7988 2c01"
SMALL = f"01 00 20 20 {LITE}"


def boast(header: str, *chunks: tuple[bytes, bytes]) -> bytes:
    return sealed([(b"H", bytes.fromhex(header)), *chunks])


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (PLAIN[:8] + b"H\xff\xff\xff\x7f" + PLAIN[10:], Truncated),
        (PLAIN[:8] + b"H\xff\xff\xff\xff\x0f" + PLAIN[10:], LimitExceeded),
        (PLAIN[:37] + b"L\xff\xff\xff\x7f", Truncated),
        (PLAIN[:37] + b"m\xff\xff\xff\x7f", Truncated),
        # 16384 x 16384 in 65536 groups, all of them promised by an empty L
        (boast(f"01 08 808001 808001 {LITE} 04", (b"L", b"")), Truncated),
        (boast(f"01 08 808001 808001 {LITE} 03", (b"L", b"")), LimitExceeded),
        # a stream of 4 GiB
        (boast(f"01 08 20 20 {LITE} 01", (b"L", b"\xff\xff\xff\xff\x0f" + bytes(9))), Truncated),
        # channels enough for 2^32 - 1 channel steps
        (boast("01 10 01 01 00 01 6e ffffffff0f 08"), FormatError),
        (boast(f"01 00 01 01 {LITE}", *[(b"q", b"")] * 257, (b"L", b"00")), LimitExceeded),
        # kept regions: 256 of them and 257, a picture of 4 GiB, and thrice the picture's area
        (boast(SMALL, (b"k", bytes.fromhex("00 8002") + bytes(1791))), Truncated),
        (boast(SMALL, (b"k", bytes.fromhex("00 8102") + bytes(9000))), LimitExceeded),
        (boast(SMALL, (b"k", bytes.fromhex("00 01 00 00 01 01 01 ffffffff0f 00"))), Truncated),
        (boast(SMALL, (b"k", bytes.fromhex("00 03" + 3 * "00 00 20 20 01 01 ff"))), LimitExceeded),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,
)
def test_promises_take_no_memory(data: bytes, error: type[FormatError]) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(error):
            container.unpack(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 200_000
