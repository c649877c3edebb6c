"""Watched folders over HTTP: who may name them, what is refused, what is kept over a restart."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_watcher import FakeAmend, FakeWatcher, folder_status
from service_kit import JSON, Answer, Daemon, MakeDaemon

from sdz.config import WatchSettings
from sdz.errors import BadJournal
from sdz.progress import Progress
from sdz.service.http.events import EVENTS
from sdz.service.watches import folder as watched_folder
from sdz.service.watches.book import WATCHES, WatchBook
from sdz.service.watches.routes import ROUTES
from sdz.watch.claim import COMMAND, Claim
from sdz.wish import Wish


@pytest.fixture(autouse=True)
def watchers(monkeypatch: pytest.MonkeyPatch) -> list[FakeWatcher]:
    """All watchers that were made, in their order."""
    made: list[FakeWatcher] = []
    monkeypatch.setattr(FakeWatcher, "made", made)
    monkeypatch.setattr(FakeWatcher, "failures", [])
    monkeypatch.setattr(watched_folder, "Watcher", FakeWatcher)
    monkeypatch.setattr(watched_folder, "amend", FakeAmend)
    monkeypatch.setattr(watched_folder, "folder_status", folder_status)
    return made


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder


async def post(daemon: Daemon, path: str, **body: Any) -> Answer:
    return await daemon.ask("POST", path, json.dumps(body).encode(), JSON)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(120):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_folder_from_beginning_to_end(
    daemon: Daemon, root: Path, watchers: list[FakeWatcher]
) -> None:
    begun = await post(
        daemon,
        "/v1/watches",
        root=str(root),
        preset="fine",
        effort="high",
        originals="trash",
        min_saving=0.25,
    )
    assert begun.status == 200
    row = begun.json
    assert (row["root"], row["state"], row["kept"]) == (str(root), "watching", True)
    [watcher] = watchers
    await until(lambda: watcher.runs)
    options = watcher.options
    assert (options.root, options.originals) == (root, "trash")
    assert options.wish == Wish(preset="fine", effort="high", keep_metadata=True)
    assert (options.min_saving, options.settle_s, options.jobs) == (0.25, 2.0, 2)

    watcher.stand(waiting=3, done=5, saved_bytes=7000, oldest_waiting_s=4.25)
    [listed] = (await daemon.ask("GET", "/v1/watches")).json["watches"]
    assert (listed["waiting"], listed["done"], listed["saved_bytes"]) == (3, 5, 7000)
    detail = (await daemon.ask("GET", f"/v1/watches/{row['id']}")).json
    assert (detail["watch"], detail["notes"]) == (listed, [])

    ended = await daemon.ask("DELETE", f"/v1/watches/{row['id']}")
    assert (ended.status, ended.json["done"], watcher.ended) == (200, 5, 1)
    assert (await daemon.ask("GET", "/v1/watches")).json == {"watches": []}
    other = Claim(root)
    other.acquire(COMMAND)  # others may watch it now
    other.release()


async def test_there_is_no_other_folder(daemon: Daemon) -> None:
    for method, path in (
        ("GET", "/v1/watches/nope"),
        ("DELETE", "/v1/watches/nope"),
        ("POST", "/v1/watches/nope/retry"),
        ("POST", "/v1/watches/nope/undo"),
        ("POST", "/v1/watches/nope/rescan"),
    ):
        answer = await daemon.ask(method, path, b"" if method == "POST" else None, JSON)
        assert (answer.status, answer.code) == (404, "no-such-watch")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_a_paired_client_names_no_folders(daemon: Daemon, route: Any, root: Path) -> None:
    paired = daemon.clients.admit("Firefox", None)
    headers = {"Authorization": f"Bearer {paired.token}", **JSON}
    path = route.path.replace("{id}", Claim(root).id)
    body = json.dumps({"root": str(root)}).encode() if route.method == "POST" else None
    answer = await daemon.ask(route.method, path, body, headers)
    assert (answer.status, answer.code) == (403, "local-only")
    assert FakeWatcher.made == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "bad-body"),
        ({"root": 5}, "bad-body"),
        ({"root": "/", "unknown": 1}, "bad-body"),
        ({"root": "/", "quality": "high"}, "bad-body"),
        ({"root": "/", "quality": True}, "bad-body"),
        ({"root": "/", "quality": 101}, "bad-body"),
        ({"root": "/", "originals": "delete"}, "bad-body"),
        ({"root": "/", "effort": "max"}, "bad-body"),
        ({"root": "/", "effort": None}, "bad-body"),
        ({"root": "/", "jobs": 0}, "bad-body"),
        ({"root": "pictures"}, "bad-option"),
        ({"root": ""}, "bad-option"),
        ({"root": "/"}, "folder-unfit"),
        ({"root": "HERE/none"}, "folder-unfit"),
        ({"root": "HERE/file"}, "folder-unfit"),
        ({"root": "HERE/\0"}, "folder-unfit"),
        ({"root": "HERE/\ud800"}, "folder-unfit"),
        ({"root": "HOME"}, "folder-unfit"),
        ({"root": "HERE", "out": "small"}, "bad-option"),
        ({"root": "HERE", "out": "HERE/file"}, "folder-unfit"),
        ({"root": "HERE", "preset": "fine", "quality": 20}, "bad-option"),
        ({"root": "HERE", "quality": 20, "min_score": 20}, "bad-option"),
        ({"root": "HERE", "model": "nope"}, "unknown-model"),
        ({"root": "HERE", "model": "taesd", "effort": "high"}, "bad-option"),
    ],
)
async def test_what_cannot_be_watched(
    daemon: Daemon, root: Path, models_home: Path, body: dict[str, Any], code: str
) -> None:
    (root / "file").write_text("")
    places = {"HERE": str(root), "HOME": str(models_home)}
    for name in ("root", "out"):
        for word, place in places.items():
            if isinstance(body.get(name), str):
                body = {**body, name: body[name].replace(word, place)}
    answer = await post(daemon, "/v1/watches", **body)
    assert answer.code == code
    assert answer.status < 500
    assert (await daemon.ask("GET", "/v1/watches")).json == {"watches": []}
    assert not daemon.kept.watches.exists()


async def test_an_effort_that_is_none_names_those_there_are(daemon: Daemon, root: Path) -> None:
    answer = await post(daemon, "/v1/watches", root=str(root), effort="max")
    assert (answer.status, "effort should be normal or high" in answer.json["detail"]) == (
        400,
        True,
    )


async def test_nobody_else_watches_it(daemon: Daemon, root: Path) -> None:
    (root / "inner").mkdir()
    other = Claim(root / "inner")
    other.acquire(COMMAND)
    answer = await post(daemon, "/v1/watches", root=str(root))
    assert (answer.status, answer.code) == (409, "folder-watched")
    assert answer.json["pid"] == os.getpid()
    assert "sdz watch" in answer.json["detail"]
    other.release()
    assert (await post(daemon, "/v1/watches", root=str(root))).status == 200
    answer = await post(daemon, "/v1/watches", root=str(root / "inner"))
    assert (answer.status, answer.json["by"]) == (409, "the daemon")


async def test_asked_for_again(daemon: Daemon, root: Path, watchers: list[FakeWatcher]) -> None:
    first = (await post(daemon, "/v1/watches", root=str(root))).json
    again = (await post(daemon, "/v1/watches", root=f"{root}/../pictures")).json
    assert again["id"] == first["id"]
    assert watchers[0].ended == 0
    other = (await post(daemon, "/v1/watches", root=str(root), preset="tiny")).json
    assert other["id"] == first["id"]
    await until(lambda: watchers[-1].runs)
    assert watchers[0].ended == 1
    assert watchers[-1].options.wish.preset == "tiny"
    assert len((await daemon.ask("GET", "/v1/watches")).json["watches"]) == 1


async def test_what_is_passed_on(daemon: Daemon, root: Path, watchers: list[FakeWatcher]) -> None:
    row = (await post(daemon, "/v1/watches", root=str(root))).json
    path, [watcher] = f"/v1/watches/{row['id']}", watchers
    assert (await post(daemon, f"{path}/retry")).json == {"files": 2}
    assert (await post(daemon, f"{path}/retry", paths=["a.png", "sub/b.png"])).status == 200
    assert watcher.retried == [None, [root / "a.png", root / "sub/b.png"]]
    for outside in ("/etc/passwd", "../x.png", "a/../../x.png", "", ".", "a\0"):
        answer = await post(daemon, f"{path}/retry", paths=[outside])
        assert (answer.status, answer.code) == (400, "bad-option")
    assert (await post(daemon, f"{path}/retry", paths="a.png")).code == "bad-body"
    undone = (await post(daemon, f"{path}/undo", count=3)).json["files"]
    assert [file["restored"] for file in undone] == [True, False]
    await post(daemon, f"{path}/undo")
    assert watcher.undone == [3, 1]
    assert (await post(daemon, f"{path}/undo", count=0)).code == "bad-body"
    assert (await post(daemon, f"{path}/rescan")).json["id"] == row["id"]
    assert watcher.rescans == 1


class Book:
    """A book of a daemon's own, which a test begins and ends."""

    def __init__(self, folder: Path, settings: WatchSettings | None = None) -> None:
        self.file = folder / "watches.json"
        self.events: list[dict[str, Any]] = []
        self.journals = 0
        self._settings = settings or WatchSettings()

    def make(self) -> WatchBook:
        def publish(kind: str, data: dict[str, Any]) -> None:
            assert kind == "watch"
            self.events.append(data)

        encoder: Any = None
        return WatchBook(self.file, self._settings, encoder, publish, self._journal)

    def _journal(self) -> Any:
        self.journals += 1

        class Journal:
            def close(self) -> None:
                pass

        return Journal()


