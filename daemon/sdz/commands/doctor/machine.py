"""This program and this machine: versions, libraries, the card, formats, models, folders."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sdz.children import environment
from sdz.commands.doctor.finding import Finding, broken, missing, works
from sdz.config import load_settings
from sdz.errors import SdzError
from sdz.home import config_path, home
from sdz.version import __version__

_ASK_TORCH: Final = """
import torch
name = torch.cuda.get_device_name() if torch.cuda.is_available() else ""
print(torch.__version__, "mps" if torch.backends.mps.is_available() else name, sep="\\n")
"""
_TORCH_S: Final = 120.0
_LEAST_FREE: Final = 1 << 30


def program() -> Iterator[Finding]:
    """sdz itself."""
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    yield works("sdz", f"{__version__}, Python {platform.python_version()}, {system}")
    yield works("program", sys.argv[0] if shutil.which("sdz") is None else str(shutil.which("sdz")))
    if shutil.which("sdz") is None:
        folder = Path(sys.executable).parent
        yield missing("PATH", "the shell does not find sdz", f"PATH={folder}:$PATH")


def libraries() -> Iterator[Finding]:
    """What was built in C."""
    from sdz.entropy.adaptive import kernel
    from sdz.entropy.trained import library as trained
    from sdz.network import library as network
    from sdz.ssimulacra2 import library as metric

    todo = "install sdz again with a C compiler (cc): scripts/setup, or pip install"
    loaders: tuple[tuple[str, Callable[[], object]], ...] = (
        ("coder", kernel.kernel),
        ("trained coder", trained.kernel),
        ("network", network.library),
        ("measure", metric.library),
    )
    for name, load in loaders:
        try:
            load()
        except SdzError as error:
            yield broken(f"{name} in C", str(error), todo)
        else:
            yield works(f"{name} in C", "loads")


def runtime() -> Iterator[Finding]:
    """torch, and a card for it. In a process of its own: it takes seconds, and may crash."""
    if find_spec("torch") is None:
        says = "not installed; lite-1 needs it for graphics cards and high effort alone"
        yield missing("torch", says, "pip install 'sdz[torch]'")
        return
    try:
        asked = subprocess.run(
            [sys.executable, "-c", _ASK_TORCH],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=_TORCH_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        yield broken(
            "torch", f"did not load in {_TORCH_S:.0f} s", "try again when less is going on"
        )
        return
    if asked.returncode:
        last = asked.stderr.strip().splitlines()[-1:] or ["no word"]
        yield broken("torch", f"does not load: {last[0]}", "pip install --force-reinstall torch")
        return
    edition, card = asked.stdout.splitlines()[:2]
    yield works("torch", edition)
    if card:
        yield works("card", card)
    else:
        yield missing("card", "none that torch can use; the processor does it")


def formats() -> Iterator[Finding]:
    """Picture formats that need more than Pillow always has."""
    from PIL import features

    from sdz.codec.plugins import PLUGINS

    usual = [
        name for name in ("jpg", "zlib", "webp", "avif", "jpg_2000") if not features.check(name)
    ]
    names = {"jpg": "JPEG", "zlib": "PNG", "webp": "WebP", "avif": "AVIF", "jpg_2000": "JPEG 2000"}
    if usual:
        lost = ", ".join(names[name] for name in usual)
        yield broken("formats", f"Pillow was built without {lost}", "pip install --upgrade Pillow")
    else:
        yield works("formats", "JPEG, PNG, WebP, AVIF, TIFF, GIF and others")
    for plugin in PLUGINS.values():
        there = [module for module in plugin.modules if find_spec(module)]
        if there:
            yield works(plugin.format, f"by {there[0]}")
        else:
            yield missing(plugin.format, "not read", f"pip install {plugin.package}")


def models() -> Iterator[Finding]:
    """The autoencoders that are here."""
    from sdz.models import list_models

    for row in list_models():
        if row.state == "damaged":
            todo = f"sdz models remove {row.name} && sdz models pull {row.name}"
            yield broken(f"model {row.name}", "is damaged", todo)
        elif row.state != "missing":
            yield works(f"model {row.name}", f"{row.state}, {row.size / 1e6:,.1f} MB")


def places() -> Iterator[Finding]:
    """Where things are kept, and whether there is room."""
    folder = home()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(there, os.W_OK):
        yield broken(
            "home", f"{folder} cannot be written to", "set SDZ_HOME to a folder of your own"
        )
    else:
        free = shutil.disk_usage(there).free
        room = f"{folder}, {free / 1e9:,.1f} GB free"
        yield works("home", room) if free > _LEAST_FREE else broken("home", room, "make room there")
    path = config_path()
    try:
        load_settings({})
    except SdzError as error:
        yield broken("settings", str(error), f"mend {path}, or move it away")
    else:
        yield works(
            "settings", f"{path}" if path.exists() else "as they come; see: sdz config show"
        )
