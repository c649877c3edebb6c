"""Every snippet of the pages is run, every command they name exists, every link leads somewhere."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from blocks import CHECKED, PAGES, PLAIN, ROOT, RUN, Block, Sandbox, blocks_of, script_of

from sdz.cli import whole_parser

MOST_EXCUSES = 8
COMMAND = re.compile(r"^\s*(\$ )?(sdz|curl|python3?|node|pip|scripts/\w+|\./scripts/\w+) ", re.M)


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[Block]:
    return blocks_of(text_of(page), page)


def wanted(page: str) -> list[Block]:
    return [one for one in blocks(page) if one.language in RUN + CHECKED and one.excuse is None]


@pytest.mark.parametrize("page", [page for page in PAGES if wanted(page)])
def test_snippets_run(page: str, tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    try:
        for block in wanted(page):
            sandbox.run(block)
    finally:
        sandbox.close()


@pytest.mark.parametrize("page", PAGES)
def test_blocks_say_what_they_are(page: str) -> None:
    for block in blocks(page):
        where = f"{page}:{block.line}"
        assert block.language in RUN + CHECKED + PLAIN, where
        if block.language in PLAIN:
            assert not COMMAND.search(block.text), f"{where} holds a command and is not run"
        assert block.excuse is None or len(block.excuse) > 10, where


def test_few_blocks_are_excused() -> None:
    excused = [one for page in PAGES for one in blocks(page) if one.excuse is not None]
    assert len(excused) <= MOST_EXCUSES, [f"{one.page}:{one.line}" for one in excused]


@pytest.mark.parametrize("page", PAGES)
def test_no_command_hides_in_an_indented_block(page: str) -> None:
    inside = False
    for number, line in enumerate(text_of(page).splitlines(), 1):
        inside ^= line.lstrip().startswith("```")
        hidden = not inside and line.startswith("    ") and COMMAND.match(line)
        assert not hidden, f"{page}:{number} put it into a fenced block"


# --- commands in running text -------------------------------------------------------------------


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    return {word for action in parser._actions for word in action.option_strings}


def children_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def unknown_words(command: str) -> list[str]:
    """What of ``sdz WORD ... --option`` the command line does not have."""
    words = re.sub(r"[\[\]()|\\]", " ", command).split("#")[0].split()[1:]
    parser = whole_parser()
    for place, word in enumerate(words):
        children = children_of(parser)
        takes_words = any(
            not action.option_strings and not isinstance(action, argparse._SubParsersAction)
            for action in parser._actions
        )
        if word.startswith("-") or not children or (takes_words and word not in children):
            known = options_of(parser)
            options = [one.split("=")[0] for one in words[place:] if re.match(r"--?[a-z]", one)]
            return [one for one in options if one not in known]
        if word not in children:
            return [word] if re.fullmatch(r"[a-z-]+", word) else []
        parser = children[word]
    return []


def commands_in(page: str) -> Iterator[str]:
    for line in text_of(page).splitlines():
        yield from re.findall(r"`(sdz [^`]+)`", line)
        if line.startswith("sdz "):
            yield line


@pytest.mark.parametrize("page", PAGES)
def test_commands_exist(page: str) -> None:
    for command in commands_in(page):
        assert unknown_words(command) == [], f"{page}: {command}"


def test_the_check_of_commands_finds_what_it_should() -> None:
    assert unknown_words("sdz encode a.jpg --preset fine --out-dir x") == []
    assert unknown_words("sdz service install|remove [--dry-run]") == []
    assert unknown_words("sdz encode a.jpg --presett fine") == ["--presett"]
    assert unknown_words("sdz incode a.jpg") == ["incode"]
    assert unknown_words("sdz models shove x") == ["shove"]
    assert unknown_words("sdz encode a.jpg # --nothing") == []


# --- links --------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    found = set()
    for line in page.read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"#+ (.*)", line):
            kept = re.sub(r"[^\w\- ]", "", heading[1].lower())
            found.add(kept.replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", text_of(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        place = (ROOT / page).parent / path if path else ROOT / page
        assert place.exists(), f"{page}: {target}"
        if anchor and place.suffix == ".md":
            assert anchor in anchors(place), f"{page}: {target}"


# --- the runner itself --------------------------------------------------------------------------


def test_blocks_are_found_with_their_language_and_excuse() -> None:
    page = "a\n\n```sh\nx\n\ny\n```\n\n<!-- not run: it formats the disk -->\n\n```js\nz\n```\n"
    first, second = blocks_of(page)
    assert (first.line, first.language, first.text, first.excuse) == (3, "sh", "x\n\ny\n", None)
    assert (second.language, second.excuse) == ("js", "it formats the disk")
    with pytest.raises(ValueError, match="not closed"):
        blocks_of("```sh\nx\n")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sh", "sdz info photo.jpg\ntrue\n"),
        ("sh", "false | true\n"),
        ("sh", "sdz serve --no-such-option\n"),
        ("python", "import sdz\nsdz.decode(b'')\n"),
        ("js", "await Promise.reject(new Error('x'));\n"),
        ("toml", "[engine]\nkeep_alife = '1m'\n"),
    ],
)
def test_a_snippet_that_fails_is_found(language: str, text: str, tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    with pytest.raises(AssertionError, match="page:1 ended with"):
        sandbox.run(Block("page", 1, language, text, None))
    sandbox.close()


def test_commands_that_stay_are_put_aside() -> None:
    assert "\nstays sdz serve --open  # it\n" in script_of("sdz serve --open  # it\nsdz status\n")
    assert script_of("x").endswith("\nx\n")
