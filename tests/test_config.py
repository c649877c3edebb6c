"""Settings: which place beats which, what is refused, and that every one is documented."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from sdz.config import KEYS, load_settings
from sdz.errors import BadSetting, UnknownSetting
from sdz.home import config_path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_flag_over_environment_over_file_over_default(file: Path) -> None:
    file.write_text('[engine]\nkeep_alive = "1m"\nqueue_limit = 2\ndevice = "cpu"\n')
    environ = {"SDZ_ENGINE_KEEP_ALIVE": "2m", "SDZ_ENGINE_QUEUE_LIMIT": "3", "SDZ_HOME": "x"}
    resolved = load_settings({"engine.keep_alive": "3m"}, environ, file)
    engine = resolved.settings.engine
    assert (engine.keep_alive_s, engine.queue_limit, engine.device) == (180.0, 3, "cpu")
    assert resolved.settings.service.port == 7390
    origins = {row.key: row.origin for row in resolved.rows}
    assert origins["engine.keep_alive"] == "the command line"
    assert origins["engine.queue_limit"] == "$SDZ_ENGINE_QUEUE_LIMIT"
    assert origins["engine.device"] == str(file)
    assert origins["service.port"] == "default"


def test_an_unknown_key_names_the_nearest(file: Path) -> None:
    file.write_text('[engine]\nkeepalive = "1m"\n')
    with pytest.raises(UnknownSetting) as caught:
        load_settings({}, {}, file)
    assert caught.value.nearest == "engine.keep_alive"
    assert str(file) in str(caught.value)
    with pytest.raises(UnknownSetting) as caught:
        load_settings({}, {"SDZ_ENGINE_KEEPALIVE": "1m"}, file.with_name("none"))
    assert caught.value.nearest == "SDZ_ENGINE_KEEP_ALIVE"
    for text in ("port = 1\n", "[serv]\nport = 1\n", "[service.port]\nx = 1\n"):
        file.write_text(text)
        with pytest.raises((UnknownSetting, BadSetting)):
            load_settings({}, {}, file)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("engine.keep_alive", "300"),
        ("engine.keep_alive", "5 minutes"),
        ("engine.keep_alive", ""),
        ("cache.size", "8"),
        ("cache.size", "8g"),
        ("cache.size", "-1GB"),
        ("service.port", "70000"),
        ("service.port", "http"),
        ("engine.device", "gpu"),
        ("engine.allow_cpu_fallback", "perhaps"),
        ("pairing.tries", "0"),
    ],
)
def test_a_wrong_value_is_refused(key: str, value: str, file: Path) -> None:
    with pytest.raises(BadSetting) as caught:
        load_settings({key: value}, {}, file)
    assert caught.value.key == key


@pytest.mark.parametrize("value", ["300", "true", "1.5", "[1]"])
def test_a_number_in_the_file_needs_its_unit_too(value: str, file: Path) -> None:
    file.write_text(f"[engine]\nkeep_alive = {value}\n")
    with pytest.raises(BadSetting):
        load_settings({}, {}, file)


def test_values_with_units(file: Path) -> None:
    file.write_text('[engine]\nkeep_alive = "forever"\n[cache]\nsize = "1.5GiB"\n')
    settings = load_settings({"service.body_stall": "1m30s"}, {}, file).settings
    assert settings.engine.keep_alive_s == math.inf
    assert settings.cache.size_bytes == 3 << 29
    assert settings.service.body_stall_s == 90
    file.write_text("[engine]\nkeep_alive = 0\n[cache]\nsize = 0\n")
    settings = load_settings({}, {}, file).settings
    assert (settings.engine.keep_alive_s, settings.cache.size_bytes) == (0, 0)


def test_a_file_that_is_no_toml_is_named(file: Path) -> None:
    for data in (b"[engine", b"\xff"):
        file.write_bytes(data)
        with pytest.raises(BadSetting, match=file.name):
            load_settings({}, {}, file)


def test_the_defaults_are_the_same_by_both_ways(file: Path) -> None:
    from sdz.config import Settings

    assert load_settings({}, {}, file).settings == Settings()


def test_where_the_file_is() -> None:
    assert config_path({"SDZ_HOME": "/x"}) == Path("/x/config.toml")
    assert config_path({}).name == "config.toml"


def test_every_setting_says_what_it_is(file: Path) -> None:
    rows = load_settings({}, {}, file).rows
    assert {row.key for row in rows} == set(KEYS)
    assert all(row.about for row in rows)
