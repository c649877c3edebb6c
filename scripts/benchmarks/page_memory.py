"""What a browser and a daemon take of memory, from Linux's own books."""

from __future__ import annotations

from pathlib import Path


def mebibytes(root: int) -> dict[str, float]:
    """MiB (shared pages counted in shares) of the processes under ``root``, by what they are."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(path.joinpath("stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        parents.setdefault(parent, []).append(int(path.name))
    found: dict[str, float] = {}
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        waiting += parents.get(pid, [])
        try:
            words = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        size = next(int(line.split()[1]) for line in rollup.splitlines() if line[:4] == "Pss:")
        name = _name(words)
        if name:
            found[name] = found.get(name, 0) + size / 1024
    return found


def _name(words: str) -> str:
    if "sdz.engine.child" in words:
        return "engine"
    if "sdz serve" in words:
        return "daemon"
    if "--type=renderer" in words:
        return "extension" if "--extension-process" in words else "pages"
    if "chromium" in words:
        return "browser, rest"
    return ""
