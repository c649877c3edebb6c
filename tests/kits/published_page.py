"""A page that `sdz publish` makes of two drawn pictures, on a site."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from counting_maker import CountingMaker
from drawn import as_file, scene
from site_kit import Answer, Site

import sdz
from sdz.publishing.markup import Showing
from sdz.publishing.names import SUFFIXES, TYPES
from sdz.publishing.recipe import Recipe
from sdz.publishing.site import Site as Publishing
from sdz.wish import Wish

NAMED_BY_WORDS = "() => { for (const image of document.images) image.id = image.alt; return true; }"
"""A script after which images have their `alt` as their id."""


def publish(folder: Path, site: Site, script: str | None = None) -> tuple[str, dict[str, str]]:
    """Its address, and the SHA-256 of the RGB of each picture's .sdz by its `alt`."""
    album, out = folder / "album", folder / "out"
    album.mkdir()
    for seed, name in enumerate(("lake", "hill")):
        (album / f"{name}.png").write_bytes(as_file(scene(64, 96, seed)))
    publishing = Publishing.open(album, out, Recipe(Wish(quality=40), (48, 96)))
    for source in publishing.folder.pictures:
        publishing.publish(source, publishing.read(source), CountingMaker())
    publishing.finish(Showing(script=script))
    types = {suffix: TYPES[kind] for kind, suffix in SUFFIXES.items()}
    for path in out.iterdir():
        if path.suffix in types:
            site.answers[f"/{path.name}"] = Answer(path.read_bytes(), types[path.suffix])
    site.answers["/published"] = Answer((out / "index.html").read_bytes())
    wanted = {}
    for name in ("lake", "hill"):
        pixels = np.asarray(sdz.decode((out / f"{name}.sdz").read_bytes()))
        wanted[name] = hashlib.sha256(pixels.tobytes()).hexdigest()
    return f"http://127.0.0.1:{site.port}/published", wanted
