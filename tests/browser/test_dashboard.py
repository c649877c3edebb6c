"""The dashboard from end to end: a real daemon, its real engine, and a real Chromium."""

from __future__ import annotations

import importlib.util
import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import axe_playwright_python
import numpy as np
import pytest
from browser_kit import PATIENCE_MS, LiveDaemon, chromium, open_dashboard
from drawn import as_file, scene
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from sdz.container import Box, read_header, unpack
from sdz.models.known import KNOWN

expect.set_options(timeout=PATIENCE_MS)
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
PULLED = "sd14"  # whose weights are not pinned, so that small ones will do
VIEWS = ("compare", "folders", "models", "clients", "status")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A hub on the loopback with a small autoencoder under a known name."""
    import torch
    from diffusers import AutoencoderKL

    path = Path(__file__).parents[1] / "kits" / "hub_server.py"
    spec = importlib.util.spec_from_file_location("hub_server_of_the_dashboard", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.REVISION = KNOWN[PULLED].revision  # type: ignore[attr-defined]
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("hub")
    AutoencoderKL(
        block_out_channels=(8, 16, 32, 32),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        norm_num_groups=2,
        sample_size=32,
    ).save_pretrained(folder)
    files = {f"vae/{path.name}": path.read_bytes() for path in folder.iterdir()}
    with module.HubServer(KNOWN[PULLED].repo, files) as server:
        yield server


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory, hub: Any) -> Iterator[LiveDaemon]:
    more = {
        "HF_ENDPOINT": hub.endpoint,
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_XET": "1",
        "NO_PROXY": "*",
        "SDZ_WATCH_SETTLE": "100ms",
    }
    home = tmp_path_factory.mktemp("home")
    more["XDG_DATA_HOME"] = str(home / "data")  # the trash is there
    with LiveDaemon(home, more) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Browser, daemon: LiveDaemon) -> Iterator[Page]:
    """The dashboard, let in. A fault in the page's own code fails the test."""
    faults: list[str] = []
    opened = open_dashboard(browser, daemon)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on(
        "console",
        lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None,
    )
    yield opened
    opened.context.close()
    assert faults == []


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pictures") / "scene.png"
    pixels = scene(128, 192).astype(np.float64)
    noisy = pixels + np.random.default_rng(0).normal(0, 20, pixels.shape)
    path.write_bytes(as_file(np.clip(noisy, 0, 255).astype(np.uint8)))
    return path


def go(page: Page, view: str) -> None:
    page.click(f"nav a[href='#{view}']")
    expect(page.locator(f"#view-{view}")).to_be_visible()


def cells(page: Page, kind: str) -> list[str]:
    return [text.strip() for text in page.locator(f"#row-{kind} td").all_inner_texts()]


def number(text: str) -> float:
    return float(re.sub(r"[^0-9.\-]", "", text.replace("−", "-")))


# --- opening --------------------------------------------------------------------------------------


def test_an_address_opens_it_once(browser: Browser, daemon: LiveDaemon) -> None:
    address = daemon.address()
    first = browser.new_context().new_page()
    first.goto(address)
    assert first.url == f"{daemon.url}/"
    expect(first.locator("#pulse-text")).not_to_have_text("Connecting")
    assert first.evaluate("document.cookie") == ""  # HttpOnly
    assert first.evaluate("history.length") <= 2
    cookies = first.context.cookies()
    assert [(row["httpOnly"], row["sameSite"]) for row in cookies] == [(True, "Strict")]
    first.reload()
    expect(first.locator("#view-compare")).to_be_visible()

    second = browser.new_context().new_page()
    answer = second.goto(address)
    assert answer is not None
    assert answer.status == 410
    expect(second.locator("[role=alert]")).to_contain_text("was used before")
    second.goto(daemon.url)
    assert "sdz dashboard" in second.inner_text("main")
    assert second.locator("script").count() == 0
    for opened in (first, second):
        opened.context.close()


