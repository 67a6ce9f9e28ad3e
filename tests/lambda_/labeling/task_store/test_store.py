"""What people do, on the tables and buckets of a local cloud."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from labels.objects import DataObject
from labels.task import (
    Answer,
    Close,
    Decline,
    Draft,
    Fail,
    Heartbeat,
    Hold,
    Label,
    Open,
    RefusedError,
    Reopen,
    Stage,
    Undo,
    Why,
)
from task_store.jobs import Job, State
from task_store.store import Store
from tests.lambda_.labeling.conftest import Workshop

pytestmark = pytest.mark.slow


def fill(store: Store, job: Job, count: int) -> None:
    """Open objects with the ids 0, 1, ..."""
    for number in range(count):
        line = DataObject(str(number), {"source": f"text {number}"})
        assert store.add(job, line, {"taskObject": line.source})
        store.change(job, line.id, Open())


def test_what_is_there_is_not_written_again(workshop: Workshop) -> None:
    store, job = workshop.store(), workshop.job()
    fill(store, job, 1)
    assert not store.create(job)
    assert not store.add(job, DataObject("0", {"source": "another"}), {})
    assert store.job("birds") == job
    with pytest.raises(RefusedError, match="There is no job fish"):
        store.job("fish")


def test_people_take_what_is_left_and_answer_it(workshop: Workshop) -> None:
    store, job = workshop.store(), workshop.job(wanted=2)
    fill(store, job, 3)
    assert len(set(store.next(job, "ada", 3))) == 3
    assert store.next(job, "ada", 3) == store.next(job, "ada", 3), "what they hold"
    for identity in store.next(job, "ada", 3):
        store.act(job, identity, "ada", Answer(f"ada-{identity}", '{"kind": {"label": "dog"}}'))
    assert store.next(job, "ada", 1) == [], "nobody gets an object twice"
    for identity in store.next(job, "bea", 3):
        store.act(job, identity, "bea", Answer(f"bea-{identity}", '{"kind": {"label": "cat"}}'))
    assert store.stages("birds") == {Stage.ANSWERED: 3}
    assert store.next(job, "cyd") == []
    given = dict(store.leases("birds", "0"))
    assert {worker: json.loads(lease.answer)["kind"]["label"] for worker, lease in given.items()} == {
        "ada": "dog",
        "bea": "cat",
    }


def test_what_a_person_holds_is_given_once_and_no_more_when_it_is_closed(workshop: Workshop) -> None:
    store, job = workshop.store(), workshop.job(wanted=2)
    fill(store, job, 1)
    assert [store.next(job, "ada", 2) for _ in range(2)] == [["0"], ["0"]]
    store.change(job, "0", Close("The job was stopped."))
    assert store.next(job, "ada", 2) == []


def test_the_jobs_of_a_team_are_those_in_progress(workshop: Workshop) -> None:
    store, first = workshop.store(), workshop.job()
    others = (
        ("crows", "birds", State.IN_PROGRESS),
        ("done", "birds", State.COMPLETED),
        ("fish", "sea", State.IN_PROGRESS),
    )
    for name, team, state in others:
        assert store.create(replace(first, name=name, team=team, state=state, categories=("a", "b")))
    (found,) = store.jobs_of_team("birds")
    assert (found.name, found.categories, found.state) == ("crows", ("a", "b"), State.IN_PROGRESS)
    assert store.jobs_of_team("nobody") == []


def test_large_answers_and_drafts_lie_in_s3(workshop: Workshop) -> None:
    store, job = workshop.store(), workshop.job(wanted=1)
    fill(store, job, 1)
    (identity,) = store.next(job, "ada")
    large = json.dumps({"text": "ü" * 60_000}, ensure_ascii=False)  # 120 kB
    draft = store.act(job, identity, "ada", Draft(large)).lease
    answer = store.act(job, identity, "ada", Answer("token", large)).lease
    assert draft is not None
    assert answer is not None
    assert draft.draft.startswith("s3://")
    assert answer.answer.startswith("s3://")
    ((_, lease),) = store.leases("birds", "0")
    assert lease.answer == large


def test_a_late_answer_is_kept_though_it_is_not_used(workshop: Workshop) -> None:
    store, job = workshop.store(), workshop.job(wanted=1)
    fill(store, job, 1)
    store.next(job, "ada")
    workshop.now += 60
    assert store.sweep() == {"lease": 1}
    assert store.next(job, "bea") == ["0"]
    with pytest.raises(RefusedError, match="kept, not used") as late:
        store.act(job, "0", "ada", Answer("token", '{"late": true}'))
    assert late.value.why is Why.LATE
    kept = workshop.client("s3").get_object(Bucket=workshop.name, Key="labeling-tasks/birds/0/late/ada/token.json")
    assert json.load(kept["Body"]) == {"late": True}


def test_signs_of_life_hold_a_lease_and_the_sweep_takes_it_back_without(workshop: Workshop) -> None:
    store, job = workshop.store(), workshop.job(wanted=1)
    fill(store, job, 2)
    first, second = store.next(job, "ada", 2)
    workshop.now += 50
    store.act(job, first, "ada", Heartbeat(40))
    workshop.now += 50
    assert store.sweep() == {"lease": 1}
    assert store.read(job, first, "ada").task.lease.state is Hold.HELD  # type: ignore[union-attr]
    assert store.next(job, "bea", 2) == [second]


def test_an_object_nobody_answers_fails_with_a_reason_and_can_be_asked_again(workshop: Workshop) -> None:
    store, job = workshop.store(), workshop.job(wanted=2)
    fill(store, job, 2)
    (mine,) = store.next(job, "ada", 1)
    store.act(job, mine, "ada", Answer("token", "{}"))
    workshop.now += int(timedelta(hours=1).total_seconds())
    assert store.sweep() == {"object": 2}
    found = {identity: thing for identity, thing, _ in store.objects("birds")}
    other = "1" if mine == "0" else "0"
    assert (found[mine].stage, found[mine].answers) == (Stage.ANSWERED, 1)
    assert found[other].reason == "Nobody answered while there was time."
    store.change(job, other, Reopen(2))
    assert store.next(job, "bea") == [other]


def test_a_label_is_of_the_answers_that_it_was_made_of(workshop: Workshop) -> None:
    store, job = workshop.store(), workshop.job(wanted=1)
    fill(store, job, 1)
    store.next(job, "ada")
    store.act(job, "0", "ada", Answer("first", "{}"))
    ((_, _, item),) = store.objects("birds")
    seen = int(item["Version"]["N"])
    store.act(job, "0", "ada", Undo())
    store.act(job, "0", "ada", Answer("second", "{}"))
    with pytest.raises(RefusedError, match="has changed meanwhile"):
        store.change(job, "0", Label(), seen, {"kind": 1})
    store.change(job, "0", Label(), seen + 2, {"kind": 2})
    ((_, thing, item),) = store.objects("birds")
    assert (thing.stage, json.loads(item["Label"]["S"])) == (Stage.LABELED, {"kind": 2})


def test_who_is_paused_is_told_why_and_may_finish_what_they_hold(workshop: Workshop) -> None:
    store, job = workshop.store(), workshop.job(wanted=1)
    fill(store, job, 2)
    (mine,) = store.next(job, "ada")
    store.bar("ada", "A second look at your answers.")
    with pytest.raises(RefusedError, match=r"A second look at your answers\.") as paused:
        store.next(job, "ada", 2)
    assert paused.value.why is Why.PAUSED
    store.act(job, mine, "ada", Answer("token", "{}"))
    store.bar("ada", "")
    store.bar_job("birds", "The job is paused.")
    with pytest.raises(RefusedError, match=r"The job is paused\."):
        store.next(job, "ada")
    store.bar_job("birds", "")
    assert len(store.next(job, "ada")) == 1


def test_who_declines_leaves_the_place_to_others(workshop: Workshop) -> None:
    store, job = workshop.store(), workshop.job(wanted=1)
    fill(store, job, 1)
    store.next(job, "ada")
    store.act(job, "0", "ada", Decline("unclear: two birds"))
    assert (store.next(job, "ada"), store.next(job, "bea")) == ([], ["0"])
    ((_, declined),) = ((who, lease) for who, lease in store.leases("birds", "0") if who == "ada")
    assert declined.reason == "unclear: two birds"


def test_what_is_not_yours_is_not_there(workshop: Workshop) -> None:
    store, job = workshop.store(), workshop.job(wanted=1)
    fill(store, job, 1)
    for identity in ("0", "7"):
        with pytest.raises(RefusedError, match=r"There is no such task\.") as refused:
            store.act(job, identity, "eve", Answer("token", "{}"))
        assert refused.value.why is Why.NOT_YOURS
    with pytest.raises(RefusedError, match="fails before it is open"):
        store.change(job, "0", Fail("no reason"))


def test_the_search_goes_on_behind_the_last_and_comes_back_to_what_is_urgent(workshop: Workshop) -> None:
    store, job = workshop.store(), workshop.job(wanted=1)
    fill(store, job, 25)
    store.add(job, DataObject("urgent", {"source": "now"}), {}, priority=1)
    store.change(job, "urgent", Open())
    got, last = list[str](), ""
    for number in range(26):
        (last,) = store.next(job, "eve", after=last)
        got.append(last)
        store.act(job, last, "eve", Answer(f"token-{number}", "{}"))
    assert len(set(got)) == 26, "none is missed, none is twice"
    assert store.next(job, "eve", after=last) == []


def test_one_of_two_is_faster_whenever_the_other_comes_between(workshop: Workshop) -> None:
    """A place is one person's, between whichever two calls of hers somebody else takes a task up."""
    plain, job = workshop.store(), workshop.job(wanted=1)
    between = 0
    for moment in range(1, 12):
        identity, calls, others = str(moment), 0, list[str]()
        plain.add(job, DataObject(identity, {"source": identity}), {})
        plain.change(job, identity, Open())

        def meddle(moment: int = moment, others: list[str] = others) -> None:
            nonlocal calls
            calls += 1
            if calls == moment:
                others += plain.next(job, "bea")

        mine = workshop.store(meddle).next(job, "ada")
        assert sorted(mine + others) == [identity], f"at call {moment}"
        between += bool(others)
        for person in ("ada", "bea"):
            for each in plain.next(job, person):
                plain.act(job, each, person, Answer(f"{person}-{each}", "{}"))
    assert between > 5
