"""What an element shows, waited for, in either browser."""

from __future__ import annotations

import playwright.sync_api as playwright
from chromium_kit import Pixels, looks_like, until
from firefox_kit import Page as FirefoxPage

Page = playwright.Page | FirefoxPage


def until_shown(page: Page, element: str, wanted: Pixels, most: int = 3) -> None:
    """Wait until the element of that id looks like that; a colour may differ by ``most``."""
    until(
        lambda: looks_like(_seen(page, element), wanted, most),
        f"the pixels of {element}",
    )


def until_still(page: Page) -> None:
    """Wait until nothing fades in or moves any more."""
    until(lambda: page.evaluate("() => document.getAnimations().length === 0"), "the last change")


def _seen(page: Page, element: str) -> bytes | None:
    """A PNG of its box; None while it has none, as an image between two sources."""
    if isinstance(page, FirefoxPage):
        return page.screenshot(f"#{element}")
    try:
        return page.locator(f"#{element}").screenshot()
    except playwright.Error as error:
        if "Node has 0 " in error.message:
            return None
        raise
