"""Where sdz keeps things."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from sdz.home import cache_folder, config_path, home, models_folder, service_folder, watch_folder


def test_home_is_the_users_data_folder_or_what_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SDZ_HOME", str(tmp_path / "there"))
    assert models_folder() == tmp_path / "there" / "models"
    monkeypatch.delenv("SDZ_HOME")
    assert home() == Path(platformdirs.user_data_dir("sdz", appauthor=False))


def test_everything_is_below_the_home_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SDZ_HOME", str(tmp_path))
    for folder in (service_folder(), watch_folder(), cache_folder("opened"), config_path()):
        assert folder.is_relative_to(tmp_path)


def test_without_it_each_is_in_the_systems_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SDZ_HOME")
    cache = Path(platformdirs.user_cache_dir("sdz", appauthor=False))
    assert cache_folder("pictures") == cache / "pictures"
    settings = Path(platformdirs.user_config_dir("sdz", appauthor=False))
    assert config_path({}) == settings / "config.toml"
