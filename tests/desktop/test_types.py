"""What the desktop's own programs call a file, once installed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from sdz.desktop.entries import Places
from sdz.desktop.install import install, remove

pytestmark = pytest.mark.usefixtures("tools")


@pytest.fixture
def installed(places: Places) -> Places:
    steps = install(places, "/usr/bin/python3")
    assert not [step for step in steps if step.undone]
    return places


def said(places: Places, *command: object, desktop: str = "") -> str:
    """What a program of the desktop says to this user."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(places.home),
        "XDG_DATA_HOME": str(places.data),
        "XDG_CURRENT_DESKTOP": desktop,
        "LC_ALL": "C.UTF-8",
    }
    words = [str(word) for word in command]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def gio(places: Places, path: Path, attribute: str = "content-type") -> str:
    text = said(places, "gio", "info", "-a", f"standard::{attribute}", path)
    return text.rpartition(f"standard::{attribute}: ")[2]


def test_a_picture_is_named(installed: Places, picture: Path) -> None:
    assert gio(installed, picture) == "image/x-sdz"
    assert gio(installed, picture, "fast-content-type") == "image/x-sdz"
    assert gio(installed, picture, "icon").startswith("image-x-sdz, image-x-generic")
    assert said(installed, "xdg-mime", "query", "filetype", picture, desktop="GNOME") == (
        "image/x-sdz"
    )
    assert said(installed, "xdg-mime", "query", "filetype", picture) == "image/x-sdz"
    assert said(installed, "file", "-b", picture) == "SDZ picture, version 1"
    assert said(installed, "file", "-b", "--mime-type", picture) == "image/x-sdz"
    assert said(installed, "file", "-b", "--extension", picture) == "sdz"


@pytest.mark.parametrize("name", ["picture", "picture.dat", "PICTURE.SDZ"])
def test_under_another_name(installed: Places, picture: Path, name: str) -> None:
    assert gio(installed, picture.rename(picture.with_name(name))) == "image/x-sdz"


def test_a_zip_called_sdz_is_left_alone(installed: Places, game: Path) -> None:
    assert gio(installed, game) == "application/zip"
    assert gio(installed, game, "icon").startswith("application-zip")
    assert said(installed, "xdg-mime", "query", "filetype", game, desktop="GNOME") == (
        "application/zip"
    )
    assert said(installed, "file", "-b", "--mime-type", game) == "application/zip"


def test_other_names_of_zip_are_as_before(installed: Places, game: Path) -> None:
    assert gio(installed, game.rename(game.with_suffix(".zip"))) == "application/zip"
    assert (
        gio(installed, game.with_suffix(".zip").rename(game.with_suffix(".docx"))) != "image/x-sdz"
    )


def test_it_is_opened_by_sdz(installed: Places) -> None:
    default = said(installed, "gio", "mime", "image/x-sdz").splitlines()[0]
    assert default.endswith(": sdz-open.desktop")
    assert "sdz-open.desktop" not in said(installed, "gio", "mime", "application/zip")
    assert "sdz-open.desktop" not in said(installed, "gio", "mime", "image/png")


def test_afterwards_nobody_knows_it(installed: Places, picture: Path, game: Path) -> None:
    remove(installed)
    assert gio(installed, picture) == "application/octet-stream"
    assert gio(installed, game) == "application/zip"
    assert said(installed, "file", "-b", picture) == "data"
    assert "sdz-open.desktop" not in said(installed, "gio", "mime", "image/x-sdz")
