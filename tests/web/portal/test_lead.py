"""What who leads jobs sees in a browser, what becomes of what they press, and what people are told of it."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from labels.task import Hold, Stage
from tests.lambda_.labeling.portal.house import House
from tests.web.portal.lead import KNOWN, Led, led
from tests.web.portal.person import frame, press, question

pytestmark = pytest.mark.slow


@pytest.fixture
def job(house: House, address: str) -> Led:
    return led(house, address)


@pytest.fixture
def page(job: Led, context: BrowserContext) -> Page:
    return job.opened(context)


def test_who_leads_nothing_has_no_such_page(job: Led, context: BrowserContext) -> None:
    page = job.lead.page(context)
    job.people[0].sign_in(page)
    expect(page.get_by_role("button", name="Start")).to_be_visible()
    expect(page.locator("#lead")).to_be_hidden()


def test_one_screen_says_when_it_ends_and_what_a_label_costs(page: Page) -> None:
    main = page.locator("main")
    expect(main).to_contain_text("answers are given")
    expect(main).to_contain_text("At this pace it ends at")
    page.fill("[name=rate]", "12")
    press(page, "Enter")
    expect(main.locator("dd", has_text="USD")).to_be_visible()


def test_one_screen_says_who_is_wrong_about_what(job: Led, page: Page) -> None:
    page.get_by_role("button", name="People").click()
    wrong = page.locator("tr", has_text=job.people[2].name)
    expect(wrong.locator("td").nth(2)).to_have_text(f"0 of {KNOWN}")
    right = page.locator("tr", has_text=job.people[0].name)
    expect(right.locator("td").nth(2)).to_have_text(f"{KNOWN} of {KNOWN}")
    expect(page.locator("h3", has_text=f"{job.people[2].name} takes")).to_be_visible()
    page.get_by_role("button", name="Classes").click()
    expect(page.locator(".cards li").first).to_contain_text("cat for dog")
    expect(page.locator(".cards img").first).to_be_visible()


def test_a_person_is_paused_with_a_reason_that_they_read(job: Led, page: Page, browser: Browser) -> None:
    person = job.people[2]
    page.get_by_role("button", name="People").click()
    page.get_by_role("button", name=f"Pause {person.name}").click()
    page.fill("#writing textarea", "Dogs have other ears: please read the instructions.")
    page.get_by_role("button", name="Pause", exact=True).last.click()
    expect(page.locator("tr", has_text=person.name)).to_contain_text("Paused: Dogs have other ears")
    with browser.new_context() as other:
        theirs = person.at_work(other)
        expect(theirs.locator("main section")).to_contain_text("Dogs have other ears: please read the instructions.")
    page.get_by_role("button", name=f"Let work on: {person.name}").click()
    expect(page.locator("tr", has_text=person.name)).not_to_contain_text("Paused")


def test_an_answer_is_sent_back_with_a_note_that_stands_beside_the_task(job: Led, page: Page, browser: Browser) -> None:
    person = job.people[2]
    page.get_by_role("button", name="Disagreements").click()
    page.locator(".cards .shown").first.click()
    expect(page.locator(".object img")).to_be_visible()
    page.get_by_role("button", name=f"Send back: {person.name}'s answer").click()
    page.fill("#writing textarea", "Look at the tail.")
    page.get_by_role("button", name="Send back", exact=True).last.click()
    expect(page.locator("tr", has_text=person.name)).to_contain_text("held")
    with browser.new_context() as other:
        theirs = person.at_work(other)
        question(theirs)
        expect(theirs.locator("#told")).to_have_text("Sent back to you: Look at the tail.")
        press(theirs, "1")
        press(theirs, "Enter")
        expect(frame(theirs).locator(".annotation-area h2")).to_have_count(1)
        expect(theirs.locator("#told")).to_be_hidden()


def test_objects_are_reopened_and_taken_by_keys_alone(job: Led, page: Page) -> None:
    store = job.house.store
    page.get_by_role("button", name="Disagreements").focus()
    press(page, "Enter")
    page.get_by_role("button", name="Ask one more about").first.focus()
    press(page, "Enter")
    expect(page.locator("#said")).to_have_text("Done.")
    assert any(thing.round == 2 and thing.stage is Stage.OPEN for _, thing, _ in store.objects(job.name))
    [held] = store.next(store.job(job.name), job.people[0].sub)
    page.get_by_role("button", name="Objects").focus()
    press(page, "Enter")
    page.get_by_role("button", name=re.compile(f"Take from .*: object {held}")).focus()
    press(page, "Enter")
    expect(page.locator("#said")).to_have_text("Done.")
    [lease] = [each for worker, each in store.leases(job.name, held) if worker == job.people[0].sub]
    assert lease.state is Hold.EXPIRED


def test_a_question_is_answered_where_it_was_asked(job: Led, page: Page, browser: Browser) -> None:
    with browser.new_context() as other:
        theirs = job.people[0].at_work(other)
        question(theirs)
        theirs.click("#ask")
        theirs.fill("#asking textarea", "Is a kitten a cat?")
        theirs.click("#asking button.primary")
        expect(theirs.locator("#said")).to_have_text("Your question is with who leads the job.")
        page.get_by_role("button", name="Questions").last.click()
        page.get_by_role("button", name="Answer: Is a kitten a cat?").click()
        page.fill("#writing textarea", "Yes, it is.")
        page.get_by_role("button", name="Answer", exact=True).last.click()
        expect(page.locator(".cards")).to_contain_text("Yes, it is.")
        theirs.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # as who comes back to the page
        expect(theirs.locator("#said")).to_have_text("Your question was answered: Yes, it is.")
        expect(theirs.locator("#told")).to_have_text("You asked: Is a kitten a cat? Yes, it is.")
        theirs.click("#asked")
        expect(theirs.locator("#answers")).to_contain_text("Yes, it is.")
