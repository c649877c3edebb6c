"""Keep the present edition readable: ``python scripts/train/retire.py``, before ``export.py``.

Copies what reading needs, everything but the encoder, to ``daemon/sdz/models/editions/`` under the
hash that its files carry. Golden files hold the package to it.
"""

from __future__ import annotations

from pathlib import Path

from safetensors import safe_open
from safetensors.torch import save_file

from sdz.models.editions import EARLIER, WEIGHTS
from sdz.models.known import BUILT_IN
from sdz.models.weights import decoder_sha256


def retire(weights: Path = WEIGHTS, folder: Path = EARLIER) -> Path:
    """Write the decoder of ``weights`` to ``folder``; the file."""
    with safe_open(weights, framework="pt") as file:
        kept = {
            name: file.get_tensor(name)
            for name in sorted(file.keys())
            if not name.startswith("encoder.")
        }
        metadata = file.metadata()
    folder.mkdir(exist_ok=True)
    path = folder / f"{BUILT_IN}-{decoder_sha256(weights)[:8].hex()}.safetensors"
    save_file(kept, path, metadata)
    path.chmod(0o644)
    return path


if __name__ == "__main__":
    print(retire())
