"""Thumbnails, by the command that is installed, run as a file manager runs it."""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import drawn
import numpy as np
import pytest
from PIL import Image

import sdz
from sdz import container
from sdz.container import Box, Kept, Model, Region
from sdz.desktop.entries import Places, entries_for
from sdz.desktop.thumbnail import DONE, FAILED, USAGE, fitted, main, thumbnail
from sdz.errors import FormatError

SIZES = (128, 256, 512, 1024)


@pytest.fixture(scope="module")
def clear() -> bytes:
    pixels = np.dstack([drawn.scene(120, 200), drawn.soft_alpha(120, 200)])
    return sdz.encode(Image.fromarray(pixels), quality=60)


def opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    image.load()
    return image


class TestPicture:
    @pytest.mark.parametrize("size", SIZES)
    def test_has_the_size_of_the_specification(self, sdz_bytes: bytes, size: int) -> None:
        image = opened(thumbnail(sdz_bytes, size))
        assert (image.format, image.mode) == ("PNG", "RGB")
        assert image.size == {128: (128, 85), 256: (256, 171), 512: (512, 341)}.get(
            size, (768, 512)
        )
        assert image.info == {
            "Thumb::Mimetype": "image/x-sdz",
            "Thumb::Image::Width": "768",
            "Thumb::Image::Height": "512",
            "Software": f"sdz {sdz.__version__}",
        }

    @pytest.mark.parametrize("size", SIZES)
    def test_looks_like_the_picture(self, sdz_bytes: bytes, size: int) -> None:
        image = opened(thumbnail(sdz_bytes, size))
        wanted = Image.fromarray(drawn.scene(512, 768)).resize(image.size, Image.Resampling.BOX)
        difference = np.abs(np.asarray(image).astype(int) - np.asarray(wanted))
        assert difference.mean() < 12

    @pytest.mark.parametrize(("size", "channels"), [(256, 12), (49, 12), (48, 6), (32, 6)])
    def test_is_near_to_one_of_all_channels(
        self, sdz_bytes: bytes, monkeypatch: pytest.MonkeyPatch, size: int, channels: int
    ) -> None:
        from sdz import pictures

        asked: list[int | None] = []
        preview = pictures.preview

        def whole(data: bytes, *, alpha: bool, channels: int | None) -> Image.Image:
            asked.append(channels)
            return preview(data, alpha=alpha)

        quick = np.asarray(opened(thumbnail(sdz_bytes, size))).astype(int)
        monkeypatch.setattr(pictures, "preview", whole)
        assert np.abs(quick - np.asarray(opened(thumbnail(sdz_bytes, size)))).mean() < 3
        assert asked == [channels]

    def test_with_kept_regions_it_is_that_of_what_lies_below(self, sdz_bytes: bytes) -> None:
        """They are not opened for a thumbnail, which is an eighth of the picture: one that is no
        picture harms none."""
        file = container.unpack(sdz_bytes)
        broken = Kept(4, (Region(Box(8, 8, 400, 300), 1, b"not a picture"),))
        data = container.pack(replace(file, kept=broken))
        assert np.array_equal(opened(thumbnail(data, 128)), opened(thumbnail(sdz_bytes, 128)))

    def test_alpha_is_kept(self, clear: bytes) -> None:
        image = opened(thumbnail(clear, 128))
        assert (image.mode, image.size) == ("RGBA", (128, 77))
        alpha = np.asarray(image.getchannel("A")).astype(int)
        wanted = Image.fromarray(drawn.soft_alpha(120, 200)).resize((128, 77))
        assert np.abs(alpha - np.asarray(wanted)).mean() < 6
        assert alpha[0, 0] == 0
        assert alpha[38, 64] == 255

    @pytest.mark.parametrize(
        ("width", "height", "size", "expected"),
        [
            (768, 512, 128, (128, 85)),
            (512, 768, 128, (85, 128)),
            (40, 30, 128, (40, 30)),
            (128, 128, 128, (128, 128)),
            (65535, 1, 256, (256, 1)),
            (1, 65535, 256, (1, 256)),
            (1, 1, 1, (1, 1)),
        ],
    )
    def test_fitted(self, width: int, height: int, size: int, expected: tuple[int, int]) -> None:
        assert fitted(width, height, size) == expected

    @pytest.mark.parametrize("size", [(1, 1), (7, 300), (300, 7), (17, 33)])
    def test_sizes_that_do_not_fill_their_latents(self, size: tuple[int, int]) -> None:
        data = sdz.encode(Image.fromarray(drawn.smooth(*size)), quality=90)
        image = opened(thumbnail(data, 128))
        assert max(image.size) == min(128, max(size))
        wanted = Image.fromarray(drawn.smooth(*size)).resize(image.size, Image.Resampling.BOX)
        assert np.abs(np.asarray(image).astype(int) - np.asarray(wanted)).mean() < 16


