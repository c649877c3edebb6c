"""Where things of a watched folder are kept, which folders are fit, and that one alone watches."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sdz
from sdz.errors import FolderUnfit, FolderWatched
from sdz.home import watch_folder
from sdz.watch.claim import COMMAND, DAEMON, Claim, Watching, fit_root, who_watches

HOLD = """
import sys
from pathlib import Path
from sdz.watch.claim import COMMAND, Claim
claim = Claim(Path(sys.argv[1]))
claim.acquire(COMMAND)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder


def hold(root: Path) -> subprocess.Popen[str]:
    """Another process that watches ``root``."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(root)],
        env={**os.environ, "PYTHONPATH": str(Path(sdz.__file__).parents[1])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_folder_has_a_place_of_its_own(root: Path) -> None:
    one, other = Claim(root), Claim(root.parent)
    assert one.id == Claim(root).id != other.id
    one.acquire(DAEMON)
    assert one.is_held
    assert who_watches(root) == Watching(root, DAEMON, os.getpid())
    assert who_watches(root.parent) is None
    assert watch_folder().stat().st_mode & 0o077 == 0
    one.release()
    assert who_watches(root) is None


@pytest.mark.parametrize("name", ["none", "a file", "link to nothing", "nul\0byte", "x" * 300])
def test_what_cannot_be_watched(name: str, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    (tmp_path / "link to nothing").symlink_to(tmp_path / "nothing")
    with pytest.raises(FolderUnfit) as caught:
        fit_root(tmp_path / name)
    assert caught.value.code == "folder-unfit"


def test_our_own_files_are_not_watched(models_home: Path) -> None:
    (models_home / "models").mkdir()
    for folder in (models_home, models_home / "models"):
        with pytest.raises(FolderUnfit):
            fit_root(folder)


def test_a_folder_is_the_same_by_all_its_names(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = root.parent / "link"
    link.symlink_to(root)
    monkeypatch.chdir(root.parent)
    names = (root, link, root / ".." / "pictures", Path("pictures"))
    assert {fit_root(name) for name in names} == {root}


def test_names_of_any_bytes(tmp_path: Path) -> None:
    root = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    try:
        root.mkdir()
    except OSError:
        pytest.skip("this file system takes no such names")
    claim = Claim(fit_root(root))
    claim.acquire(COMMAND)
    assert who_watches(root) == Watching(root, COMMAND, os.getpid())
    with pytest.raises(FolderWatched) as caught:
        Claim(root).acquire(COMMAND)
    str(caught.value).encode()
    claim.release()


def test_two_processes_never_watch_the_same_files(root: Path) -> None:
    inner = root / "inner"
    inner.mkdir()
    (root.parent / "pictures too").mkdir()
    process = hold(root)
    try:
        for near in (root, inner, root.parent):
            with pytest.raises(FolderWatched) as caught:
                Claim(near).acquire(DAEMON)
            assert caught.value.other == str(root)
            assert caught.value.pid == process.pid
            assert COMMAND in str(caught.value)
        watching = who_watches(root)
        assert watching is not None
        assert (watching.by, watching.pid) == (COMMAND, process.pid)
        assert who_watches(inner) is None
        beside = Claim(root.parent / "pictures too")
        beside.acquire(DAEMON)
        beside.release()
    finally:
        process.kill()
        process.communicate()
    assert who_watches(root) is None
    claim = Claim(root)
    claim.acquire(DAEMON)  # the system has taken the lock from the one that was killed
    with pytest.raises(FolderWatched):
        Claim(root).acquire(DAEMON)  # nor twice in this process
    claim.release()
    claim = Claim(inner)
    claim.acquire(DAEMON)
    claim.release()
