"""Writing below the folder for outputs: nothing outside of it, nothing over what is not ours."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sdz.errors import LeadsOutside, NotOurs
from sdz.files import sweep_parts, write_aside
from sdz.publishing.manifest import Manifest, PictureRecord, digest_of


class Place:
    """The folder for outputs. ``manifest`` says what is ours in it. From any thread."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder, self._manifest = folder, manifest
        self._swept: set[Path] = set()
        self._present: set[str] = set()

    def holds(self, record: PictureRecord) -> bool:
        """Whether all outputs are there as they were written.

        Raises NotOurs where one was changed by somebody, whose work is not to be lost.
        """
        there = True
        for output in record.outputs:
            found = self._digest_at(output.file)
            if found is not None and not self._manifest.is_ours(output.file, found):
                raise NotOurs(str(self._folder / output.file))
            there = there and found == output.sha256
        if there:
            self._present |= {output.file for output in record.outputs}
        return there

    def check(self, files: list[str]) -> None:
        """Raise NotOurs or LeadsOutside where one of these could not be written."""
        for file in files:
            path = self._folder / file
            if not path.parent.resolve().is_relative_to(self._folder.resolve()):
                raise LeadsOutside(str(path))
            found = self._digest_at(file)
            if found is not None and not self._manifest.is_ours(file, found):
                raise NotOurs(str(path))

    def write(self, contents: Mapping[str, bytes]) -> list[str]:
        """Write these files, all or, where one may not be, none; those that were not so before."""
        digests = {file: digest_of(data) for file, data in contents.items()}
        changed = [file for file, digest in digests.items() if self._digest_at(file) != digest]
        self.check(changed)
        if any(not self._manifest.is_ours(file, digest) for file, digest in digests.items()):
            self._manifest.begin(digests)
        for file in changed:
            path = self._folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.parent not in self._swept:
                self._swept.add(path.parent)
                sweep_parts(path.parent)
            write_aside(path, contents[file], durable="content")
        self._manifest.settle(digests)
        self._present |= digests.keys()
        return changed

    def leftover(self) -> list[str]:
        """Files of earlier runs that neither were written nor found to be as they should."""
        files = [file for file in self._manifest.files() if file not in self._present]
        return [file for file in files if (self._folder / file).is_file()]

    def _digest_at(self, file: str) -> str | None:
        path = self._folder / file
        if path.is_symlink() or (path.exists() and not path.is_file()):
            return ""  # a folder, a link: nobody's digest
        try:
            return digest_of(path.read_bytes())
        except FileNotFoundError:
            return None
