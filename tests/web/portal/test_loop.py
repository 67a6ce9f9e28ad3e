"""One task after another, by keys: the next is there before it is wanted, and each answer is what was chosen."""

import json

import pytest
from playwright.sync_api import BrowserContext, expect

from labels.task import Hold
from task_store.contents import PREFIX
from tests.lambda_.labeling.portal.house import PASSWORD, House
from tests.web.portal.person import ahead, chosen, frame, newcomer, press, question

pytestmark = pytest.mark.slow


def test_tasks_by_keys_alone(house: House, address: str, context: BrowserContext) -> None:
    person = newcomer(house, address, tasks=3)
    page = person.at_work(context)
    asked = []
    for _ in range(3):
        asked.append(question(page))
        if len(asked) < 3:
            following = ahead(page)
        press(page, "2")
        press(page, "Enter")
        if len(asked) < 3:
            assert question(page) == following
    expect(page.locator("main section")).to_contain_text("Every task is done")
    assert sorted(asked) == ["Which is 0?", "Which is 1?", "Which is 2?"]
    leases = person.answers()
    assert [json.loads(each.answer) for each in leases.values()] == [{"kind": {"label": "dog"}}] * 3
    assert {each.state for each in leases.values()} == {Hold.SUBMITTED}


def test_a_mouse_does_the_same(house: House, address: str, context: BrowserContext) -> None:
    person = newcomer(house, address, tasks=1)
    page = person.at_work(context)
    frame(page).get_by_text("cat").click()
    frame(page).locator("button.primary").click()
    expect(page.locator("main section")).to_contain_text("Every task is done")
    [lease] = person.answers().values()
    assert json.loads(lease.answer) == {"kind": {"label": "cat"}}


def test_the_password_is_in_no_request(house: House, address: str, context: BrowserContext) -> None:
    begun = len(house.calls)
    question(newcomer(house, address).at_work(context))
    assert any(path == "/auth" for _, path, _ in house.calls[begun:])
    assert not any(PASSWORD.encode() in body for _, _, body in house.calls[begun:])


def test_a_wrong_password_is_said(house: House, address: str, context: BrowserContext) -> None:
    person = newcomer(house, address)
    page = person.page(context)
    person.sign_in(page, "wrong")
    expect(page.locator("#wrong")).to_have_text("Name or password is wrong.")
    person.sign_in(page)
    expect(page.get_by_role("button", name="Start")).to_be_visible()


def test_who_was_invited_chooses_a_password(house: House, address: str, context: BrowserContext) -> None:
    person = newcomer(house, address, known=False)
    page = person.page(context)
    person.sign_in(page)
    page.fill("[name=NEW_PASSWORD]", "Another-horse-8-staple")
    press(page, "Enter")
    expect(page.get_by_role("button", name="Start")).to_be_visible()
    page.reload()
    person.sign_in(page, "Another-horse-8-staple")
    expect(page.get_by_role("button", name="Start")).to_be_visible()


def test_who_has_no_job_is_told_why(house: House, address: str, context: BrowserContext) -> None:
    person = newcomer(house, address, tasks=0)
    page = person.page(context)
    person.sign_in(page)
    expect(page.locator("main section")).to_contain_text("No job waits for team")


def test_skip_says_why_and_is_no_answer(house: House, address: str, context: BrowserContext) -> None:
    person = newcomer(house, address)
    page = person.at_work(context)
    before = question(page)
    press(page, "s")
    page.get_by_role("button", name="It is broken").click()
    expect(frame(page).locator(".annotation-area h2")).not_to_have_text(before)
    expect(page.locator("#skipping[open]")).to_have_count(0)
    page.wait_for_function("document.activeElement.tagName === 'IFRAME'")
    declined = [each for each in person.answers().values() if each.state is Hold.DECLINED]
    assert [each.reason for each in declined] == ["broken"]


def test_a_review_that_cannot_be_rendered_is_given_back_and_says_so(
    house: House, address: str, context: BrowserContext
) -> None:
    """Its loop fails then, and whoever waits for that is told why."""
    person = newcomer(house, address, tasks=0)
    person.job = f"reviews_{person.job}"
    team = person.name.replace("person", "team")
    house.job(person.job, team, [{"question": "Which?", "taskObject": "x"}])
    house.put(f"{PREFIX}{person.job}/template.liquid.html", b"<crowd-form>{% if %}</crowd-form>")
    page = person.at_work(context)
    expect(page.locator("main section")).to_contain_text("Every task is done")
    (lease,) = person.answers().values()
    assert (lease.state, lease.reason) == (Hold.DECLINED, "unrendered")


def test_a_question_goes_to_who_leads_the_job(house: House, address: str, context: BrowserContext) -> None:
    page = newcomer(house, address).at_work(context)
    question(page)
    page.click("#ask")
    page.fill("#asking textarea", "Is a kitten a cat?")
    page.click("#asking button.primary")
    expect(page.locator("#said")).to_have_text("Your question is with who leads the job.")


def test_back_opens_what_was_submitted_and_changes_it(house: House, address: str, context: BrowserContext) -> None:
    person = newcomer(house, address)
    page = person.at_work(context)
    first = question(page)
    ahead(page)
    press(page, "1")
    press(page, "Enter")
    expect(frame(page).locator(".annotation-area h2")).not_to_have_text(first)
    second = question(page)
    press(page, "b")
    expect(frame(page).locator(".annotation-area h2")).to_have_text(first)
    assert chosen(page) == [True, False]
    press(page, "2")
    press(page, "Enter")
    expect(frame(page).locator(".annotation-area h2")).to_have_text(second)
    assert person.given(page) == [{"kind": {"label": "dog"}}]


def test_keys_are_shown_and_changed(house: House, address: str, context: BrowserContext) -> None:
    page = newcomer(house, address).at_work(context)
    question(page)
    press(page, "?")
    expect(page.locator("#helping[open]")).to_be_visible()
    page.get_by_role("button", name="Skip this task: s. Change").click()
    press(page, "d")
    expect(page.locator("#helping .conflict")).to_have_count(2)
    expect(page.locator("#said")).to_contain_text("Your keys are kept")
    page.get_by_role("button", name="Skip this task: d. Change").click()
    press(page, "x")
    expect(page.locator("#helping .conflict")).to_have_count(0)
    page.get_by_role("button", name="Close").click()
    press(page, "x")
    expect(page.locator("#skipping[open]")).to_be_visible()
