"""The settings: a frozen dataclass for each part, and where each value came from.

A flag beats the environment, which beats the file, which beats the default:

    sdz serve --set engine.keep_alive=10m
    SDZ_ENGINE_KEEP_ALIVE=10m
    [engine]                                in config.toml, see ``home.config_path``
    keep_alive = "10m"

A key that does not exist is refused with the nearest one named, and so is a value that is not
of its kind: a setting that silently does nothing is worse than a daemon that does not start.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

from sdz.errors import BadSetting, UnknownSetting
from sdz.home import config_path
from sdz.units import DURATION, SIZE, parse_duration, parse_size

ENVIRONMENT_PREFIX: Final = "SDZ"


def _duration(value: object) -> float:
    if value == 0 and not isinstance(value, bool):
        return 0.0
    if not isinstance(value, str):
        raise ValueError(DURATION)
    return parse_duration(value)


def _size(value: object) -> int:
    if value == 0 and not isinstance(value, bool):
        return 0
    if not isinstance(value, str):
        raise ValueError(SIZE)
    return parse_size(value)


def _whole(low: int, high: int) -> Callable[[object], int]:
    def parse(value: object) -> int:
        wanted = f"a whole number from {low} to {high}"
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError(wanted)
        try:
            number = int(value)
        except ValueError:
            raise ValueError(wanted) from None
        if not low <= number <= high:
            raise ValueError(wanted)
        return number

    return parse


def _one_of(*words: str) -> Callable[[object], str]:
    def parse(value: object) -> str:
        if value not in words:
            raise ValueError(" or ".join(words))
        return str(value)

    return parse


def _yes_no(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise ValueError("true or false")


def _share(value: object) -> float:
    if value == 0 and not isinstance(value, bool):
        return 0.0
    match = re.fullmatch(r"(\d{1,2}(?:\.\d+)?) ?%", value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("a share such as 10%, less than 100%")
    return float(match[1]) / 100


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a text")
    return value


def _setting(default: object, parse: Callable[[object], Any], about: str, key: str = "") -> Any:
    """A field with its parser. ``key``: its name outside, where units have no suffix."""
    about_it = {"parse": parse, "about": about, "key": key, "default": default}
    return field(default=parse(default), metadata=about_it)


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """The HTTP service: where it listens, and what it accepts. It only ever binds 127.0.0.1."""

    port: int = _setting(7390, _whole(0, 65535), "port on 127.0.0.1; 0: any that is free")
    port_tries: int = _setting(50, _whole(1, 1000), "ports tried, one after the other")
    body_bytes: int = _setting("64MiB", _size, "largest body of a request", "body_limit")
    body_memory_bytes: int = _setting(
        "512MiB", _size, "bodies of all requests together", "body_memory"
    )
    body_stall_s: float = _setting("10s", _duration, "longest pause within a body", "body_stall")
    body_timeout_s: float = _setting("60s", _duration, "longest time for a body", "body_timeout")
    pixels: int = _setting(150_000_000, _whole(1, 2**32), "largest picture", "pixel_limit")
    requests: int = _setting(512, _whole(1, 100_000), "requests under way", "request_limit")
    request_timeout_s: float = _setting(
        "5m",
        _duration,
        "longest time for an answer; twenty times that for an encode at high effort",
        "request_timeout",
    )
    shutdown_s: float = _setting(
        "2.5s",
        _duration,
        "how long answers may take when it is stopped; all has ended 2s later",
        "shutdown_timeout",
    )
    heartbeat_s: float = _setting(
        "15s", _duration, "pause between signs of life in events", "heartbeat"
    )
    session_s: float = _setting("12h", _duration, "how long an opened dashboard may ask", "session")
    log_level: str = _setting("info", _one_of("debug", "info", "warning", "error"), "least level")
    log_format: str = _setting(
        "auto", _one_of("auto", "json", "text"), "auto: text on a terminal, else JSON"
    )


@dataclass(frozen=True, slots=True)
class PairingSettings:
    """Letting a new client in."""

    valid_s: float = _setting("2m", _duration, "how long a code is good for", "valid")
    tries: int = _setting(5, _whole(1, 20), "wrong codes until pairing closes")


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """Decoded pictures on the disk."""

    size_bytes: int = _setting("1GiB", _size, "most that is kept; 0: nothing", "size")
    folder: str = _setting("", _text, "where; empty: the user's cache folder")


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """The process that owns the networks."""

    device: str = _setting("auto", _one_of("auto", "cuda", "mps", "cpu"), "where the networks run")
    keep_alive_s: float = _setting(
        "5m", _duration, "how long the engine outlives its last job", "keep_alive"
    )
    queue_limit: int = _setting(256, _whole(1, 100_000), "jobs of each priority that may wait")
    memory_budget_bytes: int = _setting(
        "4GiB", _size, "weights kept in memory; idle models go beyond it", "memory_budget"
    )
    memory_limit_bytes: int = _setting(
        "0", _size, "memory that each process may take; 0: most of the machine's", "memory_limit"
    )
    allow_cpu_fallback: bool = _setting(
        True, _yes_no, "whether the processor may do what the device has no memory for"
    )


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """Folders whose pictures become ``.sdz`` files. What one folder is given beats these."""

    settle_s: float = _setting("2s", _duration, "how long a file must not change", "settle")
    rescan_s: float = _setting("5m", _duration, "pause between looks at a whole folder", "rescan")
    jobs: int = _setting(
        0, _whole(0, 64), "pictures of a folder under way at once; 0: as many as processors"
    )
    originals: str = _setting(
        "keep", _one_of("keep", "trash"), "what becomes of a picture once its .sdz is verified"
    )
    min_saving: float = _setting(
        "10%", _share, "least saving; a file that saves less is left alone"
    )
    notify: bool = _setting(False, _yes_no, "a desktop notification when a folder is done")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, part by part."""

    service: ServiceSettings = ServiceSettings()
    pairing: PairingSettings = PairingSettings()
    cache: CacheSettings = CacheSettings()
    engine: EngineSettings = EngineSettings()
    watch: WatchSettings = WatchSettings()


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting as it stands: ``text`` as it was written, ``origin`` the place it is from."""

    key: str
    text: str
    origin: str
    about: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """The settings and, for people, where each of them came from."""

    settings: Settings
    rows: tuple[SettingRow, ...]


def load_settings(
    flags: Mapping[str, str] | None = None,
    environ: Mapping[str, str] = os.environ,
    path: Path | None = None,
) -> Resolved:
    """Resolve all settings. ``flags``: ``{"engine.device": "cpu"}`` from the command line.

    Raises UnknownSetting or BadSetting. A missing file is none.
    """
    layers: list[dict[str, tuple[object, str]]] = [
        _from_file(path or config_path(environ)),
        _from_environment(environ),
        {key: (value, "the command line") for key, value in (flags or {}).items()},
    ]
    given: dict[str, tuple[object, str]] = {}
    for layer in layers:
        for key, (value, where) in layer.items():
            if key not in KEYS:
                raise UnknownSetting(where, key, _nearest(key))
            given[key] = (value, where)

    parts: dict[str, dict[str, Any]] = {}
    rows = []
    for key, (part, item) in KEYS.items():
        value, where = given.get(key, (item.metadata["default"], "default"))
        try:
            parts.setdefault(part, {})[item.name] = item.metadata["parse"](value)
        except ValueError as error:
            raise BadSetting(where, key, str(error), value) from None
        rows.append(SettingRow(key, _as_text(value), where, item.metadata["about"]))
    defaults = Settings()
    chosen = {part: replace(getattr(defaults, part), **values) for part, values in parts.items()}
    return Resolved(Settings(**chosen), tuple(rows))


def _all_keys() -> Iterator[tuple[str, tuple[str, Field[Any]]]]:
    for part in fields(Settings):
        for item in fields(getattr(Settings(), part.name)):
            yield f"{part.name}.{item.metadata['key'] or item.name}", (part.name, item)


KEYS: Final[dict[str, tuple[str, Field[Any]]]] = dict(_all_keys())
"""Every key that can be set, its part and its field."""

_VARIABLES: Final = {f"{ENVIRONMENT_PREFIX}_{key.replace('.', '_').upper()}": key for key in KEYS}


def _nearest(key: str) -> str | None:
    found = difflib.get_close_matches(key, KEYS, n=1, cutoff=0.5)
    return found[0] if found else None


def _from_file(path: Path) -> dict[str, tuple[object, str]]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(str(path), "the file", "TOML", str(error)) from None
    values: dict[str, tuple[object, str]] = {}
    for part, table in tables.items():
        if not isinstance(table, dict):
            raise UnknownSetting(str(path), part, _nearest(part))
        for name, value in table.items():
            values[f"{part}.{name}"] = (value, str(path))
    return values


def _from_environment(environ: Mapping[str, str]) -> dict[str, tuple[object, str]]:
    values: dict[str, tuple[object, str]] = {}
    prefixes = tuple(f"{ENVIRONMENT_PREFIX}_{part.name.upper()}_" for part in fields(Settings))
    for name, value in environ.items():
        if name in _VARIABLES:
            values[_VARIABLES[name]] = (value, f"${name}")
        elif name.startswith(prefixes):  # others, such as SDZ_HOME, are not settings
            nearest = difflib.get_close_matches(name, _VARIABLES, n=1, cutoff=0.5)
            raise UnknownSetting("the environment", name, nearest[0] if nearest else None)
    return values


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
