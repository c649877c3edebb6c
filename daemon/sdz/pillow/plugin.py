"""Pillow opens and saves ``.sdz`` files once this module is imported.

    import sdz.pillow
    image = Image.open("photo.sdz")         # reads the header, at most 2 KiB, and no pixels
    image.thumbnail((128, 128))             # from the weightless preview where that is large enough
    image.save("copy.sdz", quality=60)      # or preset=, target_bytes=, min_score=; model=, effort=

Made like Pillow's own plugins, with the errors that Pillow's callers expect: what ``sdz.errors``
has to say is in their text and is their cause. Decoding runs in this process, and torch is loaded
by the first picture whose pixels are asked for, not by the import.
"""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final

from PIL import Image, ImageFile, UnidentifiedImageError

from sdz.container import HEADER_PREFIX_BYTES, SIGNATURE, Header, Limits, read_header, unpack
from sdz.container.cursor import VARINT_BYTES, Cursor
from sdz.container.summary import summarize_report
from sdz.errors import FormatError, NotSdz, SdzError, Truncated
from sdz.locks import ThreadLock
from sdz.media import SDZ_IMAGE_TYPE, SDZ_SUFFIX
from sdz.pillow.save import save

if TYPE_CHECKING:
    from PIL._imaging import PixelAccess

FORMAT: Final = "SDZ"
EXIF_PREFIX: Final = b"Exif\x00\x00"
_CRC_BYTES: Final = 4

# At opening nothing is made that is as large as the picture, and how large it may be is Pillow's
# to say (Image.MAX_IMAGE_PIXELS). Loading goes by the reader's own limits again.
_OPENING: Final = Limits(pixels=2**32, symbols=2**42, groups=2**32)


def _accept(prefix: bytes) -> bool:
    return prefix.startswith(SIGNATURE)


