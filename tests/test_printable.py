"""What a terminal would obey is written out; what people name their files with is left."""

from __future__ import annotations

import json

import pytest

from sdz.printable import printable, printable_lines, printable_values, without_secrets

SHOWN = [
    "photo 1.jpg",
    "Grüße.png",
    "写真.jpg",
    "a\u202fPM.png",
    "\u3000",
    "می\u200cخواهم",
    "👩\u200d🚀",
    r"C:\x",
]
ESCAPED = {
    "\x1b[2J": r"\u001b[2J",
    "\x07\r\n\t\0\x7f": r"\u0007\u000d\u000a\u0009\u0000\u007f",
    "\x9b31m": r"\u009b31m",  # ESC [ in one
    "exe\u202egpj": r"exe\u202egpj",
    "\u2066\u2069\u200e\u061c": r"\u2066\u2069\u200e\u061c",
    "\u2028\u2029\ufeff\u200b": r"\u2028\u2029\ufeff\u200b",
    "\udcff": r"\udcff",
    "\U000e0041": r"\U000e0041",
}


@pytest.mark.parametrize("text", SHOWN)
def test_names_are_left(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(("text", "written"), ESCAPED.items())
def test_what_a_terminal_would_obey_is_written_out(text: str, written: str) -> None:
    assert printable(text) == written
    line = json.dumps({text: text})
    assert json.loads(printable(line)) == {text: text}


def test_values_and_lines() -> None:
    row = {"a": ["\n", {"b": "\x1b"}], "c": 1}
    assert printable_values(row) == {"a": [r"\u000a", {"b": r"\u001b"}], "c": 1}
    assert printable_lines("a\nb\rc") == "a\nb\\u000dc"


def test_secrets_are_left_out() -> None:
    token = "Rk9vYmFyYmF6cXV4cXV1eGNvcmdl"
    for said in (f"b'authorization: bearer  {token}\\r'", f"sdz-session-7390={token}; a",
                 f"Sdz-Page-Key: {token}"):  # fmt: skip
        assert token not in without_secrets(said)
    assert without_secrets("the bearer of news; sdz-engine: idle") == (
        "the bearer of news; sdz-engine: idle"
    )
