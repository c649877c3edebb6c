"""Models by lease, under a budget, by a clock that only the test moves; no torch."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from sdz.engine.pool import Pool


class Model:
    def __init__(self, name: str, size: int) -> None:
        self.name, self.weights_bytes = name, size


class Loader:
    """Counts loads; a model of name "m-30" has 30 bytes."""

    def __init__(self) -> None:
        self.loaded: list[tuple[str, str]] = []

    def __call__(self, name: str, device: str) -> Any:
        self.loaded.append((name, device))
        return Model(name, int(name.partition("-")[2]))


@pytest.fixture
def loader() -> Loader:
    return Loader()


@pytest.fixture
def released() -> list[int]:
    return []


@pytest.fixture
def pool(loader: Loader, released: list[int], clock: Any) -> Pool:
    return Pool(loader, 100, 300, lambda: released.append(1), clock)


def use(pool: Pool, name: str, device: str = "cpu") -> Any:
    with pool.lease(name, device) as model:
        return model


def names(pool: Pool) -> list[str]:
    return [row["name"] for row in pool.snapshot()]


def test_a_model_is_loaded_once(pool: Pool, loader: Loader) -> None:
    assert use(pool, "a-10") is use(pool, "a-10")
    assert loader.loaded == [("a-10", "cpu")]


@pytest.mark.parametrize("keep_alive_s", [0, 300])
def test_a_model_in_use_is_nothing_to_be_awake_for(
    loader: Loader, clock: Any, keep_alive_s: float
) -> None:
    pool = Pool(loader, 100, keep_alive_s, lambda: None, clock)
    with pool.lease("a-10", "cpu"):
        clock.now += 1000
        left = pool.next_expiry_s()
        assert left is not None
        assert left >= 1
        assert not pool.expire()
    assert pool.next_expiry_s() == keep_alive_s


def test_each_device_has_its_own(pool: Pool, loader: Loader) -> None:
    assert use(pool, "a-10", "cuda") is not use(pool, "a-10", "cpu")
    assert loader.loaded == [("a-10", "cuda"), ("a-10", "cpu")]


def test_the_least_recently_used_goes_for_the_budget(pool: Pool, clock: Any) -> None:
    for name in ("a-40", "b-40", "a-40"):
        use(pool, name)
        clock.now += 1
    use(pool, "c-40")
    assert names(pool) == ["a-40", "c-40"]


def test_a_leased_model_stays_until_it_is_given_back(pool: Pool, clock: Any) -> None:
    with pool.lease("a-60", "cpu"):
        clock.now += 1
        with pool.lease("b-60", "cpu"):
            assert names(pool) == ["a-60", "b-60"]
        assert names(pool) == ["a-60", "b-60"]
    assert names(pool) == ["a-60"]


def test_one_above_the_budget_is_served_all_the_same(pool: Pool) -> None:
    use(pool, "a-10")
    use(pool, "b-500")
    assert names(pool) == ["b-500"]


def test_others_are_evicted_on_demand(pool: Pool, released: list[int]) -> None:
    use(pool, "a-10")
    use(pool, "b-10")
    with pool.lease("c-10", "cpu"):
        assert pool.evict_others("a-10")
        assert names(pool) == ["a-10", "c-10"]
        assert not pool.evict_others("a-10")
    assert released == [1]


def test_unloading_takes_a_model_from_every_device(pool: Pool) -> None:
    use(pool, "a-10", "cpu")
    use(pool, "a-10", "cuda")
    assert pool.unload("a-10")
    assert names(pool) == []
    assert not pool.unload("a-10")


def test_an_evicted_model_is_gone_when_memory_is_released(loader: Loader, clock: Any) -> None:
    references: list[Any] = []
    alive: list[bool] = []
    pool = Pool(
        loader, 100, 300, lambda: alive.append(any(ref() is not None for ref in references)), clock
    )
    for name in ("a-10", "b-10"):
        with pool.lease(name, "cpu") as model:
            references.append(weakref.ref(model))
            del model
    gc.collect()
    pool.unload("a-10")
    assert alive == [True]  # b
    pool.unload("b-10")
    assert alive == [True, False]


def test_idle_models_expire(pool: Pool, clock: Any) -> None:
    assert pool.next_expiry_s() is None
    use(pool, "a-10")
    clock.now += 200
    use(pool, "b-10")
    assert pool.next_expiry_s() == pytest.approx(100)
    clock.now += 100
    assert pool.expire()
    assert names(pool) == ["b-10"]
    assert not pool.expire()


def test_below_nought_nothing_expires(loader: Loader, clock: Any) -> None:
    pool = Pool(loader, 100, -1, lambda: None, clock)
    use(pool, "a-10")
    clock.now += 1e9
    assert not pool.expire()
    assert pool.next_expiry_s() is None


def test_the_snapshot_and_the_changes(pool: Pool, clock: Any) -> None:
    use(pool, "a-10")
    clock.now += 5
    assert pool.snapshot() == [{"name": "a-10", "device": "cpu", "bytes": 10, "idle_s": 5.0}]
    pool.unload("a-10")
    assert pool.take_changes() == [("loaded", "a-10", "cpu", 10), ("evicted", "a-10", "cpu", 10)]
    assert pool.take_changes() == []


def test_a_model_that_does_not_load_leaves_nothing(clock: Any) -> None:
    def load(_name: str, _device: str) -> Any:
        raise MemoryError

    pool = Pool(load, 100, 300, lambda: None, clock)
    with pytest.raises(MemoryError):
        use(pool, "a-10")
    assert pool.snapshot() == []


def test_hundred_rounds_leave_nothing_behind(pool: Pool) -> None:
    references = []
    for _ in range(100):
        with pool.lease("a-10", "cpu") as model:
            references.append(weakref.ref(model))
            del model
        pool.unload("a-10")
    assert [ref() for ref in references] == [None] * 100
