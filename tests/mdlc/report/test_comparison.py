"""The page of a comparison: whole, self-contained, and drawn to scale."""

import math
import re
from datetime import UTC, datetime

from experiments.run import Point, Tag
from experiments.tracking import TrackedRun
from mdlc.client.experiments import Changes, Recorded, compare
from mdlc.report import svg
from mdlc.report.comparison import Compared, Comparison, Mistake, figure, read_matrix, render

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
    return render(Comparison("images", runs, changes or compare(found), curves))


def test_the_page_has_everything_and_needs_no_network() -> None:
    shown = page()
    for text in ("one", "two", "max_depth", "train-auc", "predicted dog", "14 mistakes, the surest 2 shown", "93 %"):
        assert text in shown
    assert PIXEL in shown
    assert "cat/2.tif" in shown
    assert "-0.0500" in shown
    assert "&lt;b&gt;bold" in shown
    assert not re.search(r"(src|href|url)\s*[=(]\s*[\"']?(https?:)?//", shown)


def test_equal_runs_say_so() -> None:
    assert "Nothing: data, code and parameters are the same." in page(changes=Changes((), (), {}))


def test_figures_are_for_people() -> None:
    assert [figure(value) for value in (0.5, 1e-05, 0.0, None, math.nan)] == [
        "0.5000",
        "1.000e-05",
        "0.0000",
        "-",
        "nan",
    ]


def test_a_report_without_a_matrix_has_none() -> None:
    assert read_matrix({"classification_metrics": {"roc_auc": {"value": 1}}, "x": 3}) is None


def test_curves_are_drawn_to_scale_and_gaps_are_left() -> None:
    """From 0 to 1 in four steps of 0.25, 440 wide and 220 high: 0.5 is in the middle."""
    drawn = svg.curves("loss", [[(0, 0.0), (2, 1.0), (4, 0.5)], [(0, 0.25), (1, math.nan), (4, 0.75)]])
    assert 'points="0.0,220.0 220.0,0.0 440.0,110.0"' in drawn
    assert drawn.count("<circle") == 2
    assert [tick for tick in ("0", "0.5", "1") if f">{tick}</text>" in drawn] == ["0", "0.5", "1"]


def test_nothing_finite_is_no_drawing_and_a_flat_curve_is_one() -> None:
    assert svg.curves("loss", [[(0, math.nan)], []]) == ""
    assert "polyline" in svg.curves("loss", [[(0, 0.0), (1, 0.0)]])


def test_the_seventh_run_has_the_first_colour_dashed() -> None:
    assert [svg.run_style(number) for number in (0, 5, 6)] == ["run-0", "run-5", "run-0 again"]
