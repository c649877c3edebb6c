"""The cache takes no folder in which files of others lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdz.errors import BadSetting
from sdz.service.pictures.cache_folder import TAG, own

KEY = "ab" * 32


def test_an_empty_folder_is_taken_and_tagged(tmp_path: Path) -> None:
    folder = own(tmp_path / "new" / "cache")
    assert (folder / TAG).read_bytes().startswith(b"Signature: 8a477f597d28d172789f06886806bc55\n")
    (folder / "letter.txt").write_text("put there later")
    assert own(folder) == folder


def test_a_cache_of_before_there_were_tags_is_taken(tmp_path: Path) -> None:
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / KEY).write_bytes(b"")
    (tmp_path / ".part-00ff").write_bytes(b"")
    assert (own(tmp_path) / TAG).is_file()


@pytest.mark.parametrize("name", ["letter.txt", "ab/letter", f"cd/{KEY}", f"{KEY}", TAG])
def test_a_folder_of_somebodys_files_is_refused(tmp_path: Path, name: str) -> None:
    """Also one that another program has tagged: it may have files named as ours."""
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("Signature: 8a477f597d28d172789f06886806bc55\n# of others")
    with pytest.raises(BadSetting, match=f"an empty folder.*{name}"):
        own(tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [file]
