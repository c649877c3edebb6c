"""Which pictures of a store there are to do, where each goes, and which are done already."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from sdz import container
from sdz.distributed.manifest import Record
from sdz.distributed.stores import Found, Store
from sdz.errors import FormatError, OutputExists, OutputStale, code_of
from sdz.media import PICTURE_SUFFIXES
from sdz.models import describe
from sdz.names import ending, output_names
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
    plan = Plan()
    there = {found.path: found for found in target.walk()}
    pictures = [found for found in source.walk() if ending(found.path) in PICTURE_SUFFIXES]
    owners = _owners(pictures, there, records)
    for found in pictures:
        record = records.get(found.path)
        names = chain([record.output] if record else [], _outputs(found.path))
        output = next(name for name in names if owners.setdefault(name, found.path) == found.path)
        old = there.get(output)
        if old is not None and _is_done(record, found, old, wish):
            plan.done += 1
        elif old is None or force or (record is not None and record.state != "done"):
            plan.items.append(Item(found, output))
        else:
            error = _in_the_way(target, record, found, output)
            plan.refused.append(failure(found, output, wish, error))
    return plan


def _owners(
    pictures: Iterable[Found], there: Container[str], records: Mapping[str, Record]
) -> dict[str, str]:
    """Whose each output is, as the manifest has it; that of a picture that has gone is its own."""
    present = {found.path for found in pictures}
    known = sorted(
        (record.state == "done", name, record.output) for name, record in records.items()
    )
    return {output: name for _, name, output in known if name in present or output in there}


def _outputs(path: str) -> Iterator[str]:
    """Names for the output of the picture ``path``, the best first."""
    folder, slash, name = path.rpartition("/")
    return (f"{folder}{slash}{output}" for output in output_names(name))


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
