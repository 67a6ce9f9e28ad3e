"""The answers of two evaluators over the templates of production, and their page."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checks.access.questions import actors, answers, page
from checks.access.questions.question import Ask, Question, QuestionError, read
from checks.access.simulation import Simulation
from stacks import environments
from tests.mdlc.report.pages import Page

pytestmark = pytest.mark.slow
OTHER = environments.STAGING.account
READS = Ask(
    does=["s3:GetObject"],
    on=["arn:aws:s3:::{data}/<system>/versions/v1/data.csv"],
    who=["API functions", "nobody known"],
)
QUESTION = Question(group="Data", title="Does the API read data?", answer="No.", controls=["A.8.3"], asks=[READS])
Found = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def templates(assembly: Any) -> Found:
    folder = assembly.get_nested_assembly("assembly-prod")
    return {stack.stack_name: stack.template for stack in folder.stacks}


def ask(templates: Found, *questions: Question) -> list[answers.Answer]:
    return answers.answer(Simulation(environments.PROD, templates), questions, other=OTHER)


def test_every_question_has_the_answer_that_a_bank_wants(templates: Found, tmp_path: Path) -> None:
    found = ask(templates, *read())
    assert answers.describe(found) == []
    assert all(each.counted["first"] == each.counted["second"] for each in found)
    page.write(found, tmp_path / "questions.html", environment="prod")
    text = Page((tmp_path / "questions.html").read_text(encoding="utf-8")).text
    assert all(each.question.title in text for each in found)
    assert "all hold" in text
    assert json.loads(json.dumps(answers.as_json(found)))[0]["holds"] is True


def granting(action: str, resource: str) -> Callable[[Found], None]:
    """One more right of the function that asks the fraud model."""

    def change(templates: Found) -> None:
        for name, each in templates["prod-api"]["Resources"].items():
            if each["Type"] == "AWS::IAM::Policy" and name.startswith("PredictionsRole"):
                added = {"Effect": "Allow", "Action": action, "Resource": resource}
                each["Properties"]["PolicyDocument"]["Statement"].append(added)

    return change


def opening(templates: Found) -> None:
    """Let everybody read the data bucket."""
    policies = [
        each
        for name, each in templates["prod-storage"]["Resources"].items()
        if each["Type"] == "AWS::S3::BucketPolicy" and name.startswith("Data")
    ]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*"}
    policies[0]["Properties"]["PolicyDocument"]["Statement"].append(statement)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (granting("s3:GetObject", "*"), "Asks the fraud model may s3:GetObject on"),
        (opening, "somebody who has not signed in may s3:GetObject on"),
    ],
)
def test_a_right_too_many_is_an_unwanted_answer(change: Callable[[Found], None], says: str, templates: Found) -> None:
    copy: Found = json.loads(json.dumps(templates))
    change(copy)
    (answer,) = ask(copy, QUESTION)
    assert not answer.holds
    assert any(says in words for words in answer.unwanted)
    assert answer.disagreements == []


def test_a_right_that_is_wanted_and_missing_is_told(templates: Found) -> None:
    wanted = replace(QUESTION, asks=[replace(READS, may=["API functions"])])
    (answer,) = ask(templates, wanted)
    assert answer.unwanted == [f"none of the API functions may s3:GetObject on {READS.on[0]}"]


def test_evaluators_that_disagree_are_told(templates: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "simulate", lambda requests: [True] * len(requests))
    (answer,) = ask(templates, QUESTION)
    assert not answer.holds
    assert all(words.startswith("the evaluators disagree: ") for words in answer.disagreements)
    assert "the evaluators disagree" in answers.describe([answer])[0]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"who": ["kings"]}, "Nobody here is called 'kings'"),
        ({"on": ["arn:aws:s3:::{data}/<planet>/x"]}, "<planet> stands for nothing"),
        ({"on": ["arn:aws:s3:::{moon}/x"]}, "moon"),
        ({"who": ["auditors"], "whose": "own"}, "Nobody is asked s3:GetObject"),
    ],
)
def test_a_question_about_nothing_is_refused_by_its_name(changed: dict[str, Any], says: str, templates: Found) -> None:
    with pytest.raises(QuestionError, match=f"Does the API read data.*{re.escape(says)}"):
        ask(templates, replace(QUESTION, asks=[replace(READS, **changed)]))


def test_a_role_of_which_nobody_said_what_it_is_for_is_named(templates: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(actors.KINDS, "recorder")
    with pytest.raises(LookupError, match=r"experiments: Records in MLflow what was trained.*add it to KINDS"):
        ask(templates, QUESTION)
