"""Pack the browser extension for both browsers, the same bytes every time.

    scripts/build-extension [chromium|firefox]... [--out FOLDER]

A package is an archive of the unpacked tree: entries by name, one fixed time, nothing compressed,
since what deflate writes depends on the zlib at hand, and the stores compress on their own.
"""

from __future__ import annotations

import argparse
import hashlib
import zipfile
from pathlib import Path
from typing import Final

from extension_tree import BROWSERS, ROOT, version, write

EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest time that an archive can carry
ENDINGS: Final = {"chromium": "zip", "firefox": "xpi"}
UNIX: Final = 3
PLAIN_FILE: Final = 0o100644 << 16


def pack(tree: Path, archive: Path) -> Path:
    """All files of ``tree`` in ``archive``, which is replaced."""
    # By their POSIX names: Path objects sort by parts, and differently where case does not count.
    files = sorted((p.relative_to(tree).as_posix(), p) for p in tree.rglob("*") if p.is_file())
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:
        for name, path in files:
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = UNIX
            entry.external_attr = PLAIN_FILE
            packed.writestr(entry, path.read_bytes())
    return archive


def build(browser: str, out: Path) -> Path:
    """A browser's package, with its unpacked tree in a folder of the browser's name beside it."""
    tree = write(browser, out / browser)
    return pack(tree, out / f"sdz-{browser}-{version()}.{ENDINGS[browser]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("browsers", nargs="*", metavar="chromium|firefox")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    args = parser.parse_args()
    for browser in args.browsers:
        if browser not in BROWSERS:
            parser.error(f"{browser} is neither chromium nor firefox")
    for browser in args.browsers or BROWSERS:
        package = build(browser, args.out)
        digest = hashlib.sha256(package.read_bytes()).hexdigest()
        print(f"{package}  {package.stat().st_size:,} bytes  sha256 {digest}")


if __name__ == "__main__":
    main()
