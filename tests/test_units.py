"""Durations and sizes: what is read, and what is not guessed."""

from __future__ import annotations

import math

import pytest

from sdz.units import parse_bytes, parse_duration, parse_size, size_in_words


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("250ms", 0.25), ("30s", 30), ("5m", 300), ("1h30m", 5400), ("1.5d", 129600)],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds
    assert parse_duration("forever") == math.inf


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "-5m", "5M", "5m!", "x5m", "5min", "nan"])
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        *(("0", 0), ("12B", 12), ("100kB", 100_000), ("512MiB", 512 << 20), ("1.5 GiB", 3 << 29)),
        *(("20KB", 20_000), ("1.5mb", 1_500_000), ("8gb", 8 * 10**9)),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "5", "8G", "20K", "KB", "-1MB", "1e3MB", "1MB 2"])
def test_no_sizes(text: str) -> None:
    with pytest.raises(ValueError, match="size"):
        parse_size(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [("20000", 20_000), ("20,000", 20_000), ("20KB", 20_000), ("1.5MB", 1_500_000)],
)
def test_bytes_need_no_unit(text: str, size: int) -> None:
    assert parse_bytes(text) == size


@pytest.mark.parametrize("text", ["", "20K", "-5", "1.5", "KB"])
def test_no_bytes(text: str) -> None:
    with pytest.raises(ValueError, match="size"):
        parse_bytes(text)


def test_sizes_in_words() -> None:
    assert [size_in_words(size) for size in (0, 999, 1000, 12_079_964, 2_500_000_000)] == [
        *("0 bytes", "999 bytes", "1.0 kB", "12.1 MB", "2.5 GB")
    ]