async def roots(book: WatchBook) -> list[tuple[str, bool]]:
    return [(Path(row.root).name, row.kept) for row in await book.rows()]


async def test_kept_over_a_restart_and_watched_this_time(tmp_path: Path) -> None:
    from sdz.service.watches.shapes import WatchRequest

    for name in ("asked", "named", "ended"):
        (tmp_path / name).mkdir()
    kit = Book(tmp_path)
    book = kit.make()
    await book.open([tmp_path / "named"])
    await book.add(WatchRequest(str(tmp_path / "asked"), quality=33.0, effort="high"))
    ended = await book.add(WatchRequest(str(tmp_path / "ended")))
    await book.remove(ended.id)
    assert await roots(book) == [("asked", True), ("named", False)]
    await book.close()
    assert {watcher.ended for watcher in FakeWatcher.made if watcher.runs} == {1}
    assert kit.file.stat().st_mode & 0o077 == 0

    again = kit.make()
    await again.open()
    assert await roots(again) == [("asked", True)]
    assert FakeWatcher.made[-1].options.wish == Wish(
        quality=33.0, effort="high", keep_metadata=True
    )
    await again.close()

    both = kit.make()
    await both.open([tmp_path / "asked"])  # named besides; its own wishes are what counts
    assert await roots(both) == [("asked", True)]
    await both.close()


