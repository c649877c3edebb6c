"""The error tree: as it is drawn, each class made of its facts, and whole in another process."""

from __future__ import annotations

import copy
import inspect
import pickle
from itertools import takewhile
from pathlib import Path

import pytest

from sdz import errors
from sdz.errors import SdzError
from sdz.errors.base import _Composed

FAMILIES = [
    path
    for path in Path(errors.__file__).parent.glob("*.py")
    if path.stem not in ("__init__", "base")
]


def tree(kind: type[SdzError]) -> list[type[SdzError]]:
    """The classes of the package; tests may have made others."""
    below = [kind, *(one for child in kind.__subclasses__() for one in tree(child))]
    return [one for one in below if one.__module__.startswith("sdz.")]


def drawn() -> dict[str, str]:
    """Name and parent of each class in the tree that the package's docstring draws."""
    parents: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines()[2:]:
        mark = line.find("── ")
        depth = 0 if mark < 0 else (mark - 4) // 4
        words = line.strip("│├└─ ").split()
        if not words:
            break
        name = words[0]
        if mark < 0:
            path = [name]
            continue
        path = [*path[: depth + 1], name]
        parents[name] = path[-2]
    return parents


def test_the_tree_is_drawn_as_it_is() -> None:
    real = {kind.__name__: kind.__mro__[1].__name__ for kind in tree(SdzError)[1:]}
    assert drawn() == real


@pytest.mark.parametrize("kind", tree(SdzError), ids=lambda kind: kind.__name__)
def test_every_class_has_its_address_and_a_code_of_its_own(kind: type[SdzError]) -> None:
    assert getattr(errors, kind.__name__) is kind
    assert errors.BY_CODE[kind.__dict__["code"]] is kind


@pytest.mark.parametrize("path", FAMILIES, ids=lambda path: path.stem)
def test_each_family_names_its_floor(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    before_classes = takewhile(lambda line: not line.startswith("class "), lines)
    assert len([line for line in before_classes if line.startswith('FLOOR = "')]) == 1


FACTS = {
    "bytes": b"GIF89a",
    "float": 1.5,
    "int": 7,
    "object": None,
    "str": "a {word}",
    "str | None": None,
    "tuple[str, ...]": ("a", "b"),
}


@pytest.mark.parametrize("kind", tree(SdzError), ids=lambda kind: kind.__name__)
def test_every_class_is_made_of_its_facts(kind: type[SdzError]) -> None:
    facts = {
        name: FACTS[annotation]
        for base in kind.__mro__
        if base.__module__.startswith("sdz.errors.") and base is not SdzError
        for name, annotation in inspect.get_annotations(base).items()
    }
    asked = [name for name in facts if not isinstance(getattr(kind, name, None), _Composed)]
    given = {name: facts[name] for name in asked}
    error = kind(**given)
    assert error.facts.keys() == facts.keys()
    assert bool(str(error)) == bool(kind.sentence)


SAMPLES = [
    errors.SdzError("in words of its own"),
    errors.NotSdz(b"GIF89a and more"),
    errors.BadChecksum("chunk L", 1, 0xABC),
    errors.BadField("width", "1 or more", ("a", 1)),
    errors.UnknownModel("x", ("a", "b")),
    errors.HubOffline("taesd", "https://hub", "no route"),
    errors.OutputStale("a.sdz", "{it} changed"),
    errors.FolderWatched("/a\udc80", "/a", "the daemon", 7),
    errors.DaemonRefused("of-the-future", "in its words"),
    errors.KernelMissing("kernel.so", "is gone"),
    errors.TooManyRequests(),
]


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)
def test_errors_come_through_whole(error: SdzError) -> None:
    told = SdzError.of_values(error.to_values())
    for found in (told, copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(found) is type(error)
        assert (str(found), vars(found), found.args) == (str(error), vars(error), error.args)
        assert found.code == error.code


def test_facts_make_the_sentence() -> None:
    assert str(errors.MethodRefused(("GET", "POST"))) == "this path takes GET or POST"
    assert str(errors.Truncated("the head", need=40, got=12)) == (
        "cut short: the head needs 40 bytes, found 12; fetch the file again"
    )
    stale = errors.OutputStale("a.sdz", "its source has changed")
    assert stale.reason.startswith("it exists, but its source has changed;")
    assert errors.TooManyRequests().retry_after_s == 1.0
    assert errors.NotSdz(b"GIF89a and more").found == b"GIF89a a"
    assert errors.BadJournal("/\udc80", "full").where == "/\\udc80"


def test_facts_that_are_missing_or_none_are_a_mistake() -> None:
    for given in ((), ("a",), ("a", 1, 2, 3)):
        with pytest.raises(TypeError, match="Truncated is made of what, need, got"):
            errors.Truncated(*given)
    with pytest.raises(TypeError, match="JobCancelled is made of nothing"):
        errors.JobCancelled(reason="none")  # type: ignore[call-arg]


def test_what_another_process_told_without_its_facts() -> None:
    error = errors.NotSmaller.retold("larger")
    assert (str(error), error.facts, isinstance(error, errors.EncodeError)) == ("larger", {}, True)
