"""The container: golden bytes, what the fields mean, what is refused, and round trips."""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sdz import container
from sdz.container import (
    Alpha,
    Box,
    Chunk,
    Header,
    Kept,
    Limits,
    Model,
    Region,
    Report,
    ScoreMap,
    SdzFile,
    Stream,
    Tiling,
)
from sdz.errors import (
    BadField,
    FormatError,
    LimitExceeded,
    NotSdz,
    TrailingData,
    Truncated,
    UnsupportedFeature,
    UnsupportedVersion,
)

ROOT = Path(__file__).parents[2]
BOUNDLESS = Limits(2**62, 2**62, 2**62, 2**62, 2**62, 2**62)
relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


# --- files written by hand from docs/format.md -------------------------------------------------


def chunk(kind: str, payload: str | bytes, length: str = "") -> bytes:
    """A chunk with the payload in hex or raw; ``length`` is spelt in hex where it needs to be."""
    body = bytes.fromhex(payload) if isinstance(payload, str) else payload
    head = kind.encode("latin-1") + (bytes.fromhex(length) if length else bytes((len(body),)))
    return head + body + zlib.crc32(head + body).to_bytes(4, "little")


def framed(*chunks: bytes) -> bytes:
    return bytes.fromhex("89 53 44 5A 0D 0A 1A 0A") + b"".join(chunks)


WEIGHTS = "1f2e3d4c5b6a7988"
PLAIN_H = f"01 02  8006 8004  01 {WEIGHTS}  2c01  4c1d f401 050d"
PLAIN_L = "efbe 0011223344556677"
EVERY_H = (
    f"01 3f  25 16  00 0a {b'my.vae_2-b'.hex()} 03 04  {WEIGHTS}  0000"
    "1027 2efb ffff  08 03  04  80007f"
)
EVERY_A = "0f 3412 aabbcc"
EVERY_L = "01 0100 a1  00 0000  02 ffff b1b2  01 0300 c1  01 0400 d1  03 0500 e1e2e3"
EXTRAS_H = f"01 01  07 b817  02 {WEIGHTS}  ffff"
EXIF, XMP = b"II*\x00\x08\x00\x00\x00\x00\x00", b"<x:xmpmeta/>"
KEPT_S = "05 efbe d1d2"
KEPT_K = "04 02  00 00 8006 8004 01 03 010203  ff05 ff03 01 01 02 01 04"
GROUPS_H = f"01 08  8005 8002  08 {WEIGHTS}  0100  20"
GROUPS_L = f"8201 0100 {bytes(range(130)).hex()}  00 0000  01 0200 ff"

PLAIN = Header(
    width=768,
    height=512,
    model=container.WELL_KNOWN[0],
    weights=bytes.fromhex(WEIGHTS),
    step=300,
    report=Report(75.0, 5.0, 33.33),
)
EVERY = Header(
    width=37,
    height=22,
    model=Model(0, "my.vae_2-b", 3, 4),
    weights=bytes.fromhex(WEIGHTS),
    step=0,
    alpha=True,
    report=Report(100.0, -12.34, math.inf).held(),
    tiling=Tiling(8, 3),
    group=4,
    channel_steps=(-128, 0, 127),
    placed=True,
)

