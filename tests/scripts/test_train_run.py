"""A training learns, goes on from its checkpoint, and goes back when it leaves its path."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import average
import numpy as np
import pytest
import torch
from crops import Crops
from likeness import Likeness, Shares, Similarity
from sentry import Sentry
from small_lite import SMALL
from trainer import Settings, Trainer

import train
from sdz.codec import similarity
from sdz.models.lite_net import LiteNet

CPU = torch.device("cpu")
SIZE = (2, 176)  # the smallest that MS-SSIM's scales fit into


@pytest.fixture(scope="module")
def crops() -> Crops:
    rnd = np.random.default_rng(0)
    waves = np.linspace(0, 9, 200)
    picture = 128 + 90 * np.sin(waves[:, None, None] * [1, 2, 3] + waves[None, :, None])
    noisy = picture + rnd.normal(0, 6, (200, 200, 3))
    return Crops([noisy.clip(0, 255).astype(np.uint8)], [], SIZE[1], CPU)


def _trainer(crops: Crops, out: Path, steps: int) -> Trainer:
    torch.manual_seed(3)
    net = LiteNet(SMALL, 8)
    train.start_linear(net, torch.rand(4, 3, 64, 64) - 0.5, train.LAMBDAS)
    settings = Settings(
        minutes=60, lr=2e-3, crops=SIZE, late_crops=SIZE, most_steps=steps, log_s=1e9
    )
    return Trainer(settings, crops, net, out)


def test_crops_are_pixels_of_the_pictures(crops: Crops) -> None:
    torch.manual_seed(0)
    side = crops.side(48, 32)
    cut = crops.cut(side, 64)
    assert cut.shape == (64, 48, 32, 3)
    assert cut.abs().max() <= 0.5
    whole = (cut * 255 + 127.5) % 1
    untouched = (whole.minimum(1 - whole) < 1e-3).flatten(1).all(1)
    assert 16 <= untouched.sum() <= 48  # half keep their contrast


def test_measures_are_the_packages(crops: Crops) -> None:
    torch.manual_seed(0)
    original = crops.cut(crops.side(*(SIZE[1],) * 2), 2).permute(0, 3, 1, 2).contiguous()
    decoded = original + torch.randn_like(original) * 0.03
    ours = Similarity(*original.shape[-2:])(decoded, original)
    assert torch.allclose(ours, similarity.ms_ssim(decoded + 0.5, original + 0.5), atol=1e-5)
    found, error, _ = Likeness(*original.shape[-2:], looked=1, shares=Shares())(decoded, original)
    assert torch.allclose(error, (decoded - original).square().mean((1, 2, 3)))
    assert (found > 0).all()


def test_shares_weigh_the_measures(crops: Crops) -> None:
    torch.manual_seed(0)
    original = crops.cut(crops.side(*(SIZE[1],) * 2), 2).permute(0, 3, 1, 2).contiguous()
    decoded = original + torch.randn_like(original) * 0.03
    alone = Likeness(*original.shape[-2:], looked=0, shares=Shares.read("1,0,0,0"))
    found, error, _ = alone(decoded, original)
    assert torch.equal(found, error)
    with pytest.raises(ValueError, match="4"):
        Shares.read("1,0,0")


def test_a_training_learns_and_goes_on_from_its_checkpoint(crops: Crops, tmp_path: Path) -> None:
    trainer = _trainer(crops, tmp_path, 12)
    first = trainer.flat.row.clone()
    trainer.run(0.0)
    assert not torch.equal(first, trainer.flat.row)
    again = _trainer(crops, tmp_path, 1)
    assert again.resume()
    assert again.step == 12
    assert torch.equal(again.flat.row, trainer.flat.row)
    assert torch.equal(again.flat.average, trainer.flat.average)
    torch.manual_seed(5)
    again.run(0.0)
    trainer.settings.most_steps = 1
    torch.manual_seed(5)
    trainer.run(0.0)
    assert torch.allclose(again.flat.row, trainer.flat.row, atol=1e-5)


def test_what_is_kept_can_be_begun_from(crops: Crops, tmp_path: Path) -> None:
    trainer = _trainer(crops, tmp_path, 2)
    trainer.run(0.0)
    net, contexts = train.first_net(tmp_path / "average.pt", crops)
    ours, rate = trainer.averaged_models()
    latents = torch.randn(1, SMALL.latents, 2, 2)
    assert torch.allclose(net.decoder(latents), ours.decoder(latents), atol=1e-2)
    assert set(contexts) == set(rate.state_dict())
    larger = dataclasses.replace(SMALL, encode_16=SMALL.encode_16 + 1)
    grown, _ = train.first_net(tmp_path / "average.pt", crops, larger)
    pixels = torch.rand(1, 3, 32, 32) - 0.5
    assert torch.allclose(grown.encoder(pixels), net.encoder(pixels), atol=1e-3)


def test_the_mean_of_runs_lies_between_them(crops: Crops, tmp_path: Path) -> None:
    runs = [tmp_path / "a", tmp_path / "b"]
    for run in runs:
        _trainer(crops, run, 2).run(0.0)
    (tmp_path / "mean").mkdir()
    torch.save(average.mean_of(runs), tmp_path / "mean/average.pt")
    nets = [train.first_net(run / "average.pt", crops)[0] for run in [*runs, tmp_path / "mean"]]
    a, b, mean = (net.encode_gain for net in nets)
    assert torch.allclose(mean, (a + b) / 2, atol=1e-6)
    other = torch.load(runs[1] / "average.pt", weights_only=True)
    torch.save(other | {"shape": other["shape"] | {"decode_8": 9}}, runs[1] / "average.pt")
    with pytest.raises(ValueError, match="differ in shape"):
        average.mean_of(runs)


def test_only_contexts_learn_while_they_are_fitted(crops: Crops, tmp_path: Path) -> None:
    trainer = _trainer(crops, tmp_path, 2)
    trainer.settings.fit_s = 1e9
    network = sum(p.numel() for p in trainer.net.parameters())
    before = [p.detach().clone() for p in trainer.net.parameters()]
    contexts = trainer.rate.here.detach().clone()
    trainer.run(0.0)
    assert network > 0
    assert all(torch.equal(a, b) for a, b in zip(before, trainer.net.parameters(), strict=True))
    assert not torch.equal(contexts, trainer.rate.here)


def test_a_sentry_puts_back_what_was_well(crops: Crops, tmp_path: Path) -> None:
    trainer = _trainer(crops, tmp_path, 2)
    trainer.run(0.0)
    sentry, flat = Sentry(trainer.flat), trainer.flat
    assert sentry.look(0.030, 10_000)
    good = flat.row.clone()
    flat.row.add_(1.0)
    assert not sentry.look(0.038, 10_000)
    assert torch.equal(flat.row, good)
    assert sentry.cut == 0.5
    flat.row[5] = math.nan
    assert not sentry.look(0.029, 10_000)
    assert torch.equal(flat.row, good)
    assert sentry.look(0.031, 10_000)
    assert sentry.look(0.040, 60)  # few crops: no more than chance
