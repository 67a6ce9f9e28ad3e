"""The report on a state machine's runs, those of one experiment, as one HTML page with no network, and its figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from mdlc.client import artifacts, experiments, registry
from mdlc.client.artifacts import Artifacts
from mdlc.client.deployed import ENDPOINT, MODEL_GROUP, Deployed
from mdlc.client.registry import ModelVersion
from mdlc.client.steps import Run
from mdlc.client.training import Machine
from mdlc.errors import InputError
from mdlc.report import origin, page, resources, text
from mdlc.report.model import Judged, Tile
from mdlc.report.origin import Origin
from mdlc.report.plots import curves
from mdlc.report.resources import Place
from mdlc.report.summary import Prediction, Summary, Timed, Way
from mdlc.systems import System

MOST: Final = 20
"""Runs that a report shows, the newest of the experiment."""
PARTS: Final = ("train", "val")
_CURVES: Final = {"loss": "Loss", "accuracy": "Accuracy"}
_COLUMNS: Final = ("accuracy", "precision", "recall", "macro_precision", "macro_recall", "rmse", "mae")
"""Figures that the table of runs has beside the one that decides, where there are any."""


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """Everything that the page shows: the runs, the oldest first, and of the best one what made it."""

    system: System
    environment: str
    place: Place
    made_at: datetime
    name: str
    runs: Sequence[Artifacts]
    best: Mapping[str, Any] | None = None
    """The best run as the table of runs has it; None where none was evaluated."""
    origin: Origin | None = None
    asked: Run | None = None
    """The run that the report was asked for; None where it was the experiment."""
    registers: bool = False
    """Whether the best runs' models are registered."""
    model: ModelVersion | None = None
    """The version that the best run registered."""
    recorded: Sequence[Mapping[str, str]] = ()
    """Experiment and run in MLflow of each run; none where the environment records none."""
    prediction: Prediction | None = None
    way: Way | None = None
    """The demo around the runs, where there was one."""

    @property
    def chosen(self) -> Artifacts | None:
        """The best run, where it is one of those shown."""
        wanted = self.best["execution"] if self.best else None
        return next((found for found in self.runs if found.run.arn == wanted), None)

    @property
    def judged(self) -> Judged:
        """The best run's model."""
        best = self.chosen
        return Judged(self.system, best.evaluation if best else {}, best.explanations if best else None)

    @property
    def columns(self) -> list[str]:
        """Figures that the table of runs shows: the one that decides comes first."""
        found = {name for each in self.runs for name in each.metrics}
        return [name for name in dict.fromkeys((self.system.metric, *_COLUMNS)) if name in found]

    def summary(self) -> Summary:
        """Return what summary.json holds."""
        best = dict(self.best) if self.best else None
        states = [Timed(each.run.id, each.run.status, each.run.seconds or 0.0) for each in self.runs]
        return Summary(
            system=self.system.name,
            environment=self.environment,
            cloud=self.place.description,
            steps=self.way.steps if self.way else states,
            metrics={best["metric"]: best["value"]} if best else {},
            resources=self.place.counts,
            properties=self.place.properties,
            way=self.way,
            more={
                "model_version": self.model.version if self.model else None,
                "prediction": self.prediction.as_json() if self.prediction else None,
                "recorded": [dict(each) for each in self.recorded],
                "result": {"experiment": self.name, "best": best, "runs": [each.as_json() for each in self.runs]},
            },
        )


def read(deployed: Deployed, runs: Sequence[Run], *, asked: Run | None = None) -> Experiment:
    """Return the report on runs of one experiment, the oldest first, as far as the cloud tells it."""
    cloud, system, environment = deployed.cloud, deployed.system, deployed.environment
    name = runs[0].experiment
    found = [artifacts.read(cloud, run) for run in runs]
    try:
        best = Machine(deployed).best(name)
    except InputError:  # none was evaluated yet
        best = None
    chosen = next((each for each in found if best and each.run.arn == best["execution"]), None)
    places = (experiments.reference(cloud, environment, f"{run.machine}/{name}", run.id) for run in runs)
    return Experiment(
        system=system,
        environment=environment,
        place=resources.find(cloud, environment),
        made_at=datetime.now(UTC),
        name=name,
        runs=found,
        best=best,
        origin=origin.of_run(cloud, chosen.run, environment) if chosen else None,
        asked=asked,
        registers=deployed.find(MODEL_GROUP) is not None,
        model=_version(deployed, chosen),
        recorded=[each for each in places if each],
    )


def _version(deployed: Deployed, chosen: Artifacts | None) -> ModelVersion | None:
    group = deployed.find(MODEL_GROUP)
    if group is None or chosen is None or not chosen.package:
        return None
    found = registry.versions(deployed.cloud, group, deployed.find(ENDPOINT), limit=50)
    return next((each for each in found if each.arn == chosen.package), None)


def write(experiment: Experiment, folder: Path) -> Path:
    """Write report.html and summary.json to `folder`, which is made; return the page's path."""
    return page.write(render(experiment), experiment.summary().as_json(), folder)


def render(experiment: Experiment) -> str:
    """Return the page; it refers to nothing outside itself."""
    judged = experiment.judged
    return page.render(
        "runs.html.jinja",
        report=experiment,
        made_at=text.moment(experiment.made_at),
        tiles=_tiles(experiment, judged),
        model=judged,
        answer=judged.answer(experiment.prediction),
        plots=[(title, _plot(experiment.chosen, name, title)) for name, title in _CURVES.items()],
        parts_of_data=PARTS,
        series=list(dict.fromkeys(name for each in experiment.runs for name in each.final)),
    )


def _tiles(experiment: Experiment, judged: Judged) -> list[Tile]:
    best, tiles = experiment.chosen, judged.tiles(None)
    if best and judged.matrix and best.mistake_count is not None:
        tiles.append(
            Tile("misclassified", f"{best.mistake_count} of {judged.matrix.total}", "pictures of the test set")
        )
    failed = sum(not each.run.succeeded for each in experiment.runs)
    others = f"{failed} did not succeed" if failed else "all succeeded"
    tiles.append(Tile("runs", str(len(experiment.runs)), others))
    if experiment.model:
        tiles.append(Tile("model version", str(experiment.model.version), experiment.model.state))
    if answer := judged.answer(experiment.prediction):
        tiles.append(Tile("prediction", answer.decision, "of one record over HTTP"))
    if experiment.way:
        tiles.append(Tile("data to result", text.seconds(experiment.way.run_seconds), "publish, train, compare"))
    return tiles


def _plot(best: Artifacts | None, figure: str, title: str) -> Markup:
    """Draw a figure of the best run by epoch; nothing where its training has no epochs."""
    if best is None:
        return Markup()
    lines = [list(enumerate(best.series(f"{part}_{figure}"), start=1)) for part in PARTS]
    return curves(f"{title} by epoch", lines, axis="epoch")
