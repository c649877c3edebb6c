"""A network of floats and the integers made of it show the same picture."""

from __future__ import annotations

import json

import calibrate
import drawn
import numpy as np
import pytest
import quantise
import torch
from PIL import Image
from safetensors.torch import save_file

from sdz.models.lite_net import LiteNet, LiteShape
from sdz.network import network_of

SHAPE = LiteShape(32, 64, 32, 1, 2, 96, 32, 2, 1)
RATES = 4


@pytest.fixture(scope="module")
def floats() -> LiteNet:
    torch.manual_seed(1)
    network = LiteNet(SHAPE, RATES).requires_grad_(False).eval()
    for name, value in network.named_parameters():
        value.copy_(value.half().float())
        if name.endswith("gain"):
            sign = 1 if name.startswith("encode") else -1
            value.copy_(sign * torch.linspace(1, 3, RATES)[:, None].expand_as(value))
    return network


@pytest.fixture(scope="module")
def integers(floats: LiteNet, tmp_path_factory: pytest.TempPathFactory) -> quantise.Tensors:
    folder = tmp_path_factory.mktemp("edition")
    state = {name: value.contiguous() for name, value in floats.state_dict().items()}
    tensors = {name: value.half() for name, value in state.items() if "." in name}
    tensors["decoder.gain"], tensors["encode_gain"] = state["decode_gain"], state["encode_gain"]
    path = folder / "floats.safetensors"
    save_file(tensors, path, {"shape": json.dumps(SHAPE.to_dict())})
    photos = [folder / f"{seed}.png" for seed in range(3)]
    for seed, photo in enumerate(photos):
        Image.fromarray(drawn.scene(96, 128, seed)).save(photo)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibrate, "SIDE", (128, 96))
        return quantise.quantise(path, photos)[0]


def test_the_same_picture(floats: LiteNet, integers: quantise.Tensors) -> None:
    network = network_of(integers, ValueError)
    rgb = drawn.scene(96, 128, 9)
    pixels = torch.from_numpy(rgb).permute(2, 0, 1)[None].float() / 255
    assert floats.encoder is not None
    latents = floats.encoder(pixels - 0.5)
    found = network.encode(rgb) * network.unit[:, None, None]
    assert np.abs(found - latents[0].numpy()).max() < 0.002 * float(latents.abs().max())
    for rate in range(RATES):
        q = (latents * floats.encode_gain[rate].exp()[:, None, None]).round()
        wanted = floats.decoder(q * floats.decode_gain[rate].exp()[:, None, None]) + 0.5
        levels = (wanted[0].permute(1, 2, 0) * 255).clamp(0, 255).round().numpy()
        code = 16384 + 4096 * (RATES - 1 - rate)
        decoded = network.decode(q[0].numpy().astype(np.int16), code).astype(int)
        assert np.abs(decoded - levels).max() <= 1
        assert np.abs(decoded - levels).mean() < 0.1


def test_what_else_an_edition_has_stays(integers: quantise.Tensors) -> None:
    assert integers["encode_gain"].shape == (RATES, 32)
    assert "decoder.gain" not in integers


def test_a_decoders_dense_weights_take_eleven_bits(integers: quantise.Tensors) -> None:
    sizes = {n: np.abs(t.astype(int)).max() for n, t in integers.items() if n.endswith(".weight")}
    dense = [name for name in sizes if name.startswith("decoder.") and "depth" not in name]
    assert 512 <= max(sizes[name] for name in dense) <= 1023
    assert max(sizes.values()) > 16000


def test_a_decoding_that_runs_away_spoils_no_grid(
    floats: LiteNet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    largest = iter([5.0, 4.0, 4e6, 3.0, 1e4, 2.0, 5.0, 4.0, 3.0, 3.0])

    def decode(recorder: calibrate.Recorder, *_: object) -> None:
        recorder.see("decoder.stream_8", torch.full((1, 4, 2, 2), next(largest)))

    monkeypatch.setattr(calibrate.Recorder, "decode", decode)
    pictures = [np.full((32, 32, 3), level, np.uint8) for level in (40, 80, 120)]
    gains = [getattr(floats, f"{part}code_gain").numpy() for part in ("en", "de")]
    seen = calibrate.largest_activations(floats, gains[0], gains[1], pictures)
    assert seen["decoder.stream_8"].max() == 5.0
    assert "2 of 8 decodings run away, to 4e+06" in capsys.readouterr().out


def test_layers_that_do_not_fit_are_refused() -> None:
    made = quantise.Quantiser({}, {})
    one = np.ones(2)
    with pytest.raises(quantise.Unfit, match="wild: no shift"):
        made.dense("wild", np.full((2, 2), 1e5), np.zeros(2), one, one)
    with pytest.raises(quantise.Unfit, match="wild: weights that are no numbers"):
        made.dense("wild", np.full((2, 2), np.nan), np.zeros(2), one, one)
