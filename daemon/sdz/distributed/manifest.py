"""What became of each picture of a batch: one JSON object a line, in the destination itself.

    .sdz-batch/manifest.jsonl         each source once
    .sdz-batch/parts/<actor>-<n>.jsonl  what actors have done since that was written

Before anything is done, what is planned is written as a part too: an output that is there without
a word of how it went is then known to be this batch's own. An actor writes a part after every few
pictures and never touches it again, so a node that dies takes nothing with it that was written,
and no two ever write to one file. Merging puts the parts into the manifest and then deletes them;
ended at any point, it is done again and comes to the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Final, Literal

from sdz.distributed.stores import Found, Store
from sdz.errors import BadManifest

FOLDER: Final = ".sdz-batch"
MANIFEST: Final = f"{FOLDER}/manifest.jsonl"
PARTS: Final = f"{FOLDER}/parts"

State = Literal["planned", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Record:
    """A picture: its source (path, size and mark, see ``stores.Found``), its output, and ``state``.

    bytes, score: of the output, None if there is none. code, reason: of a failure. wish: what it
    was made with, see ``plan.wish_of``. at: when, in seconds since 1970.
    """

    source: str
    size: int
    mark: str
    output: str
    state: State
    wish: str
    at: float
    bytes: int | None = None
    score: float | None = None
    code: str | None = None
    reason: str | None = None

    def is_of(self, found: Found, wish: str) -> bool:
        """Whether it is about this very file, and the same wish."""
        return (self.size, self.mark, self.wish) == (found.size, found.mark, wish)

    def to_line(self) -> str:
        """As a line of JSON, without its end."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_line(cls, line: str) -> Record:
        """What ``to_line`` wrote, or a later version. Raises ValueError, TypeError, KeyError."""
        facts = json.loads(line)
        return cls(**{name: facts[name] for name in _FIELDS if name in facts})


_FIELDS: Final = [field.name for field in fields(Record)]


def write_part(store: Store, actor: str, number: int, records: Iterable[Record]) -> None:
    """What an actor has just done; ``number`` counts its parts."""
    lines = "".join(record.to_line() + "\n" for record in records)
    if lines:
        store.write(f"{PARTS}/{actor}-{number:06}.jsonl", lines.encode())


def merge(store: Store) -> dict[str, Record]:
    """Put all parts into the manifest; the records by source, in the order of their names.

    Of several records of a source the latest counts. Raises BadManifest.
    """
    parts = store.names(PARTS)
    records = _read(store, MANIFEST) if store.find(MANIFEST) is not None else []
    for part in parts:
        records += _read(store, part)
    merged: dict[str, Record] = {}
    for record in sorted(records, key=lambda record: (record.source, record.at)):
        merged[record.source] = record
    if parts:
        lines = "".join(record.to_line() + "\n" for record in merged.values())
        store.write(MANIFEST, lines.encode())
        for part in parts:
            store.remove(part)
    return merged


def _read(store: Store, path: str) -> list[Record]:
    try:
        return [Record.from_line(line) for line in store.read(path).decode().splitlines()]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadManifest(f"{store.address}/{path}", str(error)) from error
