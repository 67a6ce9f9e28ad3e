"""Every page of the project: a title, a date with its zone, no wider than a phone, and texts that can be read."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from checks import report as checks_report
from checks.pages import LOOK
from mdlc.report import features, render, runs
from mdlc.report.graph import Edge, Graph, Node
from tests.checks.test_report import CHECK
from tests.mdlc.report import test_comparison, test_features, test_labels, test_render, test_runs
from tests.mdlc.report.browser import measure
from tests.mdlc.report.documents import BIAS
from tests.mdlc.report.pages import Page

ZONED = r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2})? UTC"
READABLE = 4.5
"""Contrast of text, WCAG 2.2, success criterion 1.4.3 (AA)."""
SMALLEST = 9
"""Pixels of a text: less cannot be read, as in a drawing that is scaled to a phone."""
PHONE, DESK = 500, 1400
PICTURES = sorted((LOOK.parents[1] / "docs").glob("*.svg"))
"""They are shown beside text, in a column of some 900 pixels."""
ROW = "arn:aws:states:eu-west-1:111111111111:stateMachine:" + "a-name-that-is-as-long-as-cdk-makes-them-" * 3


def access() -> str:
    """The page of `make access`, of one workload with one right."""
    right = SimpleNamespace(name="start a run", action="states:StartExecution")
    workload = SimpleNamespace(
        stack="steps", description="Runs the {environment} pipeline", may={"start a run"}, inside=True, bound=True
    )
    judged = SimpleNamespace(name="dev", closed=True, assertions=79388, denials=70000, statements=9, survivors=())
    folder = Path(checks_report.__file__).parent / "access"
    templates = Environment(loader=FileSystemLoader([folder, LOOK]), autoescape=True, undefined=StrictUndefined)
    return templates.get_template("access.html.jinja").render(
        workloads=[workload],
        of_a_network=set(),
        never=[right],
        passages=[SimpleNamespace(name="read", action="s3:GetObject", passes=True, anybody=False)],
        bucket_requests=[SimpleNamespace(who="a role of another account", passes=False)],
        judgments=[judged],
        wrong=["dev: somebody may"],
        environment="dev",
        operations={"start a run": right},
        resource=lambda _: ROW,
        personas=[("data scientist", ["ann"], "trains models")],
        made_at="2026-11-21 12:00 UTC",
        commit="0123456789ab",
    )


def long_names() -> str:
    """A report on seven steps with long names, with features and a group that are called no shorter."""
    names = [f"{word}ModelOfTheWholeYear" for word in ("Prepare", "Train", "Evaluate", "Check", "Explain", "Register")]
    feature = "contract_a_group_with_quite_a_long_name"
    nodes = tuple(Node(name, "Processing", column) for column, name in enumerate([*names, "Reject"]))
    shap = {"explanations": {"kernel_shap": {"label0": {"global_shap_values": {f"{feature}_1": 0.5, "age": 0.1}}}}}
    counts = {"rows": 227, "favorable_labels": 221, "favorable_predictions": 222}
    bias = json.loads(json.dumps(BIAS).replace("customer_gender_female", feature))
    return render.render(
        test_render.report(
            graph=Graph(nodes, tuple(Edge(*pair) for pair in pairwise(node.name for node in nodes))),
            execution=replace(test_render.report().execution, steps=tuple(map(test_render.step, names))),
            explanations=shap,
            bias=bias | {"groups": {"facet": counts, "others": counts}},
        )
    )


PAGES: Mapping[str, Callable[[], str]] = {
    "pipeline": lambda: render.render(test_render.report()),
    "long names": long_names,
    "runs": lambda: runs.render(test_runs.experiment(asked=test_runs.failed("three"))),
    "pictures": lambda: runs.render(test_runs.pictures()),
    "features": lambda: test_features.render(groups=[features.describe_group(test_features.GROUP)]),
    "comparison": test_comparison.page,
    "labels": test_labels.page,
    "check": lambda: checks_report.render(CHECK),
    "access": access,
}


@pytest.fixture(scope="module")
def pages() -> Mapping[str, str]:
    return {name: make() for name, make in PAGES.items()}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_a_title_and_says_when_it_was_made(name: str, pages: Mapping[str, str]) -> None:
    html = pages[name]
    assert re.search(r"<title>\s*[^<\s]", html)
    assert re.search(rf"Made {ZONED} by ", Page(html).text)
    for moment in re.findall(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}[^<,)]*", html):
        assert re.match(ZONED, moment) or " UTC" in moment, moment
    assert not re.search(r">\s*-?\d+\.\d{7,}\s*<", html)  # a figure as it is stored


@pytest.mark.parametrize("name", PAGES)
def test_every_table_has_the_look_of_all(name: str, pages: Mapping[str, str]) -> None:
    for style in re.findall(r'<table( class="[^"]*")?', pages[name]):
        assert re.search(r'"(plain|matrix)', style), style
    assert pages[name].count("<style>") == 1


def test_the_index_of_who_may_do_what_is_by_stack_and_leads_to_each_workload(pages: Mapping[str, str]) -> None:
    page = Page(pages["access"])
    assert page.addresses == ["#steps-1", "#never", "#passes", "#buckets"]
    assert all(f'id="{address[1:]}"' in pages["access"] for address in page.addresses)
    assert "stack steps Runs the dev pipeline" in page.text
    assert "Runs the dev pipeline 1 right, calls from inside the network" in page.text


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "width"), [("light", PHONE), ("dark", PHONE), ("light", DESK)])
def test_a_browser_shows_nothing_cut_off_broken_or_too_small_and_every_text_can_be_read(
    scheme: str, width: int, pages: Mapping[str, str], tmp_path: Path
) -> None:
    for name, found in measure(pages, scheme, width, tmp_path).items():
        assert found.overflow <= 0, (name, found)
        assert not found.outside, (name, found)
        assert not found.broken, (name, found)
        assert found.smallest >= SMALLEST, (name, found)
        assert found.contrast >= READABLE, (name, found)


@pytest.mark.slow
def test_the_texts_of_the_documents_pictures_are_within_their_boxes_and_can_be_read(tmp_path: Path) -> None:
    shown = {file.name: f"<!doctype html><body>{file.read_text(encoding='utf-8')}</body>" for file in PICTURES}
    for name, found in measure(shown, "light", 900, tmp_path).items():
        assert not found.outside, (name, found)
        assert found.smallest >= SMALLEST, (name, found)
        assert found.contrast >= READABLE, (name, found)
