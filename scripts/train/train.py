"""Train lite-1: ``python scripts/train/train.py --photos DIR [DIR] --begin EDITION.safetensors``.

One command a stage, on a processor or a graphics card. Resumes from the checkpoint of ``--out``
if there is one; ``--begin`` starts from an edition's weights (with ``--grow``, of a larger shape
that gives what that edition gave) or from the averaged weights of an earlier run; without
either the network starts as the best linear codec. Logs rate and distortion to ``log.jsonl``
and keeps an average of the weights, which is what ``export.py`` packages. The learning rate
follows a cosine over ``--minutes`` of training, so that a run ends well on a slow machine
as on a fast one.

On a card a whole step is captured once and replayed; what cannot be compiled or captured there
runs as it does on a processor.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import swift
import torch
from crops import Crops, read_pictures
from draw import draw_page
from grow import begin_from, grown
from judge import judge
from likeness import Shares
from linear_start import start_linear
from rates import COUNT, LAMBDAS
from torch import Tensor
from trainer import Settings, Trainer

from sdz.models.lite_net import LiteNet, LiteShape

LARGER = LiteShape(encode_width_8=128, encode_width_16=256, encode_8=3, encode_16=4)
"""What ``--grow`` makes: encoding takes 2.6 times the work of editions 1 to 3, decoding what it
took."""


def first_net(
    begin: Path | None, crops: Crops, shape: LiteShape | None = None
) -> tuple[LiteNet, dict[str, Tensor]]:
    """The network to start with, and contexts to start with, if there are any.

    ``shape``: of a network that starts from nothing, or that an edition grows to.
    """
    if begin is None:
        net = LiteNet(shape or LiteShape(), COUNT)
        sample = crops.cut(crops.side(128, 128), 128).permute(0, 3, 1, 2).contiguous().cpu()
        start_linear(net, sample, LAMBDAS)
        return net, {}
    if begin.suffix == ".safetensors":
        return begin_from(begin, shape), {}
    state = torch.load(begin, map_location="cpu", weights_only=True)
    net = LiteNet(LiteShape(**state["shape"]), COUNT)
    net.load_state_dict({k: v.float() for k, v in state["average"].items()})
    contexts = {k: v.float() for k, v in state["contexts"].items()}
    return grown(net, shape or net.shape), contexts


def has_bfloat16(device: torch.device) -> bool:
    """Whether matrix products in bfloat16 are faster there: on processors that have them, 3.7 times
    for a block of 128 channels, and slower on all others."""
    if device.type == "cuda":
        return True
    known = Path("/proc/cpuinfo")
    return known.exists() and "avx512_bf16" in known.read_text()


def block_sizes(shape: LiteShape, crops: tuple[int, int]) -> dict[int, tuple[int, int, int]]:
    """Widths of the blocks and the [N, H, W] that they run on."""
    count, side = crops
    fine, coarse = (count, side // 8, side // 8), (count, side // 16, side // 16)
    return {
        shape.encode_width_8: fine, shape.decode_width_8: fine,
        shape.encode_width_16: coarse, shape.decode_width_16: coarse,
    }  # fmt: skip


def _pair(text: str) -> tuple[int, int]:
    count, side = text.split("x")
    if int(side) % 16:
        raise argparse.ArgumentTypeError("crops' sides are multiples of 16")
    return int(count), int(side)


def main() -> None:
    began = time.monotonic()
    parser = argparse.ArgumentParser(description=__doc__)
    plain = Settings()
    parser.add_argument("--photos", type=Path, nargs="+", required=True, help="folders or zips")
    parser.add_argument("--out", type=Path, default=Path("runs/lite-1"))
    parser.add_argument("--begin", type=Path, help=".safetensors of an edition, or an average.pt")
    parser.add_argument("--grow", action="store_true", help="begin as a larger network")
    parser.add_argument("--contexts", type=Path, help="average.pt to begin the contexts from")
    parser.add_argument("--measure", type=Path, help="pictures to measure on at the end")
    parser.add_argument("--drawn", type=int, default=150, help="drawn pages in the corpus")
    parser.add_argument("--every", type=int, default=1, help="take every so manieth picture")
    parser.add_argument("--minutes", type=float, default=plain.minutes)
    parser.add_argument("--deadline-s", type=float, default=plain.deadline_s)
    parser.add_argument("--lr", type=float, default=plain.lr)
    parser.add_argument("--fit-s", type=float, default=0.0, help="seconds for the contexts alone")
    parser.add_argument("--crops", type=_pair, default=plain.crops, metavar="COUNTxSIDE")
    parser.add_argument("--late-crops", type=_pair, default=plain.late_crops)
    parser.add_argument("--late", type=float, default=plain.late)
    parser.add_argument("--log-s", type=float, default=plain.log_s)
    parser.add_argument("--save-s", type=float, default=plain.save_s)
    parser.add_argument("--most-steps", type=int, default=0)
    parser.add_argument(
        "--shares", type=Shares.read, default=plain.shares, metavar="ERROR,SIMILARITY,LOOKS,COLOUR"
    )
    parser.add_argument("--no-compile", dest="compiles", action="store_false")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    torch.set_float32_matmul_precision("high")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    names = {f.name for f in Settings.__dataclass_fields__.values()}
    settings = Settings(**{k: v for k, v in vars(args).items() if k in names})
    pictures = [p for source in args.photos for p in read_pictures(source, args.every)]
    rnd = random.Random(args.seed)
    pages = [draw_page(rnd, rnd.choice(pictures)) for _ in range(args.drawn)]
    crops = Crops(pictures, pages, args.crops[1], device)
    net, contexts = first_net(args.begin, crops, LARGER if args.grow else None)
    if args.contexts:
        contexts = first_net(args.contexts, crops)[1]
    run = swift.run_plain
    notes: list[str] = []
    if device.type == "cuda":
        run, notes = swift.fastest(block_sizes(net.shape, args.crops), device)
    half = torch.bfloat16 if has_bfloat16(device) else torch.float32
    trainer = Trainer(settings, crops, net, args.out, run, contexts, half)
    trainer.resume()
    trainer.say(pictures=len(pictures), megapixels=round(len(crops.flat) / 1e6), blocks=notes)
    trainer.run(began)
    if args.measure:
        shown = [
            torch.from_numpy(p.copy()).to(device).permute(2, 0, 1)[None].float() / 255 - 0.5
            for p in read_pictures(args.measure)
        ]
        for row in judge(*trainer.averaged_models(), shown):
            trainer.say(measured=row)


if __name__ == "__main__":
    main()
