"""Autoencoders by name: ``load``, ``describe``, and what ``sdz models`` does.

Importing this imports neither torch nor numpy nor the network client; each function brings in
what it needs.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sdz.codec.autoencoder import Autoencoder
    from sdz.models.description import Description
    from sdz.models.fetch import Report
    from sdz.models.registry import ModelRow

__all__ = [
    "add",
    "describe",
    "list_models",
    "load",
    "progress_bar",
    "pull",
    "remove",
    "verify",
]


def describe(name: str) -> Description:
    """What is known of a model without its network; see ``registry.describe``."""
    from sdz.models import registry

    return registry.describe(name)


def load(name: str, device: str = "cpu") -> Autoencoder:
    """Load a model's network onto a torch device; see ``registry.load``."""
    from sdz.models import registry

    return registry.load(name, device)


def list_models() -> list[ModelRow]:
    """Every model there is or could be; see ``registry.list_models``."""
    from sdz.models import registry

    return registry.list_models()


def verify(name: str) -> ModelRow:
    """Hash an installed model's files again; see ``registry.verify``."""
    from sdz.models import registry

    return registry.verify(name)


def add(folder: Path, name: str) -> ModelRow:
    """Install a local folder in diffusers layout; see ``store.add``."""
    from sdz.models import registry, store

    store.add(folder, name)
    return registry.row(name)


def remove(name: str) -> None:
    """Delete an installed model; see ``store.remove``."""
    from sdz.models import store

    store.remove(name)


def pull(name: str, report: Report | None = None) -> Path:
    """Fetch a known model from the hub, or find it here already; see ``hub.pull``."""
    from sdz.models import hub

    return hub.pull(name, report)


def progress_bar(name: str) -> AbstractContextManager[Report]:
    """A progress bar to hand to ``pull``; see ``hub.progress_bar``."""
    from sdz.models import hub

    return hub.progress_bar(name)
