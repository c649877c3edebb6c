"""Where sdz keeps things: under ``$SDZ_HOME``, or in the folders that the system has for them.

config.toml          settings                     else in the user's configuration folder
models/              autoencoders                 else in the user's data folder, as are
service/             the daemon: where it is, its clients, its log
watch/               watched folders: their locks, their journal
cache/opened/        pictures shown by sdz open   else in the user's cache folder, as is
cache/pictures/      what the daemon decoded
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def home() -> Path:
    """The folder for everything that sdz keeps: ``$SDZ_HOME``, or the user's data folder."""
    if given := os.environ.get("SDZ_HOME"):
        return Path(given)
    import platformdirs  # not at the top: with SDZ_HOME, and for a mere import, it is not needed

    return platformdirs.user_data_path("sdz", appauthor=False)


def models_folder() -> Path:
    """The folder that holds a folder for each model."""
    return home() / "models"


def service_folder() -> Path:
    """Where the daemon keeps what is to be known of it."""
    return home() / "service"


def watch_folder() -> Path:
    """Where the locks and the journal of watched folders are."""
    return home() / "watch"


def cache_folder(name: str) -> Path:
    """The folder ``name`` for what may be deleted at any time."""
    if given := os.environ.get("SDZ_HOME"):
        return Path(given) / "cache" / name
    import platformdirs

    return platformdirs.user_cache_path("sdz", appauthor=False) / name


def config_path(environ: Mapping[str, str] = os.environ) -> Path:
    """The settings file."""
    if given := environ.get("SDZ_HOME"):
        return Path(given) / "config.toml"
    import platformdirs

    return platformdirs.user_config_path("sdz", appauthor=False) / "config.toml"
