"""Routes on watched folders. For the user's own command line and dashboard alone: who may name a
folder may have its pictures read, and files written beside them."""

from __future__ import annotations

import asyncio
from typing import Final

from sdz import errors
from sdz.service.http.routing import JSON_TYPE, Access, Call, Gives, Routes, Takes
from sdz.service.watches.book import WATCHES
from sdz.service.watches.folder import WatchedFolder
from sdz.service.watches.shapes import (
    FileNote,
    Retried,
    RetryRequest,
    UndoneFile,
    UndoneList,
    UndoRequest,
    WatchDetail,
    WatchList,
    WatchRequest,
    WatchRow,
)
from sdz.watch.telling.news import shown

_REFUSES: Final = (errors.NoSuchWatch, errors.BadJournal, errors.FolderUnfit, errors.BadOption)

ROUTES: Final = Routes()


@ROUTES.add(
    "GET",
    "/v1/watches",
    "List watched folders",
    Gives(WatchList, "the folders"),
    access=Access.LOCAL,
    refuses=(errors.BadJournal,),
)
async def list_watches(call: Call) -> WatchList:
    """Every folder that the daemon watches, and how far it is."""
    return WatchList(await call.app[WATCHES].rows())


@ROUTES.add(
    "POST",
    "/v1/watches",
    "Watch a folder",
    Gives(WatchRow, "it is watched"),
    access=Access.LOCAL,
    takes=Takes((JSON_TYPE,), WatchRequest),
    refuses=(errors.FolderUnfit, errors.FolderWatched, errors.UnknownModel, errors.BadJournal),
)
async def add_watch(call: Call) -> WatchRow:
    """Watch a folder, also after a restart; one that is watched already gets these wishes."""
    return await call.app[WATCHES].add(call.body)


@ROUTES.add(
    "GET",
    "/v1/watches/{id}",
    "A watched folder and its troubles",
    Gives(WatchDetail, "the folder"),
    access=Access.LOCAL,
    refuses=(errors.NoSuchWatch, errors.BadJournal),
)
async def get_watch(call: Call) -> WatchDetail:
    """One folder, with the files that did not become a ``.sdz`` and why."""
    stopped = call.app[WATCHES].stopped(call.path_word("id"))
    if stopped is not None:
        return WatchDetail(stopped, [])
    folder = _asked(call)
    row = await folder.row()
    notes = [
        FileNote(shown(note.path), str(note.state), note.code, shown(note.reason), note.attempts)
        for note in await asyncio.to_thread(folder.notes)
    ]
    return WatchDetail(row, notes)


@ROUTES.add(
    "DELETE",
    "/v1/watches/{id}",
    "Watch a folder no longer",
    Gives(WatchRow, "the folder as it stood"),
    access=Access.LOCAL,
    refuses=(errors.NoSuchWatch, errors.BadJournal),
)
async def remove_watch(call: Call) -> WatchRow:
    """Watch a folder no longer. Its files stay as they are."""
    return await call.app[WATCHES].remove(call.path_word("id"))


@ROUTES.add(
    "POST",
    "/v1/watches/{id}/retry",
    "Try files again",
    Gives(Retried, "they are tried again"),
    access=Access.LOCAL,
    takes=Takes((JSON_TYPE,), RetryRequest),
    refuses=_REFUSES,
)
async def retry(call: Call) -> Retried:
    """Try files again that failed, were bad or refused."""
    folder = await _begun(call)
    return Retried(await asyncio.to_thread(folder.retry, call.body.paths))


@ROUTES.add(
    "POST",
    "/v1/watches/{id}/undo",
    "Bring the last originals back",
    Gives(UndoneList, "what became of them"),
    access=Access.LOCAL,
    takes=Takes((JSON_TYPE,), UndoRequest),
    refuses=_REFUSES,
)
async def undo(call: Call) -> UndoneList:
    """Bring the last originals back from the trash."""
    folder = await _begun(call)
    files = await asyncio.to_thread(folder.undo, call.body.count)
    return UndoneList(
        [UndoneFile(shown(file.path), file.restored, shown(file.reason)) for file in files]
    )


@ROUTES.add(
    "POST",
    "/v1/watches/{id}/pause",
    "Have a folder wait",
    Gives(WatchRow, "the folder as it stands"),
    access=Access.LOCAL,
    refuses=_REFUSES,
)
async def pause(call: Call) -> WatchRow:
    """Have a folder wait, also after a restart; files under way come to their end."""
    folder = _asked(call)
    await asyncio.to_thread(folder.pause)
    return await folder.row()


@ROUTES.add(
    "POST",
    "/v1/watches/{id}/resume",
    "Have a folder go on that waits",
    Gives(WatchRow, "the folder as it stands"),
    access=Access.LOCAL,
    refuses=_REFUSES,
)
async def resume(call: Call) -> WatchRow:
    """Have a folder go on that waits."""
    folder = _asked(call)
    await asyncio.to_thread(folder.resume)
    return await folder.row()


@ROUTES.add(
    "POST",
    "/v1/watches/{id}/rescan",
    "Look at all of a folder again",
    Gives(WatchRow, "the folder as it stands"),
    access=Access.LOCAL,
    refuses=_REFUSES,
)
async def rescan(call: Call) -> WatchRow:
    """Look at all of a folder again, soon."""
    folder = await _begun(call)
    folder.rescan()
    return await folder.row()


async def _begun(call: Call) -> WatchedFolder:
    """The folder that a path names. Raises NoSuchWatch, or why it cannot be begun."""
    return await call.app[WATCHES].begun(call.path_word("id"))


def _asked(call: Call) -> WatchedFolder:
    """The folder that a path names. Raises NoSuchWatch."""
    return call.app[WATCHES].find(call.path_word("id"))
