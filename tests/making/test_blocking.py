"""Making in this process, and by the daemon over a connection that is there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from drawn import as_file, scene
from PIL import Image
from samples import png_header, sdz_file
from served import Served

import sdz
from sdz.client import Client
from sdz.engine.jobs import Priority
from sdz.errors import DaemonRefused, NotSmaller, UnreadableImage
from sdz.making.daemon import Daemon
from sdz.making.here import Here
from sdz.wish import Wish


def test_here_it_is_what_the_package_makes() -> None:
    data = as_file(scene(48, 64))
    made = Here().make(data, Wish(quality=40))
    assert made.data == sdz.encode(data, quality=40)
    assert made.notes == ()
    assert made.report is not None
    assert made.report.score == sdz.info(made.data)["report"]["ssimulacra2"]


def test_here_the_way_in_is_told_and_refusals_are_its_own() -> None:
    grey = as_file(Image.new("I;16", (64, 64)))
    assert Here().make(grey, Wish(allow_larger=True)).notes
    with pytest.raises(UnreadableImage):
        Here().make(b"no picture", Wish())


def test_here_the_model_is_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    monkeypatch.setattr("sdz.pictures.load_model", loaded.append)
    here = Here(2)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(here._load, ["lite-1"] * 8))
    assert loaded == ["lite-1"]


@pytest.mark.parametrize("background", [False, True])
def test_the_daemon_is_given_the_wish(tmp_path: Path, background: bool) -> None:
    wish = Wish("sd-mse", min_score=70.0, keep_metadata=True)
    with Served(tmp_path) as served, Client.find(served.folder) as client:
        maker = Daemon(client, background=background)
        made = maker.make(png_header(8, 8), wish)
        assert (made.data, made.notes) == (sdz_file(), ("turned upright — as its EXIF says",))
        [job] = served.engine.jobs
        assert job.wish == wish
        usual = Priority.BACKGROUND if background else Priority.ENCODE
        assert served.engine.priorities == [usual]
        served.engine.failure = NotSmaller(9, 8)
        with pytest.raises(DaemonRefused) as caught:
            maker.make(png_header(8, 8), wish)
        assert (caught.value.code, str(caught.value)) == ("not-smaller", str(NotSmaller(9, 8)))
