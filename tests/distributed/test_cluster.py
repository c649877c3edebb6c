"""``sdz batch``: 500 pictures, two nodes, one killed; each picture once, as made here."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import drawn
import pytest

from sdz.cli import main
from sdz.distributed.manifest import MANIFEST, PARTS, Record
from sdz.distributed.stores import Store

PICTURES = 500
SCRIPT = Path(__file__).parents[1] / "kits" / "two_nodes.py"


def draw_album(folder: Path) -> list[str]:
    names = [f"{n % 9}/{n:03}.png" for n in range(PICTURES)]
    for seed, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(drawn.as_file(drawn.scene(32, 48, seed)))
    (folder / "bad.png").write_bytes(b"no picture")
    return sorted(names)


def outputs(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.sdz")
    }


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str], dict[str, object]]:
    folder = tmp_path_factory.mktemp("cluster")
    names = draw_album(folder / "album")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(folder / "album"), str(folder / "out")],
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder, names, json.loads(done.stdout.splitlines()[-1])


def test_a_killed_node_costs_nothing(run: tuple[Path, list[str], dict[str, object]]) -> None:
    folder, names, told = run
    assert told["actors"] == 2
    assert isinstance(told["before"], int)
    assert 0 < told["before"] < PICTURES
    assert told["code"] == 1, told["said"]  # because of bad.png
    assert isinstance(told["rows"], list)
    said = Counter(row["source"] for row in told["rows"])
    assert said == Counter([*names, "bad.png"])  # each once
    assert [row["source"] for row in told["rows"] if "error" in row] == ["bad.png"]
    assert f"{PICTURES} done, 1 failed; " in str(told["said"])

    target = Store(str(folder / "out"))
    lines = target.read(MANIFEST).decode().splitlines()
    records = [Record.from_line(line) for line in lines]
    assert [record.source for record in records] == sorted([*names, "bad.png"])
    assert {record.source for record in records if record.state != "done"} == {"bad.png"}
    assert target.names(PARTS) == []


def test_its_files_are_those_of_one_machine(
    run: tuple[Path, list[str], dict[str, object]],
) -> None:
    folder, _, _ = run
    assert main(["encode", "-r", str(folder / "album"), "--out-dir", str(folder / "here")]) == 1
    here, there = outputs(folder / "here"), outputs(folder / "out")
    assert len(here) == PICTURES
    assert there == here
    assert not [path for path in (folder / "out").rglob("*") if "part" in path.suffix]


def test_another_run_has_nothing_to_do(
    run: tuple[Path, list[str], dict[str, object]], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _, _ = run
    bad = folder / "album" / "bad.png"
    bad.rename(folder / "bad.png")  # it would be tried again
    before = {path: path.stat() for path in (folder / "out").rglob("*.sdz")}
    assert main(["batch", str(folder / "album"), str(folder / "out")]) == 0
    (folder / "bad.png").rename(bad)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"sdz: 0 done, {PICTURES} skipped in ")
    assert {path: path.stat() for path in (folder / "out").rglob("*.sdz")} == before


class TestWithoutACluster:
    @pytest.fixture
    def album(self, tmp_path: Path) -> Path:
        (tmp_path / "album").mkdir()
        (tmp_path / "album" / "a.png").write_bytes(drawn.as_file(drawn.scene(32, 48)))
        return tmp_path / "album"

    def refused(self, capsys: pytest.CaptureFixture[str], *words: object, code: int = 1) -> str:
        assert main(["batch", *map(str, words)]) == code
        return capsys.readouterr().err

    def test_what_to_install(
        self, album: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "ray", None)
        assert "pip install 'sdz[ray]'" in self.refused(capsys, album, album / "out")
        assert not (album / "out").exists()

    def test_a_source_that_is_not_there(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        err = self.refused(capsys, tmp_path / "none", tmp_path / "out")
        assert "none cannot be used: there is no such folder" in err

    def test_a_cluster_that_is_not_there(
        self, album: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        err = self.refused(capsys, album, tmp_path / "out", "--ray", "no-such-scheme://x")
        assert "the cluster at no-such-scheme://x: " in err
        assert "run it again to go on" in err

    @pytest.mark.parametrize(
        "words",
        [
            ("--jobs", 0),
            ("--cpus", 0),
            ("--quality", 0),
            ("--model", "none-such"),
        ],
    )
    def test_wrong_options_are_usage(
        self, album: Path, capsys: pytest.CaptureFixture[str], words: tuple[object, ...]
    ) -> None:
        self.refused(capsys, album, album / "out", *words, code=2)

    def test_ray_is_not_loaded_by_the_rest(self) -> None:
        program = "import sys, sdz.distributed.run, sdz.cli; sys.exit('ray' in sys.modules)"
        subprocess.run([sys.executable, "-c", program], check=True)
