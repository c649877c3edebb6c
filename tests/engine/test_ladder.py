"""Memory runs out at every rung in turn; what is tried next is written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from sdz.engine.ladder import Climbed, Ladder, Rung, Setting
from sdz.engine.memory import is_out_of_memory


class Device:
    """A device that ``fits`` some work, and remembers all that was tried."""

    def __init__(self, fits: Callable[[int, Setting], bool], others: bool = True) -> None:
        self.fits, self.others = fits, others
        self.tried: list[tuple[int, str, str, int]] = []
        self.released = 0
        self.evicted = False

    def work(self, items: Sequence[str], setting: Setting) -> list[str]:
        self.tried.append((len(items), str(setting.rung), setting.device, setting.shrink))
        if not self.fits(len(items), setting):
            raise MemoryError
        return [item.upper() for item in items]

    def release(self) -> None:
        self.released += 1

    def evict(self) -> bool:
        self.evicted = self.others
        return self.others

    def climb(self, items: str, **options: Any) -> list[Climbed[str, str]]:
        fields = {"device": "cuda", "tiles": lambda: True, "allow_cpu": True} | options
        ladder = Ladder(release=self.release, evict=self.evict, **fields)
        return list(ladder.climb(list(items), self.work))


def test_what_fits_is_done_at_once() -> None:
    device = Device(lambda _count, _setting: True)
    outcomes = device.climb("abc")
    assert [(outcome.value, outcome.rung, outcome.failed) for outcome in outcomes] == [
        ("A", Rung.BATCH, ()),
        ("B", Rung.BATCH, ()),
        ("C", Rung.BATCH, ()),
    ]
    assert device.tried == [(3, "batch", "cuda", 1)]
    assert device.released == 0


def test_one_alone_is_no_batch() -> None:
    (outcome,) = Device(lambda _count, _setting: True).climb("a")
    assert outcome.rung is Rung.SINGLE


def test_a_batch_is_halved_until_it_fits() -> None:
    device = Device(lambda count, _: count <= 2)
    outcomes = device.climb("abcde")
    assert [outcome.value for outcome in outcomes] == ["A", "B", "C", "D", "E"]
    assert [row[0] for row in device.tried] == [5, 3, 2, 1, 2]
    assert [outcome.rung for outcome in outcomes] == ["batch", "batch", "single", "batch", "batch"]
    assert outcomes[0].failed == ("batch", "batch")
    assert device.released == 2


def test_tiles_come_before_evicting() -> None:
    device = Device(lambda _, setting: setting.shrink >= 4)
    (outcome,) = device.climb("a")
    assert (outcome.rung, outcome.failed) == (Rung.TILES, ("single", "tiles"))
    assert device.tried[-1] == (1, "tiles", "cuda", 4)
    assert not device.evicted


def test_evicting_comes_before_the_processor() -> None:
    device = Device(lambda _, setting: setting.rung is Rung.EVICTED)
    (outcome,) = device.climb("a")
    assert (outcome.rung, outcome.device) == (Rung.EVICTED, "cuda")
    assert device.evicted
    assert device.tried[-1] == (1, "evicted", "cuda", 4)


def test_the_processor_is_last() -> None:
    device = Device(lambda _, setting: setting.device == "cpu")
    (outcome,) = device.climb("a")
    assert (outcome.value, outcome.rung, outcome.device) == ("A", Rung.CPU, "cpu")
    assert outcome.failed == ("single", "tiles", "tiles", "evicted")
    assert device.tried[-1] == (1, "cpu", "cpu", 1)


def test_each_of_a_batch_finds_its_own_way() -> None:
    device = Device(lambda count, setting: count == 1 and setting.shrink > 1)
    assert [outcome.rung for outcome in device.climb("ab")] == [Rung.TILES, Rung.TILES]


@pytest.mark.parametrize(
    ("options", "others", "tried"),
    [
        ({}, True, ("single", "tiles", "evicted", "cpu")),
        ({}, False, ("single", "tiles", "cpu")),
        ({"tiles": lambda: False}, False, ("single", "cpu")),
        ({"allow_cpu": False}, True, ("single", "tiles", "evicted")),
        ({"device": "cpu"}, True, ("single", "tiles", "evicted")),
    ],
    ids=["all", "no other models", "no tiles", "not on the processor", "on it already"],
)
def test_where_nothing_fits_the_error_says_what_was_tried(
    options: dict[str, Any], others: bool, tried: tuple[str, ...]
) -> None:
    (outcome,) = Device(lambda _count, _setting: False, others).climb("a", **options)
    assert outcome.value is None
    assert outcome.error is not None
    assert outcome.error.tried == tried
    assert outcome.error.device == options.get("device", "cuda")


def test_other_errors_pass_through() -> None:
    ladder = Ladder("cuda", lambda: None, lambda: True, lambda: True, True)
    with pytest.raises(ZeroDivisionError):
        list(ladder.climb([1, 2], lambda items, _: [1 // 0 for _ in items]))


def test_memory_is_released_only_when_the_failed_attempt_is_gone() -> None:
    class Tensor:
        alive = 0

        def __init__(self) -> None:
            Tensor.alive += 1

        def __del__(self) -> None:
            Tensor.alive -= 1

    alive_at_release = []

    def work(items: Sequence[str], setting: Setting) -> list[str]:
        held = Tensor()
        if setting.rung is Rung.SINGLE:
            raise MemoryError(str(id(held)))
        return list(items)

    ladder = Ladder(
        "cpu", lambda: alive_at_release.append(Tensor.alive), lambda: False, lambda: True, False
    )
    list(ladder.climb(["a"], work))
    assert alive_at_release == [0]


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (MemoryError(), True),
        (type("OutOfMemoryError", (RuntimeError,), {})("CUDA out of memory. Tried ..."), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 1 GB)"), True),
        (RuntimeError("CUDA error: an illegal memory access was encountered"), False),
        (RuntimeError("shapes do not match"), False),
        (ValueError("CUDA out of memory"), False),
    ],
)
def test_which_errors_mean_that_memory_ran_out(error: Exception, found: bool) -> None:
    assert is_out_of_memory(error) is found