SAMPLES: dict[str, tuple[bytes, SdzFile]] = {
    "plain": (
        framed(chunk("H", PLAIN_H), chunk("L", PLAIN_L)),
        SdzFile(PLAIN, (Stream(0xBEEF, bytes.fromhex("0011223344556677")),)),
    ),
    "every-flag": (
        framed(chunk("H", EVERY_H), chunk("A", EVERY_A), chunk("L", EVERY_L)),
        SdzFile(
            EVERY,
            (
                Stream(1, b"\xa1"),
                Stream(0, b""),
                Stream(0xFFFF, b"\xb1\xb2"),
                Stream(3, b"\xc1"),
                Stream(4, b"\xd1"),
                Stream(5, b"\xe1\xe2\xe3"),
            ),
            Alpha(15, 0x1234, b"\xaa\xbb\xcc"),
        ),
    ),
    "extras": (
        framed(
            chunk("H", EXTRAS_H),
            chunk("A", "ff 0000"),
            chunk("m", EXIF),
            chunk("x", XMP),
            chunk("z", "00ff"),
            chunk("a", ""),
            chunk("z", "01"),
            chunk("L", "0d0a 5a"),
        ),
        SdzFile(
            Header(7, 3000, Model(2, "sd14", 4, 8), bytes.fromhex(WEIGHTS), 65535, alpha=True),
            (Stream(0x0A0D, b"\x5a"),),
            Alpha(255, 0, b""),
            EXIF,
            XMP,
            (Chunk("z", b"\x00\xff"), Chunk("a", b""), Chunk("z", b"\x01")),
        ),
    ),
    "kept": (
        framed(chunk("H", PLAIN_H), chunk("s", KEPT_S), chunk("k", KEPT_K), chunk("L", PLAIN_L)),
        SdzFile(
            PLAIN,
            (Stream(0xBEEF, bytes.fromhex("0011223344556677")),),
            scores=ScoreMap(5, 0xBEEF, b"\xd1\xd2"),
            kept=Kept(
                4,
                (
                    Region(Box(0, 0, 768, 512), 1, b"\x01\x02\x03"),
                    Region(Box(767, 511, 1, 1), 2, b"\x04"),
                ),
            ),
        ),
    ),
    "groups": (
        framed(chunk("H", GROUPS_H), chunk("L", GROUPS_L, length="8d01")),
        SdzFile(
            Header(640, 256, Model(8, "taef1", 16, 8), bytes.fromhex(WEIGHTS), 1, group=32),
            (Stream(1, bytes(range(130))), Stream(0, b""), Stream(2, b"\xff")),
        ),
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_golden_bytes(name: str) -> None:
    by_hand, meaning = SAMPLES[name]
    golden = (ROOT / "tests" / "golden" / f"container-{name}.sdz").read_bytes()
    assert golden.hex() == by_hand.hex()
    assert container.unpack(golden) == meaning
    assert container.pack(meaning).hex() == golden.hex()


def test_example_in_the_documentation_is_the_golden_file() -> None:
    text = (ROOT / "docs" / "format.md").read_text(encoding="utf-8")
    example = text.split("## A worked example")[1]
    dump = re.findall(r"^[0-9a-f]{4}  ((?:[0-9a-f]{2} )+)", example, flags=re.MULTILINE)
    assert bytes.fromhex("".join(dump)) == SAMPLES["plain"][0]


def test_well_known_models_keep_their_numbers() -> None:
    table = [
        (model.number, model.name, model.channels, model.factor) for model in container.WELL_KNOWN
    ]
    assert table == [
        (1, "lite-1", 192, 16),
        (2, "sd14", 4, 8),
        (3, "sd-mse", 4, 8),
        (4, "sdxl", 4, 8),
        (5, "taesd", 4, 8),
        (6, "taesdxl", 4, 8),
        (7, "taesd3", 16, 8),
        (8, "taef1", 16, 8),
    ]


# --- what the fields mean -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stream_bytes", "overhead"),
    [(5_000, 46), (16_381, 46), (16_382, 47), (2_097_149, 47), (2_097_150, 48)],
)
def test_overhead_of_a_plain_file(stream_bytes: int, overhead: int) -> None:
    data = container.pack(SdzFile(PLAIN, (Stream(0, bytes(stream_bytes)),)))
    assert len(data) == stream_bytes + overhead
    assert container.overhead(data) == overhead


def test_overhead_counts_all_but_the_latents() -> None:
    data, file = SAMPLES["every-flag"]
    assert container.overhead(data) == len(data) - sum(len(s.data) for s in file.streams)


def test_symbol_check_is_the_low_half_of_crc_32() -> None:
    assert container.symbol_check(b"123456789") == 0x3926  # CRC-32's own check value: cbf43926
    assert container.symbol_check(b"") == 0


def test_model_of_knows_the_well_known_and_makes_custom_ones() -> None:
    assert Model.of("sdxl", 4, 8) == Model(4, "sdxl", 4, 8)
    assert Model.of("sdxl", 4, 16) == Model(0, "sdxl", 4, 16)
    assert Model.of("mine", 4, 8).number == 0


@pytest.mark.parametrize(
    ("given", "held"),
    [
        ((70.123, -0.001, 33.336), (70.12, 0.0, 33.34)),
        ((1e9, -1e9, 1e9), (327.67, -327.68, 655.35)),
        ((-math.inf, math.inf, math.inf), (-327.68, 327.67, 655.35)),
        ((0.0, 0.0, -3.0), (0.0, 0.0, 0.0)),
    ],
)
def test_report_holds_what_the_file_can(
    given: tuple[float, float, float], held: tuple[float, float, float]
) -> None:
    report = Report(*given).held()
    assert (report.score, report.worst, report.psnr) == held


@pytest.mark.parametrize("field", ["score", "worst", "psnr"])
def test_report_refuses_what_is_no_number(field: str) -> None:
    with pytest.raises(BadField, match=field):
        Report(**{"score": 1.0, "worst": 1.0, "psnr": 1.0, field: math.nan}).held()


def test_latent_shape_and_groups_in_raster_order() -> None:
    assert EVERY.latent_shape == (3, 6, 10)
    assert EVERY.group_count == 6
    assert list(EVERY.groups()) == [
        (0, 0, 4, 4), (0, 4, 4, 4), (0, 8, 4, 2),
        (4, 0, 2, 4), (4, 4, 2, 4), (4, 8, 2, 2),
    ]  # fmt: skip
    assert list(PLAIN.groups()) == [(0, 0, 32, 48)]
    assert replace(PLAIN, width=1, height=1).latent_shape == (192, 1, 1)


@relaxed
@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 40) | st.none())
def test_groups_cover_every_position_once(width: int, height: int, group: int | None) -> None:
    header = replace(PLAIN, width=width, height=height, model=container.WELL_KNOWN[1], group=group)
    _, h, w = header.latent_shape
    groups = list(header.groups())
    covered = [
        (y, x)
        for top, left, rows, columns in groups
        for y in range(top, top + rows)
        for x in range(left, left + columns)
    ]
    assert sorted(covered) == [(y, x) for y in range(h) for x in range(w)]
    assert len(groups) == header.group_count


