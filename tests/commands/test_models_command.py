"""``sdz models``: what is here, by one name or many."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from sdz.errors import HubOffline
from sdz.models.facts import ABOUT
from sdz.models.known import BUILT_IN, KNOWN

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
    assert head.split() == ["NAME", "STATE", "SIZE", "LICENCE"]
    assert first.startswith("lite-1      built-in")
    at = next(n for n, line in enumerate(rest) if line.startswith("sd-mse "))
    assert rest[at].split() == ["sd-mse", "missing", "~335", "MB", "MIT"]
    assert rest[at + 2] == "    https://huggingface.co/stabilityai/sd-vae-ft-mse"
    assert rest[-1] == "All but lite-1 need: pip install 'sdz[diffusion]'"


@pytest.mark.parametrize("words", [("--json",), ("list", "--json"), ("--json", "list")])
def test_list_for_programs(sdz: Sdz, capsys: Capture, words: tuple[str, ...]) -> None:
    assert sdz("models", *words) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows[0]["name"] == "lite-1"
    assert {row["state"] for row in rows} == {"built-in", "missing"}
    assert any(row["repo"] == "CompVis/stable-diffusion-v1-4" for row in rows)
    assert all(row["purpose"] and row["licence"] for row in rows)
    assert all(row["page"] for row in rows if row["licence"] == "see its page")


def test_what_is_known_of_every_model() -> None:
    assert set(ABOUT) == {BUILT_IN, *KNOWN}


def test_much_is_asked_about(sdz: Sdz, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    asked: list[str] = []

    def pull(name: str, _: object) -> None:
        asked.append(name)
        raise HubOffline(name, "https://hub.invalid", "no route")

    monkeypatch.setattr("sdz.models.pull", pull)
    person = SimpleNamespace(isatty=lambda: True, readline=lambda: "n\n")
    monkeypatch.setattr(sys, "stdin", person)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert sdz("models", "pull", "sd-mse", "sdxl") == 1
    said = " ".join(capsys.readouterr().err.split())
    assert (
        "sd-mse: about 335 MB from https://huggingface.co/stabilityai/sd-vae-ft-mse, licence: MIT"
        in said
    )
    assert "fetch 670 MB? [y/N]" in said
    assert asked == []
    sdz("models", "pull", "taesd")  # which is little
    sdz("models", "pull", "sd-mse", "sdxl", "--yes")
    assert asked == ["taesd", "sd-mse", "sdxl"]


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