class SdzImageFile(ImageFile.ImageFile):
    """A ``.sdz`` file, opened by ``PIL.Image.open``: mode RGB, or RGBA where it has alpha.

    ``info``: ``model`` and ``weights`` (hex), ``report`` where the encoder measured, and ``exif``
    and ``xmp`` where they were kept.
    """

    format = FORMAT
    format_description = "sdz picture"
    n_frames = 1
    is_animated = False

    _header: Header
    _lock: ThreadLock
    _drafted = False

    def _open(self) -> None:
        assert self.fp is not None
        start = self.fp.read(HEADER_PREFIX_BYTES)
        try:
            header = read_header(start, _OPENING)
        except NotSdz as error:
            raise SyntaxError(str(error)) from error
        except FormatError as error:  # the signature is there: nobody else will read it
            name = self.filename or self.fp
            raise UnidentifiedImageError(f"cannot identify image file {name!r}: {error}") from error
        self._header, self._lock = header, ThreadLock()
        self._size = (header.width, header.height)
        self._mode = "RGBA" if header.alpha else "RGB"
        self.info["model"] = header.model.name
        self.info["weights"] = header.weights.hex()
        if header.report is not None:
            self.info["report"] = summarize_report(header.report)
        for kind, payload in _metadata(self.fp, start):
            if kind == "m":
                self.info["exif"] = EXIF_PREFIX + payload
            else:
                self.info["xmp"] = payload
        self.tile = [ImageFile._Tile("sdz", (0, 0, *self.size), 0, self.mode)]

    def verify(self) -> None:
        """Check the checksums of all chunks. OSError says what is damaged."""
        if self.fp is None or not self.tile:
            raise RuntimeError("verify must be called directly after open")
        try:
            with _as_os_error():
                unpack(self._read())
        finally:
            super().verify()

    def draft(
        self,
        mode: str | None,  # noqa: ARG002
        size: tuple[int, int] | None,
    ) -> tuple[str, tuple[int, int, float, float]] | None:
        """Have ``load`` give the weightless preview, if it has at least ``size`` pixels.

        It is a coarse picture of 1/8 or 1/16 of the size, made in milliseconds, without weights
        and without torch. The mode stays.
        """
        with self._lock:
            return None if size is None else self._draft(size)

    def _draft(self, size: tuple[int, int]) -> tuple[str, tuple[int, int, float, float]] | None:
        if not self.tile or self._drafted:
            return None
        from sdz.pictures import preview_divisor

        try:
            divisor = preview_divisor(self._header)
        except SdzError:  # there is none; what is wrong with the file shows when it is loaded
            return None
        small = (-(-self.width // divisor), -(-self.height // divisor))
        if small[0] < size[0] or small[1] < size[1]:
            return None
        box = (0, 0, self.width / divisor, self.height / divisor)
        self._drafted = True
        self._size = small
        self.tile = [ImageFile._Tile("sdz", (0, 0, *small), 0, self.mode)]
        return self.mode, box

    def load(self) -> PixelAccess | None:
        """Decode the picture, once, whichever thread comes first. OSError where the file is damaged
        or its model missing."""
        if self.tile:
            with self._lock:
                self._load()
        return super().load()

    def _load(self) -> None:
        if not self.tile:  # another thread has done it
            return
        if self.fp is None:
            raise ValueError("Operation on closed image")
        image = self._decoded(self._read())
        self.im, self.readonly = image.im, image.readonly
        self.tile = []
        if self._exclusive_fp:
            self.fp.close()
        self.fp = None

    def load_seek(self, pos: int) -> None:
        """Nothing. That it is there tells ``ImageFile.Parser`` to wait for the whole file."""

    def _read(self) -> bytes:
        assert self.fp is not None
        if self._exclusive_fp and isinstance(self.fp, io.BufferedReader) and hasattr(os, "pread"):
            # Forked processes share where they are in a file that was opened before.
            descriptor = self.fp.fileno()
            return os.pread(descriptor, os.fstat(descriptor).st_size, 0)
        self.fp.seek(0)
        return self.fp.read()

    def _decoded(self, data: bytes) -> Image.Image:
        from sdz import pictures

        with _as_os_error():
            image = pictures.preview(data, alpha=True) if self._drafted else pictures.decode(data)
        if (image.mode, image.size) != (self.mode, self.size):
            raise OSError("the image file has changed since it was opened")
        return image


@contextmanager
def _as_os_error() -> Iterator[None]:
    """Errors of sdz as the OSError that callers of Pillow expect."""
    try:
        yield
    except Truncated as error:
        raise OSError(f"image file is truncated: {error}") from error
    except SdzError as error:
        raise OSError(str(error)) from error


def _metadata(fp: IO[bytes], start: bytes) -> Iterator[tuple[str, bytes]]:
    """Chunks ``m`` and ``x`` of a file that begins with ``start``; the others are not read.

    Stops where the file is cut short or damaged: its pixels will not load either, and then the
    error says why.
    """
    at, order = len(SIGNATURE), "HAmx"
    while True:
        head = start[at : at + 1 + VARINT_BYTES]
        if len(head) <= VARINT_BYTES:
            fp.seek(at)
            head = fp.read(1 + VARINT_BYTES)
        cursor = Cursor(head)
        try:
            kind = chr(cursor.number(1, "chunk"))
            length = cursor.varint("length of chunk")
        except FormatError:
            return
        _, found, order = order.partition(kind)
        if not found:
            return
        head = head[: len(head) - cursor.left]
        at += len(head)
        if kind in "mx":
            fp.seek(at)
            payload = fp.read(min(length, _OPENING.ancillary_bytes))
            crc = zlib.crc32(payload, zlib.crc32(head)).to_bytes(_CRC_BYTES, "little")
            if fp.read(_CRC_BYTES) != crc:
                return
            yield kind, payload
        at += length + _CRC_BYTES


Image.register_open(FORMAT, SdzImageFile, _accept)
Image.register_save(FORMAT, save)
Image.register_extension(FORMAT, SDZ_SUFFIX)
Image.register_mime(FORMAT, SDZ_IMAGE_TYPE)
