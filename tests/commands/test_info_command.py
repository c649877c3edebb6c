"""``sdz info``: what is in a file, for people and for programs; damage by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import sdz as package
from sdz import container
from sdz.codec.score_map import pack_scores

Sdz = Callable[..., int]
Capture = pytest.CaptureFixture[str]


def test_for_people(sdz: Sdz, packed: Path, capsys: Capture) -> None:
    assert sdz("info", packed) == 0
    out = capsys.readouterr().out
    info = package.info(packed)
    assert f"{packed}: 64x48, {packed.stat().st_size:,} bytes" in out
    assert "lite-1" in out
    assert info["weights"] in out
    assert f"SSIMULACRA2 {info['report']['ssimulacra2']:.1f}" in out
    assert "reconstructed by the model" in out


def test_for_programs(sdz: Sdz, packed: Path, capsys: Capture) -> None:
    assert sdz("info", packed, packed, "--json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows == [{"source": str(packed), **package.info(packed)}] * 2
    assert rows[0]["latents"]["channels"] == 192
    assert rows[0]["latents"]["bytes"] + container.overhead(packed.read_bytes()) == rows[0]["bytes"]


def test_what_a_file_does_not_have(sdz: Sdz, packed: Path, capsys: Capture) -> None:
    file = container.unpack(packed.read_bytes())
    plain = replace(file, header=replace(file.header, report=None))
    packed.write_bytes(container.pack(plain))
    assert sdz("info", packed) == 0
    assert "SSIMULACRA2" not in capsys.readouterr().out
    assert package.info(packed)["report"] is None


def test_what_else_is_in_it(sdz: Sdz, packed: Path, capsys: Capture) -> None:
    file = container.unpack(packed.read_bytes())
    packed.write_bytes(container.pack(replace(file, exif=b"MM" * 9, xmp=b"<x/>")))
    assert sdz("info", packed) == 0
    out = capsys.readouterr().out
    assert "EXIF     18 bytes" in out
    assert "XMP      4 bytes" in out


def test_kept_regions_and_chunks_of_later_editions(sdz: Sdz, packed: Path, capsys: Capture) -> None:
    file = container.unpack(packed.read_bytes())
    box = container.Box(0, 0, 16, 12)
    kept = container.Kept(4, (container.Region(box, 2, b"a picture"),))
    packed.write_bytes(
        container.pack(replace(file, kept=kept, extra=(container.Chunk("q", b"1"),)))
    )
    assert sdz("info", packed) == 0
    out = capsys.readouterr().out
    assert "kept     1 region(s) as they were, 6% of the picture, 9 bytes" in out
    assert "unknown  q: made by a later sdz, skipped" in out


def mapped(packed: Path) -> Path:
    file = container.unpack(packed.read_bytes())
    classes = np.array([[0, 15], [5, 1]], np.uint8)
    packed.write_bytes(container.pack(replace(file, scores=pack_scores(classes))))
    return packed


def test_the_map_is_drawn_over_the_picture(sdz: Sdz, packed: Path, tmp_path: Path) -> None:
    out = tmp_path / "map.png"
    assert sdz("info", mapped(packed), "--map", out) == 0
    with Image.open(out) as image:
        assert (image.mode, image.size) == ("RGB", (64, 48))
        pixels = np.asarray(image).astype(int)
    assert np.ptp(pixels[:32, :32], axis=2).max() == 0  # class 0: grey, as the preview is
    red = pixels[:32, 32:]
    assert (red[..., 0] - red[..., 1]).min() > 60
    assert sdz("info", packed, "--map", out) == 1  # it is there
    assert sdz("info", packed, "--map", out, "--force") == 0
    assert package.score_map(packed).tolist() == [[0, 15], [5, 1]]  # type: ignore[union-attr]


def test_a_file_without_a_map_says_so(
    sdz: Sdz, packed: Path, tmp_path: Path, capsys: Capture
) -> None:
    file = container.unpack(packed.read_bytes())
    packed.write_bytes(container.pack(replace(file, scores=None)))
    assert sdz("info", packed, "--map", tmp_path / "map.png") == 1
    assert "a file that has a map of scores" in capsys.readouterr().err
    assert not (tmp_path / "map.png").exists()
    assert package.score_map(packed) is None


def test_a_map_is_of_one_file(sdz: Sdz, packed: Path, tmp_path: Path) -> None:
    assert sdz("info", packed, packed, "--map", tmp_path / "map.png") == 2


def test_standard_input(
    sdz: Sdz, sdz_bytes: bytes, standard_input: Callable[[bytes], None], capsys: Capture
) -> None:
    standard_input(sdz_bytes)
    assert sdz("info", "-", "--json") == 0
    assert json.loads(capsys.readouterr().out)["source"] == "-"


def test_damage_is_named_and_the_others_are_shown(sdz: Sdz, packed: Path, capsys: Capture) -> None:
    bad = packed.with_name("bad.sdz")
    bad.write_bytes(packed.read_bytes()[:30])
    none = packed.with_name("none.sdz")
    assert sdz("info", bad, packed, none, packed.parent) == 1
    out, err = capsys.readouterr()
    assert str(packed) in out
    first, second, third = err.splitlines()
    assert first.startswith(f"sdz: {bad}: cut short")
    assert second == f"sdz: {none}: no such file or directory"
    assert third == f"sdz: {packed.parent}: is a folder; name the pictures in it"
