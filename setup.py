"""Builds the libraries in C; everything else about the project is in pyproject.toml.

Each is one translation unit of portable C99 that knows nothing of Python and is loaded
with ctypes, so any C compiler will do: $CC, cc, gcc or clang, and where there is none, the one
that the PyPI package ziglang carries, which is asked for as a build requirement only then.
For the same reason one wheel per platform serves every Python.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext

# -ffp-contract=off: the encoder weighs distortions in floats, and so does the metric; a fused
# multiply-add on one machine and none on another would make them choose, and score, differently.
FLAGS = ["-std=c99", "-O3", "-g0", "-ffp-contract=off", "-fvisibility=hidden", "-DNDEBUG"]


def system_compiler() -> list[str] | None:
    """The command of the C compiler that $CC names or the system has; None if there is none."""
    named = shlex.split(os.environ.get("CC", ""))
    if named and shutil.which(named[0]):
        return named
    for name in ("cc", "gcc", "clang"):
        if shutil.which(name):
            return [name]
    return None


def compiler() -> list[str]:
    """The compiler to use: the system's, else ziglang's. Exits with advice if there is neither."""
    found = system_compiler()
    if found:
        return found
    if importlib.util.find_spec("ziglang"):
        return [sys.executable, "-m", "ziglang", "cc"]
    sys.exit("no C compiler found: install gcc or clang, or run: pip install ziglang")


def library_suffix() -> str:
    """What a shared library is called on this system."""
    return {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")


class BuildKernel(build_ext):
    """Compiles libraries such as ``sdz/entropy/adaptive/_kernel.so``, whatever the Python."""

    def get_ext_filename(self, fullname: str) -> str:
        """The library's path within the package: no tag of a Python in its name."""
        return str(Path(*fullname.split("."))) + library_suffix()

    def build_extension(self, ext: Extension) -> None:
        """Runs the compiler once, on the one source, which includes the rest."""
        target = Path(self.get_ext_fullpath(ext.name))
        target.parent.mkdir(parents=True, exist_ok=True)
        shared = ["-dynamiclib"] if sys.platform == "darwin" else ["-shared"]
        position = [] if sys.platform == "win32" else ["-fPIC"]
        # Written aside and renamed: a process that has the old library mapped keeps it whole.
        fresh = target.with_name(f"{target.name}.{os.getpid()}.new")
        command = [*compiler(), *FLAGS, *position, *shared, "-o", str(fresh), *ext.sources]
        print(shlex.join(command))
        subprocess.run(command, check=True)
        fresh.replace(target)


class PlatformWheel(bdist_wheel):
    """Tags the wheel ``py3-none-<platform>``: the kernel depends on the system, not on Python."""

    def get_tag(self) -> tuple[str, str, str]:
        """The tag of any Python 3 on this platform."""
        return "py3", "none", super().get_tag()[2]


setup(
    ext_modules=[
        Extension(
            f"sdz.entropy.{coder}._kernel",
            sources=[f"daemon/sdz/entropy/{coder}/kernel.c"],
            depends=sorted(str(p) for p in Path("daemon/sdz/entropy", coder).glob("*.[ch]")),
        )
        for coder in ("adaptive", "trained")
    ]
    + [
        Extension(
            f"sdz.{room}._{name}",
            sources=[f"daemon/sdz/{room}/{name}.c"],
            depends=sorted(str(p) for p in Path("daemon/sdz", room).glob("*.h")),
        )
        for room, name in (("network", "network"), ("ssimulacra2", "metric"))
    ],
    cmdclass={"build_ext": BuildKernel, "bdist_wheel": PlatformWheel},
    setup_requires=[] if system_compiler() else ["ziglang>=0.13"],
)
