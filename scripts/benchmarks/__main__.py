"""Choose what is measured, on which pictures: `scripts/bench VIEW [options]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.codecs import available, chosen
from benchmarks.pictures import load

VIEWS = {
    "sizes": "bytes, quality and times of all codecs at equal sizes",
    "rd": "rate-distortion curves, Bjontegaard rate differences, plots",
    "looks": "block edges, the lowest rates, and small text, for the eye",
    "cutouts": "parts of pictures beside those of one peer at the same bytes, without names",
    "presets": "bytes, score and word of each preset, beside AVIF of the same score",
    "text": "how much of small text over photographs tesseract reads, beside AVIF",
    "speed": "decoding by its parts and beside its peers; commands and memory from a cold start",
    "floats": "lite-1's network in integers beside onnxruntime in floats: time and pixels",
    "coder": "bytes of the trained coder over the adaptive one",
    "page": "pages of pictures in Chromium and Firefox, with a daemon and without",
    "gallery": "a published gallery's bytes on the wire, in Chromium",
}


def main(words: list[str]) -> None:
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help")):
        words = ["sizes", *words]
    args = _parser().parse_args(words)
    if args.view == "page":
        from benchmarks import page

        page.run(load(args.folder, args.count), args.rounds, args.shots, args.browsers, args.alone)
        return
    if args.view == "gallery":
        from benchmarks import gallery

        gallery.run(load(args.folder, args.count))
        return
    if args.view == "floats":
        from benchmarks import floats

        floats.run(load(args.folder, args.count), args.rounds)
        return
    if args.view == "coder":
        from benchmarks import coder

        coder.run(args.model, load(args.folder, args.count))
        return
    if args.view == "presets":
        from benchmarks import presets

        presets.run(load(args.folder, args.count))
        return
    if args.view == "text":
        from benchmarks import text

        text.run(load(args.folder, args.count), args.keep)
        return
    found, missing = available(args.model, searching=args.view == "rd")
    for line in missing:
        print(line)
    codecs = chosen(found, args.codecs)
    pictures = load(args.folder, args.count)
    if args.view == "sizes":
        from benchmarks import sizes

        sizes.run(codecs, pictures, args.rounds)
    elif args.view == "rd":
        from benchmarks import rd

        rd.run(codecs, pictures, args.out, args.side_by_side)
    elif args.view == "looks":
        from benchmarks import looks

        looks.run(codecs, pictures, args.text)
    elif args.view == "cutouts":
        from benchmarks import cutouts

        cutouts.run(codecs, pictures, args.bpp, args.seed, args.out)
    else:
        from benchmarks import speed

        speed.run(codecs, pictures, args.rounds)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    views = parser.add_subparsers(dest="view", required=True)
    for name, text in VIEWS.items():
        view = views.add_parser(name, help=text, description=text)
        view.add_argument("folder", nargs="?", type=Path, help="pictures (default: Kodak's)")
        view.add_argument(
            "--count",
            type=int,
            default={"sizes": 8, "text": 10}.get(name, 0),
            metavar="N",
            help="evenly chosen pictures, 0 for all (default: %(default)s)",
        )
        if name not in ("floats", "gallery", "text", "presets"):
            view.add_argument("--model", default="lite-1", help="sdz model (default: %(default)s)")
        if name == "text":
            default = ["auto", "none"]
            view.add_argument("--keep", nargs="*", default=default, help="what to keep at standard")
        if name not in ("floats", "coder", "gallery", "text", "presets"):
            view.add_argument("--codecs", nargs="*", metavar="NAME", help="only these codecs")
        if name == "looks":
            view.add_argument("--text", type=Path, metavar="FILE", help="draw the small text here")
        if name == "cutouts":
            view.add_argument("--bpp", type=float, default=0.15, help="(default: %(default)s)")
            view.add_argument("--seed", type=int, default=1, help="of the order of sides")
            view.add_argument("--out", type=Path, default=Path("cutouts"), metavar="DIR")
        if name == "page":
            view.add_argument("--shots", type=Path, metavar="DIR", help="put screenshots here")
            view.add_argument("--alone", action="store_true", help="without a daemon")
            both = ["chromium", "firefox"]
            view.add_argument("--browsers", nargs="*", default=both, choices=both)
        if name in ("sizes", "speed", "floats", "page"):
            view.add_argument(
                "--rounds",
                type=int,
                default=3,
                metavar="N",
                help="how often it is timed (default: %(default)s)",
            )
        if name == "rd":
            docs = Path(__file__).parents[2] / "docs"
            view.add_argument(
                "--out",
                type=Path,
                default=docs,
                metavar="DIR",
                help="for rd.json and rate-distortion.svg (default: docs)",
            )
            view.add_argument(
                "--side-by-side",
                type=Path,
                metavar="DIR",
                help="also draw the codecs beside each other at equal bytes",
            )
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
