"""The API's description: up to date in the repository, and true of what is answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from samples import png_header, sdz_file
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from served import Served

from sdz.service.app import ROUTES
from sdz.service.http.openapi import document, document_text

WRITTEN = Path(__file__).parents[3] / "docs" / "openapi.json"
EXAMPLES = 12
STREAMS = "/v1/events"  # never ends, so nothing can be said of its whole answer


def test_the_written_description_is_up_to_date() -> None:
    # python scripts/openapi.py > docs/openapi.json
    assert WRITTEN.read_text(encoding="utf-8") == document_text(ROUTES)


def test_every_route_is_described() -> None:
    paths = document(ROUTES)["paths"]
    for route in ROUTES:
        described = paths[route.path][route.method.lower()]
        assert described["summary"]
        assert ("requestBody" in described) == (route.method == "POST")
        if route.method == "POST":
            assert {"413", "415"} <= set(described["responses"])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("served")) as running:
        yield running


def _files(*whole: bytes) -> st.SearchStrategy[bytes]:
    """Files that are right, cut short, or nothing of the kind."""
    right = st.sampled_from(whole)
    cut = st.builds(lambda data, end: data[:end], right, st.integers(0, 60))
    return st.one_of(right, cut, st.binary(max_size=64))


for media in ("application/x-sdz", "image/x-sdz"):
    files = _files(sdz_file(), sdz_file(60_000, 60_000), sdz_file(1, 1))
    schemathesis.openapi.media_type(media, files)
listed = b"".join(len(data).to_bytes(4) + data for data in (sdz_file(), b"", sdz_file(1, 1)))
schemathesis.openapi.media_type("application/x-sdz-list", _files(listed))
for media in ("image/*", "application/octet-stream"):
    schemathesis.openapi.media_type(media, _files(png_header(8, 8), png_header(99_999, 99_999)))

SCHEMA = schemathesis.openapi.from_dict(document(ROUTES)).exclude(path=STREAMS)


@SCHEMA.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_answers_are_as_described(case: schemathesis.Case[Any], served: Served) -> None:
    if case.path.endswith("/pull"):
        case.path_parameters = {"name": "lite-1"}  # nothing is to be fetched by a test
    if case.path == "/v1/watches" and isinstance(case.body, dict) and "root" in case.body:
        case.body["root"] = "/nowhere/at/all"  # nor any folder of this machine to be watched
    case.call_and_validate(
        base_url=served.url,
        headers={"Authorization": f"Bearer {served.local.token}"},
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ],
    )
