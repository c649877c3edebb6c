"""What a client accepts, and whether it has the answer already: Accept, ETag, If-None-Match."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sdz.errors import NotAcceptable


def choose_format(accept: Iterable[str], offered: Mapping[str, str]) -> str:
    """The name of the media type, of those offered, that these Accept headers like best.

    By RFC 9110: the most specific range that fits a type says how much it is liked, and 0 is not
    at all. No header at all accepts everything. What is offered first wins of two that are liked
    alike. Raises NotAcceptable.
    """
    ranges = [part for value in accept for part in _ranges(value)]
    if not ranges:
        return next(iter(offered))
    liked = {kind: _liking(media, ranges) for kind, media in offered.items()}
    best = max(liked, key=lambda kind: liked[kind])
    if liked[best] <= 0:
        raise NotAcceptable(tuple(offered.values()))
    return best


def _ranges(value: str) -> Iterable[tuple[str, float]]:
    for part in value.split(","):
        media, *parameters = (word.strip().lower() for word in part.split(";"))
        if media:
            yield media, _quality(parameters)


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def _liking(media: str, ranges: list[tuple[str, float]]) -> float:
    for wanted in (media, f"{media.partition('/')[0]}/*", "*/*"):
        found = [quality for name, quality in ranges if name == wanted]
        if found:
            return max(found)
    return 0.0


def entity_tag(key: str) -> str:
    """A strong ETag."""
    return f'"{key}"'


def has_already(if_none_match: Iterable[str], tag: str) -> bool:
    """Whether If-None-Match names the answer (compared weakly, as RFC 9110 asks)."""
    for value in if_none_match:
        for part in value.split(","):
            if part.strip().removeprefix("W/") in (tag, "*"):
                return True
    return False
