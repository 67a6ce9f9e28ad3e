"""A job that three people work on, one of whom takes every cat for a dog, and somebody who leads it."""

import io
import itertools
import json
from dataclasses import dataclass

from PIL import Image
from playwright.sync_api import BrowserContext, Page

from labels.objects import DataObject
from labels.task import Answer, Claim, Open
from task_store.jobs import Job, State
from tests.lambda_.labeling.portal.house import TEMPLATE, TERMS, House
from tests.lambda_.labeling.requests import classes
from tests.web.portal.person import Person

NUMBERS = itertools.count()
OBJECTS, KNOWN = 12, 2
"""Objects that all have answered, and how many of them are known to be cats; two more are open."""


@dataclass
class Member(Person):
    """Somebody of the team, with their id in the pool."""

    sub: str = ""


@dataclass
class Led:
    """A job, its people, and who leads it."""

    house: House
    name: str
    people: list[Member]
    lead: Person

    def opened(self, context: BrowserContext) -> Page:
        """Open the lead's page of the job."""
        page = self.jobs(context)
        page.get_by_role("button", name=self.name, exact=True).click()
        page.get_by_role("button", name="Progress").wait_for()
        return page

    def jobs(self, context: BrowserContext) -> Page:
        """Open the lead's list of jobs."""
        page = self.lead.page(context)
        self.lead.sign_in(page)
        page.click("#lead")
        page.get_by_role("button", name=self.name, exact=True).wait_for()
        return page


def picture(number: int) -> bytes:
    """A picture of a colour of its own."""
    file = io.BytesIO()
    Image.new("RGB", (320, 200), (40 + number * 15, 120, 220 - number * 15)).save(file, "PNG")
    return file.getvalue()


def led(house: House, address: str) -> Led:
    """Make the job, and have everybody answer what is not left open."""
    number = next(NUMBERS)
    name, team = f"led{number}", f"crowd{number}"
    people = []
    for who in ("ann", "bob", "cid"):
        house.invite(f"{who}{number}", team)
        people.append(Member(house, address, f"{who}{number}", name, house.sub(f"{who}{number}")))
    house.invite(f"lia{number}", "leads")
    job = made(house, name, team)
    store = house.store
    for identity in map(str, range(OBJECTS)):
        for at, person in enumerate(people):
            true = "cat" if int(identity) % 2 == 0 else "dog"
            content = json.dumps({"kind": {"label": "dog" if at == 2 else true}})
            store.act(job, identity, person.sub, Claim())
            store.act(job, identity, person.sub, Answer(f"token-{number}-{at}-{identity}", content, 1))
    return Led(house, name, people, Person(house, address, f"lia{number}", name))


def made(house: House, name: str, team: str) -> Job:
    """Make a job of pictures, of which two are known."""
    page = house.put(f"labeling-tasks/{name}/template.liquid.html", TEMPLATE.encode())
    request = classes("ImageMultiClass", "ImageMultiClass") | {"Tags": [{"Key": "mdlc:known", "Value": "truth"}]}
    job = Job(name, TERMS, 3, json.dumps(request), team=team, title=f"Cats and dogs of {team}", description="Which?",
              template=page, categories=("cat", "dog"), state=State.IN_PROGRESS, objects=OBJECTS + 2,
              known=tuple(str(2 * number) for number in range(KNOWN)))  # fmt: skip
    store = house.store
    assert store.create(job)
    for number in range(OBJECTS + 2):
        uri = house.put(f"labels/{name}/{number}.png", picture(number), "image/png")
        known = {"truth": 0, "truth-metadata": {"class-name": "cat"}} if str(number) in job.known else {}
        store.add(job, DataObject(str(number), {"source-ref": uri, **known}), {"taskObject": uri, "question": "Which?"})
        store.change(job, str(number), Open())
    return store.job(name)
