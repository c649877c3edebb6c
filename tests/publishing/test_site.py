"""A folder into another: what is made, that it is made once, and that nothing else is touched."""

from __future__ import annotations

import json
import os
from contextlib import AbstractContextManager
from pathlib import Path

import drawn
import pytest
from counting_maker import CountingMaker
from PIL import Image

from sdz import decode, info
from sdz.errors import (
    AlreadyPublishing,
    BadPublished,
    LeadsOutside,
    NotOurs,
    OutWithin,
    UnreadableImage,
)
from sdz.publishing.manifest import NAME, PictureRecord
from sdz.publishing.markup import Showing
from sdz.publishing.recipe import Recipe
from sdz.publishing.site import Pages, Site
from sdz.wish import Wish

RECIPE = Recipe(Wish(quality=30), (40, 64, 100))


def publish(
    source: Path, maker: CountingMaker, recipe: Recipe = RECIPE
) -> tuple[Site, Pages, dict[str, PictureRecord]]:
    """All of it, as the command does."""
    site = Site.open(source, source.parent / "out", recipe)
    records = {}
    for picture in site.folder.pictures:
        data = site.read(picture)
        records[picture] = site.known(picture, data) or site.publish(picture, data, maker)
    return site, site.finish(Showing()), records


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_folder_of_pictures(album: Path, maker: CountingMaker) -> None:
    before = files(album.parent)
    site, pages, records = publish(album, maker)
    out = album.parent / "out"
    assert sorted(files(out)) == sorted(
        [
            *(f"wide one{end}" for end in (".avif", ".jpg", ".sdz")),
            *(f"wide one-{w}{end}" for w in (40, 64) for end in (".avif", ".jpg", ".sdz")),
            *(f"small{end}" for end in (".avif", ".jpg", ".sdz")),
            *(f"more/clear{end}" for end in (".avif", ".webp", ".sdz")),
            *(f"more/clear-40{end}" for end in (".avif", ".webp", ".sdz")),
            *("index.html", NAME),
        ]
    )
    assert pages.written == ["index.html"]
    assert (pages.refused, pages.leftover) == ([], [])
    for record in records.values():
        for one in record.outputs:
            path = out / one.file
            assert path.stat().st_size == one.bytes
            if one.kind == "sdz":
                assert info(path)["report"]["ssimulacra2"] == one.score
                size = decode(path).size
            else:
                with Image.open(path) as image:
                    assert image.format == one.kind.upper()
                    size = image.size
                    assert image.has_transparency_data == (record.base == "more/clear")
                assert one.score >= min(
                    other.score
                    for other in record.outputs
                    if other.kind == "sdz" and other.width == one.width
                )
            assert size == (one.width, one.height)
    # The source is narrower than the widest: as it is. It is wider: no wider than that.
    assert (records["small.png"].width, records["wide one.jpg"].width) == (40, 100)
    assert {name: data for name, data in files(album.parent).items() if name in before} == before
    (phone, _, _) = site.bills()
    assert phone.sdz == sum(
        min((one.width, one.bytes) for one in record.outputs if one.kind == "sdz")[1]
        for record in records.values()
    )


def test_the_second_run_does_nothing(album: Path, maker: CountingMaker) -> None:
    publish(album, maker)
    out = album.parent / "out"
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    made = maker.made
    _, pages, _ = publish(album, maker)
    assert (maker.made, pages.written) == (made, [])
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


def test_what_changed_is_made_anew_and_nothing_else(album: Path, maker: CountingMaker) -> None:
    publish(album, maker)
    before, made = files(album.parent / "out"), maker.made
    os.utime(album / "wide one.jpg")  # another time is no change
    (album / "small.png").write_bytes(drawn.as_file(drawn.scene(32, 40, 5)))
    publish(album, maker)
    after = files(album.parent / "out")
    assert maker.made == made + 1
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"small.avif", "small.jpg", "small.sdz", NAME}
    (album.parent / "out" / "small.avif").unlink()
    publish(album, maker)
    assert (maker.made, files(album.parent / "out")) == (made + 2, after)
    publish(album, maker, Recipe(Wish(quality=31), RECIPE.widths))
    assert maker.made == made + 2 + 6