def test_a_second_tab_shares_the_session(page: Page, daemon: LiveDaemon) -> None:
    other = page.context.new_page()
    other.goto(daemon.url)
    expect(other.locator("#pulse")).to_have_attribute("data-state", re.compile("up|busy"))
    other.click("nav a[href='#status']")
    expect(other.locator("#tiles")).to_contain_text(daemon.url)


def test_a_stolen_cookie_shows_an_empty_page(
    page: Page, browser: Browser, daemon: LiveDaemon
) -> None:
    thief = browser.new_context()
    thief.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    stolen = thief.new_page()
    stolen.goto(daemon.url)
    expect(stolen.locator("#ended")).to_contain_text("sdz dashboard")
    expect(stolen.locator("#pulse")).to_have_attribute("data-state", "down")
    thief.close()
    go(page, "status")  # the owner's goes on
    expect(page.locator("#tiles")).to_contain_text(daemon.url)


class Neighbour(BaseHTTPRequestHandler):
    """Another program on 127.0.0.1, perhaps another user's; it keeps the cookies it is sent."""

    cookies: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.cookies.append(self.headers.get("Cookie", ""))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>neighbour</title>")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Quiet."""


TRIES = """async (url) => {
    const json = {"Content-Type": "application/json"};
    const tries = [
        fetch(url + "/v1/clients", {mode: "no-cors", credentials: "include"}),
        fetch(url + "/v1/clients", {credentials: "include"}),
        fetch(url + "/v1/pairing", {method: "POST", body: "{}", mode: "no-cors",
                                    credentials: "include"}),
        fetch(url + "/v1/session", {method: "POST", credentials: "include", headers: json}),
    ];
    const ends = await Promise.allSettled(tries);
    return ends.map((end) => end.status);
}"""


def test_another_port_gets_the_cookie_and_nothing_by_it(page: Page, daemon: LiveDaemon) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Neighbour) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        other = page.context.new_page()
        other.goto(f"http://127.0.0.1:{server.server_port}/")
        # Its page asks the daemon: to the browser it is the same site, and the cookie goes along.
        assert other.evaluate(TRIES, daemon.url) == ["rejected"] * 4
        # Its program has the cookie, and can say whatever a browser would say.
        cookie = next(found for found in Neighbour.cookies if found)
        server.shutdown()
    assert cookie.startswith("sdz-session-")
    own = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin", "Origin": daemon.url}
    codes = []
    for method, path in (("GET", "/v1/clients"), ("POST", "/v1/pairing"), ("POST", "/v1/session")):
        headers = {**own, "Content-Type": "application/json"}
        request = urllib.request.Request(daemon.url + path, None, headers, method=method)
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request)
        codes.append(json.load(caught.value)["code"])
        caught.value.close()
    assert codes == ["session-ended", "session-ended", "session-key-taken"]
    with daemon.client() as client:
        assert client.pairing_state()["state"] == "closed"


def test_a_closed_session_is_over_everywhere(browser: Browser, daemon: LiveDaemon) -> None:
    page = open_dashboard(browser, daemon)
    go(page, "status")
    page.click("#close-session")
    expect(page.locator("#ended")).to_contain_text("This session is closed")
    expect(page.locator("#view-status")).to_be_hidden()  # nothing is left on the screen
    page.goto(daemon.url)
    assert "sdz is running" in page.inner_text("main")
    page.context.close()


# --- comparing ------------------------------------------------------------------------------------


