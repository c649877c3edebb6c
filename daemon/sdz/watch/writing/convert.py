"""One picture from claim to journal.

    read -> is it whole? -> hash -> temporary file -> encode, if it is one picture (or take a twin's
    output) -> write, flush -> read back -> is the source still the same? -> journal: this output is
    about to appear -> link into place -> flush the folder -> [journal -> trash] -> journal: done

After a kill anywhere in this ``resume`` tells from the journal and the disk how far it came. An
output is recognised by the hash that the journal got before it appeared; after a power cut that
has cost the journal its last lines, by being, byte for byte, what encoding gives again.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from sdz.errors import (
    NotSmaller,
    OutputError,
    SavesTooLittle,
    SourceChanged,
    SourceTooLarge,
    SourceUnfinished,
    TrashFailed,
)
from sdz.names import output_names
from sdz.progress import hearing
from sdz.watch.folder import Originals
from sdz.watch.journal.rows import FileRow, State
from sdz.watch.names import part_token
from sdz.watch.work import Work
from sdz.watch.writing import trash
from sdz.watch.writing.part import Part, file_hash, hash_of, make_folder
from sdz.watch.writing.source import SourceFile, read_source, require_unchanged

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Output:
    """An output. kept_because: why the original is still there though it should not be. notes: what
    was changed or left behind, where it was made just now.
    """

    path: Path
    bytes_after: int
    source_hash: str
    kept_because: str = ""
    notes: tuple[str, ...] = ()


class Converter:
    """Makes outputs as one folder's options say."""

    def __init__(self, work: Work) -> None:
        self._work, self._options, self._journal = work, work.options, work.journal
        self._on_step = work.on_step
        self._token = part_token(work.options.root)
        self._turns: dict[str, asyncio.Lock] = {}
        self._takers: Counter[str] = Counter()

    async def convert(self, row: FileRow) -> Output:
        """Make the output of a claimed file. Raises what ``verdict.judge`` understands."""
        source = await _thread(self._read, row)
        async with self._turn(source.hash):
            made = await self._convert(row, source)
        self._on_step("made")
        return made

    async def _convert(self, row: FileRow, source: SourceFile) -> Output:
        earlier = await _thread(self._already, row, source)
        if earlier is not None:
            return await _thread(self._part_with, row, source, earlier)
        data = await _thread(self._from_twin, row, source)
        notes: tuple[str, ...] = ()
        # Before the work: a folder that cannot be written must not cost an encode a file.
        part = await _thread(self._open_part, row)
        with part:
            if data is None:
                self._on_step("encode")
                data, notes = await encode(self._work, row.path, source)
            made = await _thread(self._finish, row, source, data, part)
        return replace(made, notes=notes)

    @asynccontextmanager
    async def _turn(self, source_hash: str) -> AsyncIterator[None]:
        """One at a time of files with the same bytes: the next ones take the first one's output."""
        lock = self._turns.setdefault(source_hash, asyncio.Lock())
        self._takers[source_hash] += 1
        try:
            async with lock:
                yield
        finally:
            self._takers[source_hash] -= 1
            if not self._takers[source_hash]:
                del self._takers[source_hash], self._turns[source_hash]

    def resume(self, row: FileRow) -> Output | None:
        """What a file that a killed watcher worked on has come to; None: to be done (again)."""
        if row.output is None or row.source_hash is None or row.bytes_after is None:
            return None
        if file_hash(row.output) != row.output_hash:
            return None
        if self._journal.due.belongs_to_another(row, row.output, (State.DONE,)):
            return None
        made = Output(row.output, row.bytes_after, row.source_hash)
        try:
            source = self._read(row)
        except (OSError, SourceChanged):
            return made  # it went, perhaps to the trash: the output is all there is to say
        except (SourceUnfinished, SourceTooLarge):
            return None
        # Without this the hash of an earlier version's output would speak for the new one.
        if source.hash != row.source_hash:
            return None
        return self._part_with(row, source, made)

    # --- steps; each runs in a thread -------------------------------------------------------------

    def _read(self, row: FileRow) -> SourceFile:
        self._on_step("read")
        return read_source(row.path, row.identity)

    def _already(self, row: FileRow, source: SourceFile) -> Output | None:
        """The output of an earlier time, if the bytes have not changed (only the time did).

        Not where the original goes: it may have been made when less than all was asked for.
        """
        if self._options.originals is Originals.TRASH:
            return None
        if row.output is None or row.bytes_after is None or source.hash != row.source_hash:
            return None
        if file_hash(row.output) != row.output_hash:
            return None
        return Output(row.output, row.bytes_after, source.hash)

    def _from_twin(self, row: FileRow, source: SourceFile) -> bytes | None:
        """The output of a file with the same bytes, such as another hard link to it."""
        for twin in self._journal.due.same_source(row.root, source.hash, self._options.digest):
            if twin.id != row.id and twin.output is not None:
                try:
                    data = twin.output.read_bytes()
                except OSError:
                    continue
                if hash_of(data) == twin.output_hash:
                    return data
        return None

    def _open_part(self, row: FileRow) -> Part:
        folder = self._options.folder_for(row.path)
        make_folder(folder, self._options.out)
        return Part(folder, self._token, self._on_step)

    def _finish(self, row: FileRow, source: SourceFile, data: bytes, part: Part) -> Output:
        part.write(data, source.origin)
        part.check(data, self._options.wish.model, self._options.wish.min_score)
        self._on_step("look-again")
        require_unchanged(row.path, row.identity)
        output = self._publish(row, source, data, part)
        return self._part_with(row, source, Output(output, len(data), source.hash))

    def _publish(self, row: FileRow, source: SourceFile, data: bytes, part: Part) -> Path:
        """Link the output to the first name that is free, or find it there already."""
        folder, made = self._options.folder_for(row.path), hash_of(data)
        for name in output_names(row.path.name):
            target = folder / name
            if os.path.lexists(target):
                there = file_hash(target)
                if self._journal.due.belongs_to_another(row, target, (State.DONE, State.RUNNING)):
                    continue
                if there == made:
                    self._journal.due.intend(row, source.hash, target, (made, len(data)))
                    return target
                if not (target == row.output and there == row.output_hash):
                    continue
                # Our own output of what this file held before, and nobody has changed it since.
                self._on_step("supersede")
                try:
                    trash.put(target)
                except TrashFailed:
                    continue
            self._on_step("intend")
            self._journal.due.intend(row, source.hash, target, (made, len(data)))
            if part.publish(target):
                return target
        raise OutputError(str(folder), f"every name for the output of {row.path.name} is taken")

    def _part_with(self, row: FileRow, source: SourceFile, made: Output) -> Output:
        """Put the original into the trash, if that is wanted and it is what was converted."""
        if self._options.originals is not Originals.TRASH:
            return made
        output_hash = file_hash(made.path)
        try:
            require_unchanged(row.path, row.identity)
        except SourceChanged:
            return made
        if output_hash is None:  # it went in the meantime: the original stays
            return made
        self._on_step("trash-journal")
        output = made.path, output_hash
        number = self._journal.trashed.add(row, source.hash, output, self._work.clock())
        try:
            self._on_step("trash")
            trash.put(row.path)
        except TrashFailed as error:
            self._journal.trashed.drop(number)
            return replace(made, kept_because=str(error))
        self._on_step("trashed")
        return made


async def encode(work: Work, path: Path, source: SourceFile) -> tuple[bytes, tuple[str, ...]]:
    """The ``.sdz`` of a source, and its notes: the one place where the maker is asked. What it says
    of how far it is goes to ``work.on_progress``.

    Raises what it raises, NotSmaller and SavesTooLittle.
    """
    options = work.options
    hear = nullcontext() if work.on_progress is None else hearing(partial(work.on_progress, path))
    with hear:
        made = await work.maker.make(source.data, options.asked)
    data = made.data
    before = len(source.data)
    if len(data) >= before:
        raise NotSmaller(len(data), before)
    if before - len(data) < options.min_saving * before:
        raise SavesTooLittle(len(data), before, options.min_saving)
    return data, made.notes


async def _thread(step: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a step in a thread to its end: a step that is under way is not left half done."""
    task = asyncio.ensure_future(asyncio.to_thread(step, *args, **kwargs))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if task.exception() is None and isinstance(part := task.result(), Part):
            part.discard()  # nobody else knows of it
        raise
