"""Making by a daemon for somebody who watches: progress is handed on, and an end is an end."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from samples import sdz_file

from sdz.client import Client, Reply
from sdz.errors import DaemonNotRunning, DaemonRefused
from sdz.making.daemon import Daemon
from sdz.progress import Progress, hearing
from sdz.wish import Wish

RUNNING = {"id": "j1", "state": "running", "doing": "coding", "share": 0.5, "attempt": 2}
RUNNING |= {"done": 1, "total": 4, "error": None, "detail": None}
DONE = RUNNING | {"state": "done"}


class Asked(list[tuple[str, str]]):
    """Answers of a daemon, in their order; what it was asked."""

    def __init__(self, *answers: Any) -> None:
        super().__init__()
        self._answers = list(answers)

    def __call__(
        self, method: str, path: str, query: Mapping[str, Any] | None = None, *_: Any
    ) -> Reply:
        self.append((method, path))
        self.query = query
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return Reply(data, {"sdz-notes": '["turned"]'})


@pytest.fixture
def client_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Client, Asked]]:
    def make(*answers: Any) -> tuple[Client, Asked]:
        client = Client("http://127.0.0.1:1", SimpleNamespace())  # type: ignore[arg-type]
        asked = Asked(*answers)
        monkeypatch.setattr(client, "ask", asked)
        return client, asked

    return make


def test_progress_is_heard_and_the_result_fetched(client_of: Any) -> None:
    client, asked = client_of(RUNNING, RUNNING, DONE, sdz_file())
    heard: list[Progress] = []
    with hearing(heard.append):
        made = Daemon(client).make(b"picture", Wish(quality=40))
    assert (made.data, made.notes) == (sdz_file(), ("turned",))
    assert heard == [Progress("coding", 0.5, 2, 1, 4)] * 2
    assert [path for _, path in asked] == [
        *("/v1/encode", "/v1/jobs/j1", "/v1/jobs/j1"),
        "/v1/jobs/j1/result",
    ]


def test_who_is_stopped_cancels_the_job(client_of: Any) -> None:
    client, asked = client_of(RUNNING, RUNNING | {"state": "cancelled"})

    def stop(_: Progress) -> None:
        raise KeyboardInterrupt

    with hearing(stop), pytest.raises(KeyboardInterrupt):
        Daemon(client).make(b"picture", Wish())
    assert asked[-1] == ("DELETE", "/v1/jobs/j1")


def test_who_is_stopped_between_two_questions_cancels_it_too(client_of: Any) -> None:
    client, asked = client_of(RUNNING, RUNNING | {"state": "cancelled"})
    with hearing(lambda _: client.abort()), pytest.raises(DaemonNotRunning):
        Daemon(client).make(b"picture", Wish())
    assert asked == [("POST", "/v1/encode"), ("DELETE", "/v1/jobs/j1")]


def test_a_job_that_fails_is_a_refusal(client_of: Any) -> None:
    failed = RUNNING | {"state": "failed", "error": "not-smaller", "detail": "it is not smaller"}
    client, _ = client_of(failed)
    with hearing(lambda _: None), pytest.raises(DaemonRefused) as refused:
        Daemon(client).make(b"picture", Wish())
    assert (refused.value.code, refused.value.detail) == ("not-smaller", "it is not smaller")


def test_a_daemon_of_before_there_were_such_jobs_is_asked_as_ever(client_of: Any) -> None:
    unknown = DaemonRefused("bad-option", "query parameter 'later': expected none")
    client, asked = client_of(unknown, sdz_file())
    with hearing(lambda _: None):
        assert Daemon(client).make(b"picture", Wish()).data == sdz_file()
    assert asked == [("POST", "/v1/encode")] * 2
    client, _ = client_of(DaemonRefused("bad-option", "effort: expected normal"))
    with hearing(lambda _: None), pytest.raises(DaemonRefused):
        Daemon(client).make(b"picture", Wish())


def test_where_nobody_hears_it_is_one_request(client_of: Any) -> None:
    client, asked = client_of(sdz_file())
    assert Daemon(client).make(b"picture", Wish()).data == sdz_file()
    assert asked == [("POST", "/v1/encode")]
