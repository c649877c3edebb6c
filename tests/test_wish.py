"""Wishes are checked where they are made, and a row reaches every place where one can be asked."""

from __future__ import annotations

import argparse
import dataclasses
import io
import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

import sdz.pillow  # noqa: F401 - it registers the format
from sdz import pictures
from sdz.client import Client
from sdz.commands import batch, encode
from sdz.commands.watch import watch
from sdz.commands.wishes import wish_of
from sdz.config import WatchSettings
from sdz.distributed.plan import digest_of
from sdz.engine.jobs import EncodeJob, describe, restore
from sdz.errors import BadOption
from sdz.service.pictures.shapes import EncodeQuery
from sdz.service.watches.shapes import WatchRequest, folder_options
from sdz.wish import PRESETS, ROWS, Row, Wish


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"quality": 1},
        {"quality": 100.0},
        {"target_bytes": 1},
        {"min_score": 100},
        {"min_score": -20.0},
        {"keep": "none"},
        {"keep": "auto;text;0,0,1,1;65535,1,65535,1"},
    ],
)
def test_what_may_be_wished(wish: dict[str, Any]) -> None:
    assert Wish(**wish) == Wish(**wish)


@pytest.mark.parametrize(
    ("wish", "option"),
    [
        ({"quality": 0.9}, "quality"),
        ({"quality": 100.1}, "quality"),
        ({"quality": math.nan}, "quality"),
        ({"target_bytes": 0}, "target bytes"),
        ({"min_score": 100.5}, "min score"),
        ({"min_score": math.nan}, "min score"),
        ({"quality": 5, "target_bytes": 5}, "preset, quality, target bytes and min score"),
        ({"target_bytes": 5, "min_score": 5}, "preset, quality, target bytes and min score"),
        ({"preset": "fine", "quality": 5}, "preset, quality, target bytes and min score"),
        ({"preset": "huge"}, "preset"),
        ({"keep": "5,5,5"}, "keep"),
        ({"keep": "text;none"}, "keep"),
        ({"keep": "1,2,0,4"}, "keep"),
        ({"keep": ""}, "keep"),
    ],
)
def test_what_may_not(wish: dict[str, Any], option: str) -> None:
    with pytest.raises(BadOption) as caught:
        Wish(**wish)
    assert caught.value.option == option


def test_presets_rise_and_are_scores() -> None:
    values = [Wish(preset=name).look for name in ("tiny", "small", "standard", "fine", "near")]
    assert values == [10, 30, 50, 65, 80] == list(PRESETS.values())


def test_a_wish_without_a_goal_is_for_the_look_of_standard() -> None:
    assert Wish().look == PRESETS["standard"]
    assert [Wish(**{name: 50}).look for name in ("quality", "target_bytes", "min_score")] == [
        None
    ] * 3


def test_unknown_preset_names_the_known() -> None:
    with pytest.raises(BadOption, match="tiny or small or standard or fine or near, found 'huge'"):
        Wish(preset="huge")


def test_names_of_wishes_of_before_there_were_looks_and_regions_stay() -> None:
    """Journals and manifests hold them."""
    assert Wish().facts() == {
        "quality": None,
        "target_bytes": None,
        "min_score": None,
        "keep_metadata": False,
        "keep_location": False,
        "allow_larger": False,
    }


# --- one row, every place -----------------------------------------------------------------------

rows = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
watched = pytest.mark.parametrize("row", [row for row in ROWS if row.watched], ids=lambda r: r.name)
saved = pytest.mark.parametrize("row", [row for row in ROWS if row.saved], ids=lambda r: r.name)


def other_than_default(row: Row, *, watched: bool = False) -> Any:
    """A value that the field may have and has not unasked."""
    if row.kind is bool:
        return not row.unasked(watched=watched)
    if row.name == "keep":
        return "text;10,20,30,40"
    if row.kind is str:
        return next((word for word in row.choices if word != row.default), "sd-mse")
    value = row.kind((row.sent or (row.low, row.high))[1])
    assert value != row.default
    return value


