"""The floors: no module imports one above it, and the walls around torch and numpy hold.

Every file of the package is looked at, function-level imports, imports for type checking and
``import_module("...")`` with a literal name too. A new top-level module or package must be given
its floor here.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import sdz

PACKAGE = Path(sdz.__file__).parent
FLOORS = [
    {"children", "errors", "version", "home", "files", "units", "config", "locks"},
    {"container"},
    {"entropy"},
    {"wish"},
    {"codec"},
    {"models"},
    {"pictures"},
    {"engine"},
    {"discovery", "client"},
    {"service", "watch", "desktop", "distributed"},
    # The package itself offers encode and decode, but must load them only when they are called:
    # test_import_loads_no_torch[sdz] holds it to that.
    {"cli", "commands", "pillow", "__init__", "__main__"},
]
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}
WITHOUT_TORCH = FLOORS[0] | FLOORS[1] | FLOORS[2] | FLOORS[3]
STANDARD_LIBRARY_ALONE = (FLOORS[0] | FLOORS[1] | {"wish"}) - {"home"}
TORCH = {"torch", "diffusers", "accelerate", "safetensors", "transformers"}

FILES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def module_name(path: Path) -> str:
    parts = ("sdz", *path.with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def part(module: str) -> str:
    """The name under which the floor of ``module`` is listed."""
    return module.split(".")[1] if "." in module else "__init__"


MODULES = {module_name(path): path for path in FILES}


def modules_of(parts: set[str]) -> list[str]:
    return [name for name in MODULES if part(name) in parts]


def imported(source: str, module: str, *, is_package: bool) -> Iterator[str]:
    """Absolute names of all that ``module`` imports: ``sdz.codec`` as well as ``numpy``."""
    package = module if is_package else module.rpartition(".")[0]

    def absolute(name: str, level: int) -> str:
        if not level:
            return name
        base = package.split(".")[: len(package.split(".")) - level + 1]
        return ".".join([*base, name] if name else base)

    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(node.module or "", node.level)
            if base == "sdz":  # `from sdz import container` is about sdz.container
                for alias in node.names:
                    known = f"sdz.{alias.name}" in MODULES
                    yield f"sdz.{alias.name}" if known else "sdz"
            else:
                yield base
        elif isinstance(node, ast.Call) and node.args:
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else None
            name = function.id if isinstance(function, ast.Name) else name
            target = node.args[0]
            if name in ("import_module", "__import__") and isinstance(target, ast.Constant):
                text = str(target.value)
                dots = len(text) - len(text.lstrip("."))
                yield absolute(text.lstrip("."), dots)


def too_high(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """What ``module`` imports from floors above its own."""
    own = FLOOR.get(part(module), len(FLOORS))
    ours = (name for name in imported(source, module, is_package=is_package) if is_ours(name))
    return [name for name in ours if FLOOR.get(part(name), 0) > own]


def is_ours(name: str) -> bool:
    return name.split(".")[0] == "sdz"


def source_of(module: str) -> tuple[str, bool]:
    path = MODULES[module]
    return (PACKAGE / path).read_text(encoding="utf-8"), path.name == "__init__.py"


# --- the files as they are ----------------------------------------------------------------------


def test_every_module_has_a_floor() -> None:
    assert {part(module) for module in MODULES} - set(FLOOR) == set()


@pytest.mark.parametrize("module", MODULES)
def test_module_imports_nothing_from_above(module: str) -> None:
    source, is_package = source_of(module)
    assert too_high(source, module, is_package=is_package) == []


@pytest.mark.parametrize("module", modules_of(WITHOUT_TORCH))
def test_lower_floors_never_name_torch(module: str) -> None:
    source, is_package = source_of(module)
    names = {name.split(".")[0] for name in imported(source, module, is_package=is_package)}
    assert names & TORCH == set()


@pytest.mark.parametrize(
    "module", [name for name in MODULES if part(name) in STANDARD_LIBRARY_ALONE]
)
def test_container_needs_the_standard_library_alone(module: str) -> None:
    source, is_package = source_of(module)
    names = {name.split(".")[0] for name in imported(source, module, is_package=is_package)}
    assert names - {"sdz"} <= sys.stdlib_module_names


# --- the check itself ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "module", "found"),
    [
        ("import sdz.codec", "sdz.entropy", ["sdz.codec"]),
        ("import sdz.codec.tiles as t", "sdz.entropy.x", ["sdz.codec.tiles"]),
        ("from sdz.models import registry", "sdz.codec.x", ["sdz.models"]),
        ("from sdz import cli", "sdz.service.x", ["sdz.cli"] if "sdz.cli" in MODULES else ["sdz"]),
        ("from sdz import encode", "sdz.codec.x", ["sdz"]),
        ("from .. import container", "sdz.entropy.x", []),
        ("from ..container import pack", "sdz.errors.x", ["sdz.container"]),
        ("from .container import pack", "sdz.errors", ["sdz.container"]),
        ("def f():\n    from sdz.engine import run", "sdz.models.x", ["sdz.engine"]),
        ("if TYPE_CHECKING:\n    import sdz.models", "sdz.codec.x", ["sdz.models"]),
        ("importlib.import_module('sdz.models')", "sdz.codec.x", ["sdz.models"]),
        ("import_module('..engine', __package__)", "sdz.codec.x", ["sdz.engine"]),
        ("import sdz.container, sdz.errors\nimport numpy", "sdz.entropy.x", []),
        ("from sdz.watch import journal", "sdz.service.x", []),
        ("from . import x\nfrom .y import z", "sdz.entropy.w", []),
        ("from sdz.cli import main", "sdz.__main__", []),
    ],
)
def test_the_check_finds_what_it_should(source: str, module: str, found: list[str]) -> None:
    assert too_high(source, module) == found


def test_relative_imports_of_a_package_start_at_itself() -> None:
    source = "from .coder import encode\nfrom ..models import load"
    assert list(imported(source, "sdz.entropy", is_package=True)) == [
        "sdz.entropy.coder",
        "sdz.models",
    ]


# --- what is loaded when it runs ----------------------------------------------------------------

QUICK = [
    name
    for name in (
        "sdz",
        "sdz.container",
        "sdz.entropy",
        "sdz.container.summary",
        "sdz.pictures",
        "sdz.models.preview",
        "sdz.service",
        "sdz.watch",
        "sdz.client",
        "sdz.pillow",
        "sdz.desktop.thumbnail",
        "sdz.commands",
        "sdz.cli",
    )
    if name in MODULES
]


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


@pytest.mark.parametrize("module", QUICK)
def test_import_loads_no_torch(module: str) -> None:
    loaded = loaded_by(module)
    assert "sdz" in loaded
    assert loaded & {"torch", "diffusers", "transformers"} == set()


def test_import_of_the_container_loads_the_standard_library_alone() -> None:
    assert loaded_by("sdz.container") - {"sdz"} <= sys.stdlib_module_names
