"""One picture from claim to journal.

    read -> is it whole, one picture? -> hash -> temporary file -> encode (or take a twin's output)
    -> write, flush -> read back -> is the source still the same? -> journal: this output is about
    to appear -> link into place -> flush the folder -> [journal -> trash] -> journal: done

After a kill anywhere in this ``resume`` tells from the journal and the disk how far it came. An
output is recognised by the hash that the journal got before it appeared; after a power cut that
has cost the journal its last lines, by being, byte for byte, what encoding gives again.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from sdz.errors import (
    NotSmaller,
    OutputError,
    SavesTooLittle,
    SeveralFrames,
    SourceChanged,
    SourceTooLarge,
    SourceUnfinished,
    TrashFailed,
)
from sdz.watch.encoder import Encoder
from sdz.watch.folder import FolderOptions, Originals
from sdz.watch.journal.journal import Journal
from sdz.watch.journal.rows import FileRow, Identity, State
from sdz.watch.looking.whole import inspect
from sdz.watch.names import output_names, part_token
from sdz.watch.writing import trash
from sdz.watch.writing.part import At, Part, file_hash, hash_of, make_folder

MOST_SOURCE_BYTES: Final = 256 << 20


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A picture file that was read whole. data: its bytes, hash: their SHA-256."""

    path: Path
    data: bytes
    hash: str
    stat: os.stat_result


@dataclass(frozen=True, slots=True)
class Output:
    """An output. kept_because: why the original is still there though it should not be."""

    output: Path
    bytes_after: int
    source_hash: str
    kept_because: str = ""


class Converter:
    """Makes outputs as one folder's options say."""

    def __init__(
        self,
        options: FolderOptions,
        encoder: Encoder,
        journal: Journal,
        clock: Callable[[], float],
        at: At,
    ) -> None:
        self.options, self.encoder, self.journal = options, encoder, journal
        self._clock, self._at = clock, at
        self._token = part_token(options.root)
        self._turns: dict[str, asyncio.Lock] = {}
        self._takers: Counter[str] = Counter()

    async def convert(self, row: FileRow) -> Output:
        """Make the output of a claimed file. Raises what ``verdict.judge`` understands."""
        source: SourceFile = await _thread(self._read, row)
        async with self._turn(source.hash):
            made = await self._convert(row, source)
        self._at("made")
        return made

    async def _convert(self, row: FileRow, source: SourceFile) -> Output:
        earlier: Output | None = await _thread(self._already, row, source)
        if earlier is not None:
            return cast(Output, await _thread(self._part_with, row, source, earlier))
        data: bytes | None = await _thread(self._from_twin, row, source)
        # Before the work: a folder that cannot be written must not cost an encode a file.
        part: Part = await _thread(self._open_part, row)
        with part:
            if data is None:
                self._at("encode")
                data = await self.encode(source)
            return cast(Output, await _thread(self._finish, row, source, data, part))

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

    async def encode(self, source: SourceFile) -> bytes:
        """The ``.sdz`` of a source. Raises also NotSmaller and SavesTooLittle."""
        options = self.options
        data = await self.encoder.encode(source.data, options.wish)
        before = len(source.data)
        if len(data) >= before:
            raise NotSmaller(len(data), before)
        if before - len(data) < options.min_saving * before:
            raise SavesTooLittle(len(data), before, options.min_saving)
        return data

    def resume(self, row: FileRow) -> Output | None:
        """What a file that a killed watcher worked on has come to; None: to be done (again)."""
        if row.output is None or row.source_hash is None or row.bytes_after is None:
            return None
        if file_hash(row.output) != row.output_hash:
            return None
        if self.journal.due.belongs_to_another(row, row.output, (State.DONE,)):
            return None
        made = Output(row.output, row.bytes_after, row.source_hash)
        try:
            source = self._read(row)
        except (OSError, SourceChanged):
            return made  # it went, perhaps to the trash: the output is all there is to say
        except (SourceUnfinished, SeveralFrames, SourceTooLarge):
            return None
        # Without this the hash of an earlier version's output would speak for the new one.
        if source.hash != row.source_hash:
            return None
        return self._part_with(row, source, made)

    # --- steps; each runs in a thread -------------------------------------------------------------

    def _read(self, row: FileRow) -> SourceFile:
        self._at("read")
        return read_source(row.path, row.identity)

    def _already(self, row: FileRow, source: SourceFile) -> Output | None:
        """The output of an earlier time, if the bytes have not changed (only the time did)."""
        if row.output is None or row.bytes_after is None or source.hash != row.source_hash:
            return None
        if file_hash(row.output) != row.output_hash:
            return None
        return Output(row.output, row.bytes_after, source.hash)

    def _from_twin(self, row: FileRow, source: SourceFile) -> bytes | None:
        """The output of a file with the same bytes, such as another hard link to it."""
        for twin in self.journal.due.same_source(row.root, source.hash, self.options.digest):
            if twin.id != row.id and twin.output is not None:
                try:
                    data = twin.output.read_bytes()
                except OSError:
                    continue
                if hash_of(data) == twin.output_hash:
                    return data
        return None

    def _open_part(self, row: FileRow) -> Part:
        folder = self.folder_for(row.path)
        make_folder(folder, self.options.out)
        return Part(folder, self._token, self._at)

    def folder_for(self, source: Path) -> Path:
        """The folder of a source's output."""
        if self.options.out is None:
            return source.parent
        return self.options.out / source.parent.relative_to(self.options.root)

    def _finish(self, row: FileRow, source: SourceFile, data: bytes, part: Part) -> Output:
        part.write(data, row.path, source.stat)
        part.check(data, self.options.wish.model, self.options.wish.min_score)
        self._at("look-again")
        require_unchanged(row.path, row.identity)
        output = self._publish(row, source, data, part)
        return self._part_with(row, source, Output(output, len(data), source.hash))

    def _publish(self, row: FileRow, source: SourceFile, data: bytes, part: Part) -> Path:
        """Link the output to the first name that is free, or find it there already."""
        folder, made = self.folder_for(row.path), hash_of(data)
        for name in output_names(row.path.name):
            target = folder / name
            if os.path.lexists(target):
                there = file_hash(target)
                if self.journal.due.belongs_to_another(row, target, (State.DONE, State.RUNNING)):
                    continue
                if there == made:
                    self.journal.due.intend(row, source.hash, target, (made, len(data)))
                    return target
                if not (target == row.output and there == row.output_hash):
                    continue
                # Our own output of what this file held before, and nobody has changed it since.
                self._at("supersede")
                try:
                    trash.put(target)
                except TrashFailed:
                    continue
            self._at("intend")
            self.journal.due.intend(row, source.hash, target, (made, len(data)))
            if part.publish(target):
                return target
        raise OutputError(str(folder), f"every name for the output of {row.path.name} is taken")

    def _part_with(self, row: FileRow, source: SourceFile, made: Output) -> Output:
        """Put the original into the trash, if that is wanted and it is what was converted."""
        if self.options.originals is not Originals.TRASH:
            return made
        output_hash = file_hash(made.output)
        try:
            require_unchanged(row.path, row.identity)
        except SourceChanged:
            return made
        if output_hash is None:  # it went in the meantime: the original stays
            return made
        self._at("trash-journal")
        output = made.output, output_hash
        number = self.journal.trashed.add(row, source.hash, output, self._clock())
        try:
            self._at("trash")
            trash.put(row.path)
        except TrashFailed as error:
            self.journal.trashed.drop(number)
            return Output(made.output, made.bytes_after, made.source_hash, str(error))
        self._at("trashed")
        return made