def test_comparing_a_picture(page: Page, picture: Path, tmp_path: Path) -> None:
    drop(page, picture)
    expect(page.locator("#row-sdz input")).to_be_enabled()
    page.get_by_label("Tiny", exact=True).check(force=True)
    expect(page.locator("#row-sdz input")).to_be_disabled()
    expect(page.locator("#row-avif input")).to_be_enabled()
    own = number(cells(page, "sdz")[0])
    for kind in ("jpeg", "webp", "avif"):
        size, bpp, score, worst, _ = cells(page, kind)
        assert own <= number(size)  # never fewer: the others are not held back
        assert number(bpp) == pytest.approx(number(size) * 8 / (192 * 128), abs=0.006)
        assert number(worst) <= number(score) <= 100
    expect(page.locator("#facts")).to_contain_text("192 × 128")

    slider = page.get_by_role("slider", name="Dividing line")
    slider.focus()
    expect(slider).to_have_attribute("aria-valuetext", "50 % original, 50 % .sdz")
    for key, at in (("ArrowRight", "52"), ("PageDown", "42"), ("End", "100"), ("Home", "0")):
        page.keyboard.press(key)
        expect(slider).to_have_attribute("aria-valuenow", at)
    box = page.locator("#frame").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 30)
    page.mouse.up()
    expect(slider).to_have_attribute("aria-valuenow", "75")

    page.click("#scale")
    assert page.locator("#frame").bounding_box()["width"] == 192  # type: ignore[index]
    page.click("#scale")
    expect(page.locator("#headline")).to_contain_text("% of")
    page.get_by_label("WebP").check()
    expect(slider).to_have_attribute("aria-valuetext", "75 % original, 25 % WebP")
    shown = (
        "async (id) => { const i = document.getElementById(id); await i.decode(); "
        "return [i.naturalWidth, i.naturalHeight]; }"
    )
    for image in ("before", "after"):
        assert page.evaluate(shown, image) == [192, 128]

    for button, ending in (("Save .sdz", "sdz"), ("Save as PNG", "png")):
        with page.expect_download() as saved:
            page.get_by_role("link", name=button).click()
        assert saved.value.suggested_filename == f"scene.{ending}"
        saved.value.save_as(tmp_path / f"scene.{ending}")
    data = (tmp_path / "scene.sdz").read_bytes()
    assert len(data) == own
    assert read_header(data).width == 192
    with Image.open(tmp_path / "scene.png") as image:
        assert image.size == (192, 128)


def test_where_detail_may_be_invented_is_shown(page: Page, picture: Path) -> None:
    drop(page, picture)
    expect(page.locator("#show-map")).to_be_visible()
    page.locator("#stage").focus()
    page.keyboard.press("m")
    expect(page.locator("#map canvas")).to_be_visible()
    expect(page.locator("#map-words")).to_contain_text("of the picture")
    size = "() => { const c = document.querySelector('#map canvas'); return [c.width, c.height]; }"
    assert page.evaluate(size) == [6, 4]
    expect(page.locator("#row-webp input")).to_be_enabled()
    page.get_by_label("WebP").check()  # it is the map of the .sdz
    expect(page.locator("#map")).to_have_class("map visually-hidden")
    page.get_by_label(".sdz", exact=True).check()
    page.click("#show-map")
    expect(page.locator("#map")).to_be_hidden()
    expect(page.locator("#map-words")).to_be_hidden()


def drop(page: Page, picture: Path) -> None:
    """Drop a file on the page, as a file manager would."""
    page.evaluate(
        """([name, bytes]) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], name, {type: "image/png"}));
            const place = document.getElementById("drop");
            for (const kind of ["dragover", "drop"])
                place.dispatchEvent(new DragEvent(kind, {bubbles: true, dataTransfer: data}));
        }""",
        [picture.name, list(picture.read_bytes())],
    )


def test_aiming_for_something_else(page: Page, picture: Path) -> None:
    page.set_input_files("#file", str(picture))
    expect(page.locator("#row-sdz input")).to_be_enabled()
    standard = number(cells(page, "sdz")[0])
    page.get_by_label("Tiny", exact=True).check(force=True)
    expect(page.locator("#row-sdz td").first).not_to_have_text(f"{standard:,.0f}")
    expect(page.locator("#row-sdz input")).to_be_enabled()
    assert number(cells(page, "sdz")[0]) < standard

    page.get_by_label("Size", exact=True).check(force=True)
    page.fill("#bytes", "1.5")
    page.keyboard.press("Tab")
    expect(page.locator("#row-sdz td").first).to_have_text(re.compile("^1,[0-9]{3}$"))
    assert number(cells(page, "sdz")[0]) <= 1500
    page.fill("#bytes", "0.1")
    page.keyboard.press("Tab")
    expect(page.locator("#compare-problem")).to_contain_text("bytes are too few")
    page.get_by_label("Quality", exact=True).first.check(force=True)
    expect(page.locator("#row-avif input")).to_be_enabled()
    expect(page.locator("#compare-problem")).to_be_hidden()


