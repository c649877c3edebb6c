"""The browsers' reader of files, held to the package's: the same parts, the same reasons."""

from __future__ import annotations

import base64
import json
import random
import shutil
import subprocess
import zlib
from pathlib import Path
from typing import Any

from sdz import container
from sdz.container import Limits
from sdz.container.cursor import Cursor
from sdz.errors import BadField, FormatError

HERE = Path(__file__).parent
GOLDEN = [path.read_bytes() for path in sorted((HERE.parent / "golden").glob("*.sdz"))]


def by_node(files: list[bytes]) -> list[dict[str, Any]]:
    node = shutil.which("node")
    assert node, "node is missing; run: scripts/setup --browsers"
    text = json.dumps([base64.b64encode(data).decode() for data in files])
    done = subprocess.run([node, HERE / "unpack.mjs"], input=text.encode(), capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    outcomes: list[dict[str, Any]] = json.loads(done.stdout)
    return outcomes


def plain(fact: object) -> object:
    return fact.hex(" ") if isinstance(fact, bytes) else fact


def by_package(data: bytes) -> dict[str, Any]:
    try:
        file = container.unpack(data)
    except FormatError as error:
        return {
            "code": error.code,
            "facts": {name: plain(fact) for name, fact in error.facts.items()},
        }
    header, alpha = file.header, file.alpha
    report, tiling = header.report, header.tiling
    steps = header.channel_steps
    return {
        "width": header.width,
        "height": header.height,
        "model": header.model.name,
        "weights": header.weights.hex(),
        "step": header.step,
        "report": report and {"score": report.score, "worst": report.worst, "psnr": report.psnr},
        "tiling": tiling and {"tile": tiling.tile, "overlap": tiling.overlap},
        "group": header.group,
        "channelSteps": None if steps is None else list(steps),
        "placed": header.placed,
        "trained": header.trained,
        "parts": [[stream.check, len(stream.data)] for stream in file.streams],
        "alpha": alpha and [alpha.levels, alpha.check, len(alpha.data)],
        "kept": file.kept
        and [[region.box.left, region.box.width, len(region.data)] for region in file.kept.regions],
    }


def compare(files: list[bytes]) -> set[str]:
    """Both read them alike; which codes came of it."""
    codes = set()
    for data, found in zip(files, by_node(files), strict=True):
        wanted = by_package(data)
        codes.add(wanted.get("code", "read"))
        if wanted.get("facts", {}).get("field") == "model name":  # quoted as each language does
            found, wanted = {"code": found["code"]}, {"code": wanted["code"]}
        assert found == wanted, data.hex()
    return codes


def chunks_of(data: bytes) -> list[tuple[bytes, bytes]]:
    cursor, chunks = Cursor(data[8:]), []
    while cursor.left:
        kind = bytes(cursor.take(1, ""))
        chunks.append((kind, bytes(cursor.take(cursor.varint(""), ""))))
        cursor.take(4, "")
    return chunks


def sealed(chunks: list[tuple[bytes, bytes]]) -> bytes:
    """A file of these, with every length and CRC as it should be."""
    out = container.SIGNATURE
    for kind, payload in chunks:
        body = kind + container.cursor.varint(len(payload), "") + payload
        out += body + zlib.crc32(body).to_bytes(4, "little")
    return out


def test_whole_files() -> None:
    assert compare(GOLDEN) == {"read"}


def test_every_prefix_of_the_small_ones_and_what_is_no_such_file() -> None:
    small = [data for data in GOLDEN if len(data) < 1500]
    files = [data[:end] for data in small for end in range(len(data))]
    files += [data + b"\0" for data in small] + [b"GIF89a", b"\x89PNG\r\n\x1a\n"]
    assert {"not-sdz", "truncated", "trailing-data"} <= compare(files)


def test_damaged_bytes() -> None:
    dice, files = random.Random(1), []
    for data in GOLDEN:
        for _ in range(150):
            changed = bytearray(data)
            changed[dice.randrange(min(len(data), 120))] = dice.randrange(256)
            files.append(bytes(changed))
    assert {"bad-checksum", "not-sdz"} <= compare(files)


def test_files_that_are_wrong_within_right_checksums() -> None:
    dice, files = random.Random(2), []
    for data in GOLDEN:
        chunks = chunks_of(data)
        for _ in range(300):
            changed = list(chunks)
            index = dice.randrange(len(changed))
            kind, payload = changed[index]
            how = dice.randrange(6)
            if how < 4 and payload:
                edited, at = bytearray(payload), dice.randrange(min(len(payload), 40))
                edited[at] = dice.choice([0, 1, 127, 128, 255, dice.randrange(256)])
                payload = bytes(edited[: dice.choice([at, len(edited), len(edited)])])
            elif how == 4:
                kind = bytes([dice.choice(b"HALmxskqQ9a")])
            else:
                changed.insert(dice.randrange(len(changed) + 1), (kind, payload))
            changed[index] = kind, payload
            files.append(sealed(changed))
    wanted = {"read", "bad-field", "unsupported-version", "unsupported-feature", "truncated"}
    assert wanted | {"trailing-data"} <= compare(files)


def test_limits() -> None:
    (kind, head), *rest = chunks_of(min(GOLDEN, key=len))
    limits, side = Limits(), container.cursor.varint(65535, "")
    many = sealed([(kind, head), *[(b"q", b"")] * (limits.ancillary_chunks + 1), *rest])
    wide = head[:2] + side + side + head[6:]
    assert head[2:6] == bytes.fromhex("80068004")  # 768 x 512
    grouped = wide[:1] + bytes((wide[1] | 8,)) + wide[2:] + b"\1"
    assert compare([many]) == {"limit-exceeded"}
    assert compare([sealed([(kind, part), *rest]) for part in (wide, grouped)]) == {
        "limit-exceeded"
    }
    assert compare([sealed([(kind, head)]) + b"L\xff\xff\xff\xff\x0f"]) == {"limit-exceeded"}


def test_that_the_comparison_would_find_a_difference() -> None:
    assert by_package(GOLDEN[0][:-1]) != by_node([GOLDEN[0]])[0]
    assert issubclass(BadField, FormatError)
