"""What runs on a node, here without a cluster: its results are those of this process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import pytest

from sdz import encode
from sdz.distributed.actor import Encoding, read_item, write_item
from sdz.distributed.manifest import Record, merge
from sdz.distributed.plan import Item, digest_of, make_plan
from sdz.distributed.stores import Found, Store
from sdz.errors import ClusterFailed
from sdz.wish import Wish

WISH = Wish(quality=40)


@pytest.fixture
def target(address: str) -> Store:
    return Store(f"{address}/out")


@pytest.fixture
def actor(album: Store, target: Store) -> Iterator[Encoding]:
    made = Encoding(album.address, target.address, asdict(WISH), digest_of(WISH), "cpu", 1)
    yield made
    made.close()


def test_items_survive_their_way() -> None:
    item = Item(Found("ü/a.png", 5, 'ETag:"1"'), "ü/a.sdz")
    assert read_item(write_item(item)) == item


def test_pictures_are_done_and_failures_noted(album: Store, target: Store, actor: Encoding) -> None:
    plan = make_plan(album, target, digest_of(WISH), {}, force=False)
    album.remove("summer/deep/c.png")  # between the plan and the work
    rows = actor({"item": [write_item(item) for item in plan.items]})
    records = [Record.from_line(line) for line in rows["record"]]
    assert [(one.output, one.state, one.code) for one in records] == [
        ("a.sdz", "done", None),
        ("summer/b.sdz", "done", None),
        ("summer/bad.sdz", "failed", "unreadable-image"),
        ("summer/deep/c.sdz", "failed", "os-error"),
    ]
    for one in records[:2]:
        data = target.read(one.output)
        assert data == encode(album.read(one.source), quality=40)
        assert one.bytes == len(data)
        assert one.score is not None
    assert target.find("summer/bad.sdz") is None
    assert list(merge(target).values()) == records
    left = make_plan(album, target, digest_of(WISH), merge(target), force=False)
    assert ([item.output for item in left.items], left.done) == (["summer/bad.sdz"], 2)


def test_a_picture_that_changed_since_it_was_planned(
    album: Store, target: Store, actor: Encoding
) -> None:
    found = album.find("a.png")
    assert found is not None
    old = Item(Found(found.path, found.size - 1, found.mark), "a.sdz")
    (line,) = actor({"item": [write_item(old)]})["record"]
    assert Record.from_line(line).code == "changed-meanwhile"
    assert target.find("a.sdz") is None


def test_a_node_with_other_weights_does_nothing(album: Store, target: Store) -> None:
    with pytest.raises(ClusterFailed, match="another edition of lite-1"):
        Encoding(album.address, target.address, asdict(WISH), "0" * 16, "cpu", 1)
