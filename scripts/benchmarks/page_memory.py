"""What a browser and a daemon take of memory, from Linux's own books."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def mebibytes(root: int) -> dict[str, float]:
    """MiB (shared pages counted in shares) of the processes under ``root``, by what they are."""
    found: dict[str, float] = {}
    for name, path in _processes(root):
        size = _field(path / "smaps_rollup", "Pss:")
        found[name] = found.get(name, 0) + size / 1024
    return found


def begin(root: int) -> None:
    """From now on the most that each process under ``root`` takes is noted."""
    for _, path in _processes(root):
        path.joinpath("clear_refs").write_text("5")


def most(root: int) -> dict[str, float]:
    """MiB that the largest process of each kind has had since then, with what it shares."""
    found: dict[str, float] = {}
    for name, path in _processes(root):
        found[name] = max(found.get(name, 0), _field(path / "status", "VmHWM:") / 1024)
    return found


def _processes(root: int) -> Iterator[tuple[str, Path]]:
    """Those with a name, and where Linux tells of them."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(path.joinpath("stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        parents.setdefault(parent, []).append(int(path.name))
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        waiting += parents.get(pid, [])
        path = Path(f"/proc/{pid}")
        try:
            name = _name(path.joinpath("cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
        if name:
            yield name, path


def _field(path: Path, name: str) -> int:
    """A number of a file of lines; 0 for a process that has ended."""
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)


def _name(words: str) -> str:
    if "sdz.engine.child" in words:
        return "engine"
    if "sdz serve" in words:
        return "daemon"
    if "--type=renderer" in words:
        return "extension" if "--extension-process" in words else "pages"
    if "chromium" in words:
        return "browser, rest"
    if "firefox" in words and "-contentproc" in words:
        return "pages and extension" if words.endswith(" tab ") else "browser, rest"
    return ""
