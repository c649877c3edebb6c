"""Fetching known models from the hub: listing, choice, room, installation.

Goes through huggingface_hub's client, its endpoint (``HF_ENDPOINT``, read at every call) and its
errors. Exactly two files are ever asked for, ``config.json`` and the safetensors file, of the
pinned revision; no name that the server sends becomes a path. What has arrived of a pull stays in
``models/.partial`` under the name of its revision until it is whole.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sdz.errors import (
    BadModel,
    BuiltInModel,
    HubOffline,
    ModelError,
    NoSpace,
    PullFailed,
    UnknownModel,
    WeightsMismatch,
)
from sdz.extras import need
from sdz.home import models_folder
from sdz.models import records, store
from sdz.models.fetch import (
    TIMEOUT_S,
    Progress,
    Remote,
    Transfer,
    begun,
    fetch,
    first_line,
    transport_error,
)
from sdz.models.known import BUILT_IN, CONFIG_FILE, KNOWN, WEIGHTS_FILE, Known
from sdz.models.layout import MAX_CONFIG, PICKLED, pickled_reason
from sdz.version import __version__

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo, RepoSibling

SPARE = 64 << 20
"""Bytes that must stay free on the disk."""


def pull(
    name: str, progress: Progress | None = None, *, wait: Callable[[float], None] = time.sleep
) -> Path:
    """Fetch a known model, or find it intact on this machine already; the folder it lies in.

    ``wait``: sleeps some seconds between attempts. Raises UnknownModel, BuiltInModel, ExtraMissing,
    HubOffline, NoSpace, PullFailed, BadModel (the repository has only pickled weights) or
    WeightsMismatch.
    """
    installed = _intact(name)
    if installed is not None:
        return installed.folder
    known = _known(name)
    need("huggingface_hub")
    endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"
    config, weights = _choose(known, _list_repo(known, endpoint))
    try:
        return _fetch_both(known, endpoint, config, weights, progress or _silent, wait)
    except OSError as error:
        installed = _intact(name)  # another process may have finished the same pull meanwhile
        if installed is not None:
            return installed.folder
        raise PullFailed(name, f"cannot write in {models_folder()} ({error})") from error


def _fetch_both(
    known: Known,
    endpoint: str,
    config: Remote,
    weights: Remote,
    progress: Progress,
    wait: Callable[[float], None],
) -> Path:
    """Fetch the two files beside the models' folders and install them."""
    name, partial = known.name, models_folder() / store.PARTIAL
    folder = partial / f"{name}@{known.revision}"
    folder.mkdir(parents=True, exist_ok=True)
    remotes = {CONFIG_FILE: config, WEIGHTS_FILE: weights}
    total = config.size + weights.size
    _check_space(name, folder, total - sum(begun(folder, file) for file in remotes))
    job = Transfer(name, endpoint, known.repo, known.revision, total, progress, wait)
    for file, remote in remotes.items():
        fetch(job, remote, folder, file)
    try:
        installed = store.install(folder, name, known.revision)
    except ModelError:
        shutil.rmtree(folder)  # it is whole and wrong: going on from it would never help
        raise
    for leftover in partial.glob(f"{name}@*"):
        shutil.rmtree(leftover, ignore_errors=True)
    return installed.folder


def _silent(done: int, total: int) -> None:
    """Tell nobody."""


def _known(name: str) -> Known:
    if name == BUILT_IN:
        raise BuiltInModel(name)
    if name in KNOWN:
        return KNOWN[name]
    if records.find(name) is not None:
        raise PullFailed(name, "it was added from a folder and is on no hub")
    raise UnknownModel(name, records.known_names())


def _intact(name: str) -> records.Installed | None:
    """The installed model if its files are what they should be, else None."""
    try:
        installed = records.find(name)
        if installed is not None:
            records.verify(installed)
    except ModelError:
        return None
    return installed


def _list_repo(known: Known, endpoint: str) -> ModelInfo:
    """Ask the hub for the files of the pinned revision, with sizes and hashes."""
    # Without this, the client also asks its usual endpoint for a list of programs to report as.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    api = HfApi(endpoint=endpoint, library_name="sdz", library_version=__version__)
    try:
        return api.model_info(
            known.repo, revision=known.revision, files_metadata=True, timeout=TIMEOUT_S
        )
    except HfHubHTTPError as error:
        raise PullFailed(known.name, first_line(error)) from error
    except (OfflineModeIsEnabled, transport_error()) as error:
        raise HubOffline(known.name, endpoint, first_line(error)) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        # A proxy's or a hotel's page in place of the hub's answer.
        raise PullFailed(known.name, f"{endpoint} does not answer as a hub does") from error


def _choose(known: Known, listing: ModelInfo) -> tuple[Remote, Remote]:
    """Find config and weights in the listing; refuse before anything large is fetched."""
    prefix = f"{known.subfolder}/" if known.subfolder else ""
    files = {sibling.rfilename: sibling for sibling in listing.siblings or ()}
    where = f"{known.repo}/{known.subfolder}".rstrip("/")
    weights = files.get(prefix + WEIGHTS_FILE)
    if weights is None:
        pickled = [
            name.removeprefix(prefix)
            for name in sorted(files)
            if name.startswith(prefix) and Path(name).suffix in PICKLED
        ]
        reason = pickled_reason(pickled[0]) if pickled else f"it has no {WEIGHTS_FILE}"
        raise BadModel(where, reason)
    config = files.get(prefix + CONFIG_FILE)
    if config is None:
        raise BadModel(where, f"it has no {CONFIG_FILE}")
    config_file, weights_file = _remote(known, config), _remote(known, weights)
    if config_file.size > MAX_CONFIG:
        raise BadModel(where, f"{CONFIG_FILE} is larger than {MAX_CONFIG} bytes")
    if known.weights_sha256 and weights_file.sha256 not in (None, known.weights_sha256):
        raise WeightsMismatch(known.name, known.weights_sha256, str(weights_file.sha256))
    return config_file, weights_file


def _remote(known: Known, sibling: RepoSibling) -> Remote:
    if sibling.size is None:
        raise PullFailed(known.name, f"the hub does not tell the size of {sibling.rfilename}")
    return Remote(sibling.rfilename, sibling.size, sibling.lfs.sha256 if sibling.lfs else None)


def _check_space(name: str, folder: Path, need: int) -> None:
    free = shutil.disk_usage(folder).free
    if need + SPARE > free:
        raise NoSpace(name, str(folder), need + SPARE, free)
