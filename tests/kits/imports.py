"""What the package's files import: at the top, in functions, for type checking, by name."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import sdz

PACKAGE = Path(sdz.__file__).parent


def module_name(path: Path) -> str:
    parts = ("sdz", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def part(module: str) -> str:
    """The folder or file of the package that ``module`` is in: ``codec`` of ``sdz.codec.tiles``."""
    return module.split(".")[1] if "." in module else "__init__"


def source_of(module: str) -> str:
    return MODULES[module].read_text(encoding="utf-8")


def is_in(module: str, *rooms: str) -> bool:
    """Whether it is one of these modules or in one of these packages."""
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


def modules_in(*rooms: str) -> list[str]:
    """The modules of these rooms (``sdz.codec``); one that is gone is a fault."""
    for room in rooms:
        assert room in MODULES, f"{room} is named here, and gone"
    return [module for module in MODULES if is_in(module, *rooms)]


def imported(module: str) -> set[str]:
    """Absolute names of all that ``module`` imports: ``sdz.codec.tiles`` as well as ``numpy``."""
    is_package = MODULES[module].name == "__init__.py"
    return set(imports_of(source_of(module), module, is_package=is_package))


def top_level(names: Iterable[str]) -> set[str]:
    """``numpy`` of ``numpy.typing``."""
    return {name.split(".")[0] for name in names}


def imports_of(source: str, module: str, *, is_package: bool = False) -> Iterator[str]:
    """As ``imported``, of a text that would be that module."""
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
            for alias in node.names:  # `from sdz import container` is about sdz.container
                known = f"{base}.{alias.name}" in MODULES
                yield f"{base}.{alias.name}" if known else base
        elif isinstance(node, ast.Call) and node.args:
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else None
            name = function.id if isinstance(function, ast.Name) else name
            target = node.args[0]
            if name in ("import_module", "__import__") and isinstance(target, ast.Constant):
                text = str(target.value)
                dots = len(text) - len(text.lstrip("."))
                yield absolute(text.lstrip("."), dots)


def circles(arrows: Mapping[str, Iterable[str]]) -> set[frozenset[str]]:
    """Groups of names that reach each other (strongly connected components of more than one)."""
    reach = {name: _reached(name, arrows) for name in arrows}
    groups = {
        frozenset(other for other in reach[name] if name in reach.get(other, ())) for name in arrows
    }
    return {group for group in groups if len(group) > 1}


def _reached(start: str, arrows: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    ahead = [start]
    while ahead:
        for name in arrows.get(ahead.pop(), ()):
            if name not in found:
                found.add(name)
                ahead.append(name)
    return found