async def test_what_was_kept_before_there_was_an_effort(tmp_path: Path) -> None:
    kit = Book(tmp_path)
    asked = {"root": str(tmp_path), "model": "lite-1", "quality": 33.0}
    kit.file.write_text(json.dumps({"version": 1, "watches": [asked]}))
    book = kit.make()
    await book.open()
    assert FakeWatcher.made[-1].options.wish == Wish(quality=33.0, keep_metadata=True)
    await book.close()


async def test_a_kept_folder_that_is_not_there_is_watched_all_the_same(tmp_path: Path) -> None:
    from sdz.service.watches.shapes import WatchRequest

    (tmp_path / "disk").mkdir()
    kit = Book(tmp_path)
    book = kit.make()
    await book.open()
    await book.add(WatchRequest(str(tmp_path / "disk")))
    await book.close()
    (tmp_path / "disk").rmdir()
    again = kit.make()
    await again.open()
    assert await roots(again) == [("disk", True)]
    await again.close()


async def test_a_list_that_is_damaged_is_put_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for text in ("{", "[]", '{"watches": 5}', '{"watches": [{"quality": 5}]}', '{"watches": [5]}'):
        kit = Book(tmp_path)
        kit.file.write_text(text)
        book = kit.make()
        await book.open()
        assert await book.rows() == []
        await book.close()
        assert kit.file.with_suffix(".damaged").read_text() == text
        assert "unreadable" in caplog.text


