"""The pages in a real browser: *Merge* is pressed, and nothing is blocked or missing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.contracts.caller import NAME
from tests.contracts.stand_in import served
from tests.sandbox.pages.conftest import Person

pytestmark = pytest.mark.browser

QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture
def page() -> Iterator[Page]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if found is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=list(QUIET))
        yield browser.new_page()
        browser.close()


def test_merge_is_pressed_in_a_browser(person: Person, page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    with served(person.github.stand_in.wsgi) as url:
        page.goto(url + person.address)
        assert page.get_by_text("no conflicts with the base branch").is_visible()
        page.get_by_label("Method").select_option("squash")
        page.get_by_role("button", name="Merge", exact=True).click()
        expect(page.locator(".state")).to_have_text("Merged")
        page.get_by_role("link", name="Files changed").click()
        expect(page.locator("tr.added code").first).to_have_text("images:")
    assert person.github.stand_in.pull_request(NAME, person.number).merged
    assert said == []


def test_the_pages_fit_a_phone(person: Person, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    with served(person.github.stand_in.wsgi) as url:
        for path in ("", "/files", "/checks"):
            page.goto(url + person.address + path)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= 390
