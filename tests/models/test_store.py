from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sdz import models
from sdz.errors import (
    BadModel,
    BadModelName,
    BuiltInModel,
    ModelExists,
    ModelMissing,
    OutputError,
    UnknownModel,
    WeightsMismatch,
)
from sdz.home import models_folder
from sdz.models import records, store
from sdz.models.known import KNOWN
from sdz.models.weights import decoder_sha256, file_sha256

WEIGHTS = "diffusion_pytorch_model.safetensors"


def change_a_byte(path: Path) -> None:
    """Flip a bit and keep size and time, as a failing disk would."""
    status = path.stat()
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_add_keeps_a_copy_with_a_record(save_kl: Callable[..., Path], home: Path) -> None:
    source = save_kl(scaling_factor=0.13025)
    sha256 = file_sha256(source / WEIGHTS)
    decoder = decoder_sha256(source / WEIGHTS)
    row = models.add(source, "my-own.1")
    shutil.rmtree(source)
    installed = records.require("my-own.1")
    assert installed.folder == home / "models" / "my-own.1"
    assert (installed.kind, installed.channels, installed.factor) == ("AutoencoderKL", 4, 8)
    assert (installed.scaling, installed.shift) == (0.13025, 0.0)
    assert (installed.repo, installed.revision) == (None, None)
    assert installed.files[WEIGHTS].sha256 == sha256
    assert installed.weights_hash == decoder[:8]
    assert (row.name, row.state, row.weights_hash) == ("my-own.1", "installed", decoder[:8].hex())
    assert row.size == sum((installed.folder / file).stat().st_size for file in installed.files)
    assert models.verify("my-own.1") == row
    assert sorted(path.name for path in (home / "models").iterdir()) == ["my-own.1"]


def test_added_models_are_listed_after_the_known(save_tiny: Callable[..., Path]) -> None:
    models.add(save_tiny(), "zebra")
    models.add(save_tiny(), "antelope")
    names = [row.name for row in models.list_models()]
    assert names == ["lite-1", *KNOWN, "antelope", "zebra"]


def test_nothing_is_left_of_what_cannot_be_added(
    save_tiny: Callable[..., Path], home: Path
) -> None:
    models.add(save_tiny("other"), "other")
    folder = save_tiny()
    with pytest.raises(WeightsMismatch):  # after copying
        models.add(folder, "taesd")
    (folder / WEIGHTS).write_bytes(b"damaged")
    with pytest.raises(BadModel):  # before
        models.add(folder, "own")
    assert [path.name for path in (home / "models").iterdir()] == ["other"]


def test_a_store_that_cannot_be_written(save_tiny: Callable[..., Path], home: Path) -> None:
    home.write_bytes(b"a file where the folder should be")
    with pytest.raises(OutputError, match="cannot write"):
        models.add(save_tiny(), "own")
    assert records.installed_names() == []


@pytest.mark.parametrize("name", ["", ".own", "Own", "a/b", "..", "a b", "ö", "a" * 33, "a\n"])
def test_names_that_are_none(save_tiny: Callable[..., Path], name: str) -> None:
    with pytest.raises(BadModelName):
        models.add(save_tiny(), name)
    assert records.find(name) is None


def test_names_that_are_taken(save_tiny: Callable[..., Path]) -> None:
    folder = save_tiny()
    with pytest.raises(BuiltInModel):
        models.add(folder, "lite-1")
    models.add(folder, "own")
    with pytest.raises(ModelExists, match="sdz models remove own"):
        models.add(folder, "own")


def test_a_known_name_is_held_to_what_is_pinned(
    save_tiny: Callable[..., Path], save_kl: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = save_tiny()
    with pytest.raises(WeightsMismatch) as caught:
        models.add(folder, "taesd")
    assert caught.value.expected == KNOWN["taesd"].weights_sha256
    assert caught.value.found == file_sha256(folder / WEIGHTS)
    with pytest.raises(BadModel, match="AutoencoderTiny with 4 channels"):
        models.add(save_kl(), "taesd")
    pinned = replace(KNOWN["taesd"], weights_sha256=file_sha256(folder / WEIGHTS))
    monkeypatch.setitem(KNOWN, "taesd", pinned)
    assert models.add(folder, "taesd").state == "installed"
    assert [row.name for row in models.list_models()] == ["lite-1", *KNOWN]


def test_remove(save_tiny: Callable[..., Path], home: Path) -> None:
    models.add(save_tiny(), "own")
    models.remove("own")
    assert records.find("own") is None
    assert list((home / "models").iterdir()) == []
    with pytest.raises(UnknownModel):
        models.remove("own")
    with pytest.raises(ModelMissing):
        models.remove("sd14")
    with pytest.raises(BuiltInModel):
        models.remove("lite-1")
    with pytest.raises(BadModelName):
        models.remove("../models")


def test_verify_finds_a_changed_byte(save_tiny: Callable[..., Path]) -> None:
    models.add(save_tiny(), "own")
    installed = records.require("own")
    change_a_byte(installed.folder / WEIGHTS)
    assert records.untouched(installed)
    with pytest.raises(WeightsMismatch) as caught:
        models.verify("own")
    assert caught.value.expected == installed.files[WEIGHTS].sha256
    assert caught.value.found == file_sha256(installed.folder / WEIGHTS)


def test_a_file_that_is_gone(save_tiny: Callable[..., Path]) -> None:
    models.add(save_tiny(), "own")
    installed = records.require("own")
    (installed.folder / WEIGHTS).unlink()
    assert not records.untouched(installed)
    assert models.list_models()[-1].state == "damaged"
    with pytest.raises(BadModel, match="cannot be read"):
        models.verify("own")


def test_verify_what_is_not_there() -> None:
    with pytest.raises(ModelMissing, match="sdz models pull taef1"):
        models.verify("taef1")
    with pytest.raises(UnknownModel, match="lite-1, sd14"):
        models.verify("other")


@pytest.mark.parametrize(
    "record",
    [b"", b"{", b"[]", b'{"files": {}}', b'{"files": {"a": {"size": 1}}}'],
)
def test_a_damaged_record(save_tiny: Callable[..., Path], record: bytes) -> None:
    models.add(save_tiny(), "own")
    path = records.require("own").folder / "model.json"
    path.write_bytes(record)
    with pytest.raises(BadModel, match=r"model\.json"):
        records.find("own")
    assert models.list_models()[-1].state == "damaged"
    models.remove("own")
    assert records.installed_names() == []


def test_weights_that_nobody_pinned_are_held_to_the_first(
    save_kl: Callable[..., Path],
) -> None:
    assert KNOWN["sd14"].weights_sha256 is None
    models_folder().mkdir(parents=True)

    def stage(seed: int) -> Path:
        staged = models_folder() / f".staged-{seed}"
        return save_kl(f"seed-{seed}", seed=seed).rename(staged)

    first = store.install(stage(1), "sd14", "r1")
    with pytest.raises(WeightsMismatch) as caught:
        store.install(stage(2), "sd14", "r1")
    assert caught.value.expected == first.files[WEIGHTS].sha256
    assert records.require("sd14") == first
    later = store.install(stage(3), "sd14", "r2")
    assert records.require("sd14") == later != first


def test_the_record_can_be_read_by_other_programs(save_tiny: Callable[..., Path]) -> None:
    models.add(save_tiny(), "own")
    record = json.loads((records.require("own").folder / "model.json").read_text())
    assert record["kind"] == "AutoencoderTiny"
    assert set(record["files"]) == {"config.json", WEIGHTS}
