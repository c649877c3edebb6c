"""What is installed: files of freedesktop.org's specifications, as bytes and where they go.

    mime/packages/sdz.xml                    the type image/x-sdz: its signature, its names
    icons/hicolor/scalable/mimetypes/…svg    what is shown where there is no thumbnail
    thumbnailers/sdz.thumbnailer             the command that makes one
    applications/sdz-open.desktop            the command that opens a picture

All below the user's data folder. ``~/.magic``, which ``file`` reads, is the user's own file and
gets a block of lines: see ``magic``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from sdz.media import SDZ_IMAGE_TYPE

ICON: Final = "image-x-sdz"
DATA: Final = files("sdz.desktop") / "data"

_RESERVED: Final = frozenset(" \t\n\"'\\><~|&;$*?#()`")


@dataclass(frozen=True, slots=True)
class Places:
    """Where this user's files are: ``home``, and ``data``, that of the XDG specification."""

    home: Path
    data: Path

    @property
    def manifest(self) -> Path:
        """The list of what was installed."""
        return self.data / "sdz" / "desktop.json"

    @property
    def magic(self) -> Path:
        """The file of magic numbers that ``file`` reads before the system's."""
        return self.home / ".magic"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file to install."""

    path: Path
    content: bytes


def places_of(environ: Mapping[str, str], home: Path) -> Places:
    """The user's places. A relative ``XDG_DATA_HOME`` is ignored, as its specification says."""
    data = Path(environ.get("XDG_DATA_HOME") or "")
    return Places(home, data if data.is_absolute() else home / ".local" / "share")


def entries_for(places: Places, python: str) -> tuple[Entry, ...]:
    """The files to install, with commands that run in the interpreter ``python``."""
    # -P: what is run is sdz, even from a folder with a file called sdz.py in it.
    run = (python, "-P", "-m")
    icon = places.data / "icons" / "hicolor" / "scalable" / "mimetypes" / f"{ICON}.svg"
    return (
        Entry(places.data / "mime" / "packages" / "sdz.xml", (DATA / "sdz.xml").read_bytes()),
        Entry(icon, (DATA / f"{ICON}.svg").read_bytes()),
        Entry(
            places.data / "thumbnailers" / "sdz.thumbnailer",
            thumbnailer(python, [*run, "sdz.desktop.thumbnail", "-s", "%s", "%i", "%o"]).encode(),
        ),
        Entry(
            places.data / "applications" / "sdz-open.desktop",
            application(python, [*run, "sdz", "open", "%f"]).encode(),
        ),
    )


def magic_block() -> bytes:
    """The lines for ``file``, markers included."""
    return (DATA / "magic").read_bytes()


def thumbnailer(python: str, command: Sequence[str]) -> str:
    """The entry of a thumbnailer that runs ``command``."""
    return f"""[Thumbnailer Entry]
TryExec={_value(python)}
Exec={_command(command)}
MimeType={SDZ_IMAGE_TYPE};
"""


def application(python: str, command: Sequence[str]) -> str:
    """The desktop entry of a program that opens pictures by ``command``, hidden from menus."""
    return f"""[Desktop Entry]
Type=Application
Version=1.1
Name=SDZ picture viewer
Name[de]=SDZ-Bildbetrachter
Comment=Decode a .sdz picture and show it in the usual viewer
TryExec={_value(python)}
Exec={_command(command)}
Icon={ICON}
MimeType={SDZ_IMAGE_TYPE};
Categories=Graphics;Viewer;
NoDisplay=true
Terminal=false
"""


def _command(words: Sequence[str]) -> str:
    return _value(" ".join(_quoted(word) for word in words))


def _quoted(word: str) -> str:
    """A word of an Exec line: quoted where it must be; %s and the like stay, other % double."""
    if len(word) == 2 and word.startswith("%"):
        return word
    word = word.replace("%", "%%")
    if not _RESERVED & set(word):
        return word
    for letter in '\\"`$':
        word = word.replace(letter, f"\\{letter}")
    return f'"{word}"'


def _value(text: str) -> str:
    """A string as a key's value: the file's own escapes, on top of those of Exec."""
    return text.replace("\\", "\\\\").replace("\n", "\\n")
