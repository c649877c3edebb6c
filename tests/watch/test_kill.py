"""``kill -9`` at every step of the write, and at random: one good output each, no leftovers."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from quick_pictures import picture, pictures
from watch_kit import Folder, hashes, leftovers, outputs, quick_sdz, require_one_good_output_each

from sdz.watch.journal.journal import Journal
from sdz.watch.journal.rows import State

STEPS = (
    *("read", "open", "encode", "write", "times", "flush", "check", "look-again", "intend"),
    *("publish", "unlink", "flush-folder", "made"),
)
TRASH_STEPS = ("trash-journal", "trash", "trashed", "made")
KILLED = -signal.SIGKILL
Kill = Callable[..., int]


@pytest.fixture(scope="module")
def killed_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trash of the processes that are killed: on the disk of the home folder, as a rule."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def kill(killed_home: Path) -> Iterator[Kill]:
    """Empties a folder in a process that is killed before a step; its exit status."""
    here = Path(__file__).parents[1] / "kits"
    path = os.pathsep.join([str(here), str(here.parents[1] / "daemon")])
    homes = {"SDZ_HOME": str(killed_home), "XDG_DATA_HOME": str(killed_home)}
    environment = {**os.environ, "PYTHONPATH": path, **homes}
    with subprocess.Popen(
        [sys.executable, str(here / "kill_child.py")],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        def order(folder: Folder, step: str, after: int, originals: str = "keep") -> int:
            words = {"root": str(folder.root), "home": str(folder.home), "originals": originals}
            stdin.write(json.dumps({**words, "step": step, "after": str(after)}) + "\n")
            stdin.flush()
            return int(stdout.readline())

        yield order
        stdin.close()


@pytest.mark.parametrize("step", STEPS)
def test_killed_before_each_step(folder: Folder, kill: Kill, step: str) -> None:
    pictures(folder.root, 4)
    before = hashes(folder.root)
    assert kill(folder, step, after=2) == KILLED  # the second time: one is done, one in the middle
    assert kill(folder, "never", 1) == 0
    assert require_one_good_output_each(folder) == 4
    assert hashes(folder.root) == before


@pytest.mark.parametrize("step", STEPS)
def test_killed_before_each_step_again_and_again(folder: Folder, kill: Kill, step: str) -> None:
    """The start that cleans up is killed as well, at the same step."""
    pictures(folder.root, 2)
    assert [kill(folder, step, after=1) for _ in range(3)].count(KILLED) >= 1
    assert kill(folder, "never", 1) == 0
    assert require_one_good_output_each(folder) == 2


def test_killed_200_times_at_random(folder: Folder, kill: Kill) -> None:
    chance = random.Random(5)
    before: dict[Path, str] = {}
    killed = 0
    for turn in range(200):
        pictures(folder.root, 2, first=2 * turn)
        before = {**hashes(folder.root), **before}
        killed += kill(folder, "", after=chance.randrange(1, 40)) == KILLED
    assert killed > 100
    assert kill(folder, "never", 1) == 0
    assert require_one_good_output_each(folder) == 400
    assert hashes(folder.root) == before


@pytest.mark.parametrize("step", TRASH_STEPS)
def test_killed_around_the_trash(folder: Folder, kill: Kill, killed_home: Path, step: str) -> None:
    sources = {path: path.read_bytes() for path in pictures(folder.root, 3)}
    assert kill(folder, step, 2, "trash") == KILLED
    assert kill(folder, "never", 1, "trash") == 0
    require_trashed_or_there(folder, killed_home, sources)
    assert not any(path.exists() for path in sources)


def test_killed_40_times_at_random_with_the_trash(
    folder: Folder, kill: Kill, killed_home: Path
) -> None:
    chance = random.Random(7)
    sources: dict[Path, bytes] = {}
    for turn in range(40):
        path = folder.root / f"photo {turn}.jpg"
        path.write_bytes(picture(turn))
        sources[path] = path.read_bytes()
        kill(folder, "", chance.randrange(1, 24), "trash")
        require_trashed_or_there(folder, killed_home, sources, ended=False)
    assert kill(folder, "never", 1, "trash") == 0
    require_trashed_or_there(folder, killed_home, sources)


def require_trashed_or_there(
    folder: Folder, home: Path, sources: dict[Path, bytes], *, ended: bool = True
) -> None:
    """No source is ever lost; in the end each has one good output and is in the trash, once."""
    inside: dict[Path, list[bytes]] = {}
    for info in (home / "Trash" / "info").glob("*.trashinfo"):
        lines = info.read_text().splitlines()
        file = home / "Trash" / "files" / info.stem
        if file.exists():  # what died while it wrote the line has moved nothing yet
            path = Path(unquote(lines[1].removeprefix("Path=")))
            inside.setdefault(home / path, []).append(file.read_bytes())
    for path, data in sources.items():
        there = [path.read_bytes()] if path.exists() else []
        assert [*inside.get(path, []), *there] == [data], path
    if not ended:
        return
    assert leftovers(folder.root) == []
    with Journal(folder.home / "journal.sqlite") as journal:
        rows = {path: journal.files.find(folder.root, path) for path in sources}
    made = [row.output for row in rows.values() if row is not None and row.state is State.DONE]
    assert sorted(path for path in made if path is not None) == outputs(folder.root)
    assert len(made) == len(sources)
    for path, row in rows.items():
        assert row is not None
        assert row.output is not None
        assert row.output.read_bytes() == quick_sdz(sources[path])
