"""The browsers' decoder in node: the package's pixels, bit for bit, and the package's refusals."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import random
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn import as_file, scene, soft_alpha
from numpy.typing import NDArray
from PIL import Image

import build_decoder
import sdz
from sdz import container
from sdz.codec.alpha import symbol_check
from sdz.container import Box, Header, Kept, Region, SdzFile, Stream
from sdz.entropy import encode_symbols
from sdz.errors import SdzError

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "golden"

Decoded = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("decoder")
    build_decoder.build(folder)
    return folder


@pytest.fixture(scope="module")
def by_node(built: Path) -> Decoded:
    def run(files: list[bytes], kind: str = "decode", max_side: int = 0) -> list[dict[str, Any]]:
        node = shutil.which("node")
        assert node, "node is missing; run: scripts/setup --browsers"
        text = json.dumps([base64.b64encode(data).decode() for data in files])
        command = [node, HERE / "decode.mjs", built, kind, str(max_side)]
        done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
        outcomes: list[dict[str, Any]] = json.loads(done.stdout)
        return outcomes

    return run


def pixels(outcome: dict[str, Any]) -> NDArray[np.uint8]:
    png = Image.open(io.BytesIO(base64.b64decode(outcome["png"])))
    assert png.format == "PNG"
    return np.asarray(png)


def adaptive(data: bytes, group: int | None = None) -> bytes:
    """The same picture in the other coder, as files of before were written."""
    file = container.unpack(data)
    symbols = symbols_of(file)
    header = replace(file.header, trained=False, group=group)
    streams = []
    for top, left, rows, columns in header.groups():
        part = np.ascontiguousarray(symbols[:, top : top + rows, left : left + columns], np.int32)
        streams.append(Stream(symbol_check(part), encode_symbols(part)))
    return container.pack(replace(file, header=header, streams=tuple(streams)))


def symbols_of(file: SdzFile) -> NDArray[np.int32]:
    from sdz.codec.latents import decode_latents
    from sdz.models.registry import describe

    quantiser = describe(file.header.model.name).quantiser
    return np.asarray(decode_latents(file.header, file.streams, quantiser), np.int32)


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """Ten and more, of all that a file of lite-1 can be."""
    rgb = [as_file(scene(height, width, seed)) for seed, (height, width) in enumerate(SIZES)]
    made = {f"plain {i}": sdz.encode(data, quality=10 + 9 * i) for i, data in enumerate(rgb)}
    for name, alpha in (("soft", soft_alpha(77, 130)), ("mask", soft_alpha(77, 130) // 128 * 255)):
        rgba = np.dstack([scene(77, 130, 5), alpha])
        made[f"{name} alpha"] = sdz.encode(as_file(Image.fromarray(rgba)), quality=50)
    plain = sdz.encode(as_file(scene(200, 300, 9)), quality=60)
    made["adaptive"] = adaptive(plain)
    made["adaptive in groups"] = adaptive(plain, 5)
    made["golden"] = (GOLDEN / "lite-1.sdz").read_bytes()
    header = container.unpack(plain).header
    steps = tuple(int(n) for n in np.arange(header.model.channels) % 7 - 3)
    file = container.unpack(adaptive(plain))
    made["channel steps"] = container.pack(replace(file, header=with_steps(file.header, steps)))
    return made


SIZES = ((1, 1), (16, 16), (17, 15), (64, 96), (213, 320), (40, 700))


def with_steps(header: Header, steps: tuple[int, ...]) -> Header:
    return replace(header, channel_steps=steps)


def test_the_same_pixels(files: dict[str, bytes], by_node: Decoded) -> None:
    assert len(files) >= 10
    for name, outcome in zip(files, by_node(list(files.values())), strict=True):
        wanted = np.asarray(sdz.decode(files[name]))
        assert np.array_equal(pixels(outcome), wanted), name


def test_the_same_small_picture(files: dict[str, bytes], by_node: Decoded) -> None:
    """By the first channels and in floats, so not bit for bit."""
    for name, outcome in zip(files, by_node(list(files.values()), "preview"), strict=True):
        wanted = np.asarray(sdz.preview(files[name]), np.int32)[..., :3]
        found = pixels(outcome).astype(np.int32)
        assert found.shape == wanted.shape, name
        assert np.abs(found - wanted).mean() < 12, name


@pytest.mark.parametrize("max_side", [1, 40, 129])
def test_the_same_reduced_picture(files: dict[str, bytes], by_node: Decoded, max_side: int) -> None:
    """By the same kernel as the daemon's, in other integers; smaller ones are left as they are."""
    for name, outcome in zip(files, by_node(list(files.values()), "decode", max_side), strict=True):
        whole = Image.fromarray(np.asarray(sdz.decode(files[name])))
        scale = min(1, max_side / max(whole.size))
        size = (max(1, round(whole.width * scale)), max(1, round(whole.height * scale)))
        wanted = np.asarray(whole.resize(size, Image.Resampling.LANCZOS), np.int32)
        found = pixels(outcome).astype(np.int32)
        assert found.shape == wanted.shape, name
        if found.shape[-1] == 4:  # colours of what is nearly clear are anybody's
            found[..., :3] = found[..., :3] * found[..., 3:] // 255
            wanted[..., :3] = wanted[..., :3] * wanted[..., 3:] // 255
        assert np.abs(found - wanted).max() <= 2, name