def test_buffers_of_all_kinds_are_read() -> None:
    data, file = SAMPLES["extras"]
    assert container.unpack(bytearray(data)) == file
    assert container.unpack(memoryview(b"?" + data)[1:]) == file
    assert container.overhead(memoryview(data)) == container.overhead(data)


# --- the header alone ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
def test_header_is_read_from_the_start_of_a_file(name: str) -> None:
    data, file = SAMPLES[name]
    assert container.read_header(data[:200]) == file.header


def test_header_needs_its_own_chunk_and_no_more() -> None:
    data, file = SAMPLES["plain"]
    end = 8 + len(chunk("H", PLAIN_H))
    assert container.read_header(data[:end] + b"rubbish") == file.header
    for length in range(end):
        with pytest.raises(FormatError):
            container.read_header(data[:length])


def test_largest_header_fits_the_prefix() -> None:
    header = replace(
        EVERY,
        width=65535,
        height=65535,
        model=Model(0, "n" * 32, 1024, 1),
        tiling=Tiling(65535, 32767),
        group=65535,
        channel_steps=(0,) * 1024,
    )
    file = SdzFile(header, (Stream(0, b""),), Alpha(2, 0, b""))
    data = container.pack(file, BOUNDLESS)
    assert data.index(b"A\x03") == 1109 <= container.HEADER_PREFIX_BYTES
    assert container.read_header(data[:1109], BOUNDLESS) == header


# --- what is refused ----------------------------------------------------------------------------

LITE = f"01 {WEIGHTS} 2c01"


def custom(name: bytes, channels: str = "04", factor: str = "08") -> str:
    return f"01 00 01 01 00 {len(name):02x}{name.hex()} {channels} {factor} {WEIGHTS} 2c01"


