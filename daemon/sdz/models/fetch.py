"""One file from the hub to the disk, going on where an earlier attempt stopped.

The bytes are streamed here, through the session of huggingface_hub's client, because its
``hf_hub_download`` cannot resume what a killed process began: as of version 2.4 it writes to a
file of a random name, which it deletes when it fails. Here a file grows as ``NAME.part`` and the
next attempt, in this process or another, asks for the rest.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sdz.errors import HubOffline, NoSpace, PullFailed
from sdz.models.weights import file_sha256
from sdz.version import __version__

Progress = Callable[[int, int], None]
"""Told the bytes that have arrived and all bytes, often. May raise to stop the pull."""

TRIES = 4
"""Broken connections in a row that bring not one byte before a pull gives up."""

TIMEOUT_S = 30.0
"""How long the hub may be silent."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A file on the hub: ``size`` in bytes, ``sha256`` in hex where the hub tells it."""

    path: str
    size: int
    sha256: str | None


@dataclass(slots=True)
class Transfer:
    """One pull under way: whose files, from where, and how many of ``total`` bytes are here.

    ``wait`` sleeps some seconds between attempts.
    """

    name: str
    endpoint: str
    repo: str
    revision: str
    total: int
    progress: Progress
    wait: Callable[[float], None]
    done: int = 0


def begun(folder: Path, file: str) -> int:
    """Bytes of a file that are here already."""
    whole = folder / file
    return _length(whole if whole.exists() else _part(folder, file))


def fetch(job: Transfer, remote: Remote, folder: Path, file: str) -> None:
    """Fetch a file into the folder as ``file``; it appears there when it is whole.

    Raises HubOffline, NoSpace, PullFailed, and OSError if the folder cannot be written.
    """
    whole, part = folder / file, _part(folder, file)
    if not whole.exists():
        if _length(part) > remote.size:
            part.unlink()
        _grow(job, remote, part)
        if remote.sha256 not in (None, file_sha256(part)):
            part.unlink()
            raise PullFailed(job.name, f"{file} arrived damaged and was discarded; repeat it")
        part.replace(whole)
    job.done += remote.size


def _part(folder: Path, file: str) -> Path:
    return folder / f"{file}.part"


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _grow(job: Transfer, remote: Remote, part: Path) -> None:
    """Make requests until the file is whole, or nothing comes any more."""
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    fruitless = 0
    while (start := _length(part)) != remote.size or not part.exists():
        try:
            _request(job, remote, part, start)
        except HfHubHTTPError as error:
            raise PullFailed(job.name, first_line(error)) from error
        except (OfflineModeIsEnabled, transport_error()) as error:
            fruitless = 0 if _length(part) > start else fruitless + 1
            if fruitless == TRIES:
                raise HubOffline(job.name, job.endpoint, first_line(error)) from error
            job.wait(float(min(2**fruitless, 8)))
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            free = shutil.disk_usage(part.parent).free
            raise NoSpace(job.name, str(part.parent), remote.size - start, free) from error


def _request(job: Transfer, remote: Remote, part: Path, start: int) -> None:
    """Ask for the bytes from ``start`` on, once, and append what comes."""
    from huggingface_hub import get_session, hf_hub_url
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    headers = build_hf_headers(library_name="sdz", library_version=__version__)
    headers["Accept-Encoding"] = "identity"  # positions count the file's bytes, not compressed ones
    if start:
        headers["Range"] = f"bytes={start}-"
    url = hf_hub_url(job.repo, remote.path, revision=job.revision, endpoint=job.endpoint)
    with get_session().stream("GET", url, headers=headers, timeout=TIMEOUT_S) as response:
        _append(job, remote, part, start, response)


def _append(job: Transfer, remote: Remote, part: Path, start: int, response: Any) -> None:
    from huggingface_hub import hf_raise_for_status

    if response.is_error:
        response.read()  # the client's errors quote the body, which a stream has not read yet
        hf_raise_for_status(response)
    position = start if response.status_code == 206 else 0  # else the server sends all of it
    # Unbuffered: what was received survives even a kill.
    with part.open("r+b" if part.exists() else "wb", buffering=0) as file:
        file.seek(position)
        file.truncate()
        for chunk in response.iter_bytes():
            position += len(chunk)
            if position > remote.size:
                file.truncate(0)
                raise PullFailed(job.name, f"{remote.path} is longer than the hub said")
            file.write(chunk)
            job.progress(job.done + position, job.total)


def transport_error() -> type[Exception]:
    """Base of the errors of the HTTP client that huggingface_hub uses, whichever it is."""
    from huggingface_hub import errors

    base: type[Exception] = errors.HTTPError  # type: ignore[attr-defined]
    return base


def first_line(error: Exception) -> str:
    """The first line of an error's message, or its class's name where it has none."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
