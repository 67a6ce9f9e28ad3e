"""The report on a pipeline execution as one HTML page with no network, and its figures as summary.json."""

from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

from mdlc.report import flow, page, text
from mdlc.report.bias import read_bias
from mdlc.report.data import Report
from mdlc.report.model import Judged, Tile


def write(report: Report, folder: Path) -> Path:
    """Write report.html and summary.json to `folder`, which is made; return the page's path."""
    return page.write(render(report), report.summary().as_json(), folder)


def render(report: Report) -> str:
    """Return the page; it refers to nothing outside itself."""
    steps = {step.name: step for step in report.execution.steps}
    judged = Judged(report.system, report.evaluation or {}, report.explanations)
    return page.render(
        "report.html.jinja",
        report=report,
        made_at=text.moment(report.made_at),
        tiles=_tiles(report, judged),
        run_graph=flow.run_graph(report.graph, steps),
        timeline=flow.timeline(report.execution.steps),
        model=judged,
        bias=read_bias(report.bias) if report.bias else None,
        answer=judged.answer(report.prediction),
        engines=_engines(report.engines),
    )


def _tiles(report: Report, judged: Judged) -> list[Tile]:
    tiles = judged.tiles(report.parameters.get(report.system.gate_parameter))
    if report.over_http:
        rows = f"of {report.over_http['rows']} test rows"
        tiles.append(Tile("accuracy over HTTP", f"{report.over_http['accuracy']:.4f}", rows))
    if report.model:
        tiles.append(Tile("model version", str(report.model.version), report.model.state))
    if answer := judged.answer(report.prediction):
        tiles.append(Tile("prediction", answer.decision, "of one record over HTTP"))
    if report.prediction and report.way:
        took = text.seconds(report.way.run_seconds)
        tiles.append(Tile("data to prediction", took, "publish, train, roll out, predict"))
    return tiles


def _engines(engines: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    return [
        (engine, [step for step, _ in pairs])
        for engine, pairs in groupby(sorted(engines.items(), key=lambda pair: (pair[1], pair[0])), lambda pair: pair[1])
    ]
