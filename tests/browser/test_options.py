"""The options in a real Chromium: pairing with the real daemon, and sites that are switched off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chromium_kit import Chromium
from live_daemon import Daemon
from own_pages import OwnPages, serious
from playwright.sync_api import Page, expect


@pytest.fixture
def own(chromium: Chromium) -> Iterator[OwnPages]:
    pages = OwnPages(chromium)
    yield pages
    pages.close()
    assert pages.faults == []


@pytest.fixture
def unpaired(own: OwnPages, chromium: Chromium) -> Page:
    """The options of an extension that is not paired."""
    assert chromium.ask("unpair")["ok"]
    page = own.open("options/options.html")
    expect(page.locator("#pair")).to_be_visible()
    return page


@pytest.fixture
def paired(own: OwnPages, chromium: Chromium, daemon: Daemon) -> Page:
    """The options of an extension that is paired."""
    chromium.pair(daemon)
    page = own.open("options/options.html")
    expect(page.locator("#state")).to_have_text("Paired and running")
    return page


def paste(page: Page, text: str) -> None:
    page.locator("#code").evaluate(
        """(field, text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          const how = { clipboardData: data, bubbles: true, cancelable: true };
          if (field.dispatchEvent(new ClipboardEvent("paste", how))) field.value = text;
        }""",
        text,
    )


def test_before_a_daemon_was_ever_found(unpaired: Page, chromium: Chromium) -> None:
    """First of this module: the daemon is at a port where an extension does not look by itself."""
    status = chromium.ask("status")
    # The latter where another's daemon is at a usual one.
    assert (status["daemon"], status["seen"]) in (("absent", False), ("unpaired", True))
    words = {"absent": "Not found yet", "unpaired": "Not paired yet"}
    expect(unpaired.locator("#state")).to_have_text(words[status["daemon"]])


def test_a_code_and_a_port_pair_it(unpaired: Page, daemon: Daemon) -> None:
    code = daemon.code()
    unpaired.fill("#code", f" {code[:4]} {code[4:]}")
    unpaired.fill("#port", str(daemon.port))
    unpaired.keyboard.press("Enter")
    expect(unpaired.locator("#state")).to_have_text("Paired and running")
    expect(unpaired.locator("#about")).to_contain_text(f"port {daemon.port}")
    expect(unpaired.locator("#pair")).to_be_hidden()
    assert unpaired.evaluate("document.activeElement.id") == "unpair"
    assert unpaired.input_value("#code") == ""


def test_all_that_sdz_pair_prints_may_be_pasted(unpaired: Page, daemon: Daemon) -> None:
    code = daemon.code()
    paste(unpaired, f"code  {code[:4]} {code[4:]}\nport  {daemon.port}\nType both into ...")
    assert unpaired.input_value("#code") == f"{code[:4]} {code[4:]}"
    assert unpaired.input_value("#port") == str(daemon.port)
    unpaired.click("#go")
    expect(unpaired.locator("#state")).to_have_text("Paired and running")


def test_a_pasted_word_is_left_to_the_field(unpaired: Page) -> None:
    paste(unpaired, "hello")
    assert unpaired.input_value("#code") == "hello"


def test_what_is_no_code_or_port_is_said_at_the_field(unpaired: Page, daemon: Daemon) -> None:
    unpaired.fill("#code", "1234 567")
    unpaired.click("#go")
    expect(unpaired.locator("#wrong")).to_have_text("A code has eight digits; these are 7.")
    assert unpaired.locator("#code").get_attribute("aria-invalid") == "true"
    assert unpaired.evaluate("document.activeElement.id") == "code"
    unpaired.fill("#code", daemon.code())
    unpaired.fill("#port", "99999")
    unpaired.click("#go")
    expect(unpaired.locator("#wrong")).to_have_text("A port is a number from 1 to 65535.")
    assert unpaired.evaluate("document.activeElement.id") == "port"
    assert serious(unpaired) == []


def test_a_wrong_code_and_a_closed_door(unpaired: Page, daemon: Daemon) -> None:
    right = daemon.code()
    unpaired.fill("#code", f"{(int(right) + 1) % 10**8:08}")
    unpaired.fill("#port", str(daemon.port))
    unpaired.click("#go")
    expect(unpaired.locator("#wrong")).to_contain_text("That is not the code")
    unpaired.fill("#code", right)
    unpaired.click("#go")
    expect(unpaired.locator("#state")).to_have_text("Paired and running")


def test_a_port_where_nothing_is(unpaired: Page) -> None:
    unpaired.fill("#code", "12345678")
    unpaired.fill("#port", "9")
    unpaired.click("#go")
    expect(unpaired.locator("#wrong")).to_contain_text("port 9")


def test_unpairing_asks_once_more(paired: Page, chromium: Chromium) -> None:
    paired.click("#unpair")
    expect(paired.locator("#unpair")).to_have_text("Really unpair?")
    paired.keyboard.press("Tab")  # away from it: the question is taken back
    expect(paired.locator("#unpair")).to_have_text("Unpair")
    assert chromium.ask("status")["daemon"] == "found"
    paired.click("#unpair")
    paired.click("#unpair")
    expect(paired.locator("#pair")).to_be_visible()
    assert chromium.ask("status")["daemon"] != "found"
    assert paired.evaluate("document.activeElement.id") == "code"


def test_a_daemon_that_stops_and_comes_back_is_noticed(paired: Page, daemon: Daemon) -> None:
    daemon.stop()
    expect(paired.locator("#state")).to_have_text("sdz is not running")
    expect(paired.locator("#how-start")).to_be_visible()
    daemon.start()
    expect(paired.locator("#state")).to_have_text("Paired and running")


def test_sites_that_are_off_can_be_switched_on(own: OwnPages, chromium: Chromium) -> None:
    for name in ("b", "a"):
        assert chromium.ask("site", origin=f"https://{name}.example", on=False)["on"] is False
    page = own.open("options/options.html")
    rows = page.locator("#sites li")
    expect(rows).to_have_count(2)
    assert rows.locator("span").all_inner_texts() == ["https://a.example", "https://b.example"]
    rows.first.locator("button").click()
    expect(rows).to_have_count(1)
    assert chromium.ask("site", origin="https://a.example")["on"] is True
    assert page.evaluate("document.activeElement.ariaLabel") == "Switch on https://b.example"
    page.keyboard.press("Enter")
    expect(page.locator("#no-sites")).to_be_visible()


def test_no_secret_is_in_the_page(paired: Page, chromium: Chromium) -> None:
    html = paired.content()
    values = paired.evaluate("[...document.querySelectorAll('input')].map(input => input.value)")
    stored = chromium.worker.evaluate(
        """() => new Promise((resolve) => {
          const opened = indexedDB.open("sdz");
          opened.onsuccess = () => {
            const store = opened.result.transaction("pairing").objectStore("pairing");
            store.getAll().onsuccess = (event) => resolve(event.target.result[0]);
          };
        })"""
    )
    for secret in (stored["token"], stored["key"]):
        assert len(secret) > 30
        assert secret not in html
        assert secret not in "".join(values)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    own: OwnPages, chromium: Chromium, daemon: Daemon, scheme: str
) -> None:
    assert chromium.ask("unpair")["ok"]
    assert chromium.ask("site", origin="https://off.example", on=False)["ok"]
    page = own.open("options/options.html", scheme=scheme)
    expect(page.locator("#pair")).to_be_visible()
    expect(page.locator("#sites li")).to_have_count(1)
    assert serious(page) == []
    chromium.pair(daemon)
    expect(page.locator("#unpair")).to_be_visible()
    assert serious(page) == []


def test_axe_would_find_something(own: OwnPages) -> None:
    page = own.open("options/options.html")
    page.evaluate("document.body.append(document.createElement('button'))")
    assert [line.split(":")[0] for line in serious(page)] == ["button-name"]
