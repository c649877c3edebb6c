"""The texts that are installed: by the specifications they follow."""

from __future__ import annotations

import subprocess
from configparser import ConfigParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sdz.container import SIGNATURE
from sdz.desktop.entries import (
    DATA,
    Places,
    application,
    entries_for,
    magic_block,
    places_of,
    thumbnailer,
)

SHARED = "{http://www.freedesktop.org/standards/shared-mime-info}"
ODD = '/opt/50% "of" $HOME/`a`\\b c/python'


def keys(text: str) -> dict[str, str]:
    parser = ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    (section,) = parser.sections()
    return dict(parser[section])


def test_places_follow_the_specification() -> None:
    home = Path("/home/me")
    usual = Path("/home/me/.local/share")
    assert places_of({}, home) == Places(home, usual)
    assert places_of({"XDG_DATA_HOME": ""}, home).data == usual
    assert places_of({"XDG_DATA_HOME": "relative"}, home).data == usual
    assert places_of({"XDG_DATA_HOME": "/data"}, home).data == Path("/data")


def test_all_lie_in_the_users_folders(places: Places) -> None:
    paths = [entry.path for entry in entries_for(places, "/usr/bin/python3")]
    assert len(set(paths)) == 4
    assert all(path.is_relative_to(places.data) for path in paths)


def test_type_has_the_signature_and_low_weights() -> None:
    root = ElementTree.fromstring((DATA / "sdz.xml").read_bytes())
    picture, archive = root.findall(f"{SHARED}mime-type")
    assert picture.get("type") == "image/x-sdz"
    match = picture.find(f"{SHARED}magic/{SHARED}match")
    assert match is not None
    value = match.get("value", "").encode().decode("unicode_escape").encode("latin-1")
    assert (match.get("offset"), value) == ("0", SIGNATURE)
    globs = [kind.find(f"{SHARED}glob") for kind in (picture, archive)]
    weights = [int(found.get("weight", "50")) for found in globs if found is not None]
    assert 50 > weights[0] > weights[1]


def test_icon_is_a_drawing_without_anything_from_outside() -> None:
    text = (DATA / "image-x-sdz.svg").read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "href" not in text
    assert "<script" not in text


def test_magic_names_the_signature() -> None:
    written = SIGNATURE.decode("latin-1").encode("unicode_escape")
    assert written == rb"\x89SDZ\r\n\x1a\n"
    assert rb"\x89SDZ\x0d\x0a\x1a\x0a" in magic_block()


@pytest.mark.parametrize("python", ["/usr/bin/python3", "/a b/python", ODD])
def test_commands_survive_any_path(python: str) -> None:
    words = [python, "-P", "-m", "sdz", "%f"]
    for text in (thumbnailer(python, words), application(python, words)):
        found = keys(text)
        # Undone in the order that the specification gives: the file's escapes, then Exec's own,
        # whose double quotes are those of a shell.
        command = found["Exec"].replace("\\\\", "\\")
        shell = ["sh", "-c", f"printf '%s\\0' {command}"]
        unquoted = subprocess.run(shell, capture_output=True, text=True, check=True).stdout
        assert unquoted.replace("%%", "%").split("\0") == [*words, ""]
        assert found["TryExec"].replace("\\\\", "\\") == python
        assert found["MimeType"] == "image/x-sdz;"


@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize("python", ["/usr/bin/python3", ODD])
def test_application_is_valid(tmp_path: Path, python: str) -> None:
    path = tmp_path / "sdz-open.desktop"
    path.write_text(application(python, [python, "-P", "-m", "sdz", "open", "%f"]))
    done = subprocess.run(["desktop-file-validate", path], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
