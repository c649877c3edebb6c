"""Accept, entity tags, and whether a client has the answer."""

from __future__ import annotations

import pytest

from sdz.errors import NotAcceptable
from sdz.media import MEDIA_TYPES
from sdz.service.http.negotiate import choose_format, entity_tag, has_already

CHROME = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ([], "png"),
        (["*/*"], "png"),
        ([CHROME], "png"),
        (["image/webp, */*;q=0.1"], "webp"),
        (["image/png;q=0.5, image/*"], "webp"),
        (["image/webp;q=0.2", "image/jpeg;q=0.3"], "jpeg"),
        (["IMAGE/AVIF ; Q=1.0"], "avif"),
        (["image/png;q=0, */*"], "webp"),
        (["image/png;q=x, image/jpeg;q=0.1"], "jpeg"),
        ([" ,, "], "png"),
    ],
)
def test_choose_format(accept: list[str], kind: str) -> None:
    assert choose_format(accept, MEDIA_TYPES) == kind


@pytest.mark.parametrize("accept", ["text/html", "image/*;q=0", "image/gif, video/*"])
def test_nothing_acceptable(accept: str) -> None:
    with pytest.raises(NotAcceptable):
        choose_format([accept], MEDIA_TYPES)


def test_has_already() -> None:
    tag = entity_tag("ab")
    assert tag == '"ab"'
    assert has_already(['"x", W/"ab"'], tag)
    assert has_already(["*"], tag)
    assert not has_already([], tag)
    assert not has_already(["ab", '"abc"'], tag)
