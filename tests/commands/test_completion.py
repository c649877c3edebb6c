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
        (("encode", "pho"), {"photo.jpg"}),
        (("encode", "--out-dir", ""), {"folder"}),
        (("decode", "-o", ""), {"photo.jpg", "folder", "script"}),
    ],
)
def test_bash_completes(
    script: Callable[[str], str], tmp_path: Path, words: tuple[str, ...], wanted: set[str]
) -> None:
    (tmp_path / "script").write_text(script("bash"))
    (tmp_path / "photo.jpg").touch()
    (tmp_path / "folder").mkdir()
    done = subprocess.run(
        ["bash", "-c", ASK, "bash", "sdz", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(done.stdout.split()) == wanted
    assert done.stderr == ""


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
