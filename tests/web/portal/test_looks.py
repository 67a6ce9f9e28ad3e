"""What the pages look like to everybody: in light and dark, on a telephone, and to who does not see the screen."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from labels.task import Claim
from ml_constructs.labeling.site import PROJECT
from task_store.people import People
from tests.lambda_.labeling.portal.house import House
from tests.web.portal.lead import led
from tests.web.portal.person import newcomer, press, question

pytestmark = pytest.mark.slow
AXE = PROJECT / "node_modules" / "axe-core" / "axe.min.js"
NARROW = 360
SHOTS = os.environ.get("PORTAL_SHOTS", "")
"""A folder that gets a picture of each page, where one is named."""
PAGES = ("sign-in", "first", "jobs", "none", "task", "skip", "ask", "help", "done")
LED = ("lead", "Progress", "People", "Classes", "Disagreements", "Objects", "Questions", "object", "pause", "sent-back")


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
            press(page, "1")
            press(page, "Enter")
            page.locator("main section").wait_for()
        elif name != "task":
            page.click(f"#{name}")
            expect(page.locator("dialog[open]")).to_be_visible()
    return page


def led_page(name: str, house: House, address: str, context: BrowserContext) -> Page:
    """Open one of the pages of who leads a job, or what people are told by them."""
    job = led(house, address)
    store = house.store
    store.questions.ask(job.name, "0", job.people[0].sub, "Is a kitten a cat, or does it have a class of its own?", 1)
    store.act(store.job(job.name), "12", job.people[1].sub, Claim())
    store.bar(job.people[2].sub, "Please read the instructions again.")
    if name == "lead":
        return job.jobs(context)
    if name == "sent-back":
        People(store._table).set_note(job.people[1].sub, job.name, "12", "Look at the tail: that is no dog.")  # noqa: SLF001
        page = job.people[1].at_work(context)
        page.locator("#told p").wait_for()
        return page
    page = job.opened(context)
    part = {"object": "Disagreements", "pause": "People"}.get(name, name)
    page.get_by_role("button", name=part).last.click()
    page.locator("[aria-current]", has_text=part).wait_for()
    if name == "object":
        page.locator(".cards .shown").first.click()
        page.locator(".object img").wait_for()
    elif name == "pause":
        page.get_by_role("button", name=f"Pause {job.people[0].name}").click()
        expect(page.locator("#writing[open]")).to_be_visible()
    elif name in {"People", "Classes", "Disagreements"}:
        page.locator(".cards img").first.wait_for()
    return page


@pytest.mark.parametrize("name", [*PAGES, *LED])
def test_axe_finds_nothing_serious_and_all_fits_a_telephone(
    name: str, house: House, address: str, context: BrowserContext
) -> None:
    page = (led_page if name in LED else opened)(name, house, address, context)
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
