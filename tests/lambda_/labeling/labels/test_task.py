"""The transitions of objects and leases, against a second telling of the rules, and the sentences of refusals."""

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from labels import task
from labels.task import Answer, Claim, Close, Decline, Object, Open, RefusedError, Task, Terms, Why, step
from tests.lambda_.labeling.task_world import machine

TERMS = Terms(limit=300, patience=60, available=3600)


def test_the_rules_hold_whatever_people_do() -> None:
    run_state_machine_as_test(
        machine(task), settings=settings(max_examples=100, stateful_step_count=50, deadline=None, database=None)
    )


@pytest.mark.slow
def test_the_rules_hold_over_a_hundred_thousand_steps() -> None:
    run_state_machine_as_test(
        machine(task), settings=settings(max_examples=1000, stateful_step_count=100, deadline=None, database=None)
    )


def test_answers_of_three_people_end_an_object() -> None:
    thing = step(Task(Object(3)), Open(), TERMS, 0).object
    for number in range(3):
        claimed = step(Task(thing), Claim(), TERMS, 10)
        thing = step(claimed, Answer(f"token-{number}", "dog"), TERMS, 20).object
    assert (thing.stage, thing.answers, thing.left) == ("answered", 3, 0)


def test_a_late_answer_is_used_while_its_place_is_free() -> None:
    opened = step(Task(Object(1)), Open(), TERMS, 0)
    mine = step(opened, Claim(), TERMS, 10)
    lost = step(mine, task.Expire(), TERMS, 70)
    assert step(lost, Answer("token", "dog"), TERMS, 80).object.stage == "answered"
    taken = step(Task(lost.object), Claim(), TERMS, 75)
    with pytest.raises(RefusedError, match="your answer is kept, not used") as late:
        step(Task(taken.object, lost.lease), Answer("token", "dog"), TERMS, 80)
    assert late.value.why is Why.LATE


def test_who_declined_is_not_asked_again_and_others_are() -> None:
    mine = step(step(Task(Object(1)), Open(), TERMS, 0), Claim(), TERMS, 10)
    declined = step(mine, Decline("broken"), TERMS, 20)
    with pytest.raises(RefusedError, match="You have declined this object"):
        step(declined, Claim(), TERMS, 30)
    assert step(Task(declined.object), Claim(), TERMS, 30).object.left == 0


def test_a_job_that_stops_keeps_the_answers_that_it_has() -> None:
    opened = step(Task(Object(2)), Open(), TERMS, 0)
    half = step(step(opened, Claim(), TERMS, 1), Answer("token", "dog"), TERMS, 2).object
    assert step(Task(half), Close("stopped"), TERMS, 3).object.stage == "answered"
    assert step(opened, Close("stopped"), TERMS, 3).object == Object(2, task.Stage.FAILED, until=3600, reason="stopped")