def test_what_is_no_longer_made_stays_and_is_said(album: Path, maker: CountingMaker) -> None:
    publish(album, maker)
    (album / "more" / "clear.png").unlink()
    _, pages, _ = publish(album, maker, Recipe(RECIPE.wish, (40, 100)))
    out = album.parent / "out"
    gone = [f"more/clear{end}{kind}" for end in ("-40", "") for kind in (".avif", ".sdz", ".webp")]
    narrow = [f"wide one-64{kind}" for kind in (".avif", ".jpg", ".sdz")]
    assert pages.leftover == sorted([*gone, *narrow])
    assert all((out / name).exists() for name in pages.leftover)


class TestNothingElseIsTouched:
    @pytest.mark.parametrize("name", ["small.jpg", "small.sdz", "small-40.avif"])
    def test_files_of_others(self, album: Path, maker: CountingMaker, name: str) -> None:
        out = album.parent / "out"
        out.mkdir()
        (out / name).write_bytes(b"mine")
        site = Site.open(album, out, RECIPE)
        with pytest.raises(NotOurs, match=f"{name} is there and is not what sdz publish wrote"):
            site.known("small.png", site.read("small.png"))
        assert files(out) == {name: b"mine"}
        assert maker.made == 0

    def test_outputs_that_somebody_changed(self, album: Path, maker: CountingMaker) -> None:
        publish(album, maker)
        out = album.parent / "out"
        (out / "small.jpg").write_bytes(b"retouched")
        (out / "index.html").write_bytes(b"my own")
        site = Site.open(album, out, RECIPE)
        with pytest.raises(NotOurs):
            site.known("small.png", site.read("small.png"))
        site.known("wide one.jpg", site.read("wide one.jpg"))
        pages = site.finish(Showing())
        assert len(pages.refused) == 1
        assert (out / "small.jpg").read_bytes() == b"retouched"
        assert (out / "index.html").read_bytes() == b"my own"

    def test_what_came_while_it_was_made(self, album: Path, maker: CountingMaker) -> None:
        out = album.parent / "out"
        site = Site.open(album, out, RECIPE)
        data = site.read("small.png")
        assert site.known("small.png", data) is None
        out.mkdir(exist_ok=True)
        (out / "small.avif").write_bytes(b"mine")
        with pytest.raises(NotOurs):
            site.publish("small.png", data, maker)
        assert files(out) == {"small.avif": b"mine"}

    def test_a_link_in_the_place_of_an_output(self, album: Path) -> None:
        out, elsewhere = album.parent / "out", album.parent / "elsewhere"
        out.mkdir()
        elsewhere.write_bytes(b"mine")
        (out / "small.sdz").symlink_to(elsewhere)
        site = Site.open(album, out, RECIPE)
        with pytest.raises(NotOurs):
            site.known("small.png", site.read("small.png"))
        assert elsewhere.read_bytes() == b"mine"

    def test_a_folder_that_leads_outside(self, album: Path) -> None:
        out, elsewhere = album.parent / "out", album.parent / "elsewhere"
        out.mkdir()
        elsewhere.mkdir()
        (out / "more").symlink_to(elsewhere)
        site = Site.open(album, out, RECIPE)
        with pytest.raises(LeadsOutside):
            site.known("more/clear.png", site.read("more/clear.png"))
        assert list(elsewhere.iterdir()) == []

    def test_not_into_the_folder_itself(self, album: Path) -> None:
        for out in (album, album / "web", album / ".." / "album" / "web"):
            with pytest.raises(OutWithin):
                Site.open(album, out, RECIPE)
        assert not (album / "web").exists()

    @pytest.mark.parametrize("text", ["", "{}", '{"version": 2}', "[]", '{"version":1,"files":[]}'])
    def test_a_list_that_is_none(self, album: Path, text: str) -> None:
        out = album.parent / "out"
        out.mkdir()
        (out / NAME).write_text(text)
        with pytest.raises(BadPublished, match="publish into a new folder"):
            Site.open(album, out, RECIPE)
        assert files(out) == {NAME: text.encode()}


