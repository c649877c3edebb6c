"""The work itself, in this process, with an autoencoder that has no weights."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import drawn
import numpy as np
import pytest
import torch
from fake_autoencoder import FakeAutoencoder
from PIL import Image

import sdz as lite_1
from sdz.codec.decode import decode_file
from sdz.codec.encode import encode_picture
from sdz.codec.pixels import from_image
from sdz.container import Stream, pack, unpack
from sdz.engine.decoding import Decoding
from sdz.engine.encoding import encode as encode_in_child
from sdz.engine.jobs import DecodeJob, EncodeJob, Job, JobResult, LoadJob, UnloadJob
from sdz.engine.server import Order
from sdz.engine.settings import ChildConfig
from sdz.engine.worker import ModelWorker
from sdz.errors import (
    BadModel,
    BadSymbols,
    ModelMissing,
    OutOfMemory,
    TargetTooSmall,
    TooCostly,
    UnreadableImage,
    WeightsMismatch,
)
from sdz.progress import Progress
from sdz.wish import Wish


class Network(FakeAutoencoder):
    """The fake one with a memory: more than ``limit`` latents at once do not fit on ``full``."""

    def __init__(self, limit: float = float("inf"), full: str = "cpu", **options: Any) -> None:
        super().__init__(**options)
        object.__setattr__(self, "_memory", (limit, full))
        object.__setattr__(self, "runs", [])

    def encode(self, pixels: torch.Tensor) -> torch.Tensor:
        self._fit(pixels.shape[2] * pixels.shape[3] // 64)
        return super().encode(pixels)

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        self._fit(latents.shape[0] * latents.shape[2] * latents.shape[3])
        return super().decode(latents)

    def _fit(self, latents: int) -> None:
        self.runs.append(latents)
        if latents > self._memory[0]:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB.")


@dataclass
class Answers:
    """In the place of the server: keeps what it is told."""

    done_: dict[int, JobResult] = field(default_factory=dict)
    failed_: dict[int, BaseException] = field(default_factory=dict)
    failures: dict[int, list[str]] = field(default_factory=dict)
    cancelled_: list[int] = field(default_factory=list)
    progress_: list[Progress] = field(default_factory=list)
    memory: list[dict[str, Any]] = field(default_factory=list)
    unwanted: set[int] = field(default_factory=set)
    give_up_after: int | None = None

    def is_cancelled(self, number: int) -> bool:
        return number in self.unwanted

    def done(self, number: int, result: JobResult, oom: Sequence[str] = ()) -> None:
        self.done_[number], self.failures[number] = result, list(oom)

    def failed(self, number: int, error: BaseException, oom: Sequence[str] = ()) -> None:
        self.failed_[number], self.failures[number] = error, list(oom)

    def cancelled(self, number: int) -> None:
        self.cancelled_.append(number)

    def progress(self, number: int, at: Progress) -> None:
        self.progress_.append(at)
        if at.done == self.give_up_after:
            self.unwanted.add(number)

    @contextmanager
    def at_cancel(self, number: int, call: Callable[[], object]) -> Iterator[None]:
        if number in self.unwanted:
            call()
        yield

    def send(self, header: dict[str, Any]) -> None:
        self.memory.append(header)


Make = Callable[..., tuple[ModelWorker, Answers]]


@pytest.fixture
def make() -> Iterator[Make]:
    """A worker with networks by name, and the answers it gives."""
    made: list[ModelWorker] = []

    def make(networks: dict[str, Any], **options: Any) -> tuple[ModelWorker, Answers]:
        def load(name: str, _device: str) -> Any:
            network = networks[name]
            if isinstance(network, Exception):
                raise network
            return network

        answers = Answers()
        config = ChildConfig("view", 0, device="cpu", **options)
        made.append(ModelWorker(config, answers, load, lambda _: FakeAutoencoder()))  # type: ignore[arg-type]
        return made[-1], answers

    yield make
    for worker in made:
        worker.finish_saving()


def run(worker: ModelWorker, *jobs: Job) -> None:
    worker.run([Order(number, job) for number, job in enumerate(jobs)])
    worker.finish_saving()


def sdz(height: int, width: int, seed: int = 0, **options: Any) -> bytes:
    picture = from_image(Image.fromarray(drawn.scene(height, width, seed)))
    return encode_picture(picture, FakeAutoencoder(**options), Wish(quality=80)).data


def pixels(result: JobResult) -> Any:
    return np.asarray(Image.open(io.BytesIO(result.data)))


@pytest.fixture(scope="module")
def small() -> list[bytes]:
    """Four files with latents of one shape."""
    return [sdz(48, 64 - seed, seed) for seed in range(4)]


# --- decoding -----------------------------------------------------------------------------------


def test_a_decode_gives_what_the_codec_gives(make: Make, small: list[bytes]) -> None:
    worker, answers = make({"fake": Network()})
    run(worker, DecodeJob(small[0]))
    result = answers.done_[0]
    assert np.array_equal(pixels(result), decode_file(unpack(small[0]), FakeAutoencoder()))
    assert (result.media_type, result.rung, result.device) == ("image/png", "single", "cpu")
    assert result.meta == {"width": 64, "height": 48, "model": "fake"}
    assert answers.progress_ == []


def test_a_batch_gives_what_each_alone_gives(make: Make, small: list[bytes]) -> None:
    network = Network()
    worker, answers = make({"fake": network})
    run(worker, *(DecodeJob(data) for data in small))
    assert network.runs == [4 * 48]
    assert {result.rung for result in answers.done_.values()} == {"batch"}
    for number, data in enumerate(small):
        alone = decode_file(unpack(data), FakeAutoencoder())
        assert np.array_equal(pixels(answers.done_[number]), alone)


def test_alpha_and_size_in_a_batch(make: Make) -> None:
    rgba = np.dstack([drawn.scene(48, 64), drawn.soft_alpha(48, 64)])
    picture = from_image(Image.fromarray(rgba))
    data = encode_picture(picture, FakeAutoencoder(), Wish(quality=80)).data
    worker, answers = make({"fake": Network()})
    run(worker, DecodeJob(data), DecodeJob(data, "webp", max_side=32))
    assert np.array_equal(pixels(answers.done_[0]), decode_file(unpack(data), FakeAutoencoder()))
    assert pixels(answers.done_[1]).shape == (24, 32, 4)
    assert answers.done_[1].meta["width"] == 32


def test_one_that_is_damaged_fails_alone(make: Make, small: list[bytes]) -> None:
    worker, answers = make({"fake": Network()})
    file = unpack(small[1])
    (stream,) = file.streams
    damaged = pack(replace(file, streams=(Stream(stream.check ^ 1, stream.data),)))
    run(worker, DecodeJob(small[0]), DecodeJob(damaged), DecodeJob(small[2]))
    assert sorted(answers.done_) == [0, 2]
    assert isinstance(answers.failed_[1], BadSymbols)


def test_other_weights_are_refused(make: Make, small: list[bytes]) -> None:
    worker, answers = make({"fake": Network(weights_hash=b"others!!")})
    run(worker, DecodeJob(small[0]), DecodeJob(small[1]))
    assert [type(error) for error in answers.failed_.values()] == [WeightsMismatch] * 2


def test_tiles_are_counted(make: Make) -> None:
    worker, answers = make({"fake": Network(max_tile=8)})
    run(worker, DecodeJob(sdz(100, 130)))
    assert [(at.done, at.total) for at in answers.progress_] == [(n, 6) for n in range(1, 7)]


def test_it_stops_between_tiles(make: Make) -> None:
    network = Network(max_tile=8)
    worker, answers = make({"fake": network})
    answers.give_up_after = 2
    run(worker, DecodeJob(sdz(100, 130)))
    assert answers.cancelled_ == [0]
    assert len(network.runs) == 2


def test_of_a_batch_only_what_is_wanted_is_saved(make: Make, small: list[bytes]) -> None:
    worker, answers = make({"fake": Network()})
    answers.unwanted = {1}
    run(worker, DecodeJob(small[0]), DecodeJob(small[1]))
    assert sorted(answers.done_) == [0]
    assert answers.cancelled_ == [1]


def test_a_model_that_does_not_load_says_why(make: Make, small: list[bytes]) -> None:
    worker, answers = make({"fake": BadModel("a folder", "no config")})
    run(worker, DecodeJob(small[0]))
    assert isinstance(answers.failed_[0], BadModel)


def test_a_fault_of_the_program_fails_the_job_and_not_the_process(
    make: Make, small: list[bytes]
) -> None:
    worker, answers = make({"fake": ZeroDivisionError("oh")})
    run(worker, DecodeJob(small[0]))
    assert isinstance(answers.failed_[0], ZeroDivisionError)


# --- out of memory ------------------------------------------------------------------------------


def test_a_batch_too_large_is_halved(make: Make, small: list[bytes]) -> None:
    network = Network(limit=100)
    worker, answers = make({"fake": network})
    run(worker, *(DecodeJob(data) for data in small))
    assert network.runs == [192, 96, 96]
    assert {result.rung for result in answers.done_.values()} == {"batch"}
    assert answers.done_[3].meta["out_of_memory"] == ["batch"]
    assert answers.failures[3] == ["batch"]


def test_smaller_tiles_give_the_same_picture(make: Make) -> None:
    data = sdz(200, 200)
    worker, answers = make({"fake": Network(limit=100, max_tile=32)})
    run(worker, DecodeJob(data))
    result = answers.done_[0]
    assert result.rung == "tiles"
    assert result.meta["out_of_memory"] == ["single", "tiles"]
    assert np.array_equal(pixels(result), decode_file(unpack(data), FakeAutoencoder()))


def test_other_models_go_when_tiles_do_not_help(make: Make, small: list[bytes]) -> None:
    networks: dict[str, Any] = {"other": Network()}

    class Crowded(Network):
        def _fit(self, latents: int) -> None:
            names = [row["name"] for row in worker.memory()["models"]]
            if "other" in names:
                raise MemoryError
            super()._fit(latents)

    networks["fake"] = Crowded()
    worker, answers = make(networks)
    run(worker, LoadJob("other"))
    run(worker, DecodeJob(small[0]))
    result = answers.done_[0]
    assert (result.rung, result.device) == ("evicted", "cpu")
    assert result.meta["out_of_memory"] == ["single", "tiles", "tiles"]


def test_the_processor_is_the_last_way(small: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    networks = {"meta": Network(limit=0), "cpu": Network()}
    worker, answers = on_a_device(monkeypatch, networks, allow_cpu_fallback=True)
    run(worker, DecodeJob(small[0]))
    result = answers.done_[0]
    assert (result.rung, result.device) == ("cpu", "cpu")
    assert result.meta["out_of_memory"] == ["single", "tiles", "tiles"]


def test_beside_a_card_the_next_batch_is_opened(
    small: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = threading.Event()
    order: list[int] = []

    class Slow(Network):
        def decode(self, latents: torch.Tensor) -> torch.Tensor:
            assert opened.wait(20)  # for the second's symbols
            return super().decode(latents)

    real = Decoding.open

    def opening(number: int, *rest: Any) -> Decoding:
        found = real(number, *rest)
        order.append(number)
        if number == 1:
            opened.set()
        return found

    monkeypatch.setattr(Decoding, "open", opening)
    worker, answers = on_a_device(monkeypatch, {"meta": Slow()}, allow_cpu_fallback=False)
    for number in range(4):
        worker.run([Order(number, DecodeJob(small[number]))])
    worker.finish_saving()
    assert (order, sorted(answers.done_)) == ([0, 1, 2, 3], [0, 1, 2, 3])
    for number, data in enumerate(small):
        expected = decode_file(unpack(data), FakeAutoencoder())
        assert np.array_equal(pixels(answers.done_[number]), expected)


def test_the_processor_may_be_forbidden(
    small: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    networks = {"meta": Network(limit=0), "cpu": Network()}
    worker, answers = on_a_device(monkeypatch, networks, allow_cpu_fallback=False)
    run(worker, DecodeJob(small[0]))
    error = answers.failed_[0]
    assert isinstance(error, OutOfMemory)
    assert (error.device, error.tried) == ("meta", ("single", "tiles"))


def on_a_device(
    monkeypatch: pytest.MonkeyPatch, networks: dict[str, Network], **options: Any
) -> tuple[ModelWorker, Answers]:
    """A worker on a device beside the processor, with a network for each of the two."""
    monkeypatch.setattr("sdz.engine.worker.choose_device", lambda _: "meta")
    monkeypatch.setattr("sdz.engine.worker.memory.give_back", lambda _: None)
    answers = Answers()
    config = ChildConfig("view", 0, **options)
    worker = ModelWorker(
        config, answers, lambda _, device: networks[device], lambda _: FakeAutoencoder()
    )  # type: ignore
    return worker, answers


def test_a_picture_that_takes_too_much_to_open_is_refused_at_once(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other ways than one alone would only open it again."""

    def too_much(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("sdz.engine.encoding.open_picture", too_much)
    worker, answers = make({"fake": Network()})
    run(worker, EncodeJob(drawn.as_file(drawn.scene(48, 64)), Wish("fake")))
    assert isinstance(answers.failed_[0], TooCostly)
    assert answers.failures[0] == []


def test_coding_ends_when_its_order_is_cancelled(make: Make, small: list[bytes]) -> None:
    worker, answers = make({"fake": Network()})
    answers.unwanted = {0, 1}
    worker.run([Order(0, DecodeJob(small[0]))])
    worker.run([Order(1, EncodeJob(drawn.as_file(drawn.scene(48, 64)), Wish("fake")))])
    assert answers.cancelled_ == [0, 1]


def test_a_network_that_looks_at_all_is_not_cut_up(make: Make) -> None:
    data = sdz(200, 200, halo=None, max_tile=16, drift=0.1)
    worker, answers = make({"fake": Network(limit=100, halo=None, max_tile=16, drift=0.1)})
    run(worker, DecodeJob(data))
    error = answers.failed_[0]
    assert isinstance(error, OutOfMemory)
    assert error.tried == ("single",)


def test_memory_that_runs_out_before_the_network_is_said_too(
    make: Make, small: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(*_: Any) -> Any:
        raise MemoryError

    worker, answers = make({"fake": Network()})
    monkeypatch.setattr("sdz.engine.decoding.parse_file", parse)
    run(worker, DecodeJob(small[0]))
    assert isinstance(answers.failed_[0], OutOfMemory)


# --- encoding -----------------------------------------------------------------------------------

PICTURE = drawn.as_file(drawn.scene(60, 90), "PNG")


def test_an_encode_is_measured(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdz.engine.worker._SAID_EVERY_S", 0)
    worker, answers = make({"fake": Network()})
    run(worker, EncodeJob(PICTURE, Wish("fake", quality=60)))
    result = answers.done_[0]
    header = unpack(result.data).header
    assert (header.width, header.height, header.model.name) == (90, 60, "fake")
    assert result.media_type == "application/x-sdz"
    assert header.report is not None
    assert result.meta["report"]["ssimulacra2"] == header.report.score
    assert result.meta["source_bytes"] == len(PICTURE)
    shares = [at.share for at in answers.progress_]
    assert shares == sorted(shares)
    assert len(shares) > 1


@pytest.mark.parametrize(
    ("job", "error"),
    [
        (EncodeJob(b"no picture", Wish("fake")), UnreadableImage),
        (EncodeJob(PICTURE, Wish("fake", target_bytes=40)), TargetTooSmall),
        (EncodeJob(PICTURE, Wish("missing")), ModelMissing),
    ],
)
def test_an_encode_that_cannot_be_says_why(make: Make, job: Job, error: type) -> None:
    worker, answers = make({"fake": Network(), "missing": ModelMissing("missing", "sdz ...")})
    run(worker, job)
    assert isinstance(answers.failed_[0], error)


def test_an_encode_stops_between_tiles(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdz.engine.worker._SAID_EVERY_S", 0)
    network = Network(max_tile=4)
    worker, answers = make({"fake": network})
    answers.give_up_after = 3
    run(worker, EncodeJob(PICTURE, Wish("fake")))
    assert answers.cancelled_ == [0]
    assert len(network.runs) == 3


class TestSideBySide:
    """Encodes of the lane for them; a viewer's lane has one at a time."""

    @pytest.fixture
    def worker(self) -> Iterator[tuple[ModelWorker, Answers]]:
        answers = Answers()
        config = ChildConfig("work", 0, device="cpu", threads=2)
        worker = ModelWorker(config, answers, lambda *_: Network())  # type: ignore[arg-type]
        yield worker, answers
        worker.finish_saving()

    def test_they_meet_and_give_what_each_gives_alone(
        self, worker: tuple[ModelWorker, Answers], make: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        doer, answers = worker
        job = EncodeJob(PICTURE, Wish("fake", quality=60))
        one, alone = make({"fake": Network()})
        run(one, job)
        meeting = threading.Barrier(2)

        def encode(*args: Any) -> Any:
            meeting.wait(20)
            return encode_in_child(*args)

        monkeypatch.setattr("sdz.engine.worker.encode", encode)
        for number in range(4):
            doer.run([Order(number, job)])
        doer.finish_saving()
        assert {result.data for result in answers.done_.values()} == {alone.done_[0].data}
        assert sorted(answers.done_) == [0, 1, 2, 3]

    def test_the_network_of_torch_is_used_by_one_at_a_time(
        self, worker: tuple[ModelWorker, Answers], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        doer, answers = worker
        using: list[int] = []
        most: list[int] = []
        real = FakeAutoencoder.decode

        def decode(self: FakeAutoencoder, latents: torch.Tensor) -> torch.Tensor:
            using.append(1)
            most.append(len(using))
            try:
                return real(self, latents)
            finally:
                using.pop()

        monkeypatch.setattr(FakeAutoencoder, "decode", decode)
        for number in range(6):
            doer.run([Order(number, EncodeJob(PICTURE, Wish("fake", quality=60)))])
        doer.finish_saving()
        assert len(answers.done_) == 6
        assert set(most) == {1}

    def test_one_that_fails_fails_alone(self, worker: tuple[ModelWorker, Answers]) -> None:
        doer, answers = worker
        for number, data in enumerate((PICTURE, b"no picture", PICTURE)):
            doer.run([Order(number, EncodeJob(data, Wish("fake", quality=60)))])
        doer.finish_saving()
        assert sorted(answers.done_) == [0, 2]
        assert isinstance(answers.failed_[1], UnreadableImage)

    def test_one_that_nobody_wants_any_more_is_not_begun(
        self, worker: tuple[ModelWorker, Answers], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        doer, answers = worker
        answers.unwanted = {0}
        monkeypatch.setattr("sdz.engine.worker.encode", None)
        run(doer, EncodeJob(PICTURE, Wish("fake")))
        assert answers.cancelled_ == [0]


def test_an_encode_short_of_memory_uses_smaller_tiles(make: Make) -> None:
    worker, answers = make({"fake": Network(limit=40, max_tile=16)})
    run(worker, EncodeJob(PICTURE, Wish("fake")))
    result = answers.done_[0]
    assert result.rung == "tiles"
    assert result.meta["out_of_memory"] == ["single", "tiles"]


# --- models -------------------------------------------------------------------------------------


def test_loading_and_unloading(make: Make) -> None:
    worker, answers = make({"fake": Network()})
    run(worker, LoadJob("fake"))
    assert [row["name"] for row in answers.memory[-1]["models"]] == ["fake"]
    assert answers.memory[-1]["changes"][0]["kind"] == "loaded"
    run(worker, UnloadJob("fake"))
    assert answers.done_[0].meta == {"model": "fake", "unloaded": True}
    assert answers.memory[-1]["models"] == []
    run(worker, UnloadJob("fake"))
    assert answers.done_[0].meta["unloaded"] is False


def test_what_it_says_of_itself(make: Make) -> None:
    worker, _ = make({})
    assert worker.about()["device"] == "cpu"
    assert worker.about()["resident_bytes"] > 1 << 20
    assert worker.rest_s() is None
    assert not worker.tidy()


class TestWhole:
    """lite-1, which runs in integers: pictures side by side, stopped at any time."""

    @pytest.fixture
    def worker(self) -> Iterator[tuple[ModelWorker, Answers]]:
        answers = Answers()
        config = ChildConfig("view", 0, device="cpu", threads=2)
        worker = ModelWorker(config, answers)  # type: ignore[arg-type]
        yield worker, answers
        worker.finish_saving()

    def test_a_batch_gives_what_each_gives_alone(self, worker: tuple[ModelWorker, Answers]) -> None:
        doer, answers = worker
        files = [lite_1.encode(drawn.as_file(drawn.scene(60, 90, seed))) for seed in range(3)]
        run(doer, *(DecodeJob(file) for file in files))
        for number, file in enumerate(files):
            shown = np.asarray(Image.open(io.BytesIO(answers.done_[number].data)))
            assert np.array_equal(shown, np.asarray(lite_1.decode(file)))
            assert answers.done_[number].rung == "batch"

    def test_one_that_nobody_wants_holds_no_other_up(
        self, worker: tuple[ModelWorker, Answers], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is stopped in the network: the first that is asked about it is the stop itself."""
        doer, answers = worker
        files = [lite_1.encode(drawn.as_file(drawn.scene(60, 90, seed))) for seed in range(2)]
        real = Decoding.run

        def unwanted_by_then(items: Sequence[Decoding], *rest: Any) -> Any:
            answers.unwanted = {0}
            return real(items, *rest)

        monkeypatch.setattr(Decoding, "run", unwanted_by_then)
        run(doer, *(DecodeJob(file) for file in files))
        assert answers.cancelled_ == [0]
        assert list(answers.done_) == [1]