async def test_a_kept_folder_of_no_use_is_not_forgotten(tmp_path: Path) -> None:
    from sdz.service.watches.shapes import WatchRequest

    (tmp_path / "fine").mkdir()
    (tmp_path / "file").write_text("")
    kit = Book(tmp_path)
    kit.file.write_text(json.dumps({"watches": [{"root": str(tmp_path / "file"), "later": 1}]}))
    book = kit.make()
    await book.open()
    assert [(row.state, row.kept) for row in await book.rows()] == [("stopped", True)]
    await book.add(WatchRequest(str(tmp_path / "fine")))
    await book.close()
    kept = [row["root"] for row in json.loads(kit.file.read_text())["watches"]]
    assert sorted(kept) == [str(tmp_path / "file"), str(tmp_path / "fine")]


async def test_a_journal_that_is_garbled_is_told_of_each_folder(tmp_path: Path) -> None:
    from sdz.service.watches.shapes import WatchRequest
    from sdz.watch.journal.journal import Journal

    for name in ("asked", "named", "ended"):
        (tmp_path / name).mkdir()
    asked, ended = (WatchRequest(str(tmp_path / name)) for name in ("asked", "ended"))
    kit, journal = Book(tmp_path), tmp_path / "journal.sqlite"
    journal.write_bytes(b"no journal" * 1000)
    kit.file.write_text(json.dumps({"watches": [asked.values(), ended.values()]}))
    encoder: Any = None
    book = WatchBook(kit.file, WatchSettings(), encoder, lambda *_: None, lambda: Journal(journal))
    await book.open([tmp_path / "named"])
    rows = await book.rows()
    assert [(Path(row.root).name, row.state, row.kept) for row in rows] == [
        ("asked", "stopped", True),
        ("ended", "stopped", True),
        ("named", "stopped", False),
    ]
    assert all(str(journal) in row.reason for row in rows)

    assert book.stopped(rows[0].id) == rows[0]
    assert await book.remove(rows[1].id) == rows[1]
    journal.unlink()
    await book.add(asked)  # asked for again, it is watched, and kept once
    assert [row.state for row in await book.rows()] == ["watching", "stopped"]
    kept = json.loads(kit.file.read_text())["watches"]
    assert [row["root"] for row in kept] == [asked.root]
    await book.close()


async def test_what_could_not_be_begun_is_tried_again(tmp_path: Path) -> None:
    from sdz.watch.journal.journal import Journal

    (tmp_path / "pictures").mkdir()
    kit, journal = Book(tmp_path), tmp_path / "journal.sqlite"
    journal.write_bytes(b"no journal" * 1000)
    encoder: Any = None
    book = WatchBook(
        *(kit.file, WatchSettings(), encoder, lambda *_: None, lambda: Journal(journal)),
        again_s=(0.0, 0.01),
    )
    await book.open([tmp_path / "pictures"])
    [row] = await book.rows()
    with pytest.raises(BadJournal, match="not a database"):  # not that there is no such folder
        await book.begun(row.id)
    journal.unlink()
    await until(lambda: book.stopped(row.id) is None)
    assert [row.state for row in await book.rows()] == ["watching"]
    assert (await book.begun(row.id)).id == row.id
    await book.close()


