"""The floors: no module imports one above it, siblings leave each other alone, nothing is a circle.

Every file of the package is looked at, function-level imports, imports for type checking and
``import_module("...")`` with a literal name too. A new top-level module or package must be given
its floor here, and one that is gone must be taken out: a list that names what is not there holds
nothing.
"""

from __future__ import annotations

import ast

import pytest
from imports import MODULES, circles, imported, imports_of, modules_in, part, source_of

from sdz import errors
from sdz.errors import SdzError

FLOORS = [
    {"children", "compiled", "config", "errors", "extras", "files", "grades", "home", "locks"}
    | {"media", "names", "origin", "printable", "processors", "progress", "stopping"}
    | {"undisturbed", "units", "version"},
    {"container"},
    {"entropy"},
    {"ssimulacra2"},
    {"codec", "keeping", "network", "wish"},
    {"models"},
    {"engine", "pictures"},
    {"client", "discovery", "making"},
    {"desktop", "distributed", "pillow", "publishing", "service", "watch"},
    # The package itself offers encode and decode, but must load them only when they are called:
    # see test_walls.
    {"__init__", "__main__", "cli", "commands"},
]
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}

SIBLINGS = {
    ("config", "home"): "where the settings file is",
    ("files", "locks"): "a part that is being written is locked",
    ("config", "units"): "durations and sizes as people write them",
    ("files", "origin"): "a file that is made of another has its times",
    ("names", "media"): "which endings there are",
    ("codec", "wish"): "what is asked of an encoder is the codec's own input",
    ("codec", "keeping"): "and so is what of a picture is to be kept",
    ("wish", "keeping"): "it is a part of a wish",
    ("client", "discovery"): "what client and daemon know of each other",
    ("engine", "pictures"): "a preview needs no engine, and is drawn in a child all the same",
    ("making", "client"): "the daemon is one of those who make",
    ("service", "watch"): "the daemon watches folders",
    ("__main__", "cli"): "python -m sdz",
    ("cli", "commands"): "its table of commands",
}
"""Which part may import which of its own floor, and why. All parts import errors."""

ALONE = ["sdz.container", "sdz.entropy", "sdz.network", "sdz.ssimulacra2"]
"""What stands for itself, so that it can be read, tested and written anew without the rest."""


def is_ours(name: str) -> bool:
    return name.split(".")[0] == "sdz"


def too_high(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """What ``module`` imports from floors above its own."""
    own = FLOOR.get(part(module), len(FLOORS))
    ours = (name for name in imports_of(source, module, is_package=is_package) if is_ours(name))
    return [name for name in ours if FLOOR.get(part(name), 0) > own]


def families(source: str) -> set[str]:
    """The floors of the errors that a module names."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "sdz.errors":
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            names |= {node.attr} if node.value.id == "errors" else set()
    kinds = [getattr(errors, name, None) for name in names]
    homes = {kind.__module__ for kind in kinds if isinstance(kind, type)} - {SdzError.__module__}
    floors = {
        node.value.value
        for home in homes
        for node in ast.parse(source_of(home)).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    }
    return {str(floor) for floor in floors}


# --- the files as they are ----------------------------------------------------------------------


def test_every_part_has_a_floor_and_every_floor_its_parts() -> None:
    assert {part(module) for module in MODULES} == set(FLOOR)


@pytest.mark.parametrize("module", MODULES)
def test_module_imports_nothing_from_above(module: str) -> None:
    is_package = MODULES[module].name == "__init__.py"
    assert too_high(source_of(module), module, is_package=is_package) == []


def test_siblings_import_each_other_only_where_it_is_said_why() -> None:
    arrows = {
        (part(module), part(name))
        for module in MODULES
        for name in imported(module)
        if is_ours(name) and part(name) not in ("__init__", "errors")
    }
    among = {(a, b) for a, b in arrows if a != b and FLOOR[a] == FLOOR[b]}
    assert among == set(SIBLINGS)


@pytest.mark.parametrize("room", ALONE)
def test_what_stands_alone_imports_nothing_of_ours_but_the_ground(room: str) -> None:
    for module in modules_in(room):
        ours = {part(name) for name in imported(module) if is_ours(name)}
        below = {"compiled", "errors", "processors", "stopping"}
        assert ours <= {room.removeprefix("sdz."), *below}, module


def test_no_files_import_each_other_in_a_circle() -> None:
    arrows = {module: imported(module) & set(MODULES) - {module} for module in MODULES}
    assert circles(arrows) == set()


@pytest.mark.parametrize("module", MODULES)
def test_errors_are_of_the_modules_own_floor_or_below(module: str) -> None:
    if part(module) == "errors":
        return
    own = FLOOR[part(module)]
    assert {floor for floor in families(source_of(module)) if FLOOR[floor] > own} == set()


# --- the check itself ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "module", "found"),
    [
        ("import sdz.codec", "sdz.entropy", ["sdz.codec"]),
        ("import sdz.codec.tiles as t", "sdz.entropy.x", ["sdz.codec.tiles"]),
        ("from sdz.models import registry", "sdz.codec.x", ["sdz.models.registry"]),
        ("from sdz import cli", "sdz.service.x", ["sdz.cli"]),
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
    assert list(imports_of(source, "sdz.entropy", is_package=True)) == [
        "sdz.entropy.coder",
        "sdz.models",
    ]


def test_a_circle_is_found_and_what_hangs_on_it_is_not_in_it() -> None:
    arrows = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": {"f"}, "f": {"e"}}
    assert circles(arrows) == {frozenset("abc"), frozenset("ef")}


def test_the_floor_of_an_error_is_its_familys() -> None:
    assert families("from sdz.errors import OutOfMemory, SdzError") == {"engine"}
    assert families("from sdz import errors\nraise errors.BadField") == {"container"}
