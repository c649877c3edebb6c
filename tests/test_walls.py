"""The walls that CONTRIBUTING names, a test for each; a wall around what is gone is a failure.

- A file is read without the network and without torch.
- torch and its kin live in child processes.
- Only ``service/`` knows HTTP, and middlewares for others' servers; only its ``problems.py`` the
  status codes of refusals, and its ``http/`` no feature.
- Only ``extension/background/daemon.js`` knows the daemon's address and token.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest
from imports import MODULES, PACKAGE, imported, is_in, modules_in, source_of, top_level

TORCH = {"torch", "diffusers", "accelerate", "safetensors", "transformers", "onnxruntime"}
NETWORK = {"aiohttp", "http", "huggingface_hub", "requests", "socket", "ssl", "urllib"}

# --- a file is read without the network and without torch ---------------------------------------

GROUND = [
    "sdz.children",
    "sdz.config",
    "sdz.errors",
    "sdz.files",
    "sdz.home",
    "sdz.locks",
    "sdz.media",
    "sdz.units",
    "sdz.version",
]
PARSE = ["sdz.container", "sdz.entropy"]
MEASURE = ["sdz.codec.fidelity", "sdz.ssimulacra2"]


@pytest.mark.parametrize("module", modules_in(*GROUND, *PARSE, *MEASURE, "sdz.wish"))
def test_lower_floors_never_name_torch(module: str) -> None:
    assert top_level(imported(module)) & TORCH == set()


@pytest.mark.parametrize("module", modules_in(*PARSE, "sdz.codec", "sdz.pictures"))
def test_reading_never_names_the_network(module: str) -> None:
    assert top_level(imported(module)) & NETWORK == set()


@pytest.mark.parametrize("module", modules_in(*GROUND, "sdz.container", "sdz.wish"))
def test_what_is_lowest_needs_the_standard_library_alone(module: str) -> None:
    others = top_level(imported(module)) - {"sdz"} - sys.stdlib_module_names
    # The system's folders, of which home asks only without SDZ_HOME.
    assert others <= ({"platformdirs"} if module == "sdz.home" else set())


def loaded_by(module: str) -> set[str]:
    """Top-level modules that a fresh interpreter loads for ``import module``."""
    program = (
        f"import sys; before = set(sys.modules); import {module}; "
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_import_of_the_container_loads_the_standard_library_alone() -> None:
    assert loaded_by("sdz.container") - {"sdz"} <= sys.stdlib_module_names


# --- torch lives in child processes -------------------------------------------------------------

QUICK = [
    "sdz",
    "sdz.cli",
    "sdz.client",
    "sdz.codec.encode",
    "sdz.codec.fidelity",
    "sdz.commands",
    "sdz.commands.info",
    "sdz.container",
    "sdz.container.summary",
    "sdz.desktop.thumbnail",
    "sdz.distributed.plan",
    "sdz.engine",
    "sdz.entropy",
    "sdz.models.preview",
    "sdz.pictures",
    "sdz.pillow",
    "sdz.publishing.serving",
    "sdz.publishing.site",
    "sdz.service",
    "sdz.service.process.run",
    "sdz.watch",
    "sdz.watch.watcher",
    "sdz.wish",
]


@pytest.mark.parametrize("module", QUICK)
def test_import_loads_no_torch(module: str) -> None:
    loaded = loaded_by(module)
    assert "sdz" in loaded
    assert loaded & {"torch", "diffusers", "transformers", "onnxruntime"} == set()


# --- only service/ knows HTTP -------------------------------------------------------------------

FEATURES = ["access", "dashboard", "models", "pictures", "process", "system", "watches"]
"""Folders of ``service/``; tests/service/test_rooms.py says which of them knows which."""

STATUS_ELSEWHERE = {
    ("sdz.service.http.perimeter", 499): "for the log: the client went away, nobody is answered",
    ("sdz.service.dashboard.routes", 410): "a page for a person whose link is used up, no problem",
}


def test_only_the_service_knows_http() -> None:
    knowing = [name for name in MODULES if "aiohttp" in top_level(imported(name))]
    assert knowing
    # Middlewares for servers of others, which know nothing of ours.
    allowed = {"sdz.publishing.serving"}
    assert {name for name in knowing if not is_in(name, "sdz.service")} == allowed


def refusals_in(source: str) -> set[int]:
    """Numbers in a text that are written as the status of a refusal is."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    numbers = [token.string for token in tokens if token.type == tokenize.NUMBER]
    return {int(number) for number in numbers if re.fullmatch("[45][0-9][0-9]", number)}


def test_only_problems_knows_the_status_codes_of_refusals() -> None:
    problems = "sdz.service.http.problems"
    assert refusals_in(source_of(problems)) > {404, 422}
    found = {
        (module, status)
        for module in modules_in("sdz.service")
        for status in refusals_in(source_of(module))
        if module != problems
    }
    allowed = {("sdz.service.access.sessions", 400)}  # days of a cookie
    assert found - allowed == set(STATUS_ELSEWHERE)


def test_http_names_no_feature() -> None:
    features = [f"sdz.service.{name}" for name in FEATURES]
    assert modules_in(*features)
    found = {
        (module, name)
        for module in modules_in("sdz.service.http")
        for name in imported(module)
        if is_in(name, "sdz.service.app", *features)
    }
    assert found == set()


# --- only daemon.js knows the daemon's address and token ----------------------------------------

EXTENSION = PACKAGE.parents[1] / "extension"
SCRIPTS = [
    path
    for path in sorted(EXTENSION.rglob("*.js"))
    if not {"tests", "node_modules", "package"} & set(path.relative_to(EXTENSION).parts)
]
DAEMON = EXTENSION / "background" / "daemon.js"


def saying(pattern: str) -> list[Path]:
    return [path for path in SCRIPTS if re.search(pattern, path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(
    "pattern",
    [
        r"http://(127\.0\.0\.1|localhost)",
        "Authorization",
        "Bearer",
        r"\.token\b",
        r'from "[./]*vault\.js"',
    ],
)
def test_only_daemon_js_knows_where_the_daemon_is_and_what_it_is_shown(pattern: str) -> None:
    assert saying(pattern) in ([DAEMON], [])
    assert DAEMON in SCRIPTS


def test_its_host_is_named_elsewhere_only_to_let_requests_through() -> None:
    assert saying(r"127\.0\.0\.1") == [DAEMON, DAEMON.with_name("redirects.js")]
