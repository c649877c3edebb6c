"""``sdz bench``: how fast this machine encodes and decodes a picture, step by step."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from sdz.commands.console import DONE, say
from sdz.commands.waiting import at_work
from sdz.errors import BadOption

if TYPE_CHECKING:
    from sdz.codec.pixels import Picture

Given = ParamSpec("Given")
Result = TypeVar("Result")


def run(args: argparse.Namespace) -> int:
    """Encode and decode one picture ``args.rounds`` times and print the median of each step."""
    from sdz import container
    from sdz.codec.encode import encode_picture
    from sdz.codec.latents import decode_latents
    from sdz.codec.through import to_pixels
    from sdz.models import load
    from sdz.wish import Wish

    if args.rounds < 1:
        raise BadOption("rounds", "at least 1", args.rounds)
    picture = _picture(args.picture)
    began = time.perf_counter()
    model = load(args.model)
    seconds: dict[str, list[float]] = {"load": [time.perf_counter() - began]}

    def timed(
        step: str, work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs
    ) -> Result:
        start = time.perf_counter()
        result = work(*args, **kwargs)
        seconds.setdefault(step, []).append(time.perf_counter() - start)
        return result

    options = Wish(quality=args.quality, allow_larger=True)
    for turn in range(args.rounds + 1):
        with at_work(f"round {turn} of {args.rounds}"):
            encoded = timed("encode", encode_picture, picture, model, options)
            file = timed("unpack", container.unpack, encoded.data)
            quantiser = model.quantiser
            values = timed("parse", decode_latents, file.header, file.streams, quantiser)
            timed("network", to_pixels, model, values, file.header)
        if turn == 0:  # the first round warms caches and threads up and does not count
            seconds = {"load": seconds["load"]}
    medians = {step: round(statistics.median(found) * 1000, 2) for step, found in seconds.items()}
    row = {
        "model": args.model,
        "width": picture.width,
        "height": picture.height,
        "bytes": len(encoded.data),
        "ssimulacra2": round(encoded.report.score, 2),
        "milliseconds": medians,
    }
    if args.json:
        say(json.dumps(row), sys.stdout)
        return DONE
    say(
        f"{args.model}, {picture.width}x{picture.height}, {len(encoded.data):,} bytes, "
        f"score {encoded.report.score:.1f}; median of {args.rounds}:",
        sys.stdout,
    )
    explained = {
        "load": "the model, once a process",
        "encode": "all of it, the verifying decode and its measuring included",
        "unpack": "the file's chunks and checksums",
        "parse": "bytes to values",
        "network": "values to pixels",
    }
    for step, value in medians.items():
        say(f"  {step:<8}{value:>10.1f} ms  {explained[step]}", sys.stdout)
    return DONE


def _picture(path: str | None) -> Picture:
    """The named picture, or a drawn one of 768x512."""
    from sdz.codec.pixels import from_image, open_picture

    if path is not None:
        return open_picture(Path(path))
    from PIL import Image

    noise = Image.effect_noise((768, 512), 60).resize((96, 64)).resize((768, 512))
    bands = (noise, noise.rotate(180), Image.linear_gradient("L").resize((768, 512)))
    return from_image(Image.merge("RGB", bands))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz bench``."""
    parser.add_argument("picture", nargs="?", help="a picture (default: a drawn one of 768x512)")
    parser.add_argument("--model", default="lite-1", help="autoencoder (default: lite-1)")
    parser.add_argument("--quality", type=float, default=50.0, metavar="1..100")
    parser.add_argument("--rounds", type=int, default=7, help="how often (default: 7)")
    parser.add_argument("--json", action="store_true", help="one JSON object")
