"""Somebody at the portal's page."""

import asyncio
import io
import itertools
import json
from dataclasses import dataclass
from typing import Any

from PIL import Image
from playwright.sync_api import BrowserContext, FrameLocator, Page, expect

from labels.task import Hold
from tests.lambda_.labeling.portal.house import PASSWORD, House

NAMES = itertools.count()
LOST = 20.0
"""Seconds after which a key is taken for lost."""


def picture() -> bytes:
    """A picture to label."""
    file = io.BytesIO()
    Image.new("RGB", (640, 400), "#d8e3ea").save(file, "PNG")
    return file.getvalue()


def press(page: Page, key: str) -> None:
    """Press a key, and once more where the browser has lost it between a frame that goes and one that comes.

    Chromium answers to a key when the frame that has it has heard of it; of some keys it never does, and Playwright
    waits for ever.
    """
    keyboard = page.keyboard
    try:
        keyboard._sync(asyncio.wait_for(keyboard._impl_obj.press(key, None), LOST))  # noqa: SLF001 - it has no limit of its own
    except TimeoutError:
        keyboard.press(key)


@dataclass
class Person:
    """Somebody of a team of their own, with one job of some tasks."""

    house: House
    address: str
    name: str
    job: str

    def page(self, context: BrowserContext) -> Page:
        """Open the page."""
        shown = context.new_page()
        shown.goto(self.address)
        return shown

    def at_work(self, context: BrowserContext) -> Page:
        """Open the page, sign in, and start the job."""
        shown = self.page(context)
        self.sign_in(shown)
        shown.get_by_role("button", name="Start").click()
        return shown

    def sign_in(self, page: Page, password: str = PASSWORD) -> None:
        page.locator("#sign-in[open]").wait_for()
        page.fill("[name=name]", self.name)
        page.fill("[name=password]", password)
        press(page, "Enter")

    def given(self, page: Page) -> list[Any]:
        """What was submitted, as soon as anything was."""
        for _ in range(300):
            found = [json.loads(each.answer) for each in self.answers().values() if each.state is Hold.SUBMITTED]
            if found:
                return found
            page.wait_for_timeout(100)
        return []

    def answers(self) -> dict[str, Any]:
        """What was submitted, by object."""
        found = {}
        for identity, _, _ in self.house.store.objects(self.job):
            for _, lease in self.house.store.leases(self.job, identity):
                found[identity] = lease
        return found


def newcomer(house: House, address: str, tasks: int = 5, *, known: bool = True) -> Person:
    """Invite somebody, to a team and a job of their own."""
    number = next(NAMES)
    name, job, team = f"person{number}", f"job{number}", f"team{number}"
    house.invite(name, team, known=known)
    uri = house.put(f"labels/{job}/one.png", picture(), "image/png")
    inputs = [{"taskObject": uri, "question": f"Which is {each}?"} for each in range(tasks)]
    if tasks:
        house.job(job, team, inputs)
    return Person(house, address, name, job)


def frame(page: Page) -> FrameLocator:
    """The frame of the task in hand."""
    return page.frame_locator("main > div:not(.ahead) iframe")


def question(page: Page) -> str:
    """What the task in hand asks, when it is there."""
    heading = frame(page).locator(".annotation-area h2")
    expect(heading).to_have_count(1)
    return heading.inner_text()


def ahead(page: Page) -> str:
    """What the next task asks, when it is there, unseen."""
    heading = page.frame_locator("main > .ahead iframe").locator(".annotation-area h2")
    expect(heading).to_have_count(1)
    return heading.text_content() or ""


def chosen(page: Page) -> list[bool]:
    boxes = frame(page).locator(".category input")
    expect(boxes).to_have_count(2)
    return [boxes.nth(at).is_checked() for at in range(2)]
