"""The manual page is what the command line is now, and well-formed."""

from __future__ import annotations

import argparse
import importlib.util
import re
from types import ModuleType

import pytest
from blocks import ROOT

from sdz.cli import whole_parser
from sdz.commands.completion import parsers_of

PAGE = ROOT / "docs" / "sdz.1"
MACROS = {".TH", ".SH", ".SS", ".PP", ".TP", ".B", ".I", ".RI"}


@pytest.fixture(scope="module")
def man() -> ModuleType:
    spec = importlib.util.spec_from_file_location("man", ROOT / "scripts" / "man.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date(man: ModuleType) -> None:
    # python scripts/man.py > docs/sdz.1
    assert PAGE.read_text(encoding="utf-8") == man.page()


def test_every_option_is_on_it() -> None:
    plain = PAGE.read_text(encoding="utf-8").replace("\\-", "-")
    for parser in parsers_of(whole_parser()):
        for action in parser._actions:
            if not isinstance(action, argparse._HelpAction | argparse._VersionAction):
                for word in action.option_strings:
                    assert f"\\fB{word}\\fR" in plain, f"{parser.prog} {word}"


def test_its_lines_are_text_or_known_macros() -> None:
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        assert line, "troff takes an empty line for a paragraph"
        assert not line.startswith("'")
        if line.startswith("."):
            assert line.split()[0] in MACROS
        for escape in re.findall(r"\\(f.|.)", line):
            assert escape in ("fB", "fI", "fR", "-", "e", "&"), line


@pytest.mark.parametrize(
    ("words", "escaped"),
    [
        ("--out-dir", "\\-\\-out\\-dir"),
        (".sdz files", "\\&.sdz files"),
        ("'tis", "\\&'tis"),
        ("a\\b", "a\\eb"),
    ],
)
def test_text_is_escaped(man: ModuleType, words: str, escaped: str) -> None:
    assert man.text(words) == escaped