def test_ended_between_any_two_writes_it_goes_on(
    album: Path, maker: CountingMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sdz.publishing import manifest, place

    out, writes, stop_at = album.parent / "out", 0, 0
    real = place.write_aside

    def stopping(path: Path, *blocks: bytes, durable: str) -> bool:
        nonlocal writes
        writes += 1
        if writes == stop_at:
            raise KeyboardInterrupt
        return real(path, *blocks, durable=durable)  # type: ignore[arg-type]

    for module in (place, manifest):
        monkeypatch.setattr(module, "write_aside", stopping)
    for stop_at in range(1, 60):
        # Each time another version, so that what is there is to be replaced.
        (album / "small.png").write_bytes(drawn.as_file(drawn.scene(32, 40, stop_at % 3)))
        writes = 0
        try:
            publish(album, maker)
        except KeyboardInterrupt:
            continue
        break
    else:
        pytest.fail("it never got to its end")
    assert len(files(out)) == 20
    made = maker.made
    publish(album, maker)
    assert maker.made == made


PAGE = """<!doctype html><head><title>t</title><link rel=stylesheet href=s.css></head>
<body><h1>Ä</h1><img src="wide%20one.jpg" class=c><a href="small.png"><img src=small.png></a>
<img src="more/clear.png" alt=""><img src="bad.jpg"><img src="https://example.org/x.jpg"></body>
"""


@pytest.fixture
def pages(album: Path) -> Path:
    (album / "index.html").write_text(PAGE, "utf-8")
    (album / "s.css").write_text("h1 { background: url(back.jpg) }")
    (album / "back.jpg").write_bytes(drawn.as_file(drawn.scene(8, 8), "JPEG"))
    (album / "unused.png").write_bytes(b"whatever")
    (album / ".hidden").write_bytes(b"secret")
    (album / "bad.jpg").write_bytes(b"no picture")
    return album


def test_a_folder_of_pages(pages: Path, maker: CountingMaker) -> None:
    out = pages.parent / "out"
    site = Site.open(pages, out, RECIPE)
    assert site.folder.pictures == ("bad.jpg", "more/clear.png", "small.png", "wide one.jpg")
    for picture in site.folder.pictures:
        data = site.read(picture)
        assert site.known(picture, data) is None
        if picture == "bad.jpg":
            with pytest.raises(UnreadableImage):
                site.publish(picture, data, maker)
        else:
            site.publish(picture, data, maker)
    done = site.finish(Showing())
    assert done.written == ["index.html"]
    assert site.folder.left_tags == {"index.html": {"from elsewhere": 1}}
    there = files(out)
    # small.png is named by a link too; bad.jpg could not be published, and its page shows it.
    for name in ("s.css", "back.jpg", "unused.png", "small.png", "bad.jpg"):
        assert there[name] == (pages / name).read_bytes()
    assert ".hidden" not in there
    assert "wide one.jpg" in there  # ours, and not the source
    assert there["wide one.jpg"] != (pages / "wide one.jpg").read_bytes()
    assert "more/clear.png" not in there
    html = there["index.html"].decode()
    assert html.count("<picture>") == 3
    assert '<img src="bad.jpg"><img src="https://example.org/x.jpg"></body>\n' in html
    assert "<h1>Ä</h1>" in html
    assert json.loads(there[NAME])["version"] == 1


def test_two_runs_do_not_mix(album: Path) -> None:
    def run(out: str) -> AbstractContextManager[Site]:
        return Site.claimed(album, album.parent / out, RECIPE)

    with run("out"), run("elsewhere"):  # noqa: SIM117
        with pytest.raises(AlreadyPublishing, match="wait for it, or name another folder"):
            with run("out"):
                pass
    with run("out"):
        pass
    with pytest.raises(OutWithin), run(f"{album.name}/within"):
        pass
    assert not (album / "within").exists()