class TestCommand:
    @pytest.fixture
    def command(self, places: Places) -> list[str]:
        """The words of the installed thumbnailer."""
        (entry,) = [
            entry.content.decode()
            for entry in entries_for(places, sys.executable)
            if entry.path.suffix == ".thumbnailer"
        ]
        (line,) = [line for line in entry.splitlines() if line.startswith("Exec=")]
        return shlex.split(line.removeprefix("Exec="))

    @pytest.mark.parametrize("size", SIZES)
    def test_as_a_file_manager_runs_it(
        self, command: list[str], picture: Path, tmp_path: Path, size: int
    ) -> None:
        output = tmp_path / "thumbnail.png"
        filled = {"%s": str(size), "%i": str(picture), "%o": str(output)}
        words = [filled.get(word, word) for word in command]
        # As in a sandbox: no home, no words from the user's environment, another folder.
        done = subprocess.run(words, env={}, cwd="/", capture_output=True, text=True)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert output.read_bytes() == thumbnail(picture.read_bytes(), size)

    def test_loads_no_torch(self, picture: Path, tmp_path: Path) -> None:
        program = (
            "import sys; from sdz.desktop.thumbnail import main; "
            f"assert main(['-s', '256', {str(picture)!r}, {str(tmp_path / 't.png')!r}]) == 0; "
            "print(*{name.partition('.')[0] for name in sys.modules})"
        )
        words = [sys.executable, "-c", program]
        loaded = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
        heavy = {"torch", "diffusers", "aiohttp", "asyncio", "argparse", "huggingface_hub"}
        assert "numpy" in loaded
        assert set(loaded) & heavy == set()

    def test_a_file_beside_it_is_not_run(self, picture: Path, tmp_path: Path) -> None:
        (tmp_path / "sdz.py").write_text("raise SystemExit('taken over')")
        words = [sys.executable, "-P", "-m", "sdz.desktop.thumbnail", picture.name, "t.png"]
        assert subprocess.run(words, cwd=tmp_path).returncode == 0

    def test_uris(self, tmp_path: Path, sdz_bytes: bytes) -> None:
        picture = tmp_path / "a ü %41.sdz"
        picture.write_bytes(sdz_bytes)
        output = tmp_path / "t.png"
        assert main(["-s", "64", picture.as_uri(), os.fspath(output)]) == DONE
        assert max(opened(output.read_bytes()).size) == 64

    def test_names_that_are_not_text(self, tmp_path: Path, sdz_bytes: bytes) -> None:
        picture = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.sdz"))
        picture.write_bytes(sdz_bytes)
        assert main([os.fspath(picture), os.fspath(tmp_path / "t.png")]) == DONE
        uri = "file://" + os.fspath(tmp_path) + "/%FF%FE.sdz"
        assert main([uri, os.fspath(tmp_path / "t.png")]) == DONE

    def test_usual_size(self, picture: Path, tmp_path: Path) -> None:
        assert main([str(picture), str(tmp_path / "t.png")]) == DONE
        assert max(opened((tmp_path / "t.png").read_bytes()).size) == 128


class TestRefused:
    def test_damage_anywhere(
        self, sdz_bytes: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        source, output = tmp_path / "a.sdz", tmp_path / "t.png"
        ends = [*range(0, 60, 7), *range(60, len(sdz_bytes), 401), len(sdz_bytes) - 1]
        for end in ends:
            source.write_bytes(sdz_bytes[:end])
            assert main([str(source), str(output)]) == FAILED
            said = capsys.readouterr().err
            assert said.startswith(f"sdz: {source}: ")
            assert "cut short" in said or "not a .sdz file" in said
            assert not output.exists()
        for at in range(8, len(sdz_bytes), 211):
            flipped = bytearray(sdz_bytes)
            flipped[at] ^= 4
            with pytest.raises(FormatError):
                thumbnail(bytes(flipped), 128)

    def test_in_its_own_process(self, picture: Path, tmp_path: Path) -> None:
        picture.write_bytes(picture.read_bytes()[:-3])
        words = [sys.executable, "-P", "-m", "sdz.desktop.thumbnail", str(picture), "t.png"]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (FAILED, "")
        assert done.stderr == (
            f"sdz: {picture}: cut short: checksum of chunk L needs 4 bytes, found 1; "
            "fetch the file again\n"
        )

    def test_other_files(
        self, game: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main([str(game), str(tmp_path / "t.png")]) == FAILED
        assert "not a .sdz file" in capsys.readouterr().err
        assert main([str(tmp_path / "none.sdz"), str(tmp_path / "t.png")]) == FAILED
        assert "No such file" in capsys.readouterr().err
        assert main([str(tmp_path), str(tmp_path / "t.png")]) == FAILED

    def test_nowhere_to_write(
        self, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main([str(picture), str(tmp_path / "no" / "t.png")]) == FAILED
        assert "No such file" in capsys.readouterr().err

    def test_a_model_without_a_map(
        self, sdz_bytes: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = container.unpack(sdz_bytes)
        header = replace(file.header, model=Model(0, "mine", 192, 16))
        (tmp_path / "a.sdz").write_bytes(container.pack(replace(file, header=header)))
        assert main([str(tmp_path / "a.sdz"), str(tmp_path / "t.png")]) == FAILED
        assert "no model is called 'mine'" in capsys.readouterr().err

    @pytest.mark.parametrize(
        "words",
        [[], ["a"], ["a", "b", "c"], ["-s"], ["-s", "0", "a", "b"], ["-s", "x", "a", "b"]],
    )
    def test_usage(self, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        assert main(words) == USAGE
        assert capsys.readouterr().err.startswith("usage: ")