@pytest.mark.parametrize("max_side", [0, 200])
def test_bands_are_the_same_picture(by_node: Decoded, max_side: int) -> None:
    """Of rows that end anywhere, and of a picture in groups of which no band needs all."""
    plain = sdz.encode(as_file(scene(700, 90, 9)), quality=50)
    files = [plain, adaptive(plain, 16), sdz.encode(as_file(scene(331, 200, 3)), quality=30)]
    whole = by_node(files, "decode", max_side)
    for count in (2, 3, 5):
        for one, outcome in zip(whole, by_node(files, f"decode:{count}", max_side), strict=True):
            assert np.array_equal(pixels(outcome), pixels(one))


def test_damage_within_right_checksums_is_refused_alike(
    files: dict[str, bytes], by_node: Decoded
) -> None:
    """And leaves the instance as it was: the same one decodes all of them, and a good one last."""
    dice, damaged = random.Random(3), []
    names = ("plain 4", "adaptive", "adaptive in groups", "soft alpha", "mask alpha")
    for name in names:
        file = container.unpack(files[name])
        for _ in range(25):
            streams = list(file.streams)
            index = dice.randrange(len(streams))
            streams[index] = replace(streams[index], data=worse(streams[index].data, dice))
            changed = replace(file, streams=tuple(streams))
            if file.alpha is not None and dice.random() < 0.7:
                alpha = replace(file.alpha, data=worse(file.alpha.data, dice))
                changed = replace(file, alpha=alpha)
            damaged.append(container.pack(changed))
    *outcomes, good = by_node([*damaged, files["golden"]])
    codes = set()
    for data, outcome in zip(damaged, outcomes, strict=True):
        wanted = by_package(data)
        codes.add(wanted.get("code", "read"))
        if "pixels" in wanted:  # a few zeros more or less at the end mean the same
            assert np.array_equal(pixels(outcome), wanted["pixels"])
        else:
            assert outcome == wanted
    assert {"bad-symbols", "bad-field", "trailing-data", "truncated"} <= codes
    assert np.array_equal(pixels(good), np.asarray(sdz.decode(files["golden"])))


def by_package(data: bytes) -> dict[str, Any]:
    try:
        return {"pixels": np.asarray(sdz.decode(data))}
    except SdzError as refused:
        return {"code": refused.code, "facts": refused.facts}


def worse(stream: bytes, dice: random.Random) -> bytes:
    how = dice.randrange(4)
    if how == 0:
        return stream[: dice.randrange(len(stream))]
    if how == 1:
        return stream + bytes(dice.randrange(1, 60))
    if how == 2:
        return dice.randbytes(len(stream))
    changed = bytearray(stream)
    changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def test_what_it_cannot_do_is_called_so(files: dict[str, bytes], by_node: Decoded) -> None:
    file = container.unpack(files["adaptive"])
    other = replace(file.header, weights=bytes(8))
    placed = replace(file.header, placed=True)
    large = Header(6000, 6000, file.header.model, file.header.weights, 0)
    (model,) = (m for m in container.WELL_KNOWN if m.name == "taesd")
    taesd = Header(64, 64, model, bytes(8), 0)
    headers = (other, placed, large, taesd)
    odd = [container.pack(SdzFile(header, (Stream(0, b"x"),))) for header in headers]
    odd += [path.read_bytes() for path in sorted(GOLDEN.glob("lite-1-edition-*.sdz"))]
    mismatch = "weights-mismatch"
    wanted = [mismatch, "bad-field", "limit-exceeded", "model-missing", *3 * [mismatch]]
    assert [outcome["code"] for outcome in by_node(odd)] == wanted


def test_a_kept_region_that_is_none_is_refused_alike(
    files: dict[str, bytes], by_node: Decoded
) -> None:
    """By its header, before a decoder sees it; tests/browser/test_alone.py has good ones."""
    file = container.unpack(files["plain 3"])
    webp = io.BytesIO()
    Image.new("RGB", (20, 10)).save(webp, "WEBP", lossless=True)
    odd = []
    for data in (b"nothing that anybody reads, of some length", webp.getvalue()):
        kept = Kept(4, (Region(Box(0, 0, 30, 10), 2, data),))
        odd.append(container.pack(replace(file, kept=kept)))
    for data, outcome in zip(odd, by_node(odd), strict=True):
        assert outcome == by_package(data)
        assert outcome["code"] == "bad-field"


def test_the_same_bytes_from_wherever_it_is_built(built: Path, tmp_path: Path) -> None:
    shutil.copytree(build_decoder.ROOT / "daemon/sdz", tmp_path / "elsewhere/daemon/sdz")
    library = build_decoder.OWN.relative_to(build_decoder.ROOT)
    shutil.copytree(build_decoder.OWN, tmp_path / "elsewhere" / library)
    build_decoder.compile_library(tmp_path / "again.wasm", tmp_path / "elsewhere")
    assert (tmp_path / "again.wasm").read_bytes() == (built / "decoder.wasm").read_bytes()
    listed = json.loads((built / "parts.json").read_text())["sha256"]
    for name, digest in listed.items():
        assert hashlib.sha256((built / name).read_bytes()).hexdigest() == digest
    assert set(listed) == {"decoder.wasm", "lite-1.weights"}
