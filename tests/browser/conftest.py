"""What the extension's tests share: pictures, the daemon, a web site, the browsers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Literal

import numpy as np
import pytest
from chromium_kit import Chromium, Pixels, pixels
from drawn import as_file, scene, soft_alpha
from firefox_kit import Firefox
from hub_kit import MissingModel, missing_model
from live_daemon import Daemon
from own_pages import OwnPages
from PIL import Image
from site_kit import Site

from sdz import container
from sdz.container import WELL_KNOWN, Header, SdzFile, Stream
from sdz.entropy.adaptive.symbols import encode_symbols


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Files of the built-in model: a to f, and clear with alpha, of 96 x 64; wide, of 160 x 48."""
    import sdz

    before = os.environ.get("SDZ_HOME")
    os.environ["SDZ_HOME"] = str(tmp_path_factory.mktemp("encoder-home"))
    drawn = {name: scene(64, 96, seed) for seed, name in enumerate("abcdef")}
    made = {name: sdz.encode(as_file(rgb), quality=60) for name, rgb in drawn.items()}
    made["wide"] = sdz.encode(as_file(scene(48, 160, 6)), quality=60)
    rgba = np.dstack([scene(64, 96, 5), soft_alpha(64, 96)])
    made["clear"] = sdz.encode(as_file(Image.fromarray(rgba)), quality=60)
    if before is not None:
        os.environ["SDZ_HOME"] = before
    return made


@pytest.fixture(scope="session")
def model_missing() -> bytes:
    """A file of a model that the daemon knows but does not have."""
    header = Header(96, 64, WELL_KNOWN[2], bytes(8), 7)
    grey = np.zeros(header.latent_shape, np.int32)
    stream = Stream(container.symbol_check(grey.astype("<i4").tobytes()), encode_symbols(grey))
    return container.pack(SdzFile(header, (stream,)))


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon of the module's own."""
    with Daemon(tmp_path_factory.mktemp("daemon-home")) as running:
        yield running


@pytest.fixture(scope="module")
def wanted(daemon: Daemon, pictures: dict[str, bytes]) -> dict[str, Pixels]:
    """What the daemon makes of each file, on white."""
    with daemon.client() as client:
        return {name: pixels(client.decode(data, "png")) for name, data in pictures.items()}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A web site of the module's own."""
    with Site() as running:
        yield running


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Iterator[Chromium]:
    """A Chromium with the extension, not yet paired; the site counts as public to it."""
    with Chromium(tmp_path_factory.mktemp("chromium"), public_port=site.port) as running:
        yield running


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Iterator[Firefox]:
    """A Firefox with the extension, not yet paired; the site counts as public to it."""
    with Firefox(tmp_path_factory.mktemp("firefox"), public_port=site.port) as running:
        yield running


@pytest.fixture(params=["daemon", "alone"])
def decoder(
    request: pytest.FixtureRequest, chromium: Chromium, daemon: Daemon
) -> Iterator[Literal["daemon", "alone"]]:
    """Who decodes in Chromium: the daemon that it is paired with, or for once the extension."""
    yield from _by(request.param, chromium, daemon)


@pytest.fixture(params=["daemon", "alone"])
def firefox_decoder(
    request: pytest.FixtureRequest, firefox: Firefox, daemon: Daemon
) -> Iterator[Literal["daemon", "alone"]]:
    """The same in Firefox."""
    yield from _by(request.param, firefox, daemon)


def _by(
    who: Literal["daemon", "alone"], browser: Chromium | Firefox, daemon: Daemon
) -> Iterator[Literal["daemon", "alone"]]:
    if who == "alone":
        assert browser.ask("unpair")["ok"]
    yield who
    if who == "alone":
        browser.pair(daemon)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MissingModel]:
    """A model that the daemon of its environment lacks and can pull."""
    with missing_model(tmp_path_factory.mktemp("hub")) as made:
        yield made


@pytest.fixture
def own(chromium: Chromium, daemon: Daemon) -> Iterator[OwnPages]:
    """The extension's own pages, with a daemon that runs; nothing may have gone wrong in them."""
    if not daemon.is_up:
        daemon.start()
    pages = OwnPages(chromium)
    yield pages
    pages.close()
    assert pages.faults == []
