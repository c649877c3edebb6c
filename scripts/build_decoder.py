"""Build the browsers' decoder: scripts/build_decoder.py FOLDER.

Writes decoder.wasm, of the C in daemon/sdz and extension/decoder/library by the compiler that the
PyPI package ziglang carries (scripts/setup --test installs it), and lite-1.weights
(decoder_weights.py). The same sources and the same compiler give the same bytes on every machine.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

import decoder_weights

ROOT: Final = Path(__file__).resolve().parent.parent
OWN: Final = ROOT / "extension/decoder/library"
KERNELS: Final = (
    "daemon/sdz/entropy/adaptive/kernel.c",
    "daemon/sdz/entropy/trained/kernel.c",
    "daemon/sdz/network/network.c",
)
EXPORTS: Final = (
    *("take", "mark", "release", "open", "begin"),
    *("group", "alpha", "pixels", "preview", "png", "png_bytes"),
    *("across", "down", "multiply", "png_part", "png_sum"),
)
# -O2 halves the time of the trained coder and gives the network nothing. 173 kB (43 compressed) in
# place of 156 (39), or of 247 for -O2 of all.
SMALL: Final = "-Os"
FAST: Final = {
    "daemon/sdz/entropy/trained/kernel.c": "-O2",
    "extension/decoder/library/reduce.c": "-O2",
}
TARGET: Final = ("-target", "wasm32-freestanding", "-nostdlib")
COMPILE: Final = (
    *("-std=c99", "-g0", "-DNDEBUG", "-msimd128", "-mbulk-memory", "-ffunction-sections"),
    *("-fvisibility=hidden", "-Wall", "-Wextra", "-Werror", f"-I{OWN / 'include'}"),
)
LINK: Final = (
    *("-Wl,--no-entry", "-Wl,--gc-sections", "-Wl,--strip-all", "-Wl,-z,stack-size=262144"),
    "-Wl,--max-memory=1073741824",
    *(f"-Wl,--export=sdz_{name}" for name in EXPORTS),
)
WASM: Final = "decoder.wasm"
WEIGHTS: Final = "lite-1.weights"
PARTS: Final = "parts.json"


def compile_library(target: Path, root: Path = ROOT) -> None:
    """The library as WebAssembly, of the sources below ``root``."""
    if importlib.util.find_spec("ziglang") is None:
        raise SystemExit("no compiler for WebAssembly: pip install ziglang (scripts/setup --test)")
    own = sorted((root / OWN.relative_to(ROOT)).glob("*.c"))
    flags = [flag.replace(str(ROOT), str(root)) for flag in COMPILE]
    with tempfile.TemporaryDirectory() as folder:
        objects = []
        for source in (*own, *(root / kernel for kernel in KERNELS)):
            objects.append(f"{folder}/{len(objects)}.o")
            fast = FAST.get(source.relative_to(root).as_posix(), SMALL)
            _zig(*flags, fast, "-c", str(source), "-o", objects[-1])
        _zig(*LINK, *objects, "-o", str(target))


def _zig(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "ziglang", "cc", *TARGET, *words], check=True)


@cache
def weights() -> bytes:
    """The block of lite-1, made once a process."""
    return decoder_weights.built_in()


def build(folder: Path) -> dict[str, str]:
    """Both parts and what they are, parts.json, in ``folder``. Returns their SHA-256 by name."""
    folder.mkdir(parents=True, exist_ok=True)
    compile_library(folder / WASM)
    (folder / WEIGHTS).write_bytes(weights())
    made = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (WASM, WEIGHTS)
    }
    (folder / PARTS).write_text(json.dumps({"sha256": made}, indent=2) + "\n")
    return made


def main(words: list[str]) -> None:
    if len(words) != 1:
        raise SystemExit("usage: scripts/build_decoder.py FOLDER")
    for name, digest in build(Path(words[0])).items():
        print(f"{name}  {(Path(words[0]) / name).stat().st_size:,} bytes  sha256 {digest}")


if __name__ == "__main__":
    main(sys.argv[1:])
