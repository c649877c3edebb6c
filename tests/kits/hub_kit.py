"""A model that is not installed yet: a hub on the loopback that has it, and a file made with it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drawn import as_file, scene
from live_daemon import PACKAGE

from sdz.models.known import KNOWN

MISSING = "sd14"  # whose weights are not pinned, so that small ones will do


@dataclass(frozen=True)
class MissingModel:
    """``hub``: what has it; ``environment``: what a daemon needs to find that; ``file``: a .sdz."""

    hub: Any
    environment: dict[str, str]
    file: bytes


@contextmanager
def missing_model(folder: Path) -> Iterator[MissingModel]:
    """A hub with a small autoencoder under a known name, and a picture of 96 x 64 made with it."""
    import torch
    from diffusers import AutoencoderKL

    path = Path(__file__).parents[1] / "kits" / "hub_server.py"
    spec = importlib.util.spec_from_file_location("hub_server_of_the_extension", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.REVISION = KNOWN[MISSING].revision  # type: ignore[attr-defined]
    torch.manual_seed(0)
    AutoencoderKL(
        block_out_channels=(8, 16, 32, 32),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        norm_num_groups=2,
        sample_size=32,
    ).save_pretrained(folder / "model")
    files = {f"vae/{path.name}": path.read_bytes() for path in (folder / "model").iterdir()}
    with module.HubServer(KNOWN[MISSING].repo, files) as hub:
        environment = {
            "HF_ENDPOINT": hub.endpoint,
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_XET": "1",
            "NO_PROXY": "*",
        }
        yield MissingModel(hub, environment, _made_elsewhere(folder, environment))


def _made_elsewhere(folder: Path, environment: dict[str, str]) -> bytes:
    """A file of the model, from a home of its own that has it."""
    own = {"SDZ_HOME": str(folder / "maker"), "PYTHONPATH": str(PACKAGE)}
    (folder / "scene.png").write_bytes(as_file(scene(64, 96, 3)))

    def sdz(*words: str) -> None:
        command = [sys.executable, "-m", "sdz", *words]
        run = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **environment, **own},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr

    sdz("models", "pull", MISSING)
    sdz("encode", "scene.png", "--model", MISSING, "-o", "scene.sdz", "--allow-larger")
    return (folder / "scene.sdz").read_bytes()