async def test_who_asks_for_what_could_not_be_begun_has_it_tried(tmp_path: Path) -> None:
    from sdz.watch.journal.journal import Journal

    (tmp_path / "pictures").mkdir()
    kit, journal = Book(tmp_path), tmp_path / "journal.sqlite"
    journal.write_bytes(b"no journal" * 1000)
    encoder: Any = None
    book = WatchBook(
        *(kit.file, WatchSettings(), encoder, lambda *_: None, lambda: Journal(journal)),
        again_s=(3600.0, 3600.0),
    )
    await book.open([tmp_path / "pictures"])
    [row] = await book.rows()
    journal.unlink()
    assert (await book.begun(row.id)).id == row.id
    await book.close()


async def test_a_watcher_that_fails_is_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(watched_folder, "AGAIN_S", (0.0, 0.0))
    FakeWatcher.failures += [BadJournal("j", "it is full of holes"), ZeroDivisionError("secret")]
    (tmp_path / "pictures").mkdir()
    book = Book(tmp_path).make()
    await book.open([tmp_path / "pictures"])
    await until(lambda: FakeWatcher.made[0].runs == 3)
    assert [row.state for row in await book.rows()] == ["watching"]
    assert "full of holes" in str([getattr(entry, "fields", "") for entry in caplog.records])
    assert "ZeroDivisionError" in caplog.text
    await book.close()


async def test_why_a_folder_is_not_watched_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched_folder, "AGAIN_S", (3600.0, 3600.0))
    (tmp_path / "pictures").mkdir()
    other = Claim(tmp_path / "pictures")
    other.acquire(COMMAND)
    book = Book(tmp_path).make()
    await book.open([tmp_path / "pictures"])

    async def reason() -> str:
        [row] = await book.rows()
        return f"{row.state}: {row.reason}"

    async with asyncio.timeout(120):
        while not (await reason()).startswith("stopped"):
            await asyncio.sleep(0.01)
    assert f"watched already by sdz watch (process {os.getpid()})" in await reason()
    await book.close()
    other.release()


async def test_a_lock_that_is_just_being_taken_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pictures").mkdir()
    begun, go, whole = threading.Event(), threading.Event(), Claim.acquire

    def slow(self: Claim, *words: Any) -> None:
        begun.set()
        go.wait()
        whole(self, *words)

    monkeypatch.setattr(Claim, "acquire", slow)
    book = Book(tmp_path).make()
    await book.open([tmp_path / "pictures"])
    await until(begun.is_set)
    closing = asyncio.create_task(book.close())
    await asyncio.sleep(0)  # it waits for the thread now
    go.set()
    await closing
    other = Claim(tmp_path / "pictures")
    whole(other, COMMAND)
    other.release()


