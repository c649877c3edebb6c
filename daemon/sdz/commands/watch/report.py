"""``sdz watch report``: what a folder has saved, as a page to look at and a table to count with."""

from __future__ import annotations

import argparse
import base64
import io
import sys
import time
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Final

from sdz.commands.console import DONE, SOME_FAILED, reason_of, say
from sdz.errors import BadOption, FolderUnfit, OutputError, SdzError
from sdz.files import write_aside
from sdz.grades import grade, in_words
from sdz.names import counted
from sdz.watch.journal.journal import opened
from sdz.watch.journal.rows import State
from sdz.watch.looking.others import left_alone
from sdz.watch.telling.savings import Saving, as_csv, savings_of, worst_of

WORST: Final = 10
_THUMBNAIL: Final = 240
_STYLE: Final = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
ul.worst { display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr));
  gap: 1rem; padding: 0; list-style: none }
.worst img { display: block; width: 100%; border-radius: 6px }
.worst p { margin: .3rem 0; font-size: .85rem; overflow-wrap: anywhere }
div.table { overflow-x: auto }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums;
  width: 100% }
th, td { padding: .3rem .6rem; text-align: right;
  border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent) }
td { white-space: nowrap }
th:first-child, td:first-child, th:last-child, td:last-child { text-align: left }
td:last-child { white-space: normal; min-width: 12rem }
"""


def run(args: argparse.Namespace) -> int:
    """Write the report of ``args.folder``; see ``sdz watch report --help``."""
    with opened() as journal:
        if journal is None:
            say("sdz: no folder is or was watched", sys.stderr)
            return SOME_FAILED
        try:
            root = journal.roots.around(args.folder)
        except FolderUnfit as error:
            say(f"sdz: {args.folder}: {error.reason}", sys.stderr)
            return SOME_FAILED
        savings = list(savings_of(journal, root))
    for place in args.out or _unasked(root):
        path = Path(place)
        kind = path.suffix.lower()
        if kind not in (".html", ".csv"):
            raise BadOption("out", "a name ending in .html or .csv", place)
        text = page(root, savings, time.time()) if kind == ".html" else as_csv(savings)
        try:
            write_aside(path, text.encode("utf-8", "replace"), durable="no")
        except OSError as error:
            reason = f"{reason_of(error)}; -o names another place"
            raise OutputError(place, reason) from error
        say(f"wrote {path}", sys.stdout)
    say(sentence(savings), sys.stdout)
    return DONE


def _unasked(root: Path) -> list[str]:
    return [f"sdz-report-{root.name}.html", f"sdz-report-{root.name}.csv"]


def sentence(savings: Sequence[Saving]) -> str:
    """The sum in words."""
    done = [one for one in savings if one.state is State.DONE]
    before, after = sum(one.before for one in done), sum(one.after or 0 for one in done)
    refused = sum(one.state is State.REFUSED for one in savings)
    failed = len(savings) - len(done) - refused
    share = f" ({(before - after) / before:.1%})" if before else ""
    return (
        f"{len(done)} done, {refused} left alone, {failed} failed; {_size(before)} became "
        f"{_size(after)}, {_size(before - after)} saved{share}"
    )


def page(root: Path, savings: Sequence[Saving], now: float) -> str:
    """The report as a page that needs nothing but itself."""
    when = time.strftime("%d %B %Y, %H:%M", time.localtime(now))
    others = counted(left_alone(root))
    left = f"<p>Not read, and still there: {escape(others)}.</p>" if others else ""
    name = escape(str(root), quote=True)
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>sdz: {name}</title>
<style>{_STYLE}</style>
<h1>{name}</h1>
<p>{escape(sentence(savings))}. Of {when}.</p>
{left}
<h2>To look at first</h2>
<p>The pictures whose worst region scores lowest (SSIMULACRA2, 100 is the original), as small
previews. {escape(grade(0).about)} That is what a low score means.</p>
<ul class="worst">{"".join(map(_figure, worst_of(savings, WORST)))}</ul>
<h2>Every picture</h2>
<div class="table"><table>
<tr><th>Picture<th>Before<th>After<th>Saved<th>Score<th>Worst region<th>What became of it</tr>
{"".join(map(_row, savings))}
</table></div>
</html>
"""


def _figure(one: Saving) -> str:
    picture = _thumbnail(one.output) if one.output is not None else ""
    image = f'<img alt="" src="data:image/jpeg;base64,{picture}">' if picture else ""
    score = in_words(one.score) if one.score is not None else ""
    worst = in_words(one.worst) if one.worst is not None else ""
    name = escape(str(one.picture))
    return f"<li>{image}<p>{name}<br>score {score}, worst region {worst}</p></li>"


def _thumbnail(output: Path) -> str:
    """The weightless preview as a JPEG in base64; nothing where there is none."""
    from sdz.pictures import preview

    try:
        image = preview(output).convert("RGB")
    except (SdzError, OSError):
        return ""
    image.thumbnail((_THUMBNAIL, _THUMBNAIL))
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=80)
    return base64.b64encode(stream.getvalue()).decode("ascii")


def _row(one: Saving) -> str:
    saved = "" if one.after is None else f"{(one.before - one.after) / max(one.before, 1):.1%}"
    cells = (
        str(one.picture),
        f"{one.before:,}",
        "" if one.after is None else f"{one.after:,}",
        saved,
        "" if one.score is None else in_words(one.score),
        "" if one.worst is None else in_words(one.worst),
        _became(one),
    )
    return f"<tr>{''.join(f'<td>{escape(cell)}' for cell in cells)}</tr>\n"


def _became(one: Saving) -> str:
    if one.state is State.DONE:
        return one.reason or (one.output.name if one.output is not None else "")
    word = "left alone" if one.state is State.REFUSED else "failed"
    return f"{word}: {one.reason}"


def _size(size: int) -> str:
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= unit:
            return f"{size / unit:,.1f} {name}"
    return f"{size} bytes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of ``sdz watch report``."""
    parser.add_argument("folder", metavar="DIR", help="a folder that is or was watched")
    parser.add_argument(
        "-o",
        "--out",
        action="append",
        metavar="FILE",
        help="a .html or .csv file; may be repeated (default: sdz-report-NAME.html and .csv here)",
    )
