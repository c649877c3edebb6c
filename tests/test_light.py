"""What a plain ``pip install sdz`` brings is enough for lite-1; what is not there is named."""

from __future__ import annotations

import os
import subprocess
import tomllib
from pathlib import Path

import drawn
import light
import numpy as np
import pytest
from PIL import Image

import sdz
from sdz.extras import EXTRAS

HEAVY = ("torch", "diffusers", "safetensors", "huggingface_hub", "ray", "scipy")


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return light.make(tmp_path_factory.mktemp("light") / "venv")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Image.fromarray(drawn.scene(96, 131)).save(tmp_path / "photo.png")
    return tmp_path


def run(python: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "SDZ_HOME": str(folder / "home")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_it_has_nothing_heavy(python: Path, folder: Path) -> None:
    program = f"from importlib.util import find_spec as f; print(*map(bool, map(f, {HEAVY})))"
    assert set(run(python, folder, "-c", program).stdout.split()) == {"False"}


def test_pictures_are_written_and_read(python: Path, folder: Path) -> None:
    for words in (
        ("encode", "photo.png", "--no-daemon"),
        ("encode", "photo.png", "-o", "small.sdz", "--target-bytes", "900", "--no-daemon"),
        ("decode", "photo.sdz", "-o", "back.png", "--no-daemon"),
        ("preview", "photo.sdz", "-o", "tiny.png"),
        ("info", "photo.sdz"),
        ("models",),
        ("watch", ".", "--once", "--out", "out"),
    ):
        done = run(python, folder, "-m", "sdz", *words)
        assert done.returncode == 0, done.stderr
    assert np.array_equal(
        np.asarray(Image.open(folder / "back.png")), np.asarray(sdz.decode(folder / "photo.sdz"))
    )
    assert (folder / "out" / "photo.sdz").exists()


def test_pillow_and_the_daemon(python: Path, folder: Path) -> None:
    """The engine's children are the same Python's."""
    program = """if True:
        import asyncio, sys
        from pathlib import Path
        from PIL import Image
        import sdz, sdz.pillow
        from sdz.engine import DecodeJob, Engine, EngineConfig
        Image.open("photo.png").save("saved.sdz")
        wanted = Image.open("saved.sdz").tobytes()
        async def main():
            async with Engine(EngineConfig()) as engine:
                done = await engine.run(DecodeJob(Path("saved.sdz").read_bytes()))
            Path("daemon.png").write_bytes(done.data)
        asyncio.run(main())
        assert Image.open("daemon.png").convert("RGB").tobytes() == wanted
        print("torch" in sys.modules)
    """
    done = run(python, folder, "-c", program)
    assert done.stdout.split() == ["False"], done.stderr


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (("encode", "photo.png", "--effort", "high", "--no-daemon", "--force"), "torch"),
        (("models", "pull", "taesd"), "diffusion"),
        (("batch", ".", "out"), "ray"),
    ],
)
def test_what_is_not_there_is_named(
    python: Path, folder: Path, words: tuple[str, ...], extra: str
) -> None:
    done = run(python, folder, "-m", "sdz", *words)
    assert done.returncode != 0
    assert f"pip install 'sdz[{extra}]'" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_card_that_is_asked_for_is_said_to_be_missing(python: Path, folder: Path) -> None:
    program = "from sdz.engine.devices import choose_device as c; print(c('auto')); c('cuda')"
    done = run(python, folder, "-c", program)
    assert done.stdout.split() == ["cpu"]
    assert "DeviceMissing" in done.stderr


def test_every_extra_that_is_named_is_one() -> None:
    page = (light.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    extras = tomllib.loads(page)["project"]["optional-dependencies"]
    assert set(EXTRAS.values()) <= set(extras)
