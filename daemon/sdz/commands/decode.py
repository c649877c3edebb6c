"""``sdz decode`` and ``sdz preview``: ``.sdz`` files to pictures that everything reads."""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdz import container
from sdz.commands.console import STANDARD
from sdz.commands.daemon_choice import add_no_daemon
from sdz.commands.many import read_source, run_many
from sdz.commands.output import Outputs, origin_of
from sdz.commands.rows import Row
from sdz.errors import BadOption, OutputError
from sdz.media import OUTPUT_SUFFIXES
from sdz.names import ending
from sdz.progress import part
from sdz.stopping import leaving

if TYPE_CHECKING:
    from PIL import Image

    from sdz.client import Client

# Format names of Pillow and what is asked of them: a decoded picture should lose nothing more
# that can be seen.
FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    "png": ("PNG", {}),
    "webp": ("WEBP", {"lossless": True, "quality": 50}),
    "jpeg": ("JPEG", {"quality": 95, "subsampling": 0}),
    "avif": ("AVIF", {"quality": 92}),
}


def run_decode(args: argparse.Namespace) -> int:
    """Decode ``args.sources``; see ``sdz decode --help``."""

    def picture(data: bytes) -> Image.Image:
        return decoded(data, no_daemon=args.no_daemon)

    return _run(args, args.sources, picture)


def decoded(data: bytes, *, no_daemon: bool) -> Image.Image:
    """The picture in a file, by the running daemon if there is one: it has the model loaded."""
    from sdz.client import reach

    daemon = None if no_daemon else reach()
    if daemon is not None:
        return _by_daemon(daemon, data)
    from sdz.pictures import decode

    with part("decoding"):
        return decode(data)


def _by_daemon(daemon: Client, data: bytes) -> Image.Image:
    """The picture as a running daemon decodes it: no torch to load here."""
    from PIL import Image

    file = container.unpack(data)  # what is wrong with a file is said as without a daemon
    image = Image.open(io.BytesIO(daemon.decode(data)))
    image.load()
    image.info.clear()
    if file.exif is not None:
        image.info["exif"] = b"Exif\0\0" + file.exif
    if file.xmp is not None:
        image.info["xmp"] = file.xmp
    return image


def run_preview(args: argparse.Namespace) -> int:
    """The weightless preview of one file; see ``sdz preview --help``."""

    def picture(data: bytes) -> Image.Image:
        from sdz.pictures import preview

        return preview(data)

    return _run(args, [args.source], picture, mark="-preview")


def _run(
    args: argparse.Namespace,
    sources: list[str],
    picture: Callable[[bytes], Image.Image],
    mark: str = "",
) -> int:
    """mark: what the name of an output has before its ending."""
    outputs = Outputs(args.out, getattr(args, "out_dir", None), force=args.force)
    kind = format_of(args.format, args.out)

    def work(source: str) -> Row:
        data, origin = read_source(source), origin_of(source)
        container.read_header(data)  # before the output: the wrong file is the first mistake
        place = outputs.place(source, mark + (".jpg" if kind == "jpeg" else f".{kind}"))
        began = time.perf_counter()
        image = picture(data)
        with part("writing"):
            saved = saved_for(place, image, kind)
        taken = time.perf_counter() - began
        outputs.write(place, saved, origin)
        return {
            "output": place,
            "width": image.width,
            "height": image.height,
            "source_bytes": len(data),
            "bytes": len(saved),
            "seconds": round(taken, 3),
        }

    to_stdout = args.out == STANDARD or (args.out is None and STANDARD in sources)
    return run_many(sources, work, show, as_json=args.json, quiet_stdout=to_stdout)


def format_of(wanted: str | None, out: str | None) -> str:
    """The format: as asked, else by the output's name, else PNG. Raises BadOption, also where the
    name is that of another kind of file than is asked for."""
    suffix = "" if out is None or out == STANDARD else ending(Path(out).name)
    if wanted:
        if suffix and OUTPUT_SUFFIXES.get(suffix) != wanted:
            raise BadOption("format", f"what the name of the output says, {suffix}", wanted)
        return wanted
    if out is None or out == STANDARD:
        return "png"
    if suffix not in OUTPUT_SUFFIXES:
        raise BadOption(
            "output", f"a name ending in {', '.join(OUTPUT_SUFFIXES)}, or --format", out
        )
    return OUTPUT_SUFFIXES[suffix]


def saved_for(place: str, image: Image.Image, kind: str) -> bytes:
    """``save_as``. Raises OutputError, which names ``place``, where ``kind`` cannot hold it."""
    try:
        return save_as(image, kind)
    except (OSError, ValueError, KeyError) as error:  # WebP ends at 16383 pixels, JPEG at 65500
        raise OutputError(place, f"{kind} cannot hold this picture ({error})") from error


def save_as(image: Image.Image, kind: str) -> bytes:
    """``image`` as a file of ``kind`` (png, webp, jpeg, avif). JPEG gets alpha over white."""
    from PIL import Image as Images
    from PIL.PngImagePlugin import PngInfo

    name, options = FORMATS[kind]
    if kind == "jpeg" and image.mode == "RGBA":
        paper = Images.new("RGBA", image.size, "white")
        flat = Images.alpha_composite(paper, image).convert("RGB")
        flat.info = dict(image.info)
        image = flat
    extra: dict[str, Any] = {key: image.info[key] for key in ("exif", "xmp") if key in image.info}
    if kind == "png" and "xmp" in extra:
        # as PNG has it (XMP specification, part 3, 1.1.5): UTF-8 text under a name of its own
        extra["pnginfo"] = info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", extra.pop("xmp").decode("utf-8", errors="replace"))
    buffer = io.BytesIO()
    leaving(lambda: image.save(buffer, name, **options, **extra))
    return buffer.getvalue()


def show(row: Row) -> str:
    """One line for a person."""
    return (
        f"{row['source']} -> {row['output']}  {row['width']}x{row['height']}, "
        f"{row['bytes']:,} bytes, {row['seconds']:.2f} s"
    )


def add_decode_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz decode``."""
    parser.add_argument(
        "sources", nargs="+", metavar="FILE", help=".sdz files; - is standard input"
    )
    add_no_daemon(parser)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("-o", "--out", help="the output file, for one source; - is standard output")
    where.add_argument("--out-dir", metavar="DIR", help="put the outputs here (default: beside)")
    _add_common(parser)


def add_preview_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz preview``."""
    parser.add_argument("source", metavar="FILE", help="a .sdz file; - is standard input")
    parser.add_argument(
        "-o", "--out", help="the output file (default: FILE-preview.png); - is standard output"
    )
    _add_common(parser)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=list(FORMATS), help="default: by the output's name")
    parser.add_argument("--force", action="store_true", help="overwrite outputs that exist")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
