"""What was entered outlives a closed tab, an expired session and a network that is away; so does what was submitted."""

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.lambda_.labeling.portal.house import House
from tests.web.portal.person import ahead, chosen, frame, newcomer, press, question

pytestmark = pytest.mark.slow
AWAY = 30_000
"""Milliseconds without network."""


def test_a_draft_survives_a_closed_tab(house: House, address: str, context: BrowserContext) -> None:
    person = newcomer(house, address, tasks=1)
    page = person.at_work(context)
    question(page)
    press(page, "2")
    expect(frame(page).locator(".category input").nth(1)).to_be_checked()
    page.wait_for_timeout(300)
    page.close()
    assert not any(each.draft for each in person.answers().values()), "the server has not heard of it yet"
    again = person.at_work(context)
    question(again)
    assert chosen(again) == [False, True]


def test_a_draft_comes_to_the_server_and_from_there_to_another_browser(
    house: House, address: str, context: BrowserContext, browser: Browser
) -> None:
    person = newcomer(house, address, tasks=1)
    page = person.at_work(context)
    question(page)
    with page.expect_response(lambda answer: answer.url.endswith("/draft")) as said:
        press(page, "2")
    assert said.value.ok
    with browser.new_context() as other:
        elsewhere = person.at_work(other)
        question(elsewhere)
        assert chosen(elsewhere) == [False, True]


def test_draft_and_answer_survive_an_expired_session(house: House, address: str, context: BrowserContext) -> None:
    person = newcomer(house, address, tasks=2)
    page = person.at_work(context)
    first = question(page)
    ahead(page)
    press(page, "1")
    house.end_sessions()
    page.locator("#sign-in[open]").wait_for()  # the draft is sent after five seconds
    assert chosen(page) == [True, False], "the page stays as it is"
    person.sign_in(page)
    expect(page.locator("#sign-in[open]")).to_have_count(0)
    house.end_sessions()
    page.locator("main > div:not(.ahead) iframe").focus()
    press(page, "Enter")
    expect(frame(page).locator(".annotation-area h2")).not_to_have_text(first)
    person.sign_in(page)
    expect(page.locator("#sign-in[open]")).to_have_count(0)
    assert person.given(page) == [{"kind": {"label": "cat"}}]


def test_draft_and_answer_survive_half_a_minute_without_network(
    house: House, address: str, context: BrowserContext
) -> None:
    person = newcomer(house, address, tasks=3)
    page = person.at_work(context)
    ahead(page)
    house.down = True
    try:
        press(page, "1")
        press(page, "Enter")
        second = question(page)  # it was there already
        expect(page.locator("#network")).to_be_visible()
        press(page, "2")
        page.wait_for_timeout(AWAY)
        assert chosen(page) == [False, True]
    finally:
        house.down = False
    expect(page.locator("#network")).to_be_hidden()
    ahead(page)
    assert question(page) == second
    assert chosen(page) == [False, True]
    assert person.given(page) == [{"kind": {"label": "cat"}}]


def test_an_answer_that_nobody_heard_is_sent_by_the_next_tab(
    house: House, address: str, context: BrowserContext
) -> None:
    person = newcomer(house, address, tasks=2)
    page = person.at_work(context)
    first = question(page)
    ahead(page)
    house.down = True
    try:
        press(page, "1")
        press(page, "Enter")
        expect(page.locator("#network")).to_be_visible()
        page.close()
    finally:
        house.down = False
    again = person.at_work(context)
    assert question(again) != first
    assert person.given(again) == [{"kind": {"label": "cat"}}]


def test_a_draft_of_one_person_is_not_shown_to_another(house: House, address: str, context: BrowserContext) -> None:
    person, other = newcomer(house, address, tasks=1), newcomer(house, address, tasks=0)
    house.invite(other.name + "x", person.job.replace("job", "team"))
    page = person.at_work(context)
    question(page)
    press(page, "2")
    page.wait_for_timeout(300)
    page.get_by_role("button", name="All jobs").click()
    page.get_by_role("button", name="Sign out").click()
    page.locator("#sign-in[open]").wait_for()
    kept = page.evaluate(
        """() => new Promise(done => {
            indexedDB.open('labeling').onsuccess = ({ target }) => {
              const asked = target.result.transaction('drafts').objectStore('drafts').count()
              asked.onsuccess = () => done(asked.result)
            }
        })"""
    )
    assert kept == 0
