"""A block in somebody else's file: put in and taken out, and not a byte of theirs touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdz.desktop.entries import magic_block
from sdz.desktop.magic import find_block, with_block, without_block

BLOCK = b"# >>> sdz >>> by hand\n0\tstring\tx\ty\n# <<< sdz <<<\n"
THEIRS = b"0\tstring\tMINE\tmy own format\n!:mime\tapplication/x-mine"


@pytest.mark.parametrize("text", [b"", b"\n", THEIRS, THEIRS + b"\n", b"\r\n\0\xff"])
def test_in_and_out_again(text: bytes) -> None:
    merged = with_block(text, BLOCK)
    assert find_block(merged) == BLOCK
    assert merged.endswith(text)
    assert with_block(merged, BLOCK) == merged
    assert without_block(merged) == text


def test_an_older_block_is_replaced_where_it_stands() -> None:
    text = THEIRS + b"\n" + BLOCK + b"# after\n"
    assert with_block(text, magic_block()) == THEIRS + b"\n" + magic_block() + b"# after\n"
    assert without_block(text) == THEIRS + b"\n# after\n"


@pytest.mark.parametrize(
    "text", [b"", THEIRS, b"# >>> sdz >>>\nwithout an end\n", b"x # >>> sdz >>>\n# <<< sdz <<<\n"]
)
def test_no_block(text: bytes) -> None:
    assert find_block(text) is None
    assert without_block(text) == text


def test_a_block_that_ends_the_file() -> None:
    assert find_block(BLOCK.rstrip(b"\n")) == BLOCK.rstrip(b"\n")


def test_what_is_installed_is_one_block() -> None:
    assert find_block(magic_block()) == magic_block()


@given(st.binary(max_size=80))
def test_any_text_comes_back(text: bytes) -> None:
    assert without_block(with_block(text, BLOCK)) == text
