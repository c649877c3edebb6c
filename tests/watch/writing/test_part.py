"""The write: nothing is replaced, what was written is read back, times and labels are kept."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from watch_kit import quick_sdz

from sdz.errors import OutputDamaged, OutputError, ScoreNotReached
from sdz.origin import Origin
from sdz.watch.names import is_part
from sdz.watch.writing.part import Part, make_folder

TOKEN = "0" * 8
GOOD = quick_sdz(b"a picture")


def nothing(_: str) -> None:
    pass


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"a picture")
    path.chmod(0o640)
    os.utime(path, ns=(1_000_000_000_123, 2_000_000_000_456))
    return path


def failing(error: int) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise OSError(error, os.strerror(error))

    return fail


def test_an_output_has_the_times_permissions_and_labels_of_its_source(source: Path) -> None:
    os.setxattr(source, "user.rating", b"5")
    target = source.with_suffix(".sdz")
    with Part(source.parent, TOKEN, nothing) as part:
        assert is_part(part.path.name, TOKEN)
        part.write(GOOD, Origin(source, source.stat()))
        part.check(GOOD, "lite-1", 80.0)
        assert part.publish(target)
    assert target.read_bytes() == GOOD
    found = target.stat()
    assert found.st_mtime_ns == 2_000_000_000_456
    assert found.st_mode & 0o777 == 0o640
    assert os.getxattr(target, "user.rating") == b"5"
    assert sorted(path.name for path in source.parent.iterdir()) == ["photo.jpg", "photo.sdz"]


@pytest.mark.parametrize("there", ["file", "folder", "dangling link"])
@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_what_has_the_name_already_is_left_alone(
    source: Path, there: str, links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", failing(errno.EPERM))
    target = source.with_suffix(".sdz")
    if there == "file":
        target.write_bytes(b"precious")
    elif there == "folder":
        target.mkdir()
    else:
        target.symlink_to("nowhere")
    before = target.lstat()
    with Part(source.parent, TOKEN, nothing) as part:
        part.write(GOOD, Origin(source, source.stat()))
        assert not part.publish(target)
    after = target.lstat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert sorted(path.name for path in source.parent.iterdir()) == ["photo.jpg", "photo.sdz"]


def test_a_file_system_without_links(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", failing(errno.EPERM))
    target = source.with_suffix(".sdz")
    with Part(source.parent, TOKEN, nothing) as part:
        part.write(GOOD, Origin(source, source.stat()))
        assert part.publish(target)
    assert target.read_bytes() == GOOD
    assert sorted(path.name for path in source.parent.iterdir()) == ["photo.jpg", "photo.sdz"]


@pytest.mark.parametrize("at", [0, 8, len(GOOD) // 2, len(GOOD) - 1])
def test_a_byte_that_changed_on_the_way_to_the_disk(source: Path, at: int) -> None:
    with Part(source.parent, TOKEN, nothing) as part:
        part.write(GOOD, Origin(source, source.stat()))
        part.path.write_bytes(GOOD[:at] + bytes([GOOD[at] ^ 1]) + GOOD[at + 1 :])
        with pytest.raises(OutputDamaged, match="does not read back"):
            part.check(GOOD, "lite-1", None)
        part.path.write_bytes(GOOD[:-1])
        with pytest.raises(OutputDamaged, match="bytes"):
            part.check(GOOD, "lite-1", None)


def test_an_encoder_that_hands_over_damage_or_another_model_is_not_believed(source: Path) -> None:
    for data, model in ((GOOD[:-1], "lite-1"), (b"GIF89a", "lite-1"), (GOOD, "sd-mse")):
        with Part(source.parent, TOKEN, nothing) as part:
            part.write(data, Origin(source, source.stat()))
            with pytest.raises(OutputDamaged):
                part.check(data, model, None)


def test_the_score_in_the_file_itself_decides(source: Path) -> None:
    with Part(source.parent, TOKEN, nothing) as part:
        part.write(GOOD, Origin(source, source.stat()))
        with pytest.raises(ScoreNotReached):
            part.check(GOOD, "lite-1", 80.5)


@pytest.mark.parametrize("call", ["write", "fsync", "link"])
def test_a_full_disk_leaves_nothing_behind(
    source: Path, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write() -> None:
        with Part(source.parent, TOKEN, nothing) as part:
            monkeypatch.setattr(os, call, failing(errno.ENOSPC))
            part.write(GOOD, Origin(source, source.stat()))
            part.publish(source.with_suffix(".sdz"))

    with pytest.raises(OutputError, match="no space left") as caught:
        write()
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.ENOSPC
    assert [path.name for path in source.parent.iterdir()] == ["photo.jpg"]


def test_short_writes_are_gone_on_with(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.write
    monkeypatch.setattr(os, "write", lambda file, data: whole(file, data[:7]))
    with Part(source.parent, TOKEN, nothing) as part:
        part.write(GOOD, Origin(source, source.stat()))
        part.check(GOOD, "lite-1", None)


def test_the_folder_for_outputs_itself_is_never_made(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(OutputError, match="no such file"):
        make_folder(out / "a" / "b", out)
    assert not out.exists()
    out.mkdir()
    make_folder(out / "a" / "b", out)
    make_folder(out / "a" / "b", out)
    assert (out / "a" / "b").is_dir()
