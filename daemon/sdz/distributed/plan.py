"""Which pictures of a store there are to do, where each goes, and which are done already."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from sdz import container
from sdz.distributed.manifest import Record
from sdz.distributed.stores import Found, Store
from sdz.errors import FormatError, OutputError, OutputExists, OutputStale, SdzError, code_of
from sdz.media import PICTURE_SUFFIXES, SDZ_SUFFIX
from sdz.models import describe
from sdz.wish import Wish


@dataclass(frozen=True, slots=True)
class Item:
    """A picture to do."""

    source: Found
    output: str


@dataclass(slots=True)
class Plan:
    """What a batch is to do. refused: what is not even tried; done: how many were done before."""

    items: list[Item] = field(default_factory=list)
    refused: list[Record] = field(default_factory=list)
    done: int = 0


def digest_of(wish: Wish) -> str:
    """A short name for a wish: the same by the same weights has the same."""
    weights = describe(wish.model).weights_hash
    facts = [wish.model, weights.hex() if weights else None, wish.facts()]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def make_plan(
    source: Store, target: Store, wish: str, records: Mapping[str, Record], *, force: bool
) -> Plan:
    """Look at both stores and at what the manifest says.

    A picture is done if its record says so of this very file and wish (``wish``: its digest) and
    its output is there with the recorded size. An output that no record knows, or that is of
    something else, is left alone unless ``force`` is given. One whose picture was planned or
    failed is what an earlier run was ended at, and is made anew.
    """
    plan, taken = Plan(), dict[str, str]()
    there = {found.path: found for found in target.walk()}
    for found in source.walk():
        stem, dot, suffix = found.path.rpartition(".")
        if not dot or f".{suffix.lower()}" not in PICTURE_SUFFIXES:
            continue
        output = stem + SDZ_SUFFIX
        record, old = records.get(found.path), there.get(output)
        if output in taken:
            error: SdzError = OutputError(output, f"it is already the output of {taken[output]}")
            plan.refused.append(failure(found, output, wish, error))
            continue
        taken[output] = found.path
        if old is not None and _is_done(record, found, old, wish):
            plan.done += 1
        elif old is None or force or (record is not None and record.state != "done"):
            plan.items.append(Item(found, output))
        else:
            error = _in_the_way(target, record, found, output)
            plan.refused.append(failure(found, output, wish, error))
    return plan


def _is_done(record: Record | None, found: Found, old: Found, wish: str) -> bool:
    return (
        record is not None
        and record.state == "done"
        and record.is_of(found, wish)
        and old.size == record.bytes
    )


def _in_the_way(target: Store, record: Record | None, found: Found, output: str) -> OutputExists:
    """Why an output that is there stays, and its picture is not done."""
    if record is None:
        return OutputExists(output)
    if (record.size, record.mark) != (found.size, found.mark):
        return OutputStale(output, "its source has changed")
    try:
        container.unpack(target.read(output))
    except FormatError as error:
        return OutputStale(output, f"it is not whole ({error})")
    return OutputStale(output, "it was made with another model or other options")


def intentions(plan: Plan, wish: str) -> list[Record]:
    """That the plan's outputs will be this batch's: written before the first of them."""
    now = time.time()
    return [
        Record(
            item.source.path, item.source.size, item.source.mark, item.output, "planned", wish, now
        )
        for item in plan.items
    ]


def failure(found: Found, output: str, wish: str, error: Exception) -> Record:
    """The record of a picture that cannot be done."""
    return Record(
        source=found.path,
        size=found.size,
        mark=found.mark,
        output=output,
        state="failed",
        wish=wish,
        at=time.time(),
        code=code_of(error),
        reason=str(error) or type(error).__name__,
    )
