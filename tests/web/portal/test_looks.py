"""What the pages look like to everybody: in light and dark, on a telephone, and to who does not see the screen."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from ml_constructs.labeling.site import PROJECT
from tests.lambda_.labeling.portal.house import House
from tests.web.portal.person import newcomer, question

pytestmark = pytest.mark.slow
AXE = PROJECT / "node_modules" / "axe-core" / "axe.min.js"
NARROW = 360
SHOTS = os.environ.get("PORTAL_SHOTS", "")
"""A folder that gets a picture of each page, where one is named."""
PAGES = ("sign-in", "first", "jobs", "none", "task", "skip", "ask", "help", "done")


def opened(name: str, house: House, address: str, context: BrowserContext) -> Page:
    """Open one of the pages."""
    person = newcomer(house, address, tasks=0 if name == "none" else 1, known=name != "first")
    page = person.page(context)
    page.locator("#sign-in[open]").wait_for()
    if name == "sign-in":
        return page
    person.sign_in(page)
    if name == "first":
        page.locator("[name=NEW_PASSWORD]").wait_for()
    elif name == "none":
        page.locator("main section").wait_for()
    elif name == "jobs":
        page.get_by_role("button", name="Start").wait_for()
    else:
        page.get_by_role("button", name="Start").click()
        question(page)
        if name == "done":
            page.keyboard.press("1")
            page.keyboard.press("Enter")
            page.locator("main section").wait_for()
        elif name != "task":
            page.click(f"#{name}")
            expect(page.locator("dialog[open]")).to_be_visible()
    return page


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious_and_all_fits_a_telephone(
    name: str, house: House, address: str, context: BrowserContext
) -> None:
    page = opened(name, house, address, context)
    page.evaluate(AXE.read_text())
    for width, height in ((1280, 800), (NARROW, 740)):
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.wait_for_timeout(100)
            if SHOTS:
                page.screenshot(path=Path(SHOTS) / f"{name}-{width}-{scheme}.png")
            found = page.evaluate("() => axe.run(document, { iframes: false })")
            serious = [
                (each["id"], [node["html"][:100] for node in each["nodes"]])
                for each in found["violations"]
                if each["impact"] in {"serious", "critical"}
            ]
            assert serious == [], (width, scheme)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
