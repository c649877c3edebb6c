"""What a file has of the one it is made of, and whose output it is told to be by its time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sdz.files import write_aside
from sdz.origin import Origin, has_time_of, is_later


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"a picture")
    path.chmod(0o600)
    os.utime(path, ns=(1_000_000_000_123, 2_000_000_000_456))
    return path


@pytest.mark.parametrize("blocks", [(b"x",), (b"x" * 100_000, b"y")])
def test_times_and_permissions_are_kept(source: Path, blocks: tuple[bytes, ...]) -> None:
    output = source.with_suffix(".sdz")
    assert write_aside(output, *blocks, durable="content", origin=Origin.of(source))
    found = output.stat()
    assert (found.st_mode & 0o777, found.st_mtime_ns) == (0o600, 2_000_000_000_456)
    assert has_time_of(found, source.stat())


def test_a_program_becomes_no_program(source: Path) -> None:
    source.chmod(0o4755)
    output = source.with_suffix(".sdz")
    write_aside(output, b"x", durable="no", origin=Origin.of(source))
    assert output.stat().st_mode & 0o7777 == 0o644


def test_what_a_file_system_refuses_is_not_kept(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    for name in ("fchmod", "utime", "listxattr"):
        monkeypatch.setattr(os, name, refuse)
    output = source.with_suffix(".sdz")
    write_aside(output, b"x", durable="no", origin=Origin.of(source))
    assert output.stat().st_mode & 0o777 == 0o600  # rather too few than too many may read it
    assert not has_time_of(output.stat(), source.stat())
    assert is_later(output.stat(), source.stat())


@pytest.mark.parametrize("kept", [1_699_999_999_123_456_789, 1_699_999_999_000_000_000])
@pytest.mark.parametrize("other", [1, 3_000_000_000])
def test_times_are_compared_as_file_systems_keep_them(
    source: Path, tmp_path: Path, kept: int, other: int
) -> None:
    output = tmp_path / "a.sdz"
    output.write_bytes(b"")
    for grain in (1, 100, 1_000_000, 1_000_000_000, 2_000_000_000):
        os.utime(source, ns=(0, kept))
        os.utime(output, ns=(0, kept - kept % grain))
        assert has_time_of(output.stat(), source.stat())
        os.utime(output, ns=(0, kept - kept % grain + other))
        assert not has_time_of(output.stat(), source.stat())


def test_another_version_and_what_has_none(source: Path, tmp_path: Path) -> None:
    origin = Origin.of(source)
    assert origin is not None
    assert not origin.has_changed()
    os.utime(source, ns=(0, 1))
    assert origin.has_changed()
    os.mkfifo(tmp_path / "pipe")
    assert Origin.of(tmp_path / "pipe") is None
