"""Drawings of a run."""

from xml.etree import ElementTree as ET

from mdlc.report import flow
from mdlc.report.graph import Graph, Node


def test_long_names_take_two_lines() -> None:
    nodes = (Node("CheckFraudDetXGBEvaluation", "Condition", 0), Node("x" * 60, "Fail", 1))
    drawing = ET.fromstring(flow.run_graph(Graph(nodes, ()), {}))
    names = [element.text for element in drawing.iter("text") if element.get("class") == "name"]
    assert names[:2] == ["CheckFraudDetXGB", "Evaluation"]
    assert all(name and len(name) <= 20 for name in names)
