"""Weights that are damaged, hostile or of something else are refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import networks
import numpy as np
import pytest
from safetensors.numpy import save_file

from sdz.errors import BadModel
from sdz.network import network_of, read_network


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("weights") / "whole.safetensors"
    save_file(networks.network(3, networks.BARE, None), path, {"edition": "test"})
    return path.read_bytes()


def test_a_file_gives_what_its_tensors_give(tmp_path: Path) -> None:
    tensors = networks.network()
    path = tmp_path / "n.safetensors"
    save_file(tensors | {"preview": np.ones(3, np.float32)}, path)
    q = networks.symbols(1, 64, 3, 4)
    wanted = network_of(tensors, ValueError).decode(q, 17000)
    np.testing.assert_array_equal(read_network(path).decode(q, 17000), wanted)


def test_every_prefix(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "n.safetensors"
    header = 8 + int.from_bytes(whole[:8], "little")
    for length in [*range(0, header, 7), header, *range(header, len(whole), 997), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(BadModel):
            read_network(path)


def test_flipped_bits(whole: bytes, tmp_path: Path) -> None:
    """A network comes out or BadModel, and one that comes out computes."""
    path = tmp_path / "n.safetensors"
    draw = np.random.RandomState(1)
    header = 8 + int.from_bytes(whole[:8], "little")
    q = networks.symbols(1, networks.BARE.latents, 2, 3)
    refused = 0
    for index in range(2000):
        at = draw.randint(0, 8 * (header if index % 2 else len(whole)))
        damaged = bytearray(whole)
        damaged[at // 8] ^= 1 << at % 8
        path.write_bytes(damaged)
        try:
            network = read_network(path)
        except BadModel:
            refused += 1
            continue
        assert network.decode(q, 17000).shape == (32, 48, 3)
    assert refused > 500


def without(name: str) -> Callable[[networks.Tensors], object]:
    return lambda tensors: tensors.pop(name)


def filled(name: str, value: int) -> Callable[[networks.Tensors], object]:
    return lambda tensors: tensors[name].fill(value)


def swapped(name: str, value: np.ndarray) -> Callable[[networks.Tensors], object]:
    return lambda tensors: tensors.update({name: value})


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (without("decoder.enter.weight"), "no matrix decoder.enter.weight"),
        (without("decoder.blocks_8.1.outer.bias"), "no tensor decoder.blocks_8.1.outer.bias"),
        (without("decoder.blocks_16.0.product.shift"), "no tensor .*product.shift"),
        (without("decoder.steps"), "no table decoder.steps"),
        (without("latent_unit"), "no latent_unit"),
        (without("encoder.latents.weight"), "no matrix encoder.latents.weight"),
        (filled("decoder.up.shift", 1), "decoder.up.shift: not within 2 to 30"),
        (filled("decoder.blocks_16.1.product.shift", 31), "product.shift: not within"),
        (filled("decoder.up.weight", -32768), "decoder.up: its sums may pass 32 bits"),
        (filled("decoder.lapped.bias", -(1 << 31)), "decoder.lapped: its sums"),
        (filled("encoder.lapped.bias", (1 << 31) - 1), "encoder.lapped: its sums"),
        (filled("latent_unit", 0), "latent_unit: not all above zero"),
        (swapped("encoder.latents.weight", np.zeros((32, 64), np.int16)), "encoder.latents"),
        (filled("decoder.steps", 1 << 30), "cannot be"),
        (swapped("decoder.enter.weight", np.zeros((33, 64), np.int16)), "a width of 33"),
        (swapped("decoder.enter.weight", np.zeros((96, 0), np.int16)), "a width of 0"),
        (swapped("decoder.enter.weight", np.zeros((1056, 64), np.int16)), "a width of 1056"),
        (swapped("decoder.up.bias", np.zeros(128, np.int16)), "int16 128, not int32 128"),
        (swapped("decoder.up.weight", np.zeros((128, 95), np.int16)), "not int16 128x96"),
        (swapped("decoder.blocks_8.9.inner.bias", np.zeros(1)), "no tensor decoder.blocks_8.3"),
        (swapped("decoder.blocks_8.99.inner.bias", np.zeros(1)), "100 blocks, over 32"),
    ],
)
def test_refused_by_name(damage: Callable[[networks.Tensors], object], reason: str) -> None:
    tensors = {name: tensor.copy() for name, tensor in networks.network().items()}
    damage(tensors)
    with pytest.raises(ValueError, match=reason):
        network_of(tensors, ValueError)


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]},
        {"dtype": "I16", "shape": [2, 2], "data_offsets": [0, 4]},
        {"dtype": "I16", "shape": [-2, -2], "data_offsets": [0, 8]},
        {"dtype": "I16", "shape": [1 << 40], "data_offsets": [0, 1 << 41]},
        {"dtype": "I16", "shape": [1, 1, 1, 1, 1], "data_offsets": [0, 2]},
        {"dtype": "I16", "shape": [True], "data_offsets": [0, 2]},
        {"dtype": "I16", "shape": "11", "data_offsets": [0, 2]},
        {"dtype": "I16", "shape": [4], "data_offsets": [4, 12]},
        [1, 2],
        None,
    ],
)
def test_header_entries(entry: object, tmp_path: Path) -> None:
    header = json.dumps({"decoder.enter.weight": entry}).encode()
    path = tmp_path / "n.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(8))
    with pytest.raises(BadModel, match=r"decoder\.enter\.weight"):
        read_network(path)


@pytest.mark.parametrize("header", [b"[]", b"{", b"\xff", b"[" * 100_000, b"1"])
def test_headers(header: bytes, tmp_path: Path) -> None:
    path = tmp_path / "n.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(BadModel):
        read_network(path)


def test_an_edition_that_only_reads() -> None:
    network = network_of(networks.network(3, networks.BARE, None), ValueError)
    with pytest.raises(BadModel, match="only reads"):
        network.encode(networks.picture(1, 16, 16))


@pytest.mark.parametrize(
    "q",
    [
        np.zeros((64, 2, 2), np.int32),
        np.zeros((63, 2, 2), np.int16),
        np.zeros((64, 2), np.int16),
        np.zeros((64, 0, 2), np.int16),
        np.zeros((64, 1, 4097), np.int16),
    ],
)
def test_symbols_of_another_form(q: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"symbols|picture"):
        network_of(networks.network(), ValueError).decode(q, 17000)
