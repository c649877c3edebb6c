"""``sdz.js`` is whole: each module comes after those that it needs."""

from __future__ import annotations

import pytest

import build_publish


@pytest.mark.parametrize("name", build_publish.MODULES[:-1])
def test_a_module_that_is_forgotten_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    left = tuple(one for one in build_publish.MODULES if one != name)
    monkeypatch.setattr(build_publish, "MODULES", left)
    with pytest.raises(SystemExit, match=f"{name} before it in MODULES"):
        build_publish.joined()


def test_all_of_them_are_joined() -> None:
    assert "import " not in build_publish.joined()


def test_names_that_meet_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    twice = (*build_publish.MODULES, build_publish.MODULES[0])
    monkeypatch.setattr(build_publish, "MODULES", twice)
    with pytest.raises(SystemExit, match="names that are taken: FormatError, badChecksum"):
        build_publish.joined()
