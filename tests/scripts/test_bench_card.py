"""The card's script, rehearsed on the processor: every row, its limits, what it would choose."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from benchmarks import card, card_engine, card_kl
from benchmarks.card_rows import Row


def test_a_rehearsal_measures_all_that_a_processor_can(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card.main(["--device", "cpu", "--small", "--json", str(tmp_path / "card.json")])
    found = json.loads((tmp_path / "card.json").read_text())
    engine = [row for row in found["rows"] if row["part"] == "engine"]
    assert len(engine) == 4
    assert all(row["ms"] > 0 for row in engine)
    kl = [row for row in found["rows"] if row["part"] == "kl"]
    assert len(kl) == 2 * 2 * len(card_kl.WAYS)
    for row in kl:
        eager = row["way"][-1] == "eager"
        assert (row["ms"] is not None) is eager, row
        assert eager or row["note"]
    exact = [row for row in kl if row["way"][2:] == ["float32", "contiguous", "eager"]]
    assert all(row["error"] == [0, 0] for row in exact)
    assert "rehearsal" in found["facts"]
    said = capsys.readouterr().out
    assert "encode 96x64 at high effort" in said
    assert found["choices"]


def test_without_time_all_is_named_and_nothing_is_measured() -> None:
    rows = list(card.measure(card.Plan("cpu", True, lambda: 0.0)))
    assert len(rows) == 4 + 4 * len(card_kl.WAYS)
    assert all(row.ms is None and row.note for row in rows)


def test_what_is_not_finite_is_infinitely_off() -> None:
    wanted = torch.arange(16.0)
    assert card_kl.levels_off(wanted, wanted) == (0, 0)
    assert card_kl.levels_off(torch.full((16,), float("nan")), wanted)[0] == float("inf")


def row(precision: str, ms: float, most: float, start: str = "eager") -> Row:
    way = ("decode", "512", precision, "channels_last", start)
    return Row("kl", "", ms, error=(most, 0.1), way=way)


@pytest.mark.parametrize(
    ("others", "chosen"),
    [
        ([], "as it is"),
        ([row("float16", 5, 3)], "as it is"),
        ([row("float16", 9.5, 0.5)], "as it is"),
        ([row("float16", 5, 0.5)], "float16 channels_last eager, 2.0 times"),
        ([row("float16", 5, 0.5), row("float16", 4, 0.5, "graph")], "graph, 2.5 times"),
    ],
)
def test_the_quickest_within_a_level_is_chosen(others: list[Row], chosen: str) -> None:
    (line,) = card_kl.choices([row("float32", 10, 0.2), *others])
    assert chosen in line


def test_aims_are_said() -> None:
    aim = card_engine.ALONE_AIM_MS
    assert "within 12 ms" in str(Row("engine", "x", 11.0, aim))
    assert "OVER 12 ms" in str(Row("engine", "x", 13.0, aim))
    assert "not measured" in str(Row("engine", "x", note="no time left"))
