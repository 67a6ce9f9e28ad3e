"""Answers are written alike, by whatever way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tabular.payload import write_answer, write_decisions

SHARES = st.floats(0, 1)


@given(st.lists(SHARES, min_size=1, max_size=30), SHARES)
def test_decisions_are_written_as_any_answer(scores: list[float], threshold: float) -> None:
    answers: list[dict[str, object]] = [
        {"score": score, "predicted_label": int(score >= threshold), "threshold": threshold} for score in scores
    ]
    assert write_decisions(scores, threshold) == write_answer(answers, {}, "application/json")
