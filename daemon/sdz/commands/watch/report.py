"""``sdz watch report``: what a folder has saved, as a page to look at and a table to count with."""

from __future__ import annotations

import argparse
import base64
import io
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

from sdz.commands.console import DONE, SOME_FAILED, reason_of, say
from sdz.errors import BadOption, FolderUnfit, OutputError, SdzError
from sdz.files import write_aside
from sdz.grades import grade, in_words
from sdz.names import counted
from sdz.units import size_in_words
from sdz.watch.claim import who_watches
from sdz.watch.journal.journal import opened
from sdz.watch.journal.rows import State
from sdz.watch.looking.others import others
from sdz.watch.pausing import is_paused
from sdz.watch.telling.leftovers import Kind, Leftover, ToDo, counts_of, kind_of, leftovers
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
.rest td, .rest th { text-align: left; white-space: normal; vertical-align: top }
.rest td:last-child { min-width: 0 }
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
        known = journal.roots.get(root)
    found = Found(root, savings, tuple(_not_read(root)), "" if known is None else known.hindrance)
    for place in args.out or _unasked(root):
        path = Path(place)
        kind = path.suffix.lower()
        if kind not in (".html", ".csv"):
            raise BadOption("out", "a name ending in .html or .csv", place)
        text = page(found, time.time()) if kind == ".html" else as_csv(savings, found.not_read)
        try:
            write_aside(path, text.encode("utf-8", "backslashreplace"), durable="no")
        except OSError as error:
            reason = f"{reason_of(error)}; -o names another place"
            raise OutputError(place, reason) from error
        say(f"wrote {path}", sys.stdout)
    say(f"{sentence(savings)}{_not_read_words(found)}", sys.stdout)
    for one in found.leftovers():
        say(f"  {one.count:,} {one.kind}: {one.why}. {one.to_do}", sys.stdout)
    return DONE


@dataclass(frozen=True, slots=True)
class Found:
    """All that a report says. not_read: below the folder, bytes, kind; hindrance: what the last
    look could not look into."""

    root: Path
    savings: Sequence[Saving]
    not_read: Sequence[tuple[Path, int, str]] = ()
    hindrance: str = ""

    def leftovers(self) -> list[Leftover]:
        """What did not become a ``.sdz``, and what to do."""
        watching = who_watches(self.root)
        to_do = ToDo.of(
            self.root, "" if watching is None else watching.by, paused=is_paused(self.root)
        )
        return leftovers(self.savings, Counter(kind for _, _, kind in self.not_read), to_do)


def _not_read(root: Path) -> Iterator[tuple[Path, int, str]]:
    found = [(Path(entry.path).relative_to(root), entry, kind) for entry, kind in others(root)]
    for path, entry, kind in sorted(found, key=lambda one: one[0]):
        with suppress(OSError):  # it went
            yield path, entry.stat(follow_symlinks=False).st_size, kind


def _not_read_words(found: Found) -> str:
    words = counted(Counter(kind for _, _, kind in found.not_read))
    return f"; not read: {words}" if words else ""


def _unasked(root: Path) -> list[str]:
    return [f"sdz-report-{root.name}.html", f"sdz-report-{root.name}.csv"]


def sentence(savings: Sequence[Saving]) -> str:
    """The sum in words."""
    done = [one for one in savings if one.state is State.DONE]
    before, after = sum(one.before for one in done), sum(one.after or 0 for one in done)
    counts = counts_of(savings)
    words = [f"{len(done)} done", f"{counts[Kind.LEFT]} left alone"]
    words += [
        f"{counts[kind]} {kind}"
        for kind in (Kind.WAITING, Kind.BACK, Kind.NOT_TRASHED)
        if counts[kind]
    ]
    words.append(f"{counts[Kind.FAILED]} failed")
    if not before:
        return ", ".join(words)
    return (
        f"{', '.join(words)}; {size_in_words(before)} became {size_in_words(after)}, "
        f"{size_in_words(before - after)} saved ({(before - after) / before:.1%})"
    )


def page(found: Found, now: float) -> str:
    """The report as a page that needs nothing but itself."""
    when = time.strftime("%d %B %Y, %H:%M", time.localtime(now))
    savings, name = found.savings, escape(str(found.root), quote=True)
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>sdz: {name}</title>
<style>{_STYLE}</style>
<h1>{name}</h1>
<p>{escape(sentence(savings) + _not_read_words(found))}. Of {when}.</p>
{_rest(found)}
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


def _rest(found: Found) -> str:
    """What did not become a ``.sdz``: how many, why, and what to do."""
    hindrance = f"<p>{escape(found.hindrance)}.</p>" if found.hindrance else ""
    left = found.leftovers()
    if not left:
        return hindrance
    rows = "".join(
        f"<tr><td>{one.count:,} {escape(one.kind)}<td>{escape(one.why)}<td>{escape(one.to_do)}\n"
        for one in left
    )
    return f"""<h2>What did not become a .sdz</h2>
{hindrance}<div class="table"><table class="rest">
<tr><th>How many<th>Why<th>What to do</tr>
{rows}</table></div>"""


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
    kind = kind_of(one)
    return f"{kind}: {one.reason}" if one.reason else str(kind)


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