def wish(row: Row, *, watched: bool = False) -> Wish:
    usual = {"keep_metadata": True} if watched else {}
    return Wish(**{**usual, row.name: other_than_default(row, watched=watched)})


def words_for(row: Row, *, watched: bool = False) -> list[str]:
    value = other_than_default(row, watched=watched)
    flag = f"--{'no-' if value is False else ''}{row.name.replace('_', '-')}"
    return [flag] if row.kind is bool else [flag, str(value)]


@saved
def test_its_page_says_what_it_is(row: Row) -> None:
    page = (Path(__file__).parents[1] / "docs" / "pillow.md").read_text("utf-8")
    assert f"`{row.name}`" in page or f"`{row.name}=" in page


@rows
@pytest.mark.parametrize("command", [encode, batch, watch])
def test_the_command_line_takes_it(row: Row, command: Any) -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    words = words_for(row, watched=command is watch)
    is_there = f" {words[0]}" in parser.format_help()
    assert is_there is (row.watched or command is not watch)
    if is_there:
        sources = ["in", "out"] if command is batch else ["in"]
        asked = wish_of(parser.parse_args([*sources, *words]))
        assert asked == wish(row, watched=command is watch)


@rows
def test_the_daemon_takes_it_from_its_client(row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(Client, "ask", lambda _, *words: sent.append(words[2]))
    client = Client("http://127.0.0.1:1", SimpleNamespace())  # type: ignore[arg-type]
    client.encode(b"", **wish(row).asked())
    assert EncodeQuery(**sent[0]).wish() == wish(row)
    [field] = [field for field in dataclasses.fields(EncodeQuery) if field.name == row.name]
    assert field.metadata["about"] == row.about
    assert field.default == row.default


@watched
def test_a_watched_folder_takes_it(row: Row, tmp_path: Path) -> None:
    body = {"root": str(tmp_path), row.name: other_than_default(row, watched=True)}
    request = WatchRequest.of(WatchRequest.of(body).values())
    options = folder_options(request, tmp_path, WatchSettings())
    assert options.wish == wish(row, watched=True)
    usual = folder_options(WatchRequest(str(tmp_path)), tmp_path, WatchSettings())
    assert options.digest != usual.digest


@saved
def test_pillow_takes_it(row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Wish] = []

    def encode_picture(_: object, wish: Wish) -> SimpleNamespace:
        asked.append(wish)
        return SimpleNamespace(data=b"file")

    monkeypatch.setattr(pictures, "encode_picture", encode_picture)
    options = {row.name: other_than_default(row)}
    Image.new("RGB", (1, 1)).save(io.BytesIO(), "SDZ", **options)
    assert asked == [dataclasses.replace(wish(row), allow_larger=True)]


@rows
def test_a_job_carries_it_to_the_child(row: Row) -> None:
    header, body = describe(EncodeJob(b"picture", wish(row)))
    assert restore(json.loads(json.dumps(header)), body) == EncodeJob(b"picture", wish(row))


@rows
def test_another_wish_has_another_name(row: Row) -> None:
    assert digest_of(wish(row)) != digest_of(Wish())


def test_names_in_journals_and_manifests_stay() -> None:
    assert list(Wish().facts()) == [
        "quality",
        "target_bytes",
        "min_score",
        "keep_metadata",
        "keep_location",
        "allow_larger",
    ]


def test_what_python_asks_is_in_the_rows() -> None:
    """``sdz.encode`` spells its words out, for those who check types; their defaults are these."""
    import inspect

    asked = inspect.signature(pictures.encode).parameters
    rows = {row.name: row.default for row in ROWS}
    assert {name: word.default for name, word in asked.items() if name != "image"} == {
        name: rows[name] for name in asked if name != "image"
    }