async def test_news_are_events_and_the_end_of_a_batch_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, told = tmp_path / "notify-send", tmp_path / "told"
    program.write_text(f'#!/bin/sh\necho "$@" >> "{told}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    (tmp_path / "pictures").mkdir()
    for notify in (False, True):
        kit = Book(tmp_path, WatchSettings(notify=notify))
        book = kit.make()
        await book.open([tmp_path / "pictures"])
        watcher = FakeWatcher.made[-1]
        watcher.stand(done=2, saved_bytes=3_000_000)
        for name in ("a.png", "b.png"):
            watcher.event("done", name, bytes_before=2_000_000, bytes_after=500_000)
        await until(lambda kit=kit: kit.events)
        if notify:
            await until(lambda: told.exists() and told.read_text().endswith("\n"))
        await book.close()
        [event] = kit.events
        assert (event["done"], event["left_out"], len(event["files"])) == (2, 0, 2)
        assert event["root"] == str(tmp_path / "pictures")
        assert told.exists() == notify
    assert told.read_text() == "--app-name=sdz -- sdz 2 pictures in pictures: 3.0 MB saved\n"


async def test_what_is_in_work_is_told_with_its_stage(
    tmp_path: Path,
) -> None:
    (tmp_path / "pictures").mkdir()
    kit = Book(tmp_path)
    book = kit.make()
    await book.open([tmp_path / "pictures"])
    watcher = FakeWatcher.made[-1]
    watcher.stand(left_s=0.5)
    watcher.event("started", "a.png")
    await until(lambda: kit.events)
    assert kit.events[-1]["left_s"] == 0.5
    assert kit.events[-1]["stages"] == {}
    watcher.progress("a.png", Progress("coding", 0.5, 2))
    watcher.progress("of-nobody.png", Progress("coding", 0.5, 2))
    await until(lambda: kit.events[-1]["stages"])
    assert kit.events[-1]["stages"] == {"a.png": "coding, attempt 2"}
    assert [row.stages for row in await book.rows()] == [{"a.png": "coding, attempt 2"}]
    watcher.event("done", "a.png", bytes_before=2, bytes_after=1)
    await until(lambda: not kit.events[-1]["stages"])
    await book.close()


async def test_names_of_files_are_no_business_of_an_extension(
    daemon: Daemon, root: Path, watchers: list[FakeWatcher]
) -> None:
    await post(daemon, "/v1/watches", root=str(root))
    paired = daemon.clients.admit("Firefox", None)
    headers = {"Authorization": f"Bearer {paired.token}"}
    streams = []
    for who in (headers, daemon.bearer):
        async with daemon.client.get("/v1/events", headers=who) as reply:
            await reply.content.readuntil(b"\n\n")
            watchers[0].event("bad", "secret.png", reason="damaged")
            before = daemon.app[EVENTS]._number
            await until(lambda before=before: daemon.app[EVENTS]._number > before)
            daemon.app[EVENTS].publish("job", {"id": "last"})
            streams.append((await reply.content.readuntil(b'"last"}\n\n')).decode())
    assert "event: watch" not in streams[0]
    assert "secret.png" not in streams[0]
    assert "event: watch" in streams[1]
    assert "secret.png" in streams[1]


async def test_figures_for_each_folder(
    daemon: Daemon, root: Path, watchers: list[FakeWatcher]
) -> None:
    row = (await post(daemon, "/v1/watches", root=str(root))).json
    watchers[0].stand(waiting=3, running=1, done=5, refused=2, failed=1, saved_bytes=7000)
    watchers[0].stand(oldest_waiting_s=12.5)
    text = (await daemon.ask("GET", "/metrics")).data.decode()
    folder = f'folder="{row["id"]}"'
    for state, count in (("waiting", 3), ("running", 1), ("done", 5), ("refused", 2)):
        assert f'sdz_watch_files{{{folder},state="{state}"}} {count}.0' in text
    assert f"sdz_watch_saved_bytes{{{folder}}} 7000.0" in text
    assert f"sdz_watch_oldest_waiting_seconds{{{folder}}} 12.5" in text
    assert f'sdz_watch_up{{{folder},state="watching"}} 1.0' in text
    assert str(root) not in text  # paired clients read these


async def test_the_daemon_ends_its_watchers(
    make_daemon: MakeDaemon, root: Path, watchers: list[FakeWatcher]
) -> None:
    daemon = await make_daemon()
    await post(daemon, "/v1/watches", root=str(root))
    await until(lambda: watchers[0].runs)
    await daemon.app[WATCHES].close()
    assert watchers[0].ended == 1
    other = Claim(root)
    other.acquire(COMMAND)
    other.release()