@pytest.mark.parametrize(
    ("payload", "error", "says"),
    [
        (f"00 00 01 01 {LITE}", BadField, "format version expected 1, found 0"),
        (f"02 00 01 01 {LITE}", UnsupportedVersion, "format version 2 is newer than version 1"),
        ("ff", UnsupportedVersion, "format version 255"),
        (f"01 60 01 01 {LITE}", BadField, "header flags expected PLACED or TRAINED, not both"),
        (f"01 80 01 01 {LITE}", UnsupportedFeature, "header flag 7"),
        (f"01 00 00 01 {LITE}", BadField, "width expected 1 to 65535, found 0"),
        (f"01 00 808004 01 {LITE}", BadField, "width expected 1 to 65535, found 65536"),
        (f"01 00 01 00 {LITE}", BadField, "height expected 1 to 65535, found 0"),
        (f"01 00 01 8100 {LITE}", BadField, "height expected a varint .* found 81 00"),
        (f"01 00 01 ffffffff10 {LITE}", BadField, "height expected a varint below 2\\^32"),
        (f"01 00 01 ffffffffff01 {LITE}", BadField, "height expected a varint below 2\\^32"),
        (f"01 00 ffff03 ffff03 {LITE}", LimitExceeded, "pixels is 4294836225"),
        (f"01 00 01 01 09 {WEIGHTS} 2c01", UnsupportedFeature, "model number 9"),
        (custom(b""), BadField, "model name"),
        (custom(b"n" * 33), BadField, "model name"),
        (custom(b"../x"), BadField, "model name expected .* found '../x'"),
        (custom(b"-rf"), BadField, "a letter or digit first, found '-rf'"),
        (custom(b"Upper"), BadField, "model name"),
        (custom(b"caf\xe9"), BadField, "model name"),
        (custom(b"n", channels="00"), BadField, "model channels expected 1 to 1024, found 0"),
        (custom(b"n", channels="8108"), BadField, "model channels expected 1 to 1024, found 1025"),
        (custom(b"n", factor="03"), BadField, "model factor expected one of .* found 3"),
        (custom(b"n", factor="80"), BadField, "model factor expected one of .* found 128"),
        (f"01 04 01 01 {LITE} 00 00", BadField, "view tile expected 1 to 65535, found 0"),
        (f"01 04 01 01 {LITE} 08 04", BadField, "tile overlap expected 0 to 3, found 4"),
        (f"01 08 01 01 {LITE} 00", BadField, "group side expected 1 to 65535, found 0"),
        (f"01 00 01 01 {LITE} 00", TrailingData, "1 bytes follow the end of the header"),
        (f"01 02 01 01 {LITE} 0000", Truncated, "report needs 6 bytes, found 2"),
        (f"01 10 01 01 {LITE} 0000", Truncated, "channel steps needs 192 bytes, found 2"),
        (f"01 00 01 01 01 {WEIGHTS[2:]}", Truncated, "weights hash needs 8 bytes, found 7"),
        ("", Truncated, "format version needs 1 bytes, found 0"),
    ],
)
def test_bad_headers(payload: str, error: type[FormatError], says: str) -> None:
    data = framed(chunk("H", payload), chunk("L", "0000"))
    with pytest.raises(error, match=says):
        container.unpack(data)
    with pytest.raises(error, match=says):
        container.read_header(data)


