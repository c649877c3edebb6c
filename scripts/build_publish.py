"""Build what a publisher puts beside pages: scripts/build_publish.py FOLDER.

    sdz.js              one module, of those of extension/publish and extension/decoder
    sdz.wasm            the library (build_decoder.py)
    lite-1.weights.gz   what it knows, compressed, since not every server does that

Modules are joined as they are, in the order in which they build on each other: names of their top
levels must not meet.
"""

from __future__ import annotations

import gzip
import re
import sys
from pathlib import Path
from typing import Final

import build_decoder

SOURCE: Final = build_decoder.ROOT / "extension"
MODULES: Final = (
    *("decoder/refusals.js", "decoder/cursor.js", "decoder/header.js", "decoder/marks.js"),
    *("decoder/kept.js", "decoder/reducing.js", "decoder/container.js", "decoder/costs.js"),
    *("decoder/library.js", "decoder/bands.js", "decoder/joining.js", "decoder/worker.js"),
    "decoder/pool.js",
    *("publish/pictures.js", "publish/page.js", "publish/sdz.js"),
)
STATEMENT: Final = re.compile(r"^import [^;]*?\"([^\"]*)\";\n", re.M)
TOP: Final = re.compile(
    r"^(?:export )?(?:async )?(?:const|let|function|class) (?:(\w+)|\[([^\]]*)\])", re.M
)
COMMENT: Final = re.compile(
    r"^[ \t]*/\*\*.*?\*/[ \t]*\n?|[ \t]*/\*\*(?:(?!\*/).)*\*/[ \t]?|^[ \t]*//[^\n]*\n", re.M | re.S
)
HEAD: Final = "// sdz: shows .sdz pictures; MIT License. Built by scripts/build_publish.py.\n"


def joined() -> str:
    """All modules as one. Raises SystemExit where one needs what is not there before it, and where
    two have one name."""
    texts, before, names = [], set[Path](), set[str]()
    for name in MODULES:
        text = (SOURCE / name).read_text()
        needed = {(SOURCE / name).parent.joinpath(one).resolve() for one in STATEMENT.findall(text)}
        if missing := needed - before:
            raise SystemExit(f"{name} needs {', '.join(map(str, missing))} before it in MODULES")
        own = {word for pair in TOP.findall(text) for word in re.findall(r"\w+", " ".join(pair))}
        if met := own & names:
            raise SystemExit(f"{name} has names that are taken: {', '.join(sorted(met))}")
        names |= own
        before.add((SOURCE / name).resolve())
        text = STATEMENT.sub("", text)
        text = COMMENT.sub("", text)
        text = re.sub(r"^export ", "", text, flags=re.M)
        texts.append(re.sub(r"^[ \t]+", "", re.sub(r"\n{2,}", "\n", text), flags=re.M).strip())
    return HEAD + "\n".join(texts) + "\n"


def build(folder: Path) -> list[Path]:
    """The three files in ``folder``; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    build_decoder.compile_library(folder / "sdz.wasm")
    (folder / "sdz.js").write_text(joined())
    weights = gzip.compress(build_decoder.weights(), 9, mtime=0)
    (folder / "lite-1.weights.gz").write_bytes(weights)
    return [folder / name for name in ("sdz.js", "sdz.wasm", "lite-1.weights.gz")]


def main(words: list[str]) -> None:
    if len(words) != 1:
        raise SystemExit("usage: scripts/build_publish.py FOLDER")
    for path in build(Path(words[0])):
        data = path.read_bytes()
        print(f"{path}  {len(data):,} bytes, {len(gzip.compress(data, 9)):,} compressed")


if __name__ == "__main__":
    main(sys.argv[1:])
