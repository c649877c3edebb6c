"""``sdz info``: what is in a file, for people and for programs; damage by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import sdz as package
from sdz import container

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