H = chunk("H", f"01 00 01 01 {LITE}")
H_ALPHA = chunk("H", f"01 01 01 01 {LITE}")
H_GROUPS = chunk("H", f"01 08 20 20 {LITE} 01")  # 2 x 2 groups
A = chunk("A", "ff 0000 01")
L = chunk("L", "0000 01")


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (b"", NotSdz, "it is empty"),
        (b"PK\x03\x04 a game's archive.sdz", NotSdz, "it is a ZIP archive"),
        (b"\x89PNG\r\n\x1a\n", NotSdz, "it is a PNG picture"),
        (b"\0\0\0\x1cftypheic", NotSdz, "it is a HEIC or AVIF picture, or a film"),
        (b"hello, text", NotSdz, "found 68 65 6c 6c 6f"),
        (b"\x89SDZ\r\n", Truncated, "the signature needs 8 bytes, found 6"),
        (b"\x89SDZ\n\x1a\n", NotSdz, "found 89 53 44 5a 0a"),  # line ends changed on the way
        (framed(), Truncated, "as L has not come yet"),
        (framed(H), Truncated, "as L has not come yet"),
        (framed(L), BadField, "first chunk expected H, found L"),
        (framed(chunk("q", "")), BadField, "first chunk expected H, found q"),
        (framed(H, H, L), BadField, "order of chunks expected .* found H after H"),
        (framed(H, L, L), TrailingData, "9 bytes follow the end of chunk L"),
        (framed(H, L, b"\0"), TrailingData, "1 bytes follow the end of chunk L"),
        (framed(H, A, L), BadField, "expected no chunk A, found one"),
        (framed(H_ALPHA, L), BadField, "expected a chunk A, found none"),
        (framed(H_ALPHA, A, A, L), BadField, "found A after A"),
        (framed(H_ALPHA, chunk("m", "01"), A, L), BadField, "found A after m"),
        (framed(H, chunk("x", "01"), chunk("m", "01"), L), BadField, "found m after x"),
        (framed(H, chunk("m", "01"), chunk("m", "01"), L), BadField, "found m after m"),
        (framed(H, chunk("q", ""), chunk("x", "01"), L), BadField, "found x after q"),
        (framed(H, chunk("Q", ""), L), UnsupportedFeature, "chunk Q"),
        (framed(H, chunk("Q", ""), chunk("q", ""), L), UnsupportedFeature, "chunk Q"),
        (framed(H, chunk("1", ""), L), BadField, "chunk type expected an ASCII letter, found 0x31"),
        (framed(H, chunk("\xe9", ""), L), BadField, "found 0xe9"),
        (framed(H, chunk("m", ""), L), BadField, "length of chunk m expected at least 1"),
        (framed(H, chunk("x", ""), L), BadField, "length of chunk x expected at least 1"),
        (framed(H, chunk("q", "01", length="8100"), L), BadField, "length of chunk q expected"),
        (framed(H, b"q\xff\xff\xff\x7f"), Truncated, "chunk q needs 268435455 bytes, found 0"),
        (framed(H, b"q\x81\x80\x80\x80\x01"), LimitExceeded, "length of chunk q is 268435457"),
        (framed(H, b"q\x00\x00\x00\x00"), Truncated, "checksum of chunk q needs 4 bytes, found 3"),
        (framed(H, chunk("L", "00")), Truncated, "symbol check of the latents needs 2 bytes"),
        (framed(H_ALPHA, chunk("A", ""), L), Truncated, "alpha levels"),
        (framed(H_ALPHA, chunk("A", "ff 00"), L), Truncated, "symbol check of alpha"),
        (framed(H_ALPHA, chunk("A", "00 0000"), L), BadField, "alpha levels expected 1 to 255"),
        (framed(H_GROUPS, chunk("L", "00" * 11)), Truncated, "4 groups, needs 12 bytes, found 11"),
        (
            framed(H_GROUPS, chunk("L", "00" * 13)),
            TrailingData,
            "1 bytes follow the end of the last stream in chunk L",
        ),
        (
            framed(H_GROUPS, chunk("L", "000000" * 3 + "020000ff")),
            Truncated,
            "a stream needs 2 bytes, found 1",
        ),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,
)
def test_bad_framing(data: bytes, error: type[FormatError], says: str) -> None:
    with pytest.raises(error, match=says):
        container.unpack(data)


def test_smallest_files_are_read() -> None:
    assert container.unpack(framed(H, chunk("L", "0000"))).streams == (Stream(0, b""),)
    assert container.unpack(framed(H_GROUPS, chunk("L", "00" * 12))).header.group_count == 4


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (Limits(pixels=7 * 3000 - 1), "number of pixels is 21000, the limit is 20999"),
        (Limits(symbols=4 * 375 - 1), "number of latent symbols is 1500, the limit is 1499"),
        (Limits(chunk_bytes=11), "length of chunk H is 16, the limit is 11"),
        (Limits(ancillary_bytes=24), "bytes in ancillary chunks is 25, the limit is 24"),
        (Limits(ancillary_chunks=4), "number of ancillary chunks is 5, the limit is 4"),
    ],
)
def test_limits_hold_for_reading_and_writing(limits: Limits, says: str) -> None:
    data, file = SAMPLES["extras"]
    with pytest.raises(LimitExceeded, match=says):
        container.unpack(data, limits)
    with pytest.raises(LimitExceeded, match=says):
        container.pack(file, limits)


