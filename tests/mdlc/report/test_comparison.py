"""The page of a comparison: whole, self-contained, and drawn to scale."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from experiments.run import Point, Tag
from experiments.tracking import TrackedRun
from mdlc.client.artifacts import Mistake
from mdlc.client.experiments import Change, Changes, Recorded, compare
from mdlc.report.comparison import Compared, Comparison, metric_names, render, texts_of
from mdlc.report.quality import read_matrix
from tests.mdlc.report.pages import Page

BEGAN = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PIXEL = "data:image/png;base64,iVBORw0KGgo="


def recorded(name: str, depth: str, auc: float, comment: str = "") -> Recorded:
    run = TrackedRun(
        id=name,
        experiment_id="1",
        name=name,
        status="FINISHED",
        started=BEGAN,
        ended=BEGAN,
        parameters={"max_depth": depth, "eta": "0.1"},
        metrics={"roc_auc": auc},
        tags={Tag.IS_BEST: "true" if depth == "4" else "false", Tag.COMMENT: comment},
    )
    return Recorded("dev-images/images", run)


def page(*, changes: Changes | None = None) -> str:
    found = (recorded("one", "3", 0.8, "<b>bold</b>"), recorded("two", "4", 0.75))
    matrix = read_matrix({"m": {"confusion_matrix": {"cat": {"cat": 8, "dog": 2}, "dog": {"cat": 0, "dog": 10}}}})
    mistakes = (Mistake("cat/1.png", "cat", "dog", 0.93, PIXEL), Mistake("cat/2.tif", "cat", "dog", 0.6, ""))
    runs = (Compared(found[0], matrix, mistakes, 14), Compared(found[1], None, (), 0))
    curves = {"train-auc": ((Point(0, 1, 0.5), Point(1, 2, 1.0)), (Point(0, 1, 0.75),))}
    return render(
        Comparison(
            system="images",
            environment="dev",
            cloud="AWS (eu-west-1)",
            runs=runs,
            changes=changes or compare(found),
            curves=curves,
        )
    )


def test_the_page_has_everything_and_needs_no_network() -> None:
    written = page()
    for text in ("one", "two", "max_depth", "train-auc", "predicted dog", "14 mistakes, the surest 2 shown", "93%"):
        assert text in written
    assert PIXEL in written
    assert "cat/2.tif" in written
    assert "-0.0500" in written
    assert "&lt;b&gt;bold" in written
    assert not Page(written).addresses
    assert Page(written).row("one")[6] == "2026-11-21 12:00:00 UTC"


def test_equal_runs_say_so() -> None:
    assert "Nothing: data, code and parameters are the same." in page(changes=Changes((), (), {}))


def test_what_a_run_was_not_given_is_a_default() -> None:
    seed = Change("seed", (None, "7"), (True, False))
    rounds = Change("num_round", ("300", "1"), (True, False))
    text = Page(page(changes=Changes((Change("image", (None, "v2")),), (seed, rounds), {})))
    assert text.row("seed") == ["seed", "default", "7"]
    assert text.row("num_round") == ["num_round", "300 default", "1"]
    assert text.row("image") == ["image", "not recorded", "v2"]
    assert (texts_of(seed), texts_of(rounds)) == (["default", "7"], ["300 (default)", "1"])


@pytest.mark.parametrize(("value", "names"), [(0.8, ["roc_auc"]), (0.7, ["roc_auc", "auc"])])
def test_a_figure_under_two_names_is_shown_once(value: float, names: list[str]) -> None:
    found = recorded("one", "3", 0.8)
    assert metric_names([replace(found, run=replace(found.run, metrics={"roc_auc": 0.8, "auc": value}))]) == names
