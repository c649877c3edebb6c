"""Errors as answers: every class has a status and a code, and tells nothing it should not."""

from __future__ import annotations

import json

import pytest

from sdz import errors
from sdz.errors import SdzError
from sdz.service.http.problems import answer_of, problem_of, status_of


def tree(kind: type[SdzError]) -> list[type[SdzError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in tree(child))]


@pytest.mark.parametrize("kind", tree(SdzError), ids=lambda kind: kind.__name__)
def test_every_error_has_a_status(kind: type[SdzError]) -> None:
    assert 400 <= status_of(kind) < 600


def test_no_two_errors_share_a_code() -> None:
    codes = [kind.code for kind in tree(SdzError)]
    assert sorted(codes) == sorted(set(codes))


def test_facts_come_along() -> None:
    problem = problem_of(errors.LimitExceeded("the number of pixels", 5, 6))
    assert (problem["limit"], problem["found"], problem["status"]) == (5, 6, 422)
    assert problem["type"] == "urn:sdz:problem:limit-exceeded"


def test_paths_do_not() -> None:
    problem = problem_of(errors.PullFailed("x", "the reason"))
    assert "reason" not in problem
    assert problem["name"] == "x"


def test_what_a_problem_asks_of_the_client() -> None:
    full = answer_of(errors.QueueFull(9, 0.1))
    assert (full.status, full.headers["Retry-After"]) == (429, "1")
    token = answer_of(errors.TokenMissing())
    assert token.headers["WWW-Authenticate"].startswith("Bearer")
    method = answer_of(errors.MethodRefused(("GET", "POST")))
    assert method.headers["Allow"] == "GET, POST"
    assert isinstance(method.body, bytes)
    assert json.loads(method.body)["allowed"] == ["GET", "POST"]
