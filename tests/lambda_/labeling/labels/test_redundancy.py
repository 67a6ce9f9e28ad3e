"""Another person is asked where it is not sure, and nobody where it is."""

import pytest

from labels.consolidation.classes import UnknownClassError, Vote
from labels.redundancy import FIRST, LATER, Rule, RuleError, check_for, checks_for, objects_to_ask
from tests.lambda_.labeling.labels import adaptive

AB = ("a", "b")
AGREED = [Vote(str(number), worker, "ab"[number % 2]) for number in range(30) for worker in ("x", "y")]


def test_two_who_agree_are_enough() -> None:
    assert objects_to_ask(AGREED, AB, [str(number) for number in range(30)]) == {}


def test_each_object_that_needs_somebody_has_its_reason() -> None:
    votes = [*AGREED, Vote("one", "x", "a"), Vote("torn", "x", "a"), Vote("torn", "y", "b")]
    found = objects_to_ask(votes, AB, ["none", "one", "torn", "0"])
    assert list(found) == ["torn", "one", "none"]  # those that most have answered first
    assert found["none"] == "Nobody has answered yet."
    assert found["one"] == "1 of at least 2 people has answered."
    assert found["torn"].startswith("2 people have answered")
    assert found["torn"].endswith("95% is asked.")


def test_nobody_is_asked_beyond_the_most_nor_about_what_is_known() -> None:
    votes = [*AGREED, *(Vote("torn", worker, label) for worker, label in zip("uvwxyz", "aabbab", strict=True))]
    assert objects_to_ask(votes, AB, ["torn"], Rule(most=6)) == {}
    assert objects_to_ask(votes, AB, ["torn"], Rule(most=7)).keys() == {"torn"}
    assert objects_to_ask(votes, AB, ["torn"], Rule(most=7), {"torn": "a"}) == {}


def test_an_answer_that_was_given_anew_is_one() -> None:
    assert "1 of" in objects_to_ask([Vote("1", "x", "a"), Vote("1", "x", "b")], AB, ["1"])["1"]


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        ({"sure": 1.0}, "probability"),
        ({"sure": 0.0}, "probability"),
        ({"fewest": 0}, "0 to 7"),
        ({"fewest": 5, "most": 4}, "5 to 4"),
        ({"most": 10}, "1 to 9"),
    ],
)
def test_an_impossible_rule_is_refused(rule: dict[str, float], word: str) -> None:
    with pytest.raises(RuleError, match=word):
        Rule(**rule)  # type: ignore[arg-type] # the numbers of people are whole here


def test_a_class_that_the_job_does_not_have_is_named() -> None:
    with pytest.raises(UnknownClassError, match="'c'"):
        objects_to_ask([Vote("1", "x", "c")], AB, ["1"])


def test_every_second_of_the_first_tasks_checks_and_later_few_do() -> None:
    gold = [f"g{number}" for number in range(50)]
    seen: set[str] = set()
    checks = []
    for tasks in range(FIRST + 2 * LATER + 1):
        if name := check_for("ann", tasks, seen, gold):
            seen.add(name)
            checks.append(tasks)
    assert checks == [*range(0, FIRST, 2), FIRST + LATER, FIRST + 2 * LATER]
    assert check_for("ann", 999, gold, gold) is None


def test_who_is_known_by_their_last_tasks_is_checked_as_often() -> None:
    gold = [f"g{number}" for number in range(50)]
    done: list[str] = []
    for number in range(FIRST + 2 * LATER):
        due = checks_for("ann", done[::-1][:50], {each for each in done if each in gold}, gold)
        done.append(due[0] if due else f"o{number}")
    checks = [number for number, each in enumerate(done) if each in gold]
    assert checks[: FIRST // 2] == list(range(0, FIRST, 2)), "every second of the first"
    assert checks[FIRST // 2 :] == [FIRST - 2 + LATER, FIRST - 2 + 2 * LATER], "then one in twenty"
    assert len(set(done)) == len(done), "none twice"
    assert checks_for("ann", [], gold, gold) == []


def test_each_person_has_an_order_of_checks_that_stays() -> None:
    gold = [f"g{number}" for number in range(50)]
    assert check_for("ann", 0, (), gold) == check_for("ann", 0, (), gold[::-1])
    assert len({check_for(worker, 0, (), gold) for worker in map(str, range(50))}) > 20


@pytest.mark.slow
def test_sure_labels_cost_few_answers_and_those_who_do_not_look_are_paused_soon() -> None:
    """Limits: the goals of the project."""
    outcomes = [adaptive.run(seed) for seed in range(20)]
    assert sum(each.accuracy for each in outcomes) / 20 >= 0.97
    assert sum(each.answers for each in outcomes) / 20 <= 3.6
    assert all(each.paused.keys() == set(range(adaptive.SPAMMERS)) for each in outcomes)
    assert max(max(each.paused.values()) for each in outcomes) <= 20
