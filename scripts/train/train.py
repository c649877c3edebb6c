"""Train lite-1 on a folder of pictures: ``python scripts/train/train.py --photos DIR``.

Resumes from the newest checkpoint of ``--out`` if there is one, logs rate and distortion to
``log.jsonl`` there, and keeps an average of the weights, which is what ``export.py`` packages.
``--begin CHECKPOINT`` starts a stage of its own from the averaged weights of an earlier run.
The learning rate follows a cosine over ``--minutes`` of training time, so that a run ends well
on a slow machine as on a fast one.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from pathlib import Path

import torch
from corpus import Corpus, psnr
from edges import block_edges
from linear_start import start_linear
from rate_proxy import RateProxy
from torch import Tensor

from sdz.codec.similarity import SIMILARITY_WORTH, ms_ssim
from sdz.models.lite_net import LiteNet, LiteShape

# rate + lambda * 255^2 * mse; about 0.05 to 1 bit a pixel.
LAMBDAS = [4e-4 * 100 ** (k / 7) for k in range(8)]
RATE_SHARE = [1.3, 1.3, 1.2, 1.1, 1.0, 0.8, 0.7, 0.6]  # low rates are where people use this
AVERAGE = 0.999


class Trainer:
    """One run: network, proxy, optimiser, averaged weights and the clock of the schedule."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(args.seed)
        self.corpus = Corpus(args.photos, args.drawn, args.seed)
        shape = LiteShape()
        self.net = LiteNet(shape, len(LAMBDAS))
        self.proxy = RateProxy(shape.latents, len(LAMBDAS))
        self.step, self.trained_s = 0, 0.0
        self.out: Path = args.out
        self.out.mkdir(parents=True, exist_ok=True)
        self.checkpoint = self.out / "checkpoint.pt"
        if not self.checkpoint.exists() and not args.begin:
            start_linear(self.net, self.corpus.crops(256, 128, 0.1), LAMBDAS)
        self.net.to(self.device, memory_format=torch.channels_last)
        self.proxy.to(self.device)
        self.average = copy.deepcopy(self.net).requires_grad_(False)
        gains = {"encode_gain", "decode_gain"}
        body = [p for n, p in self.net.named_parameters() if n not in gains]
        self.optimiser = torch.optim.AdamW(
            [
                {"params": body, "peak": args.lr},
                {"params": [self.net.encode_gain, self.net.decode_gain], "peak": args.lr * 2},
                {"params": self.proxy.parameters(), "peak": args.lr * 2},
            ],
            lr=args.lr,
            betas=(0.9, 0.98),
            weight_decay=0.0,
        )
        if self.checkpoint.exists():
            self._resume()
        elif args.begin:
            self._begin(args.begin)

    def _begin(self, checkpoint: Path) -> None:
        """Take the averaged weights of an earlier run; the clock and the optimiser start anew."""
        state = torch.load(checkpoint, map_location=self.device, weights_only=True)
        self.net.load_state_dict(state["average"])
        self.average.load_state_dict(state["average"])
        self.proxy.load_state_dict(state["proxy"])

    def _resume(self) -> None:
        state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.net.load_state_dict(state["net"])
        self.proxy.load_state_dict(state["proxy"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.trained_s = state["step"], state["trained_s"]

    def save(self) -> None:
        """Write the checkpoint aside and rename it, so that a kill leaves the last one whole."""
        state = {
            "net": self.net.state_dict(),
            "proxy": self.proxy.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "trained_s": self.trained_s,
        }
        beside = self.checkpoint.with_suffix(".new")
        torch.save(state, beside)
        beside.replace(self.checkpoint)

    def loss(self, pixels: Tensor, rate: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Loss, bits a pixel [N] and mean squared error [N] of a batch."""
        lam = torch.tensor(LAMBDAS, device=self.device)[rate] * 255**2
        with torch.autocast(self.device.type, torch.bfloat16):
            latents = self.net.encoder(pixels).float()
            y = latents * self.net.encode_gain[rate].exp()[..., None, None]
            rounded = y + (y.round() - y).detach()
            noisy = y + torch.rand_like(y) - 0.5
            bits = self.proxy(rounded, noisy, rate)
            back = rounded * self.net.decode_gain[rate].exp()[..., None, None]
            decoded = self.net.decoder(back).float()
        mse = (decoded - pixels).square().flatten(1).mean(1)
        bpp = bits / (pixels.shape[-1] * pixels.shape[-2])
        share, distortion = self.args.similarity, mse
        if share:
            unlike = 1 - ms_ssim(decoded + 0.5, pixels + 0.5)
            distortion = (1 - share) * mse + share * SIMILARITY_WORTH * unlike
        loss = (bpp * lam.rsqrt() + lam.sqrt() * distortion).mean()
        if self.args.edges:
            loss = loss + self.args.edges * block_edges(decoded, pixels).mean()
        return loss, bpp, mse

    def run(self) -> None:
        """Train until the time is used up."""
        budget_s = self.args.minutes * 60
        share = torch.tensor(RATE_SHARE)
        shown: list[tuple[int, float, float]] = []
        last_save = last_log = began = time.monotonic()
        before = self.trained_s
        while self.trained_s < budget_s:
            done = self.trained_s / budget_s
            large = self.args.similarity or done >= self.args.late
            count, side = (7, 192) if large else (16, 128)
            self._set_learning_rate(done)
            pixels = self.corpus.crops(count, side, self.args.drawn_share).to(
                self.device, memory_format=torch.channels_last
            )
            rate = torch.multinomial(share, count, replacement=True).to(self.device)
            loss, bpp, mse = self.loss(pixels, rate)
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
            self.optimiser.step()
            self._average()
            self.step += 1
            now = time.monotonic()
            self.trained_s = before + now - began
            shown += zip(rate.tolist(), bpp.tolist(), mse.tolist(), strict=True)
            if now - last_log > self.args.log_s:
                self._log(shown, loss.item())
                shown, last_log = [], now
            if now - last_save > 120:
                self.save()
                last_save = now
        self.save()

    def _set_learning_rate(self, done: float) -> None:
        warm = min(1.0, (self.step + 1) / 300)
        factor = warm * (0.5 + 0.5 * math.cos(math.pi * min(done, 1.0)))
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * max(factor, 0.003)

    def _average(self) -> None:
        keep = min(AVERAGE, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            ours = list(self.average.parameters())
            theirs = [p.detach() for p in self.net.parameters()]
            torch._foreach_lerp_(ours, theirs, 1 - keep)

    def _log(self, shown: list[tuple[int, float, float]], loss: float) -> None:
        rows = {}
        for index in range(len(LAMBDAS)):
            mine = [(b, m) for r, b, m in shown if r == index]
            if mine:
                bpp = sum(b for b, _ in mine) / len(mine)
                rows[index] = f"{bpp:.3f}/{psnr(sum(m for _, m in mine) / len(mine)):.2f}"
        line = {"step": self.step, "minutes": round(self.trained_s / 60, 1), "loss": loss} | {
            "rates": rows
        }
        with (self.out / "log.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, default=Path("../shared/photos"))
    parser.add_argument("--out", type=Path, default=Path("runs/lite-1"))
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--lr", type=float, default=1.5e-3)
    parser.add_argument("--late", type=float, default=0.75, help="share after which crops grow")
    parser.add_argument("--begin", type=Path, help="checkpoint whose weights to start from")
    parser.add_argument("--similarity", type=float, default=0.0, help="share of MS-SSIM, 0 to 1")
    parser.add_argument("--edges", type=float, default=0.0, help="weight of jumps between blocks")
    parser.add_argument("--drawn", type=int, default=150, help="drawn pages in the corpus")
    parser.add_argument("--drawn-share", type=float, default=0.12)
    parser.add_argument("--log-s", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=0)
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    Trainer(args).run()


if __name__ == "__main__":
    main()