def test_limits_are_the_last_that_pass() -> None:
    data, file = SAMPLES["extras"]
    limits = Limits(21000, 1500, 1, 16, 25, 5)
    assert container.unpack(data, limits) == file
    assert container.pack(file, limits) == data


def test_number_of_groups_is_limited() -> None:
    data, file = SAMPLES["every-flag"]
    with pytest.raises(LimitExceeded, match="number of groups is 6, the limit is 5"):
        container.unpack(data, Limits(groups=5))
    with pytest.raises(LimitExceeded, match="number of groups is 6, the limit is 5"):
        container.pack(file, Limits(groups=5))


# --- nothing is written that would be refused ---------------------------------------------------


def headed(**fields: Any) -> Callable[[SdzFile], SdzFile]:
    return lambda file: replace(file, header=replace(file.header, **fields))


def with_parts(**parts: Any) -> Callable[[SdzFile], SdzFile]:
    return lambda file: replace(file, **parts)


def kept_at(*sides: int, kind: int = 1, data: bytes = b"1") -> Region:
    return Region(Box(*sides), kind, data)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (headed(width=0), "width"),
        (headed(height=65536), "height"),
        (headed(model=Model(1, "lite-1", 192, 8)), "model expected a well-known one"),
        (headed(model=Model(9, "lite-2", 192, 16)), "model expected a well-known one"),
        (headed(model=Model(-1, "lite-2", 192, 16)), "model expected a well-known one"),
        (headed(model=Model(0, "a/b", 3, 4)), "model name"),
        (headed(model=Model(0, "", 3, 4)), "model name"),
        (headed(model=Model(0, "n", 0, 4)), "model channels"),
        (headed(model=Model(0, "n", 3, 5)), "model factor"),
        (headed(weights=b"short"), "weights hash expected 8 bytes"),
        (headed(step=-1), "step"),
        (headed(step=65536), "step"),
        (headed(tiling=Tiling(0, 0)), "view tile"),
        (headed(tiling=Tiling(9, 5)), "tile overlap"),
        (headed(tiling=Tiling(9, -1)), "tile overlap"),
        (headed(group=0), "group side"),
        (headed(channel_steps=(1, 2)), "channel steps expected 3 of them, found 2"),
        (headed(channel_steps=(1, 2, 128)), "channel step expected -128 to 127"),
        (headed(alpha=False), "expected no chunk A, found one"),
        (with_parts(alpha=None), "expected a chunk A, found none"),
        (with_parts(alpha=Alpha(0, 0, b"")), "alpha levels"),
        (with_parts(alpha=Alpha(256, 0, b"")), "alpha levels"),
        (with_parts(alpha=Alpha(9, 65536, b"")), "symbol check"),
        (with_parts(streams=()), "streams expected 6, one a group, found 0"),
        (with_parts(streams=(Stream(-1, b""),) * 6), "symbol check"),
        (with_parts(exif=b""), "length of chunk m"),
        (with_parts(xmp=b""), "length of chunk x"),
        (with_parts(extra=(Chunk("m", b"1"),)), "extra chunk"),
        (with_parts(extra=(Chunk("k", b"1"),)), "extra chunk"),
        (with_parts(scores=ScoreMap(16, 0, b"")), "middle of the map of scores expected 0 to 15"),
        (with_parts(scores=ScoreMap(0, -1, b"")), "symbol check"),
        (with_parts(kept=Kept(17, (kept_at(0, 0, 1, 1),))), "soft edge"),
        (with_parts(kept=Kept(0, ())), "number of kept regions"),
        (with_parts(kept=Kept(0, (kept_at(0, 0, 38, 1),))), "a kept region expected inside 37x22"),
        (with_parts(kept=Kept(0, (kept_at(36, 21, 1, 2),))), "a kept region"),
        (with_parts(kept=Kept(0, (kept_at(0, 0, 0, 1),))), "a kept region"),
        (with_parts(kept=Kept(0, (kept_at(-1, 0, 1, 1),))), "a kept region"),
        (with_parts(kept=Kept(0, (kept_at(0, 0, 1, 1, kind=3),))), "kind of a kept region"),
        (with_parts(kept=Kept(0, (kept_at(0, 0, 1, 1, data=b""),))), "length of a kept region"),
        (with_parts(extra=(Chunk("Q", b""),)), "extra chunk"),
        (with_parts(extra=(Chunk("", b""),)), "extra chunk"),
        (with_parts(extra=(Chunk("qq", b""),)), "extra chunk"),
        (with_parts(extra=(Chunk("é", b""),)), "extra chunk"),
    ],
)
def test_bad_parts_are_not_written(change: Callable[[SdzFile], SdzFile], says: str) -> None:
    with pytest.raises(BadField, match=says):
        container.pack(change(SAMPLES["every-flag"][1]))


