"""The viewer in a real Chromium: what it shows, does and says, against the real daemon."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import pytest
from chromium_kit import Chromium, pixels, until
from hub_kit import MISSING, MissingModel
from live_daemon import Daemon
from own_pages import OwnPages, serious
from playwright.sync_api import Page, expect
from shown_kit import until_shown, until_still
from site_kit import Answer, Site
from variants import copies, earlier_edition

from sdz import container
from sdz.codec.score_map import pack_scores

WHOLE = "message => message.kind === 'decode' && !message.preview"


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory, model: MissingModel) -> Iterator[Daemon]:
    with Daemon(tmp_path_factory.mktemp("home"), model.environment) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def ready(
    chromium: Chromium, daemon: Daemon, site: Site, pictures: dict[str, bytes], model: MissingModel
) -> None:
    chromium.pair(daemon)
    for name, data in pictures.items():
        site.sdz(f"/{name}.sdz", data)
    damaged = bytearray(pictures["a"])
    damaged[-20] ^= 1
    site.sdz("/damaged.sdz", bytes(damaged))
    site.sdz("/short.sdz", pictures["a"][:-9])
    site.sdz("/model.sdz", model.file)
    for name, data in zip(("old", "older"), copies(earlier_edition(), 2, "viewer"), strict=True):
        site.sdz(f"/{name}.sdz", data)  # which the extension cannot decode by itself
    site.answers["/page.sdz"] = Answer(b"<p>not a picture")


def shown(page: Page) -> Page:
    """The page, once its picture is there and has faded in."""
    expect(page.locator("#picture")).to_be_visible()
    expect(page.locator("#preview")).to_be_hidden()
    until_still(page)
    return page


def level(page: Page) -> int:
    return int(page.inner_text("#level").removesuffix(" %"))


def place(page: Page) -> dict[str, float]:
    box = page.locator("#box").bounding_box()
    assert box is not None
    return dict(box)


# --- what is shown


def test_the_picture_is_the_daemons_pixel_by_pixel(
    own: OwnPages, site: Site, daemon: Daemon, pictures: dict[str, bytes]
) -> None:
    page = shown(own.viewer(site.url("/a.sdz")))
    with daemon.client() as client:
        wanted = pixels(client.decode(pictures["a"], "png"))
    until_shown(page, "picture", wanted)
    assert page.title() == "a.sdz"
    assert page.inner_text("#facts").startswith("96 × 64 · ")


def test_the_preview_comes_first_where_the_picture_will_be(own: OwnPages, site: Site) -> None:
    page = own.viewer(site.url("/a.sdz"), hold=WHOLE)
    expect(page.locator("#preview")).to_be_visible()
    expect(page.locator("#picture")).to_be_hidden()
    expect(page.locator("#busy")).to_have_text("Decoding…")
    before = place(page)
    assert (before["width"], before["height"]) == (96, 64)
    colours = pixels(page.locator("#preview").screenshot()).reshape(-1, 3).std(axis=0)
    assert colours.max() > 5  # something of the picture, not a plain rectangle
    page.evaluate("release()")
    shown(page)
    assert place(page) == before
    expect(page.locator("#busy")).to_be_hidden()


def test_transparent_parts_show_no_preview_through(own: OwnPages, site: Site) -> None:
    page = shown(own.viewer(site.url("/clear.sdz")))
    assert page.locator("#box").get_attribute("class") == "alpha"
    assert page.locator("#preview").is_hidden()


def test_the_report_says_what_the_file_says(
    own: OwnPages, site: Site, daemon: Daemon, pictures: dict[str, bytes]
) -> None:
    page = shown(own.viewer(site.url("/a.sdz")))
    with daemon.client() as client:
        info = client.inspect(pictures["a"])
    text = page.inner_text("#report").replace("−", "-")
    report = info["report"]
    for value in (report["ssimulacra2"], report["worst_region"], report["psnr"]):
        assert str(Decimal(str(value)).quantize(Decimal("0.1"), ROUND_HALF_UP)) in text
    assert f"{info['bits_per_pixel']:.3f}" in text
    assert info["model"] in text
    assert "What may have been invented" in text


def test_the_map_lies_over_the_picture_and_goes(
    own: OwnPages, site: Site, pictures: dict[str, bytes]
) -> None:
    file = container.unpack(pictures["a"])
    classes = np.array([[0, 15, 3], [5, 0, 0]], np.uint8)
    site.sdz("/mapped.sdz", container.pack(replace(file, scores=pack_scores(classes))))
    page = shown(own.viewer(site.url("/mapped.sdz")))
    expect(page.locator("#map")).to_be_hidden()
    without = pixels(page.locator("#box").screenshot()).astype(int)
    page.keyboard.press("m")
    expect(page.locator("#map")).to_be_visible()
    expect(page.locator("#show-map")).to_have_attribute("aria-pressed", "true")
    mapped = pixels(page.locator("#box").screenshot()).astype(int)
    assert np.abs(mapped - without)[:30, :30].max() <= 1  # class 0 is clear
    wanted = 0.4 * without[2:30, 34:62] + 0.6 * np.array([220, 38, 38])
    assert np.abs(mapped[2:30, 34:62] - wanted).max() <= 3
    assert "33 % of the picture" in page.inner_text("#report")
    page.click("#show-map")
    expect(page.locator("#map")).to_be_hidden()


def test_a_file_without_a_map_has_no_button(
    own: OwnPages, site: Site, pictures: dict[str, bytes]
) -> None:
    file = replace(container.unpack(pictures["a"]), scores=None)
    site.sdz("/unmapped.sdz", container.pack(file))
    page = shown(own.viewer(site.url("/unmapped.sdz")))
    expect(page.locator("#show-map")).to_be_hidden()
    page.keyboard.press("m")
    expect(page.locator("#map")).to_be_hidden()


def test_names_from_the_web_are_text(own: OwnPages, site: Site, pictures: dict[str, bytes]) -> None:
    path = "/%3Cimg%20src=x%20onerror=document.title='hit'%3E.sdz"
    site.sdz(path, pictures["a"])
    page = shown(own.viewer(site.url(path)))
    assert page.inner_text("#name").startswith("_img src=x")
    assert page.locator("header img").count() == 1


# --- zoom


def test_keys_buttons_and_wheel_zoom(own: OwnPages, site: Site) -> None:
    page = shown(own.viewer(site.url("/a.sdz")))
    assert level(page) == 100  # small pictures are not enlarged
    page.keyboard.press("+")
    assert level(page) == 150
    page.keyboard.press("-")
    page.keyboard.press("-")
    assert level(page) == 75
    page.keyboard.press("1")
    assert level(page) == 100
    page.click("#larger")
    page.click("#larger")
    assert level(page) == 200
    page.click("#level")
    assert level(page) == 100
    middle = place(page)
    page.mouse.move(middle["x"] + 48, middle["y"] + 32)
    page.mouse.wheel(0, -300)
    until(lambda: level(page) > 130, "the wheel")
    page.keyboard.press("0")
    assert level(page) == 100
    assert place(page) == middle


def test_the_point_under_the_pointer_stays(own: OwnPages, site: Site) -> None:
    page = shown(own.viewer(site.url("/a.sdz")))
    for _ in range(8):
        page.keyboard.press("+")
    assert level(page) == 1600
    view = page.locator("#view").bounding_box()
    assert view is not None
    at = (view["x"] + 300, view["y"] + 200)
    before = place(page)
    share = (at[0] - before["x"]) / before["width"]
    page.mouse.move(*at)
    page.mouse.wheel(0, -100)
    until(lambda: level(page) > 1700, "the wheel")
    after = place(page)
    assert abs((at[0] - after["x"]) / after["width"] - share) < 0.002


def test_dragging_and_arrows_move_it_and_leave_no_gap(own: OwnPages, site: Site) -> None:
    page = shown(own.viewer(site.url("/a.sdz")))
    for _ in range(9):
        page.keyboard.press("+")
    before = place(page)
    page.mouse.move(400, 300)
    page.mouse.down()
    page.mouse.move(340, 280, steps=3)
    page.mouse.up()
    moved = place(page)
    assert (moved["x"] - before["x"], moved["y"] - before["y"]) == (-60, -20)
    page.focus("#view")
    page.keyboard.press("ArrowRight")
    assert place(page)["x"] - moved["x"] == -60
    for _ in range(60):
        page.keyboard.press("ArrowLeft")
    view = page.locator("#view").bounding_box()
    assert view is not None
    assert place(page)["x"] == view["x"]


def test_two_fingers_zoom(own: OwnPages, site: Site) -> None:
    page = shown(own.viewer(site.url("/a.sdz")))
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[int, int]) -> None:
        touches = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    touch("touchStart", (350, 300), (400, 300))
    for apart in range(25, 101, 25):
        touch("touchMove", (375 - apart, 300), (375 + apart, 300))
    touch("touchEnd")
    until(lambda: 350 <= level(page) <= 450, "the pinch")


# --- files


def test_it_is_saved_as_png_and_as_it_came(
    own: OwnPages, site: Site, daemon: Daemon, pictures: dict[str, bytes]
) -> None:
    page = shown(own.viewer(site.url("/a.sdz")))
    with daemon.client() as client:
        wanted = pixels(client.decode(pictures["a"], "png"))
    with page.expect_download() as png:
        page.click("#save-png")
    assert png.value.suggested_filename == "a.png"
    assert np.array_equal(pixels(Path(png.value.path()).read_bytes()), wanted)
    with page.expect_download() as original:
        page.click("#save-sdz")
    assert original.value.suggested_filename == "a.sdz"
    assert Path(original.value.path()).read_bytes() == pictures["a"]


def test_it_is_copied(own: OwnPages, site: Site) -> None:
    reader = own.chromium.page(
        site.page("/reader", "", csp="").replace("gallery.example", "127.0.0.1")
    )
    own.chromium.context.grant_permissions(["clipboard-read"], origin=site.url("", "127.0.0.1"))
    page = shown(own.viewer(site.url("/a.sdz")))
    page.click("#copy")
    expect(page.locator("#copy")).to_have_text("Copied")
    reader.bring_to_front()
    size = reader.evaluate(
        """async () => {
          const [item] = await navigator.clipboard.read();
          const bitmap = await createImageBitmap(await item.getType("image/png"));
          return [bitmap.width, bitmap.height];
        }"""
    )
    reader.close()
    assert size == [96, 64]


def test_a_file_is_opened_and_another_dropped_on_it(
    own: OwnPages, pictures: dict[str, bytes], tmp_path: Path
) -> None:
    page = own.open("viewer/viewer.html")
    expect(page.locator("#notice")).to_contain_text("Drop an .sdz picture here")
    (tmp_path / "from disk.sdz").write_bytes(pictures["wide"])
    page.set_input_files("#file", tmp_path / "from disk.sdz")
    shown(page)
    assert page.title() == "from disk.sdz"
    assert place(page)["width"] == 160
    page.evaluate(
        """bytes => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "dropped.sdz"));
          const how = { dataTransfer: data, bubbles: true, cancelable: true };
          const event = (kind) => new DragEvent(kind, how);
          document.body.dispatchEvent(event("dragenter"));
          globalThis.marked = !document.getElementById("drop").hidden;
          document.body.dispatchEvent(event("drop"));
        }""",
        list(pictures["b"]),
    )
    until(lambda: page.title() == "dropped.sdz", "the drop")
    shown(page)
    assert place(page)["width"] == 96
    assert page.evaluate("marked")
    assert page.locator("#drop").is_hidden()


def test_what_comes_late_from_an_earlier_file_is_not_shown(own: OwnPages, site: Site) -> None:
    page = own.viewer(site.url("/a.sdz"), hold=WHOLE)
    expect(page.locator("#preview")).to_be_visible()
    page.evaluate("url => { location.hash = url }", site.url("/wide.sdz"))
    expect(page.locator("#facts")).to_contain_text("160 × 48")
    page.evaluate("release()")  # of both pictures at once
    shown(page)
    assert page.locator("#picture").evaluate("img => img.naturalWidth") == 160
    assert page.title() == "wide.sdz"


# --- what is wrong


def test_without_the_daemon_it_waits_and_goes_on(own: OwnPages, site: Site, daemon: Daemon) -> None:
    daemon.stop()
    page = own.viewer(site.url("/old.sdz"))
    expect(page.locator("#notice-title")).to_have_text("sdz is not running")
    expect(page.locator("#notice code")).to_have_text("sdz serve")
    assert serious(page) == []
    daemon.start()
    shown(page)
    assert page.locator("#notice").is_hidden()


def test_a_daemon_that_stops_half_way(own: OwnPages, site: Site, daemon: Daemon) -> None:
    page = own.viewer(site.url("/older.sdz"), hold=WHOLE)
    expect(page.locator("#preview")).to_be_visible()
    daemon.stop()
    page.evaluate("release()")
    expect(page.locator("#notice-title")).to_have_text("sdz is not running")
    assert page.locator("#preview").is_visible()
    daemon.start()
    shown(page)


def test_damaged_files_are_called_so_and_can_still_be_saved(
    own: OwnPages, site: Site, pictures: dict[str, bytes]
) -> None:
    page = own.viewer(site.url("/damaged.sdz"))
    expect(page.locator("#notice-title")).to_have_text("The file is damaged")
    assert page.inner_text("#notice-detail") != ""
    with page.expect_download() as saved:
        page.click("#save-sdz")
    assert len(Path(saved.value.path()).read_bytes()) == len(pictures["a"])
    page = own.viewer(site.url("/short.sdz"))
    expect(page.locator("#notice-title")).to_have_text("The file ends too early")


def test_what_is_no_picture_or_not_there(own: OwnPages, site: Site) -> None:
    page = own.viewer(site.url("/page.sdz"))
    expect(page.locator("#notice-title")).to_have_text("Not an .sdz picture")
    assert page.locator("#save-sdz").is_hidden()
    page = own.viewer(site.url("/no-such.sdz"))
    expect(page.locator("#notice-title")).to_have_text("The picture could not be loaded")
    page = own.viewer("javascript:alert(1)")
    expect(page.locator("#notice-title")).to_have_text("The picture could not be loaded")


def test_a_picture_that_comes_after_all(
    own: OwnPages, site: Site, pictures: dict[str, bytes]
) -> None:
    page = own.viewer(site.url("/later.sdz"))
    expect(page.locator("#notice-title")).to_have_text("The picture could not be loaded")
    site.sdz("/later.sdz", pictures["c"])
    page.click("text=Try again")
    shown(page)


def test_a_missing_model_is_fetched_with_progress(
    own: OwnPages, site: Site, model: MissingModel
) -> None:
    model.hub.cuts = [20_000]
    model.hub.hold.clear()  # after the first 20,000 bytes, until it is set
    page = own.viewer(site.url("/model.sdz"))
    expect(page.locator("#notice-title")).to_have_text(f"The model {MISSING} is missing")
    expect(page.locator("#preview")).to_be_visible()
    assert serious(page) == []
    page.click(f"text=Get {MISSING}")
    expect(page.locator("#pull-words")).to_contain_text(" of ")
    share = page.locator("#pull-bar").evaluate("bar => bar.value / bar.max")
    assert 0 < share < 1
    model.hub.hold.set()
    shown(page)
    assert page.locator("#notice").is_hidden()


# --- for everyone


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(own: OwnPages, site: Site, scheme: str) -> None:
    page = shown(own.viewer(site.url("/a.sdz"), scheme=scheme))
    expect(page.locator("#report")).to_be_visible()
    page.wait_for_timeout(300)  # the picture's arrival is no state to judge colours in
    assert serious(page) == []
    page = own.open("viewer/viewer.html", scheme=scheme)
    expect(page.locator("#notice")).to_be_visible()
    assert serious(page) == []


def test_it_is_said_that_the_picture_is_there(own: OwnPages, site: Site) -> None:
    page = own.viewer(site.url("/a.sdz"), hold=WHOLE)
    expect(page.locator("#view")).to_have_attribute("aria-busy", "true")
    page.evaluate("release()")
    expect(page.locator("#live")).to_have_text("a.sdz, 96 by 64 pixels, is shown")
    expect(page.locator("#view")).to_have_attribute("aria-busy", "false")
    assert page.locator("#picture").get_attribute("alt") == "a.sdz"


def test_all_can_be_done_by_keyboard(own: OwnPages, site: Site) -> None:
    page = shown(own.viewer(site.url("/a.sdz")))
    seen = []
    for _ in range(10):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id"))
    bar = ["smaller", "level", "larger", "open", "copy", "save-png", "save-sdz", "details"]
    assert seen == [*bar, "view", "report"]
    page.keyboard.press("i")
    expect(page.locator("#report")).to_be_hidden()
    expect(page.locator("#details")).to_have_attribute("aria-expanded", "false")


# --- last, since they end the pairing


def test_an_ended_pairing_is_called_so(own: OwnPages, site: Site, daemon: Daemon) -> None:
    with daemon.client() as client:
        for row in client.clients():
            client.revoke(row["name"])
    page = own.viewer(site.url("/old.sdz"))
    expect(page.locator("#notice-title")).to_have_text("Pairing has ended")
    expect(page.locator("#notice button").first).to_have_text("Pair…")
    own.chromium.pair(daemon)
    shown(page)


def test_without_a_pairing_it_says_how(own: OwnPages, site: Site, daemon: Daemon) -> None:
    assert own.chromium.ask("unpair")["ok"]
    page = own.viewer(site.url("/old.sdz"))
    # Unpaired, the extension knows no port but the usual ones.
    title = page.locator("#notice-title")
    until(lambda: title.inner_text() in ("Not paired yet", "sdz is not running"), "the notice")
    own.chromium.pair(daemon)
    shown(page)
