"""The files of questions: what they must say, and what is refused."""

from pathlib import Path

import pytest

from checks.access.questions.question import QuestionError, Whose, read

GOOD = """\
group = "People"
[[question]]
title = "Can anybody?"
answer = "No."
controls = ["ISO/IEC 27001:2022 A.5.15"]
ask = [{ does = ["s3:GetObject"], on = ["*"] }]
"""


def test_more_than_a_hundred_questions_are_asked_in_every_group() -> None:
    questions = read()
    assert len(questions) >= 100
    assert len({question.group for question in questions}) == 11
    assert all(question.title.endswith("?") for question in questions)
    assert all(question.answer.endswith(".") and question.controls for question in questions)


def test_a_question_says_whose_and_from_where() -> None:
    asks = [ask for question in read() for ask in question.asks]
    assert {ask.whose for ask in asks} == set(Whose)
    assert {str(ask.source) for ask in asks} == {"work", "outside"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('answer = "No."\n', "", "Can anybody?.*answer"),
        ('["ISO/IEC 27001:2022 A.5.15"]', "[]", "has an answer, a control and something that it asks"),
        ('on = ["*"]', 'on = ["*"], whose = "nobody"', "'nobody' is not a valid Whose"),
        ('on = ["*"]', 'on = ["*"], by = "me"', "Can anybody?.*by"),
        ("ask = ", "asks = ", "Can anybody?.*ask"),
        (GOOD, GOOD + GOOD.partition("\n")[2], "is asked twice"),
    ],
)
def test_what_nobody_understands_is_refused(old: str, new: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "01.toml").write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(QuestionError, match=says):
        read(tmp_path)
