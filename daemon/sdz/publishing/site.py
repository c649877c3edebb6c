"""One folder published into another: picture by picture, then the pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sdz.errors import PublishError
from sdz.making.maker import BlockingMaker
from sdz.publishing.bill import Bill, bill_of
from sdz.publishing.claim import claimed
from sdz.publishing.folder import Folder
from sdz.publishing.gallery import gallery
from sdz.publishing.manifest import Manifest, Output, PictureRecord, digest_of
from sdz.publishing.markup import Showing
from sdz.publishing.names import SUFFIXES, bases_of, file_of
from sdz.publishing.picture import Published, publish_picture
from sdz.publishing.place import Place
from sdz.publishing.recipe import Recipe

INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class Pages:
    """written: those that are not as they were. refused: why others could not be. leftover: files
    that an earlier run made and this one did not."""

    written: list[str]
    refused: list[str]
    leftover: list[str]


class Site:
    """``folder`` is what is published, ``recipe`` what is made of each picture. From any thread."""

    def __init__(self, folder: Folder, out: Path, recipe: Recipe, manifest: Manifest) -> None:
        self.folder, self._recipe, self._manifest = folder, recipe, manifest
        self._place = Place(out, manifest)
        taken = [*folder.copied, *folder.pages]
        self._bases = bases_of(folder.pictures, recipe.widths, taken)
        self._records: dict[str, PictureRecord] = {}

    @classmethod
    def open(cls, source: Path, out: Path, recipe: Recipe) -> Site:
        """Look through both folders. Raises PublishError; OSError passes through."""
        return cls(Folder.read(source, out), out, recipe, Manifest(out))

    @classmethod
    @contextmanager
    def claimed(cls, source: Path, out: Path, recipe: Recipe) -> Iterator[Site]:
        """The same; no other run writes there meanwhile. Raises AlreadyPublishing too."""
        folder = Folder.read(source, out)
        with claimed(out):
            yield cls(folder, out, recipe, Manifest(out))

    def read(self, source: str) -> bytes:
        """The bytes of a picture. OSError passes through."""
        return (self.folder.root / source).read_bytes()

    def known(self, source: str, data: bytes) -> PictureRecord | None:
        """What was made of these bytes and is there; None where it is to be made.

        Raises NotOurs or LeadsOutside where it could not be written.
        """
        record, base = self._manifest.record(source), self._bases[source]
        wanted = (digest_of(data), self._recipe.key, base)
        same = record is not None and (record.sha256, record.recipe, record.base) == wanted
        if record is not None and same and self._place.holds(record):
            self._records[source] = record
            return record
        widths = (0, *self._recipe.widths)
        self._place.check([file_of(base, kind, w, 0) for kind in SUFFIXES for w in widths])
        return None

    def publish(self, source: str, data: bytes, maker: BlockingMaker) -> PictureRecord:
        """Make and write all that is offered of a picture.

        Raises ImageError, EncodeError, ModelError, PublishError; OSError passes through.
        """
        made = publish_picture(data, self._recipe, maker)
        base = self._bases[source]
        outputs = tuple(_outputs(made, base))
        contents = dict(zip((one.file for one in outputs), _datas(made), strict=True))
        self._place.write(contents)
        record = PictureRecord(
            digest_of(data),
            len(data),
            self._recipe.key,
            base,
            made.width,
            made.height,
            outputs,
            made.notes,
        )
        self._manifest.keep(source, record)
        self._records[source] = record
        return record

    def finish(self, showing: Showing) -> Pages:
        """Write the pages, with what was made of their pictures, and copy the rest.

        A picture that could not be published stays on its pages as it is.
        """
        written, refused = [], []
        for path, data in self._pages(showing):
            try:
                written += self._place.write({path: data})
            except PublishError as error:
                refused.append(str(error))
        for path in self._copies():
            try:
                self._place.write({path: self.read(path)})
            except (PublishError, OSError) as error:
                refused.append(f"{path}: {error}")
        self._manifest.close()
        return Pages(written, refused, self._place.leftover())

    def _pages(self, showing: Showing) -> Iterator[tuple[str, bytes]]:
        if not self.folder.pages and self._records:
            title = self.folder.root.resolve().name
            yield INDEX, gallery(title, self._records, showing)
        for path, (page, shown) in self.folder.pages.items():
            records = {
                image: self._records[file] for image, file in shown.items() if file in self._records
            }
            yield path, page.rewritten(records, showing)

    def _copies(self) -> list[str]:
        failed = [one for one in self.folder.pictures if one not in self._records]
        return sorted({*self.folder.copied, *(failed if self.folder.pages else ())})

    def bills(self) -> list[Bill]:
        """What visitors fetch, for each width."""
        records = list(self._records.values())
        return [bill_of(records, width) for width in self._recipe.widths] if records else []


def _outputs(made: Published, base: str) -> Iterator[Output]:
    kinds = {one.kind for one in made.variants}
    for kind in (kind for kind in SUFFIXES if kind in kinds):
        for one in made.variants:
            if one.kind == kind:
                yield Output(
                    file_of(base, kind, one.width, made.width),
                    kind,
                    one.width,
                    one.height,
                    len(one.data),
                    one.score,
                    one.quality,
                    digest_of(one.data),
                )


def _datas(made: Published) -> Iterator[bytes]:
    for kind in SUFFIXES:
        yield from (one.data for one in made.variants if one.kind == kind)
