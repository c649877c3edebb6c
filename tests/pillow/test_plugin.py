"""The Pillow plugin: opened by header alone, Pillow's own errors, every mode, every kind of end."""

from __future__ import annotations

import copy
import io
import pickle
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path
from types import SimpleNamespace

import drawn
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageFile, UnidentifiedImageError

import sdz
import sdz.pillow
from sdz import container, pictures
from sdz.codec.alpha import symbol_check, unpack_alpha
from sdz.container import Chunk, Header, Model, SdzFile, Stream
from sdz.container import header as _header
from sdz.entropy import encode_symbols
from sdz.errors import ModelMissing
from sdz.pillow.plugin import SdzImageFile, _accept
from sdz.wish import Wish

SCENE = drawn.scene(90, 130)
ALPHA = drawn.soft_alpha(90, 130)
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><a/></x:xmpmeta>"


@pytest.fixture(scope="module")
def data() -> bytes:
    return sdz.encode(Image.fromarray(SCENE), quality=60)


@pytest.fixture(scope="module")
def clear() -> bytes:
    """A file with alpha."""
    return sdz.encode(Image.fromarray(np.dstack([SCENE, ALPHA])), quality=60)


@pytest.fixture
def path(tmp_path: Path, data: bytes) -> Path:
    where = tmp_path / "a.sdz"
    where.write_bytes(data)
    return where


def opened(data: bytes) -> ImageFile.ImageFile:
    return Image.open(io.BytesIO(data))


def exif_of(**tags: object) -> Image.Exif:
    numbers = {"make": 0x010F, "orientation": 0x0112}
    exif = Image.Exif()
    for name, value in tags.items():
        exif[numbers[name]] = value
    return exif


def headed(payload: bytes) -> bytes:
    """A file of a signature and a header of that payload, and nothing more."""
    chunk = b"H" + bytes((len(payload),)) + payload
    return container.SIGNATURE + chunk + zlib.crc32(chunk).to_bytes(4, "little")


def claiming(data: bytes, width: int, height: int) -> bytes:
    """The start of ``data``, with another size in its header."""
    header = replace(container.read_header(data), width=width, height=height)
    return headed(_header.write(header, sdz.pillow.plugin._OPENING))


class CountingFile(io.BytesIO):
    """Counts the bytes that are read."""

    count = 0

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        self.count += len(found)
        return found