# --- round trips --------------------------------------------------------------------------------

bytes_ = st.binary(max_size=200)
u8, u16 = st.integers(0, 255), st.integers(0, 65535)
models = st.sampled_from(container.WELL_KNOWN) | st.builds(
    Model,
    st.just(0),
    st.from_regex(r"[a-z0-9][a-z0-9._-]{0,31}", fullmatch=True),
    st.integers(1, 1024),
    st.sampled_from([1, 2, 4, 8, 16, 32, 64]),
)
tilings = st.integers(1, 65535).flatmap(
    lambda tile: st.builds(Tiling, st.just(tile), st.integers(0, (tile - 1) // 2))
)
scores = st.floats(allow_nan=False)


def as_signed(data: bytes) -> tuple[int, ...]:
    return tuple(memoryview(data).cast("b"))


@st.composite
def files(draw: st.DrawFn) -> SdzFile:
    model = draw(models)
    steps = st.binary(min_size=model.channels, max_size=model.channels).map(as_signed)
    header = Header(
        width=draw(st.integers(1, 65535)),
        height=draw(st.integers(1, 40)),
        model=model,
        weights=draw(st.binary(min_size=8, max_size=8)),
        step=draw(u16),
        alpha=draw(st.booleans()),
        report=draw(st.none() | st.builds(Report, scores, scores, scores).map(Report.held)),
        tiling=draw(st.none() | tilings),
        group=None,
        channel_steps=draw(st.none() | steps),
        **draw(st.sampled_from([{}, {"placed": True}, {"trained": True}])),
    )
    _, h, w = header.latent_shape
    smallest = max(h, w) // 8 + 1  # few enough groups for a test
    header = replace(header, group=draw(st.none() | st.integers(smallest, 65535)))
    streams = draw(
        st.lists(
            st.builds(Stream, u16, bytes_),
            min_size=header.group_count,
            max_size=header.group_count,
        )
    )
    unknown = st.sampled_from("abcdefghijlnopqrtuvwyz")
    return SdzFile(
        header,
        tuple(streams),
        draw(st.builds(Alpha, st.integers(1, 255), u16, bytes_)) if header.alpha else None,
        draw(st.none() | st.binary(min_size=1, max_size=200)),
        draw(st.none() | st.binary(min_size=1, max_size=200)),
        tuple(draw(st.lists(st.builds(Chunk, unknown, bytes_), max_size=4))),
        draw(st.none() | st.builds(ScoreMap, st.integers(0, 15), u16, bytes_)),
        draw(st.none() | st.builds(Kept, st.integers(0, 16), regions_of(header))),
    )


def regions_of(header: Header) -> st.SearchStrategy[tuple[Region, ...]]:
    """One or two of any place and size."""

    @st.composite
    def region(draw: st.DrawFn) -> Region:
        left, top = (draw(st.integers(0, side - 1)) for side in (header.width, header.height))
        width = draw(st.integers(1, header.width - left))
        height = draw(st.integers(1, header.height - top))
        picture = draw(st.binary(min_size=1, max_size=200))
        return Region(Box(left, top, width, height), draw(st.sampled_from([1, 2])), picture)

    return st.lists(region(), min_size=1, max_size=2).map(tuple)


@relaxed
@given(files())
def test_unpack_gives_back_what_was_packed(file: SdzFile) -> None:
    data = container.pack(file, BOUNDLESS)
    assert container.unpack(data, BOUNDLESS) == file
    assert container.read_header(data, BOUNDLESS) == file.header
