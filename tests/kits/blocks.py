"""The fenced blocks of the pages, and a place to run them in.

    ```sh        run by bash, which stops at the first command that fails
    ```python    run by the interpreter of the tests
    ```js        run by node, as a module
    ```toml      read as sdz's configuration, unknown keys refused
    ```json      read
    ```text  ```http  ...  not for running; may hold no command

The blocks of a page are run in their order in one folder of the page's own, which begins with
``photo.jpg`` and ``other.jpg``; what a block leaves there the next one finds. HOME and SDZ_HOME are
the folder's, ``sdz`` is the one being tested. A command that stays, such as ``sdz serve``, is put
into the background as soon as it has printed something, and ended with the page. A block that
cannot be run in a test has a comment before it that says why: ``<!-- not run: ... -->``.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import drawn
from PIL import Image, ImageFilter

ROOT = Path(__file__).parents[2]
PAGES = [
    path.relative_to(ROOT).as_posix()
    for path in [
        *sorted(ROOT.glob("*.md")),
        *sorted(ROOT.glob("docs/*.md")),
        *sorted(ROOT.glob("daemon/sdz/models/*.md")),
        *sorted(ROOT.glob("extension/*.md")),
    ]
]
RUN = ("sh", "python", "js")
CHECKED = ("toml", "json")
PLAIN = ("text", "http")
STAYING = ("sdz serve", "sdz watch run", "sdz watch start")  # as they begin
TIMEOUT_S = 600

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\S*) *$")
_EXCUSE = re.compile(r"<!-- not run: (?P<why>.*) -->")
_PRELUDE = """\
set -eu -o pipefail
stays() {
  log=$(mktemp -p "$HOME")
  "$@" >"$log" 2>"$log.errors" & pid=$!
  echo $pid >>"$HOME/stays"
  for _ in $(seq 600); do
    [ -s "$log" ] && return
    kill -0 $pid 2>/dev/null || break
    sleep 0.1
  done
  cat "$log.errors" >&2; echo "did not stay: $*" >&2; return 1
}
"""


@dataclass(frozen=True)
class Block:
    """A fenced block: where it begins, what it is in, and why it is not run, if so."""

    page: str
    line: int
    language: str
    text: str
    excuse: str | None


def blocks_of(text: str, page: str = "page") -> list[Block]:
    found: list[Block] = []
    lines = text.splitlines()
    opened: tuple[int, str, str] | None = None
    for number, line in enumerate(lines, 1):
        fence = _FENCE.match(line)
        if not fence:
            continue
        if opened is None:
            opened = (number, fence["language"], fence["indent"])
            continue
        start, language, indent = opened
        before = next((one for one in reversed(lines[: start - 1]) if one.strip()), "")
        excuse = _EXCUSE.search(before)
        body = "".join(one.removeprefix(indent) + "\n" for one in lines[start : number - 1])
        found.append(Block(page, start, language, body, excuse["why"] if excuse else None))
        opened = None
    if opened is not None:
        raise ValueError(f"{page}:{opened[0]}: the block is not closed")
    return found


def script_of(shell: str) -> str:
    """What bash is given for a block: commands that stay are sent into the background."""
    lines = [f"stays {line}" if line.startswith(STAYING) else line for line in shell.splitlines()]
    return _PRELUDE + "\n".join(lines) + "\n"


class Sandbox:
    """A folder with two pictures, a home, and no way to the user's own daemon."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self.home = folder / "home"
        self.folder.mkdir()
        self.home.mkdir()
        for seed, name in enumerate(("photo.jpg", "other.jpg")):
            scene = Image.fromarray(drawn.scene(240, 320, seed))
            soft = scene.filter(ImageFilter.GaussianBlur(2))  # edges as a lens draws them
            data = drawn.as_file(soft, "JPEG", quality=97)
            (self.folder / name).write_bytes(data)

    def environment(self) -> Mapping[str, str]:
        kept = {name: os.environ[name] for name in ("LANG", "TMPDIR") if name in os.environ}
        return {
            **kept,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "SDZ_HOME": str(self.home / "sdz"),
            "SDZ_SERVICE_PORT": "0",
            "BROWSER": "true",
            "OMP_NUM_THREADS": "1",
            "PYTHONUNBUFFERED": "1",
        }

    def run(self, block: Block) -> None:
        """Run or check a block; AssertionError with what it said if it does not pass."""
        if block.language == "json":
            json.loads(block.text)
            return
        program = self._program(block)
        done = subprocess.run(
            program,
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        said = f"{block.page}:{block.line} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        assert done.returncode == 0, said

    def _program(self, block: Block) -> list[str]:
        if block.language == "sh":
            return ["bash", "-c", script_of(block.text)]
        if block.language == "toml":
            (self.home / "sdz").mkdir(exist_ok=True)
            place = self.home / "sdz" / "config.toml"
            place.write_text(block.text)
            return [sys.executable, "-m", "sdz", "config", "show"]
        suffix = {"python": ".py", "js": ".mjs"}[block.language]
        place = self.home / f"block{block.line}{suffix}"
        place.write_text(block.text)
        return [sys.executable if block.language == "python" else "node", str(place)]

    def close(self) -> None:
        """End what was left running."""
        stays = self.home / "stays"
        for line in stays.read_text().splitlines() if stays.exists() else ():
            try:
                os.kill(int(line), signal.SIGTERM)
            except ProcessLookupError:
                continue