@pytest.fixture
def no_pixels(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever decodes a picture in full fails the test."""

    def loaded(name: str) -> None:
        raise AssertionError(f"{name} was loaded")

    with monkeypatch.context() as patch:
        patch.setattr(pictures, "load_model", loaded)
        yield


class TestRegistered:
    def test_with_pillow(self) -> None:
        assert Image.registered_extensions()[".sdz"] == "SDZ"
        assert Image.MIME["SDZ"] == "image/x-sdz"
        assert "SDZ" in Image.OPEN
        assert "SDZ" in Image.SAVE

    def test_by_its_entry_point(self) -> None:
        (point,) = entry_points(group="pillow.plugins", name="sdz")
        assert point.load() is sdz.pillow

    def test_accepts_by_signature_alone(self, data: bytes) -> None:
        assert _accept(data[:16])
        for other in (b"", data[:7], b"\x89PNG\r\n\x1a\n", b"PK\3\4", b"\0" + data[:15]):
            assert not _accept(other)

    def test_import_and_opening_load_neither_numpy_nor_torch(self, path: Path) -> None:
        program = (
            "import sys, sdz.pillow; from PIL import Image; "
            f"image = Image.open({str(path)!r}); assert image.size == (130, 90); "
            "image.verify(); assert not {'numpy', 'torch'} & set(sys.modules)"
        )
        subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.usefixtures("no_pixels")
class TestOpen:
    def test_header_alone(self, path: Path, data: bytes) -> None:
        with Image.open(path) as image:
            assert isinstance(image, SdzImageFile)
            assert (image.format, image.mode, image.size) == ("SDZ", "RGB", (130, 90))
            assert image.get_format_mimetype() == "image/x-sdz"
            assert image.info["model"] == "lite-1"
            assert image.info["weights"] == sdz.info(data)["weights"]
            assert image.info["report"] == sdz.info(data)["report"]
            assert set(image.info) == {"model", "weights", "report"}

    def test_alpha_is_in_the_mode(self, clear: bytes) -> None:
        assert opened(clear).mode == "RGBA"

    def test_one_frame(self, data: bytes) -> None:
        image = opened(data)
        assert (image.n_frames, image.is_animated, image.tell()) == (1, False, 0)  # type: ignore[attr-defined]
        image.seek(0)
        with pytest.raises(EOFError):
            image.seek(1)

    def test_by_format_name(self, data: bytes) -> None:
        assert Image.open(io.BytesIO(data), formats=["SDZ"]).format == "SDZ"
        assert Image.open(io.BytesIO(data), formats=["PNG", "sdz"]).format == "SDZ"
        with pytest.raises(UnidentifiedImageError):
            Image.open(io.BytesIO(data), formats=["PNG"])
        with pytest.raises(UnidentifiedImageError):
            Image.open(io.BytesIO(drawn.as_file(SCENE)), formats=["SDZ"])

    def test_by_another_name(self, path: Path) -> None:
        with Image.open(path.rename(path.with_suffix(".jpg"))) as image:
            assert image.format == "SDZ"

    def test_24_megapixels_are_opened_by_less_than_4_kib(self, data: bytes) -> None:
        file = container.unpack(data)
        header = replace(file.header, width=6000, height=4000, group=96)
        streams = (Stream(0, bytes(90_000)),) * header.group_count
        large = CountingFile(container.pack(SdzFile(header, streams)))
        image = Image.open(large)
        assert image.size == (6000, 4000)
        assert large.getbuffer().nbytes > 1_000_000
        assert large.count < 4096

    def test_metadata_behind_alpha_costs_its_own_bytes(self, clear: bytes) -> None:
        exif = exif_of(make="Maker" * 900).tobytes().removeprefix(b"Exif\0\0")
        file = replace(
            container.unpack(clear), exif=exif, xmp=XMP, extra=(Chunk("z", bytes(9000)),)
        )
        read = CountingFile(container.pack(file))
        image = Image.open(read)
        assert image.getexif()[0x010F] == "Maker" * 900
        assert image.info["exif"] == b"Exif\0\0" + exif
        assert image.info["xmp"] == XMP
        assert read.count < 2100 + len(exif) + len(XMP)

    def test_damaged_metadata_is_left_out(self, data: bytes) -> None:
        whole = container.pack(replace(container.unpack(data), xmp=XMP))
        at = whole.index(XMP)
        image = opened(whole[:at] + b"?" + whole[at + 1 :])
        assert "xmp" not in image.info
        with pytest.raises(OSError, match="checksum of chunk x"):
            image.load()

    def test_repeated_metadata_ends_the_search(self, data: bytes) -> None:
        whole = container.pack(replace(container.unpack(data), xmp=XMP))
        at = whole.index(b"x" + bytes((len(XMP),)))
        chunk = whole[at : at + 2 + len(XMP) + 4]
        read = CountingFile(whole[:at] + chunk * 1000 + whole[at:])
        assert Image.open(read).info["xmp"] == XMP
        assert read.count < 3000


@pytest.mark.usefixtures("no_pixels")
class TestRefused:
    def test_other_files(self) -> None:
        with pytest.raises(SyntaxError, match=r"not a \.sdz file"):
            SdzImageFile(io.BytesIO(b"P6 1 1 255 abc"))
        for other in (b"", b"PK\3\4" + bytes(40), container.SIGNATURE[:7]):
            with pytest.raises(UnidentifiedImageError):
                opened(other)

    def test_a_later_version_is_named(self, path: Path) -> None:
        payload = bytearray(path.read_bytes()[10 : 10 + path.read_bytes()[9]])
        payload[0] = 2
        path.write_bytes(headed(bytes(payload)))
        with pytest.raises(UnidentifiedImageError, match=r"a\.sdz.*version 2 is newer"):
            Image.open(path)

    def test_bombs_by_pillows_own_limit(self, data: bytes) -> None:
        assert opened(claiming(data, 9000, 9000)).size == (9000, 9000)
        with pytest.warns(Image.DecompressionBombWarning):
            opened(claiming(data, 10_000, 10_000))
        for size in ((20_000, 10_000), (65_535, 65_535)):
            with pytest.raises(Image.DecompressionBombError):
                opened(claiming(data, *size))

    def test_over_the_readers_own_limit(self, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
        image = opened(claiming(data, 65_535, 65_535))
        with pytest.raises(OSError, match="the limit is"):
            image.load()

    def test_every_kind_of_end(self, data: bytes, clear: bytes) -> None:
        """Opened or not, a file cut short raises what Pillow says it raises, and nothing else."""
        exif = exif_of(make="Maker").tobytes()[6:]
        whole = container.pack(replace(container.unpack(clear), exif=exif, xmp=XMP))
        refused = cut = 0
        for source in (data, whole):
            for length in [*range(200), *range(200, len(source), 97), len(source) - 1]:
                try:
                    image = opened(source[:length])
                except UnidentifiedImageError:
                    refused += 1
                    continue
                cut += 1
                with pytest.raises(OSError, match="image file is truncated: cut short"):
                    image.load()
                with pytest.raises(OSError, match="image file is truncated: cut short"):
                    opened(source[:length]).verify()
                if image.draft(None, (1, 1)):
                    with pytest.raises(OSError, match="image file is truncated"):
                        image.load()
        # The header ends behind 8 bytes of signature, 2 and 4 of the chunk, and its payload.
        assert refused == 2 * (8 + 2 + data[9] + 4)
        assert cut > 300

    def test_every_flipped_bit_of_the_first_bytes(self, data: bytes) -> None:
        for at in range(8 * 60):
            damaged = bytearray(data)
            damaged[at // 8] ^= 1 << at % 8
            with pytest.raises(OSError):  # noqa: PT011
                opened(bytes(damaged)).load()

    def test_trailing_bytes(self, data: bytes) -> None:
        with pytest.raises(OSError, match="1 bytes follow"):
            opened(data + b"\0").load()

    def test_a_missing_model_names_the_command(self) -> None:
        header = Header(40, 30, Model(3, "sd-mse", 4, 8), bytes(8), 100)
        streams = (Stream(0, b""),)
        image = opened(container.pack(SdzFile(header, streams)))
        assert image.info["model"] == "sd-mse"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                pictures, "decode", _raising(ModelMissing("sd-mse", "sdz models pull sd-mse"))
            )
            with pytest.raises(OSError, match="sdz models pull sd-mse") as caught:
                image.load()
        assert isinstance(caught.value.__cause__, ModelMissing)


def _raising(error: Exception) -> object:
    def raise_it(*_: object) -> None:
        raise error

    return raise_it


class TestLoad:
    def test_pixels_are_those_of_decode(self, path: Path, clear: bytes) -> None:
        assert np.array_equal(np.asarray(Image.open(path)), np.asarray(sdz.decode(path)))
        assert np.array_equal(np.asarray(opened(clear)), np.asarray(sdz.decode(clear)))

    def test_twice_reads_once(self, data: bytes) -> None:
        file = CountingFile(data)
        image = Image.open(file)
        image.load()
        count = file.count
        image.load()
        assert image.getpixel((3, 4)) is not None
        assert file.count == count <= 2100 + len(data)

    def test_what_is_loaded_can_be_changed(self, data: bytes, clear: bytes) -> None:
        for source, colour in ((data, (1, 2, 3)), (clear, (1, 2, 3, 4))):
            image = opened(source)
            image.putpixel((0, 0), colour)
            assert image.getpixel((0, 0)) == colour

    def test_again_after_a_failure(self, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        image = opened(data)
        with monkeypatch.context() as patch:
            patch.setattr(pictures, "decode", _raising(ModelMissing("x", "sdz models pull x")))
            with pytest.raises(OSError, match="sdz models pull x"):
                image.load()
        image.load()
        assert np.array_equal(np.asarray(image), np.asarray(sdz.decode(data)))

    def test_files_of_pillow_are_closed_and_those_of_callers_are_not(
        self, path: Path, data: bytes
    ) -> None:
        image = Image.open(path)
        file = image.fp
        assert file is not None
        image.load()
        assert file.closed
        assert image.fp is None
        mine = io.BytesIO(data)
        Image.open(mine).load()
        assert not mine.closed
        with path.open("rb") as handle:
            Image.open(handle).load()
            assert not handle.closed

    def test_context_manager(self, path: Path, data: bytes) -> None:
        with Image.open(path) as image:
            file = image.fp
        assert file is not None
        assert file.closed
        with pytest.raises(ValueError, match="closed"):
            image.load()
        image = opened(data)
        image.close()
        with pytest.raises(ValueError, match="closed"):
            image.load()

    def test_copies_and_pickles(self, path: Path) -> None:
        whole = np.asarray(sdz.decode(path))
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            image = pickle.loads(pickle.dumps(Image.open(path), protocol))
            assert image.info["model"] == "lite-1"
            assert np.array_equal(np.asarray(image), whole)
        assert np.array_equal(np.asarray(copy.deepcopy(Image.open(path))), whole)
        assert np.array_equal(np.asarray(Image.open(path).copy()), whole)
        assert Image.open(path) == Image.open(path)

    def test_fed_in_pieces(self, data: bytes) -> None:
        parser = ImageFile.Parser()
        for at in range(0, len(data), 700):
            parser.feed(data[at : at + 700])
        assert np.array_equal(np.asarray(parser.close()), np.asarray(sdz.decode(data)))

    def test_from_a_stream_that_cannot_seek(self, data: bytes) -> None:
        class Pipe:
            def __init__(self) -> None:
                self._file = io.BytesIO(data)

            def read(self, size: int = -1) -> bytes:
                return self._file.read(size)

        image = Image.open(Pipe())  # type: ignore[arg-type]
        assert np.asarray(image).shape == (90, 130, 3)

    def test_in_several_threads(self, data: bytes) -> None:
        found: list[bytes] = []
        threads = [
            threading.Thread(target=lambda: found.append(opened(data).tobytes())) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [sdz.decode(data).tobytes()] * 4

    def test_a_file_that_changed_meanwhile(self, path: Path, clear: bytes) -> None:
        image = Image.open(path)
        path.write_bytes(clear)
        with pytest.raises(OSError, match="changed"):
            image.load()
        image.close()


class TestVerify:
    def test_whole(self, path: Path) -> None:
        image = Image.open(path)
        file = image.fp
        image.verify()
        assert file is not None
        assert file.closed
        with pytest.raises(RuntimeError):
            image.verify()

    def test_damage_anywhere(self, clear: bytes) -> None:
        for at in range(9, len(clear), 53):
            damaged = clear[:at] + bytes((clear[at] ^ 16,)) + clear[at + 1 :]
            with pytest.raises(OSError):  # noqa: PT011
                opened(damaged).verify()


@pytest.mark.usefixtures("no_pixels")
class TestDraft:
    def test_gives_the_preview(self, data: bytes) -> None:
        image = opened(data)
        assert image.draft("RGB", (17, 12)) == ("RGB", (0, 0, 130 / 8, 90 / 8))
        assert image.size == (17, 12)
        assert image.draft("RGB", (1, 1)) is None
        assert np.array_equal(np.asarray(image), np.asarray(sdz.preview(data)))

    def test_keeps_alpha(self, clear: bytes) -> None:
        image = opened(clear)
        image.draft(None, (10, 10))
        assert (image.mode, image.size) == ("RGBA", (17, 12))
        stored = container.unpack(clear).alpha
        assert stored is not None
        wanted = Image.fromarray(unpack_alpha(stored, 90, 130)).reduce(8)
        assert np.array_equal(np.asarray(image)[..., 3], np.asarray(wanted))

    def test_leaves_a_larger_wish_alone(self, data: bytes) -> None:
        image = opened(data)
        for size in ((18, 12), (17, 13), (64, 64), None):
            assert image.draft(None, size) is None
            assert image.size == (130, 90)

    def test_thumbnails_come_from_it(self, data: bytes) -> None:
        image = opened(data)
        image.thumbnail((6, 6))
        assert image.size == (6, 4)
        plain = Image.fromarray(SCENE).resize((6, 4), Image.Resampling.BOX)
        assert np.abs(np.asarray(image).astype(int) - np.asarray(plain)).mean() < 40

    def test_not_without_a_map(self, data: bytes) -> None:
        file = container.unpack(data)
        for changed in (
            replace(file.header, weights=bytes(8)),
            replace(file.header, model=Model(0, "mine", 192, 16)),
            replace(file.header, model=Model(0, "lite-1", 12, 64)),
        ):
            image = opened(container.pack(replace(file, header=changed)))
            assert image.draft(None, (1, 1)) is None

    def test_of_a_model_that_is_not_installed(self) -> None:
        symbols = np.zeros((4, 4, 5), np.int32)
        header = Header(40, 30, Model(3, "sd-mse", 4, 8), bytes(8), 32768)
        streams = (Stream(symbol_check(symbols), encode_symbols(symbols)),)
        image = opened(container.pack(SdzFile(header, streams)))
        assert image.draft(None, (5, 4)) is not None
        assert np.asarray(image).shape == (4, 5, 3)

    def test_no_torch(self, path: Path) -> None:
        program = (
            "import sys, sdz.pillow; from PIL import Image; "
            f"image = Image.open({str(path)!r}); image.thumbnail((6, 6)); "
            "image.load(); assert image.size == (6, 4); assert 'torch' not in sys.modules"
        )
        subprocess.run([sys.executable, "-c", program], check=True)


# --- saving -------------------------------------------------------------------------------------


def _in_mode(mode: str) -> Image.Image:
    """The scene in a mode of Pillow's, with soft alpha where the mode has alpha."""
    rgb = Image.fromarray(SCENE)
    grey = rgb.convert("L")
    alpha = Image.fromarray(ALPHA)
    if mode in ("LA", "La", "RGBA", "RGBa", "PA"):
        image = grey if mode in ("LA", "La") else rgb
        image = image.copy()
        image.putalpha(alpha)
        return image if image.mode == mode else image.convert(mode)
    levels = np.asarray(grey)
    if mode == "I":
        return Image.fromarray(levels.astype(np.int32) * 257)
    if mode == "F":
        return Image.fromarray(levels.astype(np.float32) / 255)
    if mode.startswith("I;16"):
        order = {"B": ">u2", "N": "=u2"}.get(mode[-1], "<u2")
        wide = (levels.astype(np.uint16) * 257).astype(order)
        return Image.frombytes(mode, grey.size, wide.tobytes())
    if mode == "LAB":
        spaces = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        lab = ImageCms.profileToProfile(rgb, *spaces, outputMode="LAB")
        assert lab is not None
        lab.info.pop("icc_profile", None)
        return lab
    return rgb.convert(mode)


MODES = sorted({*Image.MODES, "La", "RGBa", "I;16L", "I;16N"})


class TestSave:
    @pytest.mark.parametrize("mode", MODES)
    def test_every_mode(self, mode: str) -> None:
        image = _in_mode(mode)
        assert image.mode == mode
        buffer = io.BytesIO()
        image.save(buffer, "SDZ", quality=90)
        assert image.mode == mode
        saved = opened(buffer.getvalue())
        has_alpha = mode in ("LA", "La", "RGBA", "RGBa", "PA")
        assert saved.mode == ("RGBA" if has_alpha else "RGB")
        got = np.asarray(saved).astype(int)
        if has_alpha:
            assert np.array_equal(got[..., 3], ALPHA)
        if mode in ("1", "P", "PA"):
            wanted = np.asarray(image.convert("RGB")).astype(int)
        elif mode[0] in "LIF" and mode != "LAB":
            wanted = np.asarray(Image.fromarray(SCENE).convert("L").convert("RGB")).astype(int)
        else:
            wanted = SCENE.astype(int)
        seen = ALPHA > 128 if has_alpha else np.ones(ALPHA.shape, bool)
        # Dithered black and white cannot be told from noise: only its mean survives.
        error = np.abs(got[..., :3].mean(2) - wanted.mean(2))[seen]
        assert error.mean() < (110 if mode == "1" else 25 if mode in ("P", "PA") else 8)
        assert abs(got[..., :3][seen].mean() - wanted[seen].mean()) < 6

    def test_modes_are_all_there_are(self) -> None:
        """A mode that Pillow adds one day should be looked at."""
        assert len(MODES) == len(set(MODES)) == 20

    @pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "I;16"])
    def test_a_clear_colour(self, mode: str) -> None:
        if mode == "RGB":
            image = Image.new("RGB", (40, 30), (9, 8, 7))
            image.info["transparency"] = (9, 8, 7)
        else:
            image = Image.new(mode, (40, 30), 0)
            image.info["transparency"] = 0
        image.paste({"RGB": (200, 90, 90), "I;16": 65535}.get(mode, 1), (0, 0, 20, 30))
        buffer = io.BytesIO()
        image.save(buffer, "SDZ")
        alpha = np.asarray(opened(buffer.getvalue()))[..., 3]
        assert (alpha[:, :20] == 255).all()
        assert (alpha[:, 20:] == 0).all()

    def test_palette_with_several_alphas(self) -> None:
        image = _in_mode("P")
        image.info["transparency"] = bytes(range(0, 256))
        wanted = np.asarray(image.convert("RGBA"))[..., 3]
        buffer = io.BytesIO()
        image.save(buffer, "SDZ")
        got = np.asarray(opened(buffer.getvalue()))[..., 3]
        assert np.abs(got.astype(int) - wanted).max() <= 4  # it is stored in a few dozen levels

    def test_to_a_path_is_what_encode_gives(self, tmp_path: Path) -> None:
        image = Image.fromarray(SCENE)
        for where in (tmp_path / "a.sdz", tmp_path / "B.SDZ"):
            image.save(where, quality=60)
            assert where.read_bytes() == sdz.encode(image, quality=60)
        image.save(str(tmp_path / "c.bin"), "SDZ")
        assert (tmp_path / "c.bin").read_bytes() == sdz.encode(image)

    def test_wishes(self, data: bytes) -> None:
        image = Image.fromarray(SCENE)

        def size(**wishes: object) -> int:
            buffer = io.BytesIO()
            image.save(buffer, "SDZ", **wishes)
            return buffer.getbuffer().nbytes

        assert size(preset="tiny") < size() == size(preset="standard") < size(preset="fine")
        assert size(quality=60) == len(data)
        assert 0.98 * len(data) <= size(target_bytes=len(data), keep="none") <= len(data)
        assert size(model="lite-1", some_other_format=1) == size()
        wanted = sdz.info(data)["report"]["ssimulacra2"] - 1
        buffer = io.BytesIO()
        image.save(buffer, "SDZ", min_score=wanted)
        assert opened(buffer.getvalue()).info["report"]["ssimulacra2"] >= wanted

    def test_the_effort_reaches_the_codec(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[str] = []

        def encode_picture(_: object, wish: Wish) -> SimpleNamespace:
            asked.append(wish.effort)
            return SimpleNamespace(data=b"file")

        monkeypatch.setattr(pictures, "encode_picture", encode_picture)
        for wishes in ({}, {"effort": None}, {"effort": "high"}):
            buffer = io.BytesIO()
            Image.fromarray(SCENE).save(buffer, "SDZ", **wishes)
            assert buffer.getvalue() == b"file"
        assert asked == ["normal", "normal", "high"]

    @pytest.mark.parametrize(
        ("wishes", "refusal", "reason"),
        [
            ({"quality": 0}, ValueError, "quality: expected 1 to 100"),
            ({"quality": "high"}, ValueError, "quality: expected a number"),
            ({"quality": 5, "preset": "fine"}, ValueError, "expected one of them"),
            ({"quality": 5, "target_bytes": 900}, ValueError, "expected one of them"),
            ({"preset": "huge"}, ValueError, "preset: expected tiny or small"),
            ({"effort": "max"}, ValueError, "effort: expected normal or high, found 'max'"),
            ({"effort": 9}, ValueError, "effort: expected normal or high"),
            ({"model": "none-such"}, ValueError, "no model is called 'none-such'"),
            ({"model": "sd-mse"}, OSError, "sdz models pull sd-mse"),
            ({"target_bytes": 50}, OSError, "50 bytes are too few"),
            ({"min_score": 100, "keep": "none"}, OSError, "cannot be reached"),
        ],
    )
    def test_refusals_leave_nothing_behind(
        self, tmp_path: Path, wishes: dict[str, object], refusal: type[Exception], reason: str
    ) -> None:
        with pytest.raises(refusal, match=reason):
            Image.fromarray(SCENE).save(tmp_path / "a.sdz", **wishes)
        assert list(tmp_path.iterdir()) == []
        buffer = io.BytesIO()
        with pytest.raises(refusal):
            Image.fromarray(SCENE).save(buffer, "SDZ", **wishes)
        assert buffer.getvalue() == b""

    def test_an_empty_image(self) -> None:
        with pytest.raises(ValueError, match="0x5 pixels"):
            Image.new("RGB", (0, 5)).save(io.BytesIO(), "SDZ")

    def test_a_side_over_the_formats(self) -> None:
        with pytest.raises(ValueError, match="65535"):
            Image.new("1", (65536, 1)).save(io.BytesIO(), "SDZ")

    def test_over_itself(self, path: Path) -> None:
        image = Image.open(path)
        pixels = np.asarray(sdz.decode(path))
        image.save(path, quality=90)
        assert np.abs(np.asarray(Image.open(path)).astype(int) - pixels).mean() < 6

    def test_the_frame_that_is_shown(self) -> None:
        frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
        buffer = io.BytesIO()
        frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
        animated = Image.open(buffer)
        animated.seek(1)
        saved = io.BytesIO()
        animated.save(saved, "SDZ", quality=90)
        assert animated.tell() == 1
        red, _, blue = np.asarray(opened(saved.getvalue())).reshape(-1, 3).mean(0)
        assert blue > 200 > 50 > red

    def test_colours_by_their_profile(self) -> None:
        image = Image.fromarray(SCENE)
        image.info["icc_profile"] = drawn.rgb_profile(gamma=1.0)
        saved = [io.BytesIO(), io.BytesIO(), io.BytesIO()]
        image.save(saved[0], "SDZ", quality=90)
        image.save(saved[1], "SDZ", quality=90, icc_profile=b"")
        Image.fromarray(SCENE).save(
            saved[2], "SDZ", quality=90, icc_profile=drawn.rgb_profile(gamma=1.0)
        )
        means = [np.asarray(opened(file.getvalue())).reshape(-1, 3).mean(0) for file in saved]
        assert np.abs(means[1] - SCENE.reshape(-1, 3).mean(0)).max() < 4
        assert np.abs(means[0] - means[1]).max() > 20
        assert np.abs(means[0] - means[2]).max() < 1


class TestMetadata:
    @staticmethod
    def saved(image: Image.Image, **wishes: object) -> ImageFile.ImageFile:
        buffer = io.BytesIO()
        image.save(buffer, "SDZ", **wishes)
        return opened(buffer.getvalue())

    @pytest.fixture
    def photo(self) -> ImageFile.ImageFile:
        exif = exif_of(make="Maker", orientation=6)
        exif.get_ifd(0x8825)[1] = "N"
        return opened(drawn.as_file(SCENE, "JPEG", exif=exif, xmp=XMP))

    def test_dropped_unasked_and_pixels_stay_as_they_are_seen(
        self, photo: ImageFile.ImageFile
    ) -> None:
        saved = self.saved(photo)
        assert saved.size == photo.size == (130, 90)
        assert not {"exif", "xmp"} & set(saved.info)

    def test_kept_when_asked_and_turned_upright(self, photo: ImageFile.ImageFile) -> None:
        saved = self.saved(photo, keep_metadata=True)
        assert saved.size == (90, 130)
        assert dict(saved.getexif()) == {0x010F: "Maker"}
        assert saved.info["xmp"] == XMP
        assert photo.getexif()[0x0112] == 6

    def test_the_place_only_when_asked_for(self, photo: ImageFile.ImageFile) -> None:
        saved = self.saved(photo, keep_metadata=True, keep_location=True)
        assert saved.getexif().get_ifd(0x8825) == {1: "N"}

    def test_given(self) -> None:
        image = Image.fromarray(SCENE)
        exif = exif_of(make="Given")
        for value in (exif, exif.tobytes()):
            assert self.saved(image, exif=value).getexif()[0x010F] == "Given"
        for xmp in (XMP, XMP.decode()):
            assert self.saved(image, xmp=xmp).info["xmp"] == XMP
        upright = self.saved(image, exif=exif_of(make="Given", orientation=3))
        assert dict(upright.getexif()) == {0x010F: "Given"}
        turned = np.asarray(upright).astype(int)
        assert np.abs(turned - SCENE[::-1, ::-1]).mean() < np.abs(turned - SCENE).mean()

    def test_given_beats_the_images_own(self, photo: ImageFile.ImageFile) -> None:
        saved = self.saved(photo, exif=exif_of(make="Given"))
        assert (saved.size, dict(saved.getexif())) == ((130, 90), {0x010F: "Given"})
        assert "xmp" not in saved.info
        saved = self.saved(photo, exif=exif_of(make="Given"), keep_metadata=True)
        assert dict(saved.getexif()) == {0x010F: "Given"}
        assert saved.info["xmp"] == XMP

    def test_of_a_tiff(self) -> None:
        buffer = io.BytesIO()
        Image.fromarray(SCENE).save(buffer, "TIFF", exif=exif_of(make="Maker"))
        saved = self.saved(Image.open(buffer), keep_metadata=True)
        assert dict(saved.getexif())[0x010F] == "Maker"

    def test_from_sdz_to_sdz_and_away(self, photo: ImageFile.ImageFile) -> None:
        first = self.saved(photo, keep_metadata=True)
        again = self.saved(first, keep_metadata=True)
        assert again.info["exif"] == first.info["exif"]
        png = opened(drawn.as_file(first, "PNG", exif=first.info["exif"]))
        assert dict(png.getexif()) == {0x010F: "Maker"}


def test_lossless_is_a_promise_that_is_not_made(tmp_path: Path) -> None:
    image = Image.new("RGB", (32, 32))
    with pytest.raises(ValueError, match=r"a \.sdz is never lossless"):
        image.save(tmp_path / "a.sdz", lossless=True)
    image.save(tmp_path / "a.sdz", lossless=False)
