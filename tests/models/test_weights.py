from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from sdz.errors import BadModel
from sdz.models.weights import canonical_name, decoder_sha256, file_sha256, read_header

TENSORS = {
    "decoder.conv_in.weight": np.arange(12, dtype=np.float32).reshape(3, 4),
    "decoder.mid_block.attentions.0.to_q.bias": np.ones(2, np.float32),
    "encoder.conv_in.weight": np.zeros(5, np.float16),
    "post_quant_conv.bias": np.array([-1.5], np.float32),
}
# Computed from the definition by hand, with struct and hashlib.
GOLDEN = "de424fd552ede83e614c173a63a6a9e717c7bac617c6189ed703eae1dc45e07d"


def write(path: Path, tensors: dict[str, Any] = TENSORS, **metadata: str) -> Path:
    save_file(tensors, path, metadata=metadata or None)
    return path


def write_raw(path: Path, header: Any, data: bytes = b"") -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


def test_header_gives_each_tensors_bytes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.safetensors")
    content = path.read_bytes()
    places = read_header(path)
    assert set(places) == set(TENSORS)
    for name, place in places.items():
        assert place.shape == TENSORS[name].shape
        assert content[place.start : place.stop] == TENSORS[name].tobytes()


def test_decoder_hash_is_pinned(tmp_path: Path) -> None:
    assert decoder_sha256(write(tmp_path / "a.safetensors")).hex() == GOLDEN


def test_decoder_hash_ignores_framing_and_encoder(tmp_path: Path) -> None:
    other = dict(reversed(TENSORS.items())) | {"encoder.conv_in.weight": np.ones(9, np.float32)}
    path = write(tmp_path / "b.safetensors", other, format="pt", note="anything")
    assert decoder_sha256(path).hex() == GOLDEN


def test_decoder_hash_knows_old_attention_names(tmp_path: Path) -> None:
    old = dict(TENSORS)
    old["decoder.mid_block.attentions.0.query.bias"] = old.pop(
        "decoder.mid_block.attentions.0.to_q.bias"
    )
    assert decoder_sha256(write(tmp_path / "c.safetensors", old)).hex() == GOLDEN
    assert canonical_name("decoder.x.attentions.0.proj_attn.weight") == (
        "decoder.x.attentions.0.to_out.0.weight"
    )
    assert canonical_name("decoder.query.weight") == "decoder.query.weight"


@pytest.mark.parametrize(
    "change",
    [
        {"decoder.conv_in.weight": TENSORS["decoder.conv_in.weight"] + 1},
        {"decoder.conv_in.weight": TENSORS["decoder.conv_in.weight"].reshape(4, 3)},
        {"decoder.conv_in.weight": TENSORS["decoder.conv_in.weight"].view(np.int32) * 0.0},
        {"post_quant_conv.bias": np.array([-1.5], np.float16)},
        {"decoder.more": np.zeros(1, np.float32)},
    ],
    ids=["values", "shape", "float64", "half", "more"],
)
def test_decoder_hash_sees_every_change(tmp_path: Path, change: dict[str, Any]) -> None:
    path = write(tmp_path / "d.safetensors", TENSORS | change)
    assert decoder_sha256(path).hex() != GOLDEN


def test_no_decoder(tmp_path: Path) -> None:
    path = write(tmp_path / "e.safetensors", {"encoder.a": np.zeros(1, np.float32)})
    with pytest.raises(BadModel, match="no decoder"):
        decoder_sha256(path)


def test_every_strict_prefix_and_more_is_refused(tmp_path: Path) -> None:
    content = write(tmp_path / "f.safetensors").read_bytes()
    path = tmp_path / "g.safetensors"
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(BadModel):
            read_header(path)
    path.write_bytes(content + b"\0")
    with pytest.raises(BadModel, match="bytes long"):
        read_header(path)


FLOAT = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}


@pytest.mark.parametrize(
    "header",
    [
        [],
        b"not json",
        b"[" * 100_000,
        {"a": 1},
        {"a": FLOAT | {"dtype": "C64"}},
        {"a": FLOAT | {"shape": [2]}},
        {"a": FLOAT | {"shape": [-1]}},
        {"a": FLOAT | {"shape": [True]}},
        {"a": FLOAT | {"shape": "1"}},
        {"a": FLOAT | {"data_offsets": [4, 8]}},
        {"a": FLOAT | {"data_offsets": [-4, 0]}},
        {"a": FLOAT | {"data_offsets": [0]}},
        {"a": FLOAT, "b": FLOAT},
        {"a": {"dtype": "F32", "shape": [1]}},
    ],
)
def test_hostile_headers_are_refused(tmp_path: Path, header: Any) -> None:
    path = write_raw(tmp_path / "h.safetensors", header, b"\0\0\0\0")
    with pytest.raises(BadModel):
        read_header(path)


def test_header_length_is_bounded_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "i.safetensors"
    path.write_bytes((1 << 60).to_bytes(8, "little") + b"{}")
    with pytest.raises(BadModel, match="header of"):
        read_header(path)


def test_file_hash(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.write_bytes(b"abc")
    # FIPS 180-2, appendix B.1
    assert file_sha256(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
