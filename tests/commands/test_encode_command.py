"""``sdz encode``: pictures to files beside them, and every way in which that can fail."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import drawn
import numpy as np
import pytest
from PIL import Image

import sdz as package
from sdz import container
from sdz.wish import Wish

Sdz = Callable[..., int]
Capture = pytest.CaptureFixture[str]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_writes_beside_the_source_and_says_so(sdz: Sdz, photo: Path, capsys: Capture) -> None:
    assert sdz("encode", photo) == 0
    data = photo.with_suffix(".sdz").read_bytes()
    assert package.info(data)["model"] == "lite-1"
    out, err = capsys.readouterr()
    assert f"{photo} -> {photo.with_suffix('.sdz')}" in out
    assert f"{len(data):,} bytes" in out
    assert err == ""
    assert names(photo.parent) == ["photo.png", "photo.sdz"]


def test_what_is_wrong_with_the_source_comes_before_what_is_with_its_output(
    sdz: Sdz, photo: Path, capsys: Capture
) -> None:
    assert sdz("encode", photo) == 0
    made = photo.with_suffix(".sdz")
    data = made.read_bytes()
    for words in ([], ["--force"]):
        capsys.readouterr()
        assert sdz("encode", made, *words) == 1
        assert "it is a .sdz file already" in capsys.readouterr().err
        assert made.read_bytes() == data
    assert sdz("encode", photo.parent / "no" / "one.jpg") == 1
    assert "one.jpg: no such file" in capsys.readouterr().err


def test_json_tells_what_the_file_tells(sdz: Sdz, photo: Path, capsys: Capture) -> None:
    assert sdz("encode", photo, "--json", "--preset", "fine") == 0
    (line,) = capsys.readouterr().out.splitlines()
    row = json.loads(line)
    info = package.info(photo.with_suffix(".sdz"))
    assert row["source"] == str(photo)
    assert row["output"] == str(photo.with_suffix(".sdz"))
    assert (row["width"], row["height"], row["model"]) == (64, 48, "lite-1")
    assert (row["bytes"], row["source_bytes"]) == (info["bytes"], photo.stat().st_size)
    assert row["ssimulacra2"] == info["report"]["ssimulacra2"]
    assert row["worst_region"] == info["report"]["worst_region"]
    assert row["psnr"] == info["report"]["psnr"]
    assert row["notes"] == []


def test_notes_are_said(sdz: Sdz, tmp_path: Path, capsys: Capture) -> None:
    frames = [Image.fromarray(drawn.scene(48, 48, seed)) for seed in (0, 1)]
    (tmp_path / "a.gif").write_bytes(
        drawn.as_file(frames[0], "GIF", save_all=True, append_images=frames[1:])
    )
    assert sdz("encode", tmp_path / "a.gif") == 0
    assert "note: animated: the first of 2 frames is kept" in capsys.readouterr().out


class TestMany:
    def test_failures_are_named_and_the_others_done(
        self, sdz: Sdz, tmp_path: Path, photo: Path, capsys: Capture
    ) -> None:
        (tmp_path / "text.png").write_text("hello")
        (tmp_path / "cut.jpg").write_bytes(drawn.as_file(drawn.scene(64, 64), "JPEG")[:900])
        (tmp_path / "empty.png").write_bytes(b"")
        (tmp_path / "folder").mkdir()
        sources = [
            tmp_path / name for name in ("text.png", "cut.jpg", "none.png", "empty.png", "folder")
        ]
        assert sdz("encode", *sources[:2], photo, *sources[2:]) == 1
        out, err = capsys.readouterr()
        assert len(out.splitlines()) == 1
        reasons = [
            "no known picture format",
            "",
            "no such file",
            "the file is empty",
            "is a folder",
        ]
        *lines, summary = err.splitlines()
        assert summary.startswith("sdz: 1 done, 5 failed; ")
        for source, reason, line in zip(sources, reasons, lines, strict=True):
            assert line.startswith(f"sdz: {source}: ")
            assert reason in line
        assert sorted(tmp_path.glob("*.sdz*")) == [photo.with_suffix(".sdz")]

    def test_json_names_failures_too(
        self, sdz: Sdz, tmp_path: Path, photo: Path, capsys: Capture
    ) -> None:
        (tmp_path / "bad.png").write_text("hello")
        assert sdz("encode", tmp_path / "bad.png", tmp_path / "none.png", photo, "--json") == 1
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [row.get("error") for row in rows] == ["unreadable-image", "os-error", None]

    def test_two_sources_with_one_stem(self, sdz: Sdz, photo: Path) -> None:
        other = photo.with_suffix(".bmp")
        other.write_bytes(drawn.as_file(drawn.scene(48, 64), "BMP"))
        assert sdz("encode", photo, other) == 0
        assert names(photo.parent) == ["photo.bmp", "photo.bmp.sdz", "photo.png", "photo.sdz"]

    def test_out_dir_is_made(self, sdz: Sdz, photo: Path) -> None:
        target = photo.parent / "some" / "where"
        assert sdz("encode", photo, "--out-dir", target) == 0
        assert names(target) == ["photo.sdz"]


class TestOutputs:
    @pytest.mark.parametrize("where", ["beside", "out", "out-dir", "back"])
    def test_times_and_permissions_are_the_sources(
        self, sdz: Sdz, photo: Path, packed: Path, where: str
    ) -> None:
        source = packed if where == "back" else photo
        source.chmod(0o600)
        os.utime(source, (1_330_819_200, 1_330_819_200))
        folder = photo.parent / "out"
        words = {"out": ("-o", "o.sdz"), "out-dir": ("--out-dir", folder)}.get(where, ())
        with contextlib.chdir(photo.parent):
            assert sdz("decode" if where == "back" else "encode", source, *words) == 0
        name = {"out": "o.sdz", "out-dir": "out/photo.sdz", "back": "packed.png"}
        found = (photo.parent / name.get(where, "photo.sdz")).stat()
        assert (found.st_mode & 0o777, found.st_mtime) == (0o600, 1_330_819_200)

    @pytest.mark.parametrize("name", ["out.webp", "out.JPG", "out.sdz.png"])
    def test_a_name_that_says_something_else_is_usage(
        self, sdz: Sdz, photo: Path, capsys: Capture, name: str
    ) -> None:
        assert sdz("encode", photo, "-o", photo.parent / name) == 2
        assert "a name ending in .sdz, which is all that encode makes" in capsys.readouterr().err
        assert names(photo.parent) == ["photo.png"]

    @pytest.mark.parametrize("name", ["out", "out.2024", "out.SDZ"])
    def test_a_name_that_says_nothing_else_is_taken(self, sdz: Sdz, photo: Path, name: str) -> None:
        assert sdz("encode", photo, "-o", photo.parent / name) == 0
        assert package.info(photo.parent / name)["width"] == 64

    def test_from_a_pipe(self, sdz: Sdz, photo: Path) -> None:
        pipe = photo.parent / "pipe"
        os.mkfifo(pipe)
        data = photo.read_bytes()
        writer = threading.Thread(target=pipe.write_bytes, args=(data,))
        writer.start()
        assert sdz("encode", pipe, "-o", photo.parent / "o.sdz") == 0
        writer.join()
        assert package.info(photo.parent / "o.sdz")["width"] == 64

    def test_nothing_is_overwritten_unasked(self, sdz: Sdz, photo: Path, capsys: Capture) -> None:
        out = photo.with_suffix(".sdz")
        out.write_bytes(b"old")
        assert sdz("encode", photo) == 1
        assert "use --force" in capsys.readouterr().err
        assert out.read_bytes() == b"old"
        assert sdz("encode", photo, "--force") == 0
        assert out.read_bytes().startswith(container.SIGNATURE)
        assert names(photo.parent) == ["photo.png", "photo.sdz"]

    def test_from_standard_input_to_standard_output(
        self,
        sdz: Sdz,
        photo: Path,
        standard_input: Callable[[bytes], None],
        capfdbinary: pytest.CaptureFixture[bytes],
    ) -> None:
        standard_input(photo.read_bytes())
        assert sdz("encode", "-", "--json") == 0
        out, err = capfdbinary.readouterr()
        assert package.info(out)["width"] == 64
        assert json.loads(err)["output"] == "-"

    def test_from_standard_input_to_a_file(
        self, sdz: Sdz, photo: Path, standard_input: Callable[[bytes], None]
    ) -> None:
        standard_input(photo.read_bytes())
        assert sdz("encode", "-", "-o", photo.parent / "x.sdz") == 0
        assert package.info(photo.parent / "x.sdz")["width"] == 64

    @pytest.mark.parametrize(
        "words", [("-o", "x.sdz"), ("-o", "-"), ("-o", "x.sdz", "--out-dir", "y")]
    )
    def test_one_output_for_several_sources_is_usage(
        self, sdz: Sdz, photo: Path, capsys: Capture, words: tuple[str, ...]
    ) -> None:
        assert sdz("encode", photo, photo, *words) == 2
        assert "usage: sdz" in capsys.readouterr().err
        assert names(photo.parent) == ["photo.png"]


class TestWishes:
    def test_target_bytes(self, sdz: Sdz, photo: Path) -> None:
        image = Image.open(photo)
        small, large = (len(package.encode(image, quality=quality)) for quality in (1, 100))
        target = (small + large) // 2
        assert sdz("encode", photo, "--target-bytes", target, "--keep", "none") == 0
        assert 0.98 * target <= photo.with_suffix(".sdz").stat().st_size <= target

    @pytest.mark.parametrize(
        ("words", "reason"),
        [
            (("--target-bytes", "40"), "40 bytes are too few"),
            (("--min-score", "99.9", "--keep", "none"), "a score of 99.9 cannot be reached"),
        ],
    )
    def test_what_cannot_be_met_writes_nothing(
        self, sdz: Sdz, photo: Path, capsys: Capture, words: tuple[str, ...], reason: str
    ) -> None:
        assert sdz("encode", photo, *words) == 1
        assert reason in capsys.readouterr().err
        assert names(photo.parent) == ["photo.png"]

    def test_what_would_not_get_smaller_is_kept(
        self, sdz: Sdz, tmp_path: Path, capsys: Capture
    ) -> None:
        tiny = tmp_path / "tiny.ppm"
        tiny.write_bytes(b"P6 2 2 255\n" + bytes(12))
        assert sdz("encode", tiny) == 1
        assert "would not get smaller" in capsys.readouterr().err
        assert names(tmp_path) == ["tiny.ppm"]
        assert sdz("encode", tiny, "--allow-larger") == 0
        assert names(tmp_path) == ["tiny.ppm", "tiny.sdz"]

    def test_metadata_only_when_asked_for(self, sdz: Sdz, tmp_path: Path) -> None:
        exif = Image.Exif()
        exif[0x010F] = "Maker"
        source = tmp_path / "a.jpg"
        source.write_bytes(drawn.as_file(drawn.scene(48, 64), "JPEG", quality=95, exif=exif))
        assert sdz("encode", source) == 0
        assert package.info(source.with_suffix(".sdz"))["exif_bytes"] is None
        assert sdz("encode", source, "--force", "--keep-metadata") == 0
        assert package.info(source.with_suffix(".sdz"))["exif_bytes"] > 10

    @pytest.mark.parametrize(
        "words",
        [
            ("--quality", "0"),
            ("--quality", "101"),
            ("--quality", "nan"),
            ("--quality", "high"),
            ("--preset", "huge"),
            ("--effort", "max"),
            ("--target-bytes", "0"),
            ("--min-score", "101"),
            ("--quality", "50", "--preset", "fine"),
            ("--target-bytes", "500", "--min-score", "50"),
            ("--nonsense",),
            ("--model", "none-such"),
        ],
    )
    def test_wrong_options_are_usage(
        self, sdz: Sdz, photo: Path, capsys: Capture, words: tuple[str, ...]
    ) -> None:
        assert sdz("encode", photo, *words) == 2
        assert capsys.readouterr().err
        assert names(photo.parent) == ["photo.png"]

    @pytest.mark.parametrize(("words", "effort"), [((), "normal"), (("--effort", "high"), "high")])
    def test_the_effort_reaches_the_codec(
        self,
        sdz: Sdz,
        photo: Path,
        sdz_bytes: bytes,
        monkeypatch: pytest.MonkeyPatch,
        words: tuple[str, ...],
        effort: str,
    ) -> None:
        asked: list[str] = []

        def encode_picture(_: object, wish: Wish) -> SimpleNamespace:
            asked.append(wish.effort)
            return SimpleNamespace(data=sdz_bytes, notes=())

        monkeypatch.setattr("sdz.pictures.encode_picture", encode_picture)
        assert sdz("encode", photo, "--no-daemon", *words) == 0
        assert asked == [effort]

    def test_efforts_are_named(self, sdz: Sdz, photo: Path, capsys: Capture) -> None:
        assert sdz("encode", photo, "--effort", "max") == 2
        err = capsys.readouterr().err
        assert "'max'" in err
        assert "normal" in err
        assert "high" in err

    def test_unknown_model_names_the_known(self, sdz: Sdz, photo: Path, capsys: Capture) -> None:
        assert sdz("encode", photo, "--model", "none-such") == 2
        err = capsys.readouterr().err
        assert "no model is called 'none-such'; known are lite-1, sd14" in err

    def test_missing_weights_say_how_to_get_them(
        self, sdz: Sdz, photo: Path, capsys: Capture
    ) -> None:
        assert sdz("encode", photo, "--model", "taesd") == 1
        assert "sdz models pull taesd" in capsys.readouterr().err


def test_a_picture_survives_the_way_there_and_back(sdz: Sdz, tmp_path: Path) -> None:
    rgb, alpha = drawn.scene(48, 64), drawn.soft_alpha(48, 64)
    (tmp_path / "a.png").write_bytes(drawn.as_file(np.dstack([rgb, alpha])))
    assert sdz("encode", tmp_path / "a.png", "--quality", "90") == 0
    assert sdz("decode", tmp_path / "a.sdz", "-o", tmp_path / "b.png") == 0
    back = np.asarray(Image.open(tmp_path / "b.png")).astype(int)
    assert np.array_equal(back[..., 3], alpha)
    assert np.abs(back[..., :3] - rgb)[alpha > 0].mean() < 12
