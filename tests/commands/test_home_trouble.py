"""A home that cannot be used is named, with the way out."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

Sdz = Callable[..., int]


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC])
@pytest.mark.parametrize("words", [("serve", "--port", "0"), ("watch", "FOLDER", "--once")])
def test_a_home_that_cannot_be_written_to(
    sdz: Sdz,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: int,
    words: tuple[str, ...],
) -> None:
    home, pictures = tmp_path / "away" / "home", tmp_path / "pictures"
    pictures.mkdir()
    monkeypatch.setenv("SDZ_HOME", str(home))

    def refuse(path: Path, *_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert sdz(*(str(pictures) if word == "FOLDER" else word for word in words)) == 1
    said = capsys.readouterr().err
    assert f"{tmp_path}" in said
    assert os.strerror(number).lower() in said
    assert "set SDZ_HOME to a folder of your own" in said
    assert said.count("\n") == 1
