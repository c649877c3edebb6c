"""The library built otherwise, under sanitizers and as WebAssembly: the same bits, no complaint."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import networks
import numpy as np
import pytest

from sdz.network import network_of
from sdz.network.layers import gather
from sdz.network.library import LIBRARY, VARIANTS, library
from sdz.network.steps import multipliers

HERE = Path(__file__).parent
SOURCES = LIBRARY.parent
CODE = 18000
H, W, HEIGHT, WIDTH = 6, 17, 90, 263
MADE = {"usual": networks.network(), "limits": networks.at_the_limit()}
SHAPES = (networks.DECODER, networks.ENCODER)

# -Os: 97 kB (17 kB compressed) in place of 148, and no slower.
# -Os: 97 kB (17 kB compressed) in place of 148, and no slower.
WASM = ["-target", "wasm32-freestanding", "-nostdlib", "-Os", "-msimd128", "-mbulk-memory"]
WASM += ["-Wl,--no-entry", "-Wl,--export-dynamic", "-Wl,--export=__heap_base"]
WASM += ["-Wl,-z,stack-size=262144", "-Wl,--strip-all", "-std=c99", "-Wall", "-Wextra", "-Werror"]


def case(name: str) -> bytes:
    """As driver.c says."""
    tensors = MADE[name]
    parts = [gather(tensors, shape, ValueError) for shape in SHAPES]
    counts = [array.size for part in parts for array in part]
    head = np.array([*SHAPES[0].numbers(), *SHAPES[1].numbers(), H, W, HEIGHT, WIDTH, *counts])
    q = networks.symbols(2, SHAPES[0].latents, H, W)
    steps = multipliers(tensors["decoder.steps"], CODE)
    arrays = [head.astype(np.int32), *parts[0], *parts[1], *steps, q]
    return b"".join(array.tobytes() for array in arrays)


def wanted(name: str) -> bytes:
    network = network_of(MADE[name], ValueError)
    q = networks.symbols(2, SHAPES[0].latents, H, W)
    pixels = network.decode(q, CODE, size=(HEIGHT, WIDTH))
    return pixels.tobytes() + network.encode(pixels).tobytes()


@pytest.mark.parametrize("sanitizers", ["address,undefined", "thread"])
def test_sanitizers(sanitizers: str, tmp_path: Path) -> None:
    compiler = shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("no gcc or clang, which bring the sanitizers")
    program = tmp_path / "driver"
    flags = ["-std=gnu99", "-O1", "-g", "-Wall", "-Wextra", "-Werror", f"-I{SOURCES}", "-pthread"]
    flags += [f"-fsanitize={sanitizers}", "-fno-sanitize-recover=all"]
    subprocess.run([compiler, *flags, "-o", program, HERE / "driver.c"], check=True)
    for name in MADE:
        done = subprocess.run([program], input=case(name), capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout == wanted(name) * len(library().variants())


@pytest.fixture(scope="module")
def wasm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if importlib.util.find_spec("ziglang") is None:
        pytest.skip("no compiler for WebAssembly: pip install ziglang (scripts/setup --test)")
    path = tmp_path_factory.mktemp("wasm") / "network.wasm"
    command = [sys.executable, "-m", "ziglang", "cc", *WASM, "-o", str(path)]
    subprocess.run([*command, SOURCES / "network.c"], check=True)
    return path


@pytest.mark.parametrize("variant", ["plain", "wasm"])
@pytest.mark.parametrize("name", MADE)
def test_webassembly(name: str, variant: str, wasm: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node: scripts/setup --browsers")
    command = [node, HERE / "run_wasm.mjs", wasm, str(VARIANTS.index(variant))]
    done = subprocess.run(command, input=case(name), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == wanted(name)


def test_arm(tmp_path: Path) -> None:
    """NEON, where a processor of that kind can be played."""
    emulator = shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64")
    if emulator is None or importlib.util.find_spec("ziglang") is None:
        pytest.skip("no emulator of ARM, or no compiler for it (apt install qemu-user-static)")
    program = tmp_path / "driver"
    flags = ["-target", "aarch64-linux-musl", "-static", "-O2", f"-I{SOURCES}", "-o", str(program)]
    command = [sys.executable, "-m", "ziglang", "cc", *flags, str(HERE / "driver.c")]
    subprocess.run(command, check=True)
    for name in MADE:
        done = subprocess.run(
            [emulator, program], input=case(name), capture_output=True, check=True
        )
        assert done.stdout == wanted(name) * 2
