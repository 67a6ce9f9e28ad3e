"""Drawings of a run."""

from xml.etree import ElementTree as ET

from mdlc.report import flow
from mdlc.report.graph import Graph, Node
from tests.mdlc.report.test_render import step


def test_long_names_take_two_lines() -> None:
    nodes = (Node("CheckFraudDetXGBEvaluation", "Condition", 0), Node("x" * 60, "Fail", 1))
    drawing = ET.fromstring(flow.run_graph(Graph(nodes, ()), {}))
    names = [element.text for element in drawing.iter("text") if element.get("class") == "name"]
    assert names[:2] == ["CheckFraudDetXGB", "Evaluation"]
    assert all(name and len(name) <= 20 for name in names)


def test_a_small_graph_is_not_blown_up_and_a_large_one_can_be_read_on_a_phone() -> None:
    """A node is 168 wide with 26 to the next, in letters of 11.5: at 0.85 of that they have 9.8 pixels."""
    drawn = flow.run_graph(Graph((Node("A", "Processing", 0), Node("B", "Processing", 1)), ()), {})
    assert "max-width: 437px; min-width: 309px" in drawn  # 2 * 168 + 26 + 2 = 364


def test_the_names_beside_bars_have_room_and_are_cut_in_their_middle() -> None:
    name = "EvaluateTheModelOfTheWholeYearOnceMore"
    drawing = ET.fromstring(flow.timeline([step("A"), step(name)]))
    labels = [element for element in drawing.iter("text") if element.get("class") == "label"]
    assert [label.text for label in labels] == ["A", "EvaluateTheMode…leYearOnceMore"]
    assert all(float(label.get("x", "0")) >= 7 * len(label.text or "") for label in labels)
