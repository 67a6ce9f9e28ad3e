"""The page on the quality of labels."""

import random

from labels import quality
from labels.consolidation.classes import Vote
from labels.guessing import Pace
from mdlc.report import labels
from tests.mdlc.report.pages import Page

KINDS = ("bream", "carp", "perch")
PEOPLE = {"ann": 0.95, "bob": 0.8, "a-person-whose-name-is-as-long-as-those-of-cognito": 0.9, "guesses": 1 / 3}
TRUTH = {str(number): KINDS[number % 3] for number in range(60)}
NAMES = {number: f"s3://a-bucket-with-a-long-name/fish/of/the/lake/picture-{number}.jpg" for number in TRUTH}


def figures() -> quality.Quality:
    """Sixty pictures and four people of known skill, one of whom guesses."""
    dice = random.Random(3)
    votes, paces = [], []
    for name, kind in TRUTH.items():
        for worker, right in PEOPLE.items():
            others = [each for each in KINDS if each != kind]
            votes.append(Vote(name, worker, kind if dice.random() < right else dice.choice(others)))
            paces.append(Pace(worker, dice.uniform(4, 12)))
    return quality.of(votes, KINDS, {str(number): TRUTH[str(number)] for number in range(10)}, paces, {"bob": 2})


def page() -> str:
    found = figures()
    cost = quality.cost_of_a_correct_label(found, usd_an_hour=12)
    return labels.render("fish", found, NAMES, cost)


def test_who_guesses_is_named_first_with_the_reason() -> None:
    shown = Page(page())
    assert "guesses is to be paused. About" in shown.text
    people = [row for row in shown.rows if row and row[0].split()[0] in PEOPLE]
    assert people[0][0] == "guesses pause"
    assert people[0][1] == "60"
    right = [int(row[2].removesuffix("%")) for row in people[1:]]
    assert right == sorted(right)


def test_every_class_has_its_figures() -> None:
    assert [row[:2] for row in Page(page()).rows if row and row[0] in KINDS and len(row) == 4 and "%" in row[2]] == [
        [kind, str(figures().classes[number].objects)] for number, kind in enumerate(KINDS)
    ]


def test_people_who_agree_leave_nothing_to_show() -> None:
    found = quality.of([Vote(str(number), worker, "carp") for number in range(9) for worker in "xy"], ("bream", "carp"))
    text = Page(labels.render("fish", found, NAMES, None)).text
    assert "Nobody took a class for another." in text
    assert "All who answered the same object said the same." in text
    assert "USD" not in text


def test_the_summary_has_every_figure() -> None:
    found = figures()
    summary = labels.summary("fish", found, NAMES, 0.1)
    assert summary["usd_of_a_correct_label"] == 0.1
    assert len(summary["people"]) == len(PEOPLE)
    assert len(summary["disagreements"]) == len(found.disagreements)
    assert summary["confusions"][0]["objects"][0].startswith("s3://")