def read_source(path: Path, identity: Identity) -> SourceFile:
    """All of a source that is whole, a single picture, and ``identity`` before and after reading.

    Raises SourceChanged, SourceUnfinished, SeveralFrames, SourceTooLarge, and OSError.
    """
    if identity.size > MOST_SOURCE_BYTES:
        raise SourceTooLarge(identity.size, MOST_SOURCE_BYTES)
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):  # no link, no waiting for a pipe
        flags |= getattr(os, name, 0)
    try:
        descriptor = os.open(path, flags)
    except (FileNotFoundError, NotADirectoryError):
        raise SourceChanged from None
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode) or not Identity.of(before).is_like(identity):
            raise SourceChanged
        data = file.read(identity.size + 1) if identity.size else b""
        while data and len(data) < identity.size and (more := file.read(identity.size - len(data))):
            data += more
        if len(data) != identity.size or not Identity.of(os.fstat(file.fileno())).is_like(identity):
            raise SourceChanged
    found = inspect(data)
    if found.missing:
        raise SourceUnfinished(found.missing)
    if found.several:
        raise SeveralFrames
    return SourceFile(path, data, hash_of(data), before)


def require_unchanged(path: Path, identity: Identity) -> None:
    """Raise SourceChanged unless ``path`` is still that version of that file."""
    try:
        found = path.lstat()
    except OSError:
        raise SourceChanged from None
    if not Identity.of(found).is_like(identity):
        raise SourceChanged


async def _thread(work: Callable[..., Any], *args: object) -> Any:
    """Run a step in a thread to its end: a step that is under way is not left half done."""
    task = asyncio.ensure_future(asyncio.to_thread(work, *args))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if task.exception() is None and isinstance(part := task.result(), Part):
            part.discard()  # nobody else knows of it
        raise
