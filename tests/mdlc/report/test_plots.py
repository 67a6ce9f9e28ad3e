"""Drawings of figures, to scale."""

import math
from xml.etree import ElementTree as ET

from mdlc.report import plots
from mdlc.report.svg import run_style


def test_the_roc_starts_at_its_corner_and_ends_at_the_other() -> None:
    drawing = ET.fromstring(plots.roc([0.0, 0.1, 1.0], [0.0, 0.6, 1.0], (0.1, 0.6)))
    (curve,) = [element for element in drawing if element.get("class") == "curve"]
    assert curve.get("points") == "0.0,300.0 30.0,120.0 300.0,0.0"
    (point,) = [element for element in drawing if element.get("class") == "point"]
    assert (point.get("cx"), point.get("cy")) == ("30", "120")


def test_bars_are_as_long_as_their_values() -> None:
    drawing = ET.fromstring(plots.bars([("a", 2.0), ("b", 1.0), ("c", 0.0)], "values"))
    widths = [float(element.get("width", "0")) for element in drawing if element.tag == "rect"]
    assert widths == [220.0, 110.0, 1.5]


def test_precision_over_recall_has_the_line_of_a_guess_and_the_chosen_point() -> None:
    """300 wide and high: a quarter of the rows is positive, so guessing has the precision 0.25."""
    drawing = ET.fromstring(plots.precision_recall([0.5, 1.0], [0.8, 0.25], 0.25, (0.5, 0.8)))
    (curve,) = [element for element in drawing if element.get("class") == "curve"]
    assert curve.get("points") == "150.0,60.0 300.0,225.0"
    (guess,) = [element for element in drawing if element.get("class") == "chance"]
    assert [guess.get(name) for name in ("x1", "y1", "x2", "y2")] == ["0", "225", "300", "225"]
    (point,) = [element for element in drawing if element.get("class") == "point"]
    assert (point.get("cx"), point.get("cy")) == ("150", "60")


def test_the_axis_says_what_is_counted_and_begins_with_the_first() -> None:
    """Epochs 1 to 3 over 440: the second is in the middle."""
    drawn = plots.curves("loss", [[(1, 0.0), (2, 1.0), (3, 0.5)]], axis="epoch")
    assert 'points="0.0,220.0 220.0,0.0 440.0,110.0"' in drawn
    assert all(f">{text}</text>" in drawn for text in ("1", "3", "epoch"))
    assert ">step</text>" not in drawn


def test_curves_are_drawn_to_scale_and_gaps_are_left() -> None:
    """From 0 to 1 in four steps of 0.25, 440 wide and 220 high: 0.5 is in the middle."""
    drawn = plots.curves("loss", [[(0, 0.0), (2, 1.0), (4, 0.5)], [(0, 0.25), (1, math.nan), (4, 0.75)]])
    assert 'points="0.0,220.0 220.0,0.0 440.0,110.0"' in drawn
    assert drawn.count("<circle") == 2
    assert [tick for tick in ("0", "0.5", "1") if f">{tick}</text>" in drawn] == ["0", "0.5", "1"]


def test_nothing_finite_is_no_drawing_and_a_flat_curve_is_one() -> None:
    assert plots.curves("loss", [[(0, math.nan)], []]) == ""
    assert "polyline" in plots.curves("loss", [[(0, 0.0), (1, 0.0)]])


def test_the_seventh_run_has_the_first_colour_dashed() -> None:
    assert [run_style(number) for number in (0, 5, 6)] == ["run-0", "run-5", "run-0 again"]


def test_a_long_name_beside_a_bar_is_cut_in_its_middle_and_whole_in_its_title() -> None:
    name = "contract_a_group_with_quite_a_long_name"
    drawing = ET.fromstring(plots.bars([(name, 1.0)], "values"))
    (label,) = [element for element in drawing if element.get("class") == "label"]
    assert [element.text for element in label] == [name]
    assert "".join(label.itertext()).removeprefix(name) == "contract_a_grou…te_a_long_name"
