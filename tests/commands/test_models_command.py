"""``sdz models``: what is here, by one name or many."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Sdz = Callable[..., int]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small AutoencoderTiny with random weights, in diffusers layout."""
    import torch
    from diffusers import AutoencoderTiny

    torch.manual_seed(0)
    model = AutoencoderTiny(
        encoder_block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 8, 8, 8),
        num_encoder_blocks=(1, 1, 1, 1),
        num_decoder_blocks=(1, 1, 1, 1),
    )
    model.save_pretrained(tmp_path / "tiny")
    return tmp_path / "tiny"


@pytest.mark.parametrize("words", [(), ("list",)])
def test_list(sdz: Sdz, capsys: Capture, words: tuple[str, ...]) -> None:
    assert sdz("models", *words) == 0
    head, first, *rest = capsys.readouterr().out.splitlines()
    assert head.split() == ["NAME", "STATE", "SIZE", "WEIGHTS", "FROM"]
    assert first.startswith("lite-1          built-in")
    assert any("CompVis/stable-diffusion-v1-4" in line for line in rest)


@pytest.mark.parametrize("words", [("--json",), ("list", "--json"), ("--json", "list")])
def test_list_for_programs(sdz: Sdz, capsys: Capture, words: tuple[str, ...]) -> None:
    assert sdz("models", *words) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows[0]["name"] == "lite-1"
    assert {row["state"] for row in rows} == {"built-in", "missing"}


def test_add_use_verify_remove(sdz: Sdz, folder: Path, photo: Path, capsys: Capture) -> None:
    assert sdz("models", "add", folder, "--name", "mine") == 0
    assert sdz("encode", photo, "--model", "mine", "--quality", "20", "--allow-larger") == 0
    assert sdz("decode", photo.with_suffix(".sdz"), "-o", photo.parent / "back.png") == 0
    capsys.readouterr()
    assert sdz("models", "verify", "--json") == 0
    assert json.loads(capsys.readouterr().out)["state"] == "installed"
    assert sdz("models", "remove", "mine") == 0
    assert "mine: removed" in capsys.readouterr().out
    assert sdz("models", "remove", "mine") == 1
    assert sdz("decode", photo.with_suffix(".sdz"), "--force") == 1


def test_verify_with_nothing_installed(sdz: Sdz, capsys: Capture) -> None:
    assert sdz("models", "verify") == 0
    assert "no models are installed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("remove", "lite-1"), "built-in-model"),
        (("remove", "none-such"), "unknown-model"),
        (("verify", "taesd"), "model-missing"),
        (("pull", "none-such"), "unknown-model"),
        (("add", ".", "--name", "Bad Name"), "bad-model-name"),
    ],
)
def test_failures_have_their_names(
    sdz: Sdz, capsys: Capture, words: tuple[str, ...], code: str
) -> None:
    assert sdz("models", *words, "--json") == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["error"] == code
    assert err.startswith("sdz: ")


@pytest.mark.parametrize("words", [("pull",), ("add", "."), ("nonsense",)])
def test_usage(sdz: Sdz, words: tuple[str, ...]) -> None:
    assert sdz("models", *words) == 2
