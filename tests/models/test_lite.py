"""The built-in autoencoder: small, whole, its quantiser in order, its files readable for ever."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import drawn
import numpy as np
import pytest
from PIL import Image

import sdz
from sdz import container, models
from sdz.codec.autoencoder import Whole
from sdz.codec.fidelity import psnr
from sdz.errors import BadModel, FormatError, WeightsMismatch
from sdz.models import editions, lite, lite_tables

GOLDEN = Path(__file__).parents[1] / "golden"
GOLDEN_FILES = (
    "lite-1.sdz",
    "lite-1-edition-1.sdz",
    "lite-1-edition-2-floats.sdz",
    "lite-1-edition-2.sdz",
)
MOST_BYTES = 16_000_000
QUANTISER = lite_tables.tables().quantiser


def test_weights_are_small_and_those_that_golden_files_were_made_with() -> None:
    assert editions.WEIGHTS.stat().st_size <= MOST_BYTES
    header = container.read_header((GOLDEN / "lite-1.sdz").read_bytes())
    assert editions.weights_hash() == header.weights


def test_it_is_what_the_codec_asks_for() -> None:
    model = lite.load()
    assert isinstance(model, Whole)
    known = container.WELL_KNOWN[0]
    found = (model.name, model.quantiser.channels, model.factor)
    assert found == (known.name, known.channels, known.factor)


class TestQuantiser:
    def test_qualities_have_codes_of_their_own_from_coarse_to_fine(self) -> None:
        codes = [QUANTISER.code_for_quality(quality) for quality in range(1, 101)]
        assert codes == sorted(codes, reverse=True)
        assert len(set(codes)) == 100
        assert 0 <= codes[-1] <= codes[0] <= 65535

    def test_steps_and_scales_go_on_beyond_the_trained_rates_by_one_ratio(self) -> None:
        last = len(QUANTISER.encode_gain) - 1
        finest = lite_tables.FINEST_CODE
        coarsest = finest + last * lite_tables.CODES_PER_RATE
        np.testing.assert_allclose(QUANTISER.scales(finest), np.exp(QUANTISER.encode_gain[-1]))
        wanted = 2 ** (QUANTISER.table[0] / 65536) * QUANTISER.unit
        np.testing.assert_allclose(QUANTISER.steps(coarsest), wanted, rtol=1e-4)
        for end, beyond in (
            (finest, -lite_tables.CODES_PER_RATE),
            (coarsest, lite_tables.CODES_PER_RATE),
        ):
            ratio = np.exp(lite_tables.LOG_RATIO) ** np.sign(beyond)
            moved = QUANTISER.steps(end + beyond) / QUANTISER.steps(end)
            np.testing.assert_allclose(moved, ratio, rtol=1e-4)
            moved = QUANTISER.scales(end + beyond) / QUANTISER.scales(end)
            np.testing.assert_allclose(moved, 1 / ratio, rtol=1e-5)

    def test_between_two_rates_the_logarithms_are_interpolated(self) -> None:
        code = lite_tables.FINEST_CODE + lite_tables.CODES_PER_RATE // 4
        logarithms = 0.75 * QUANTISER.table[-1] + 0.25 * QUANTISER.table[-2]
        expected = 2 ** (logarithms / 65536) * QUANTISER.unit
        np.testing.assert_allclose(QUANTISER.steps(code), expected, rtol=1e-4)


def test_quality_buys_fidelity_at_the_price_of_bytes() -> None:
    picture = Image.fromarray(drawn.scene(192, 256))
    rows = []
    for quality in (5, 20, 40, 60, 80, 100):
        data = sdz.encode(picture, quality=quality)
        report = sdz.info(data)["report"]
        rows.append((len(data), report["psnr"]))
    assert rows == sorted(rows)
    assert rows[-1][1] > rows[0][1] + 6


PIXELS = {
    "lite-1.sdz": "1d22d138766024a3",
    "lite-1-edition-1.sdz": "3a964dac8b3b89f1",
    "lite-1-edition-2-floats.sdz": "8a3731d27da577f6",
    "lite-1-edition-2.sdz": "c95a67ef33f73dc3",
}
"""The first 16 digits of the SHA-256 of what each golden file shows, on every machine."""


@pytest.mark.parametrize("name", GOLDEN_FILES)
def test_a_golden_file_shows_the_same_pixels_for_ever(name: str) -> None:
    data = (GOLDEN / name).read_bytes()
    source = np.asarray(Image.open(GOLDEN / "lite-1.png"))
    decoded = np.asarray(sdz.decode(data))
    assert hashlib.sha256(decoded.tobytes()).hexdigest()[:16] == PIXELS[name]
    # What the floats of earlier editions measured is still true of their integers.
    assert psnr(source, decoded) == pytest.approx(sdz.info(data)["report"]["psnr"], abs=0.011)


@pytest.mark.parametrize("name", GOLDEN_FILES)
def test_preview_is_the_picture_at_an_eighth(name: str) -> None:
    data = (GOLDEN / name).read_bytes()
    small = sdz.preview(data)
    decoded = sdz.decode(data)
    assert small.size == (-(-decoded.width // 8), -(-decoded.height // 8))
    reduced = decoded.resize(small.size, Image.Resampling.BOX)
    assert psnr(np.asarray(small), np.asarray(reduced)) > 20
    shift = np.asarray(small, np.float32).mean((0, 1)) - np.asarray(reduced, np.float32).mean(
        (0, 1)
    )
    assert np.abs(shift).max() < 6


class TestEarlierEditions:
    FIRST, SECOND = "lite-1@e4f6caf1d19754d2", "lite-1@f87747a50280b441"
    IN_FLOATS = "lite-1@c6be81868d9194b1"  # the second, too

    def test_files_of_all_are_told_apart_by_their_hash(self) -> None:
        headers = [container.read_header((GOLDEN / name).read_bytes()) for name in GOLDEN_FILES]
        readers = [models.reader_of(header.model.name, header.weights) for header in headers]
        assert readers == ["lite-1", self.FIRST, self.IN_FLOATS, self.SECOND]
        assert models.reader_of("lite-1", bytes(8)) == "lite-1"  # which then refuses the file
        assert models.reader_of("sd14", headers[1].weights) == "sd14"

    def test_every_one_of_them_has_a_golden_file(self) -> None:
        kept = {path.stem.removeprefix("lite-1-") for path in editions.EARLIER.iterdir()}
        golden = {
            container.read_header((GOLDEN / name).read_bytes()).weights.hex()
            for name in GOLDEN_FILES
        }
        assert kept | set(editions.IN_FLOATS) == golden - {editions.weights_hash().hex()}
        for digest in golden - {editions.weights_hash().hex()}:
            assert models.describe(f"lite-1@{digest}").weights_hash == bytes.fromhex(digest)

    def test_they_are_for_reading_alone(self) -> None:
        with pytest.raises(BadModel, match="only reads"):
            sdz.encode(Image.new("RGB", (32, 32)), model=self.FIRST)
        assert self.FIRST not in [row.name for row in models.list_models()]

    def test_a_name_cannot_lead_elsewhere(self) -> None:
        for name in ("lite-1@", "lite-1@../../lite-1", "lite-1@0000000000000000", "lite-1"):
            assert editions.weights_of(name) == (editions.WEIGHTS if name == "lite-1" else None)


def test_a_file_of_other_weights_is_refused() -> None:
    data = bytearray((GOLDEN / "lite-1.sdz").read_bytes())
    file = container.unpack(bytes(data))
    other = container.pack(
        container.SdzFile(
            header=replace(file.header, weights=bytes(8)), streams=file.streams, alpha=file.alpha
        )
    )
    for call in (sdz.decode, sdz.preview):
        with pytest.raises(WeightsMismatch) as caught:
            call(other)
        assert caught.value.expected == "00" * 8


def test_weights_that_are_not_whole_are_named(tmp_path: Path) -> None:
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(editions.WEIGHTS.read_bytes()[:1000])
    with pytest.raises(BadModel) as caught:
        lite_tables.tables(cut)
    assert caught.value.where == str(cut)


def test_every_prefix_of_a_file_is_refused() -> None:
    data = (GOLDEN / "lite-1.sdz").read_bytes()
    for end in range(len(data)):
        with pytest.raises(FormatError):
            sdz.decode(data[:end])


def test_streams_with_bits_turned_are_refused_by_their_symbols() -> None:
    """Checksums of the chunks being right. One in 65,536 shows other pixels: none of these."""
    file = container.unpack((GOLDEN / "lite-1.sdz").read_bytes())
    (stream,) = file.streams
    rng = np.random.default_rng(5)
    for place, bit in zip(rng.integers(0, len(stream.data), 1000), range(1000), strict=True):
        turned = bytearray(stream.data)
        turned[place] ^= 1 << bit % 8
        data = container.pack(replace(file, streams=(replace(stream, data=bytes(turned)),)))
        with pytest.raises(FormatError):
            sdz.decode(data)