def test_what_is_kept_as_it_is_can_be_chosen(page: Page, picture: Path, tmp_path: Path) -> None:
    page.set_input_files("#file", str(picture))
    expect(page.locator("#row-avif input")).to_be_enabled()
    expect(page.locator("#keep-boxes")).to_be_hidden()
    page.get_by_label("Keep as it is").select_option(label="Rectangles that I name")
    page.get_by_label("Pixels").fill("20, 10, 60")
    page.keyboard.press("Tab")
    expect(page.locator("#compare-problem")).to_contain_text("left,top,width,height")
    page.get_by_label("Pixels").fill("20, 10, 60, 40")
    page.keyboard.press("Tab")
    expect(page.locator("#row-avif input")).to_be_enabled()
    expect(page.locator("#compare-problem")).to_be_hidden()
    with page.expect_download() as download:
        page.get_by_role("link", name="Save .sdz").click()
    download.value.save_as(tmp_path / "kept.sdz")
    kept = unpack((tmp_path / "kept.sdz").read_bytes()).kept
    assert kept is not None
    assert Box(20, 10, 60, 40) in [region.box for region in kept.regions]


def test_pictures_that_are_none(page: Page, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.png"
    wrong.write_bytes(b"no picture")
    page.set_input_files("#file", str(wrong))
    expect(page.locator("#compare-problem")).to_contain_text("Not a picture that can be read")
    already = tmp_path / "already.sdz"
    already.write_bytes(b"\x89SDZ")
    page.set_input_files("#file", str(already))
    expect(page.locator("#compare-problem")).to_contain_text("a .sdz file already")


def test_what_the_browser_cannot_show(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "scan.tiff"
    path.write_bytes(as_file(scene(64, 96), "TIFF"))
    page.set_input_files("#file", str(path))
    expect(page.locator("#row-sdz input")).to_be_enabled()
    expect(page.locator("#facts")).to_contain_text("96 × 64")
    expect(page.locator("#after")).to_be_visible()
    expect(page.locator("#divider")).to_be_hidden()


def test_a_reload_finds_the_picture_and_its_result_again(page: Page, picture: Path) -> None:
    page.set_input_files("#file", str(picture))
    expect(page.locator("#row-sdz input")).to_be_enabled()
    own = cells(page, "sdz")[0]
    expect(page.locator("#verdict")).to_contain_text(re.compile("Excellent|High|Good|Fair|Low"))
    page.reload()
    expect(page.locator("#row-sdz input")).to_be_enabled()
    assert cells(page, "sdz")[0] == own
    expect(page.locator("#name")).to_have_text(picture.name)
    expect(page.locator("#facts")).to_contain_text("192 × 128")


def test_waiting_is_shown_and_can_be_ended(page: Page, daemon: LiveDaemon, tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(as_file(scene(1024, 1536)))
    with daemon.client() as client:

        def states() -> list[str]:
            jobs = client.get("/v1/jobs")["jobs"]
            return [job["state"] for job in jobs if job["subject"] == "large.png"]

        page.set_input_files("#file", str(large))
        expect(page.locator("#working-bar")).to_be_visible()
        while not states():
            page.wait_for_timeout(20)
        page.get_by_role("button", name="Cancel").press("Enter")
        expect(page.locator("#row-sdz td").first).to_have_text("cancelled")
        expect(page.get_by_role("button", name="Compress again")).to_be_focused()
        expect(page.locator("#working")).to_be_hidden()
        while states() == ["running"]:
            page.wait_for_timeout(20)
        assert states() == ["cancelled"]
    page.get_by_label("Tiny", exact=True).check(force=True)
    expect(page.locator("#row-sdz input")).to_be_enabled()


def test_many_pictures_at_once(page: Page, picture: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    page.set_input_files("#file", [str(picture), str(broken)])
    expect(page.locator("#many-sum")).to_contain_text("1 of 2 pictures done")
    expect(page.locator("#many-sum")).to_contain_text("1 not made")
    rows = page.locator("#many-list li")
    expect(rows.nth(0)).to_contain_text(re.compile(r"score -?\d+\.\d \(\w+\)"))
    expect(rows.nth(1)).to_contain_text("Not a picture that can be read")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save scene.sdz").click()
    assert saved.value.suggested_filename == "scene.sdz"
    page.get_by_role("button", name="Compare scene.png").click()
    expect(page.locator("#row-sdz input")).to_be_enabled()
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#many")).to_be_hidden()


def test_zooming_by_the_wheel_and_by_keys(page: Page, picture: Path) -> None:
    page.set_input_files("#file", str(picture))
    expect(page.locator("#row-sdz input")).to_be_enabled()
    width = "document.getElementById('frame').getBoundingClientRect().width"
    before = page.evaluate(width)
    page.locator("#stage").hover()
    page.mouse.wheel(0, -400)
    page.wait_for_function(f"{width} > {1.5 * before}")
    page.locator("#stage").focus()
    page.keyboard.press("0")
    page.wait_for_function(f"{width} < {1.01 * before}")
    page.keyboard.press("+")
    page.wait_for_function(f"{width} > {1.2 * before}")


# --- folders, models, clients, status -------------------------------------------------------------


def test_watching_a_folder(page: Page, tmp_path: Path) -> None:
    folder = tmp_path / "watched"
    folder.mkdir()
    original = as_file(scene(96, 128, seed=3))
    (folder / "one.png").write_bytes(original)
    go(page, "folders")
    expect(page.locator("#folders")).to_contain_text("No folder is watched yet")
    page.fill("#root", str(tmp_path / "nowhere"))
    page.get_by_role("button", name="Watch", exact=True).click()
    expect(page.locator("#folders-problem")).to_contain_text("nowhere")

    page.fill("#root", str(folder))
    page.select_option("#originals", "trash")
    page.get_by_role("button", name="Watch", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("Undo brings them back")
    page.get_by_role("dialog").get_by_role("button", name="Move them").click()
    card = page.locator("#folders .card")
    expect(card).to_contain_text(str(folder))
    expect(card).to_contain_text("1 picture done")
    assert (folder / "one.sdz").exists()
    (folder / "two.png").write_bytes(as_file(scene(96, 128, seed=4)))
    expect(card).to_contain_text("2 pictures done")
    expect(page.locator("#folders-problem")).to_be_hidden()
    assert names(folder) == {"one.sdz", "two.sdz"}

    card.get_by_role("button", name="Undo the last").click()
    expect(page.get_by_role("dialog")).to_contain_text(str(folder))
    page.get_by_role("button", name="Cancel").click()
    assert names(folder) == {"one.sdz", "two.sdz"}
    card.get_by_role("button", name="Undo the last").click()
    page.get_by_role("dialog").get_by_role("button", name="Undo").click()
    expect(card).to_contain_text("1 picture done")
    assert names(folder) == {"one.sdz", "two.png"}
    card.get_by_role("button", name="Undo all").click()
    page.get_by_role("dialog").get_by_role("button", name="Undo").click()
    expect(card).to_contain_text("0 pictures done")
    assert names(folder) == {"one.png", "two.png"}
    assert (folder / "one.png").read_bytes() == original
    expect(page.locator("#folders-problem")).to_be_hidden()

    card.get_by_role("button", name="Stop watching").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop watching").click()
    expect(page.locator("#folders")).to_contain_text("No folder is watched yet")


def test_a_folder_whose_originals_stay(page: Page, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "one.png").write_bytes(as_file(scene(96, 128, seed=5)))
    tiny = tmp_path / "kept" / "tiny.gif"
    (tmp_path / "kept" / "cut.png").write_bytes(as_file(scene(96, 128, seed=5))[:-20])
    go(page, "folders")
    page.fill("#root", str(tmp_path / "kept"))
    page.get_by_role("button", name="Watch", exact=True).click()
    card = page.locator("#folders .card")
    expect(card).to_contain_text("1 picture done")
    expect(card).to_contain_text("1 waiting")
    card.get_by_text("Files without a .sdz, and why").click()
    expect(card.locator(".notes")).to_contain_text("cut.png not written to its end")
    card.get_by_text("Files without a .sdz, and why").click()
    (tmp_path / "kept" / "cut.png").unlink()
    tiny.write_bytes(as_file(Image.new("L", (1, 1)), "GIF"))
    expect(card).to_contain_text("1 left alone")
    assert names(tmp_path / "kept") == {"one.png", "one.sdz", "tiny.gif"}
    expect(card.get_by_role("button", name="Undo all")).to_be_hidden()
    for button, other in (("Pause", "Go on"), ("Go on", "Pause")):
        card.get_by_role("button", name=button).press("Enter")
        expect(card.get_by_role("button", name=other)).to_be_focused()
    expect(card.locator(".reason")).to_be_hidden()
    card.get_by_text("Files without a .sdz, and why").click()
    expect(card.locator(".notes")).to_contain_text("tiny.gif")
    card.get_by_role("button", name="Try them again").click()
    expect(card).to_contain_text("1 left alone")
    card.get_by_role("button", name="Stop watching").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop watching").click()
    expect(page.locator("#folders")).to_contain_text("No folder is watched yet")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}


def test_fetching_a_model(page: Page, hub: Any, daemon: LiveDaemon) -> None:
    go(page, "models")
    row = page.locator(f"#models li[data-id='{PULLED}']")
    expect(row).to_contain_text("Not on this machine")
    # It stops half way, so that there is progress to be seen.
    half = max(len(content) for content in hub.files.values()) // 2
    hub.cuts, hub.hold = [half], threading.Event()
    row.get_by_role("button", name="Fetch").click()
    expect(row.locator("progress")).to_be_visible()
    expect(row).to_contain_text(re.compile(r"of \d"))
    row.get_by_role("button", name="Cancel").click()
    expect(row.get_by_role("button", name="Fetch")).to_be_visible()
    hub.hold.set()

    row.get_by_role("button", name="Fetch").click()
    expect(row).to_contain_text("Installed")
    with daemon.client() as client:
        states = {model["name"]: model["state"] for model in client.get("/v1/models")["models"]}
    assert states[PULLED] == "installed"
    go(page, "compare")
    assert page.locator(f"#model option[value={PULLED}]").count() == 1

    go(page, "models")
    lite = page.locator("#models li[data-id='lite-1']")
    if lite.get_by_role("button", name="Unload lite-1").is_visible():
        lite.get_by_role("button", name="Unload lite-1").click()
    lite.get_by_role("button", name="Load lite-1", exact=True).click()
    expect(lite).to_contain_text("In memory")
    lite.get_by_role("button", name="Unload lite-1").click()
    expect(lite).not_to_contain_text("In memory")


def test_a_fetch_that_fails_says_why(page: Page) -> None:
    go(page, "models")
    row = page.locator("#models li[data-id='taesdxl']")
    row.get_by_role("button", name="Fetch").click()  # the hub has nothing of the kind
    expect(page.locator("#models-problem")).to_contain_text("could not fetch", ignore_case=True)
    expect(row.get_by_role("button", name="Fetch")).to_be_visible()


def test_letting_a_client_in_and_ending_it(page: Page, daemon: LiveDaemon) -> None:
    go(page, "clients")
    expect(page.locator("#clients")).to_contain_text("Nobody is let in yet")
    page.get_by_role("button", name="Pair").click()
    expect(page.locator("#pair-code")).to_be_visible()
    code = page.locator("#code").inner_text().replace(" ", "").replace("\n", "")
    assert re.fullmatch("[0-9]{8}", code)
    expect(page.locator("#pair-port")).to_have_text(daemon.url.rpartition(":")[2])
    expect(page.locator("#pair-left")).to_have_text(re.compile(r"^[01]:[0-5]\d$|^2:00$"))
    with daemon.client() as client:
        body = json.dumps({"code": code, "name": "Firefox"}).encode()
        client.ask("POST", "/v1/pair", body=body)
        expect(page.locator("#pair-said")).to_have_text("Firefox is let in.")
        expect(page.locator("#pair-code")).to_be_hidden()
        row = page.locator("#clients li")
        expect(row).to_contain_text("Program")

        row.get_by_role("button", name="Revoke Firefox").click()
        page.keyboard.press("Escape")
        assert len(client.clients()) == 1
        row.get_by_role("button", name="Revoke Firefox").click()
        page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
        expect(page.locator("#clients")).to_contain_text("Nobody is let in yet")
        assert client.clients() == []


def test_status_is_live(page: Page, daemon: LiveDaemon, picture: Path) -> None:
    go(page, "status")
    expect(page.locator("#tiles")).to_contain_text(daemon.url)
    with daemon.client() as client:
        client.encode(picture.read_bytes(), quality=20)
    expect(page.locator("#tiles")).to_contain_text("lite-1")
    expect(page.locator("#tiles")).to_contain_text("cpu")


# --- for everyone ---------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_anyones_way(
    browser: Browser, daemon: LiveDaemon, picture: Path, scheme: str
) -> None:
    page = open_dashboard(browser, daemon, color_scheme=scheme)
    audit(page, "empty")
    page.set_input_files("#file", str(picture))
    expect(page.locator("#row-sdz input")).to_be_enabled()
    for view in VIEWS:
        go(page, view)
        if view == "clients":
            page.get_by_role("button", name="Pair").click()
            expect(page.locator("#pair-code")).to_be_visible()
        audit(page, view)
    page.evaluate(
        """() => {
            document.getElementById("confirm-title").textContent = "Revoke Firefox?";
            document.getElementById("confirm-yes").textContent = "Revoke";
            document.getElementById("confirm").showModal();
        }"""
    )
    audit(page, "dialog")
    page.context.close()


def audit(page: Page, what: str) -> None:
    """axe-core finds nothing serious. Playwright's own world is not bound by the page's policy."""
    page.wait_for_timeout(100)  # the progress bars' transitions
    page.evaluate(f"{AXE};0")
    found = page.evaluate("axe.run(document)")
    grave = [row for row in found["violations"] if row["impact"] in ("serious", "critical")]
    assert [(what, row["id"], row["nodes"][0]["target"]) for row in grave] == []
    assert len(found["passes"]) > 10


def test_a_phone_is_wide_enough(browser: Browser, daemon: LiveDaemon, picture: Path) -> None:
    page = open_dashboard(browser, daemon, viewport={"width": 360, "height": 740})
    page.set_input_files("#file", str(picture))
    expect(page.locator("#row-sdz input")).to_be_enabled()
    for view in VIEWS:
        go(page, view)
        assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.context.close()


def test_all_of_it_by_keys(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to content")
    for view in VIEWS:
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_attribute("href", f"#{view}")
    page.keyboard.press("Enter")
    expect(page.locator("#view-status")).to_be_visible()
    assert page.title() == "Status · sdz"
    expect(page.locator("nav [aria-current=page]")).to_have_text("Status")


def test_a_daemon_that_goes_is_told(browser: Browser, tmp_path: Path) -> None:
    with LiveDaemon(tmp_path / "home") as other:
        page = open_dashboard(browser, other)
        other.stop()
        expect(page.locator("#pulse-text")).to_have_text("Not answering")
        page.context.close()
