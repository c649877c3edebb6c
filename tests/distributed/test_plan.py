"""The plan of a batch: each picture is done once, and what is there is left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from changes import touch

from sdz.distributed.manifest import Record
from sdz.distributed.plan import Plan, digest_of, intentions, make_plan
from sdz.distributed.stores import Store
from sdz.wish import Wish

WISH = digest_of(Wish(quality=40))
OUTPUTS = ["a.sdz", "summer/b.sdz", "summer/bad.sdz", "summer/deep/c.sdz"]


@pytest.fixture
def target(address: str) -> Store:
    return Store(f"{address}/out")


def plan(
    album: Store, target: Store, *records: Record, wish: str = WISH, force: bool = False
) -> Plan:
    return make_plan(
        album, target, wish, {record.source: record for record in records}, force=force
    )


def done(album: Store, target: Store, path: str = "a.png", wish: str = WISH) -> Record:
    """A picture that was done: its output, and its record."""
    found = album.find(path)
    assert found is not None
    output = path.rpartition(".")[0] + ".sdz"
    target.write(output, b"12345")
    return Record(path, found.size, found.mark, output, "done", wish, at=1.0, bytes=5)


def outputs(found: Plan) -> list[str]:
    return [item.output for item in found.items]


def test_pictures_keep_their_place_in_the_tree(album: Store, target: Store) -> None:
    found = plan(album, target)
    assert outputs(found) == OUTPUTS
    assert (found.refused, found.done) == ([], 0)


def test_what_is_done_is_left_out(album: Store, target: Store) -> None:
    found = plan(album, target, done(album, target))
    assert outputs(found) == OUTPUTS[1:]
    assert found.done == 1


def test_an_output_that_went_is_made_again(album: Store, target: Store) -> None:
    record = done(album, target)
    target.remove("a.sdz")
    assert outputs(plan(album, target, record)) == OUTPUTS


def test_what_nobody_knows_of_is_left_alone(album: Store, target: Store) -> None:
    target.write("a.sdz", b"somebody's")
    found = plan(album, target)
    assert outputs(found) == OUTPUTS[1:]
    (refused,) = found.refused
    assert (refused.source, refused.state, refused.code) == ("a.png", "failed", "output-exists")
    assert "use --force" in str(refused.reason)
    assert outputs(plan(album, target, force=True)) == OUTPUTS


@pytest.mark.parametrize("state", ["planned", "failed"])
def test_what_an_earlier_run_left_without_a_word_is_its_own(
    album: Store, target: Store, state: str
) -> None:
    record = replace(done(album, target), state=state, bytes=None)
    assert outputs(plan(album, target, record)) == OUTPUTS


def test_a_changed_source(album: Store, target: Store) -> None:
    record = done(album, target)
    touch(album, "a.png", b"another picture")
    found = plan(album, target, record)
    assert outputs(found) == OUTPUTS[1:]
    assert [one.code for one in found.refused] == ["output-stale"]
    assert "its source has changed" in str(found.refused[0].reason)
    assert outputs(plan(album, target, record, force=True)) == OUTPUTS


def test_a_changed_output(album: Store, target: Store) -> None:
    record = done(album, target)
    target.write("a.sdz", b"123456")
    (refused,) = plan(album, target, record).refused
    assert "it is not whole" in str(refused.reason)


def test_other_wishes(album: Store, target: Store) -> None:
    from sdz import encode

    record = done(album, target)
    target.write("a.sdz", encode(album.read("a.png")))
    (refused,) = plan(album, target, record, wish="other").refused
    assert "another model or other options" in str(refused.reason)


def test_two_pictures_with_one_stem_have_an_output_each(album: Store, target: Store) -> None:
    album.write("a.jpg", b"comes before a.png")
    found = plan(album, target)
    assert [(item.source.path, item.output) for item in found.items][:2] == [
        *(("a.jpg", "a.sdz"), ("a.png", "a.png.sdz"))
    ]
    assert found.refused == []


def test_an_output_stays_with_its_picture(album: Store, target: Store) -> None:
    record = done(album, target)
    album.write("a.jpg", b"comes before a.png")
    found = plan(album, target, record)
    assert outputs(found) == ["a.jpg.sdz", *OUTPUTS[1:]]
    assert (found.done, found.refused) == (1, [])
    album.remove("a.png")  # and its output may be all there is of it
    assert outputs(plan(album, target, record))[0] == "a.jpg.sdz"
    target.remove("a.sdz")
    assert outputs(plan(album, target, record))[0] == "a.sdz"


def test_what_an_earlier_edition_refused_for_the_sake_of_another(
    album: Store, target: Store
) -> None:
    record = done(album, target)
    album.write("a.gif", b"comes before a.png")
    refused = replace(record, source="z.png", state="failed")
    album.write("z.png", b"")
    assert outputs(plan(album, target, record, refused))[0] == "a.gif.sdz"


def test_force_does_not_redo_what_is_done(album: Store, target: Store) -> None:
    found = plan(album, target, done(album, target), force=True)
    assert outputs(found) == OUTPUTS[1:]


def test_intentions_are_records_that_are_no_word_of_success(album: Store, target: Store) -> None:
    found = plan(album, target)
    planned = {record.source: record for record in intentions(found, WISH)}
    target.write("a.sdz", b"cut short")
    assert outputs(plan(album, target, *planned.values())) == OUTPUTS


def test_a_wish_has_a_name_of_its_own() -> None:
    names = {
        digest_of(wish)
        for model in ("lite-1", "sd-mse")
        for wish in (
            Wish(model),
            Wish(model, quality=40),
            Wish(model, min_score=40),
            Wish(model, effort="high"),
        )
    }
    assert len(names) == 8
    assert digest_of(Wish(quality=40)) == WISH


def test_what_was_done_before_there_was_an_effort_is_not_done_again() -> None:
    assert digest_of(Wish("sd-mse", quality=40)) == "d04c1e4e1e3775b9"
