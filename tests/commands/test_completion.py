"""``sdz completion``: bash completes as it should; the other shells are told the same words."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sdz.cli import whole_parser
from sdz.commands.completion import SHELLS, parsers_of

Sdz = Callable[..., int]
Capture = pytest.CaptureFixture[str]

ASK = """
source ./script
sdz() { [ "$*" = "clients --names" ] && printf 'Firefox\\nFirefox 2\\nPhoto backup\\n'; }
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_shtab_sdz
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def script(sdz: Sdz, capsys: Capture) -> Callable[[str], str]:
    def made(shell: str) -> str:
        assert sdz("completion", shell) == 0
        return capsys.readouterr().out

    return made


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("enc",), {"encode"}),
        (("encode", "--pres"), {"--preset"}),
        (("encode", "--preset", "s"), {"small", "standard"}),
        (("watch", "--effort", ""), {"normal", "high"}),
        (("encode", "--re"), {"--recursive", "--resume"}),
        (("models", "p"), {"pull"}),
        (("completion", ""), {"bash", "zsh", "fish"}),
        (("encode", "pho"), {"photo.jpg", "photo.sdz"}),
        (("encode", "--out-dir", ""), {"folder"}),
        (("decode", "-o", ""), {"photo.jpg", "photo.sdz", "folder", "script"}),
        (("decode", ""), {"photo.sdz", "folder"}),
        (("decode", "photo.sdz", "p"), {"photo.sdz"}),
        (("info", "p"), {"photo.sdz"}),
        (("open", ""), {"photo.sdz", "folder"}),
        (("preview", "pho"), {"photo.sdz"}),
        (("models", "pull", "sd"), {"sd14", "sd-mse", "sdxl"}),
        (("revoke", ""), {"Firefox", r"Firefox\ 2", "Photo\\ backup"}),
        (("revoke", "Photo"), {r"Photo\ backup"}),
        (("revoke", r"Firefox\ "), {r"Firefox\ 2"}),
    ],
)
def test_bash_completes(
    script: Callable[[str], str], tmp_path: Path, words: tuple[str, ...], wanted: set[str]
) -> None:
    (tmp_path / "script").write_text(script("bash"))
    (tmp_path / "photo.jpg").touch()
    (tmp_path / "photo.sdz").touch()
    (tmp_path / "folder").mkdir()
    done = subprocess.run(
        ["bash", "-c", ASK, "bash", "sdz", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(done.stdout.splitlines()) == wanted
    assert done.stderr == ""


def test_zsh_and_fish_are_told_the_same(script: Callable[[str], str]) -> None:
    """These are not everywhere; what they made of it was looked at."""
    assert script("zsh").count("_files -g '*.sdz'") == 4
    assert ":_sdz_clients" in script("zsh")
    assert script("fish").count('-ka "(_shtab_glob_compgen_') == 4
    assert '-ka "(sdz clients --names 2>/dev/null)"' in script("fish")


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_and_option_is_in_it(script: Callable[[str], str], shell: str) -> None:
    text = script(shell)
    for parser in parsers_of(whole_parser()):
        assert parser.prog.split()[-1] in text
        for action in parser._actions:
            for word in action.option_strings:
                # fish is told options without their dashes
                assert word in text or f" {word.lstrip('-')}" in text, f"{parser.prog} {word}"


def test_other_shells_are_usage(sdz: Sdz) -> None:
    assert sdz("completion", "tcsh") == 2
