"""Routes on watched folders. For the user's own command line and dashboard alone: who may name a
folder may have its pictures read, and files written beside them."""

from __future__ import annotations

from typing import Final

from sdz import errors
from sdz.service.http.access import Access
from sdz.service.http.routing import (
    JSON_TYPE,
    TAKES_NOTHING,
    Call,
    Gives,
    Route,
    Takes,
)
from sdz.service.watches.book import WATCHES
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


async def list_watches(call: Call) -> WatchList:
    """Every folder that the daemon watches, and how far it is."""
    return WatchList(await call.app[WATCHES].rows())


async def add_watch(call: Call) -> WatchRow:
    """Watch a folder, also after a restart; one that is watched already gets these wishes."""
    return await call.app[WATCHES].add(call.body)


async def get_watch(call: Call) -> WatchDetail:
    """One folder, with the files that did not become a ``.sdz`` and why."""
    book, watch = call.app[WATCHES], call.path_word("id")
    row = await book.row(watch)
    notes = [
        FileNote(shown(note.path), str(note.state), note.code, shown(note.reason), note.attempts)
        for note in await book.notes(watch)
    ]
    return WatchDetail(row, notes)


async def remove_watch(call: Call) -> WatchRow:
    """Watch a folder no longer. Its files stay as they are."""
    return await call.app[WATCHES].remove(call.path_word("id"))


async def retry(call: Call) -> Retried:
    """Try files again that failed, were bad or refused."""
    book = call.app[WATCHES]
    return Retried(await book.retry(call.path_word("id"), call.body.paths))


async def undo(call: Call) -> UndoneList:
    """Bring the last originals back from the trash."""
    files = await call.app[WATCHES].undo(call.path_word("id"), call.body.count)
    return UndoneList(
        [UndoneFile(shown(file.path), file.restored, shown(file.reason)) for file in files]
    )


async def rescan(call: Call) -> WatchRow:
    """Look at all of a folder again, soon."""
    return await call.app[WATCHES].rescan(call.path_word("id"))


_REFUSES: Final = (errors.NoSuchWatch, errors.BadJournal)

ROUTES: Final = (
    Route(
        "GET",
        "/v1/watches",
        list_watches,
        gives=(Gives(shape=WatchList, about="the folders"),),
        about="List watched folders",
        access=Access.LOCAL,
        refuses=(errors.BadJournal,),
    ),
    Route(
        "POST",
        "/v1/watches",
        add_watch,
        gives=(Gives(shape=WatchRow, about="it is watched"),),
        about="Watch a folder",
        access=Access.LOCAL,
        takes=Takes((JSON_TYPE,), WatchRequest),
        refuses=(
            errors.FolderUnfit,
            errors.FolderWatched,
            errors.UnknownModel,
            errors.BadJournal,
        ),
    ),
    Route(
        "GET",
        "/v1/watches/{id}",
        get_watch,
        gives=(Gives(shape=WatchDetail, about="the folder"),),
        about="A watched folder and its troubles",
        access=Access.LOCAL,
        refuses=(errors.NoSuchWatch, errors.BadJournal),
    ),
    Route(
        "DELETE",
        "/v1/watches/{id}",
        remove_watch,
        gives=(Gives(shape=WatchRow, about="the folder as it stood"),),
        about="Watch a folder no longer",
        access=Access.LOCAL,
        refuses=(errors.NoSuchWatch, errors.BadJournal),
    ),
    Route(
        "POST",
        "/v1/watches/{id}/retry",
        retry,
        gives=(Gives(shape=Retried, about="they are tried again"),),
        about="Try files again",
        access=Access.LOCAL,
        takes=Takes((JSON_TYPE,), RetryRequest),
        refuses=_REFUSES,
    ),
    Route(
        "POST",
        "/v1/watches/{id}/undo",
        undo,
        gives=(Gives(shape=UndoneList, about="what became of them"),),
        about="Bring the last originals back",
        access=Access.LOCAL,
        takes=Takes((JSON_TYPE,), UndoRequest),
        refuses=_REFUSES,
    ),
    Route(
        "POST",
        "/v1/watches/{id}/rescan",
        rescan,
        gives=(Gives(shape=WatchRow, about="the folder as it stands"),),
        about="Look at all of a folder again",
        access=Access.LOCAL,
        takes=TAKES_NOTHING,
        refuses=_REFUSES,
    ),
)
