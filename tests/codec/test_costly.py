"""Files of few bytes that promise much: read where they are honest, refused before they cost much.

Each hostile one is right in all but the last checksum. What they cost is counted in steps and in
memory; a step is some 5 ns (docs/coder.md, "Work").
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sdz import children, container
from sdz.codec import latents
from sdz.codec.coder import Adaptive
from sdz.codec.decode import allowance_of, parse_file
from sdz.container import WELL_KNOWN, Alpha, Header, SdzFile, Stream
from sdz.entropy import encode_symbols
from sdz.entropy.allowance import LEAST_BYTES, Allowance
from sdz.errors import BadSymbols, LimitExceeded, TooMuchWork
from sdz.models.editions import weights_hash
from sdz.models.quantiser import UniformQuantiser

LITE = WELL_KNOWN[0]
QUANTISER = UniformQuantiser(LITE.channels)
LARGE = 12_240  # pixels a side: 150 megapixels, 112 million symbols
MOST = 16_384  # as many as are read at all
NOTHING = encode_symbols(np.zeros((LITE.channels, 1, 1), int))


def file(
    side: int, streams: tuple[Stream, ...], alpha: Alpha | None = None, group: int | None = None
) -> SdzFile:
    header = Header(side, side, LITE, weights_hash(), 20_000, alpha=alpha is not None, group=group)
    return SdzFile(header, streams, alpha)


def alternating(shape: tuple[int, int, int], size: int) -> bytes:
    """The stream of a pattern that costs as much as noise and is stored in a few bytes, cut off."""
    q = np.empty((shape[0], 8, shape[2]), np.int32)
    q[:, :, ::2], q[:, :, 1::2] = size, -size
    return encode_symbols(q).ljust(60_000, b"\0")


def blank() -> SdzFile:
    """All channels empty: as an honest blank page."""
    return file(LARGE, (Stream(1, NOTHING),))


def zeros() -> SdzFile:
    """No channel empty, all symbols 0."""
    return file(LARGE, (Stream(1, bytes(60_000)),))


def loud() -> SdzFile:
    """Symbols that cost the most time, and nearly no bytes."""
    return file(MOST, (Stream(1, alternating((2, 1024, 1024), 9)),))


def groups() -> SdzFile:
    """64 groups of zeros, of which the last is wrong."""
    part = np.zeros((192, 96, 96), np.int32)
    part[:, 50, 50] = 1
    good = Stream(container.symbol_check(part.tobytes()), encode_symbols(part))
    return file(12_288, (good,) * 63 + (Stream(1, good.data),), group=96)


def mask() -> SdzFile:
    """A blank page with a mask that is the same everywhere: next to nothing is stored."""
    empty = np.zeros((192, LARGE // 16, LARGE // 16), np.int32)
    good = Stream(container.symbol_check(empty.data), NOTHING)
    return file(LARGE, (good,), Alpha(255, 1, bytes(20_000)))


REFUSED: dict[Callable[[], SdzFile], str] = {
    blank: "bad-symbols",
    zeros: "trailing-data",
    loud: "too-much-work",
    groups: "bad-symbols",
    mask: "trailing-data",
}


@pytest.mark.skipif(sys.platform != "linux", reason="counts memory as Linux does")
@pytest.mark.parametrize("make", REFUSED, ids=lambda make: make.__name__)
def test_what_is_refused_has_cost_little(make: Callable[[], SdzFile], tmp_path: Path) -> None:
    data = container.pack(make())
    assert len(data) < LEAST_BYTES
    (tmp_path / "a.sdz").write_bytes(data)
    program = """if True:
        import resource, sys
        from sdz import container
        from sdz.codec.decode import parse_file
        from sdz.errors import FormatError
        from sdz.models.quantiser import UniformQuantiser
        QUANTISER = UniformQuantiser(192)
        def most(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        file = container.unpack(open(sys.argv[1], "rb").read())
        before = most()
        try: parse_file(file, QUANTISER)
        except FormatError as error: print(most() - before, error.code)
    """
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "a.sdz")],
        env=children.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    grown, code = done.stdout.split()
    assert code == REFUSED[make]
    assert int(grown) < 300  # MiB


def test_pages_that_are_blank_are_read() -> None:
    q = np.zeros((192, 1024, 1024), np.int32)
    page = file(MOST, (Stream(container.symbol_check(q.data), NOTHING),))
    assert not parse_file(page, QUANTISER).values.any()


def test_all_streams_of_a_file_have_one_allowance() -> None:
    whole = file(64, (Stream(0, b"123"),), Alpha(1, 0, b"4567"))
    assert allowance_of(whole).stored == 7


def test_few_bytes_are_looked_through_before_memory_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In one group and in several, the right ones give what they give without that."""
    rng = np.random.default_rng(4)
    q = np.where(rng.random((192, 6, 6)) < 0.1, 3, 0).astype(np.int32)
    one = file(96, (Stream(container.symbol_check(q.data), encode_symbols(q)),))
    parts = [np.ascontiguousarray(q[:, y : y + 3, x : x + 3]) for y in (0, 3) for x in (0, 3)]
    streams = [Stream(container.symbol_check(part.data), encode_symbols(part)) for part in parts]
    four = file(96, tuple(streams), group=3)
    wanted = parse_file(one, QUANTISER).values
    monkeypatch.setattr(latents, "MANY_VALUES", 100)
    for right in (one, four):
        assert np.array_equal(parse_file(right, QUANTISER).values, wanted)
    streams[2] = Stream(streams[2].check ^ 1, streams[2].data)

    def kept(*_: object) -> None:
        raise AssertionError("memory was taken")

    monkeypatch.setattr(Adaptive, "decode", kept)
    for wrong in (file(96, (Stream(1, one.streams[0].data),)), file(96, tuple(streams), group=3)):
        with pytest.raises(BadSymbols):
            parse_file(wrong, QUANTISER)


def test_an_encoder_writes_nothing_that_readers_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    import drawn
    from PIL import Image

    import sdz

    monkeypatch.setattr(Allowance, "of", classmethod(lambda cls, stored: cls(stored, 1000)))
    with pytest.raises(TooMuchWork):
        sdz.encode(Image.fromarray(drawn.scene(96, 128)))


def test_more_symbols_than_are_read_at_all_are_no_question_of_work() -> None:
    with pytest.raises(LimitExceeded, match="number of pixels"):
        container.pack(file(MOST + 1, (Stream(1, NOTHING),)))
