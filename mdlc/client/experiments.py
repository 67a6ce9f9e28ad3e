"""Runs in MLflow as the command line sees them: a system's experiments, its best run, and what changed between runs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from experiments.recorder import YES
from experiments.run import Status, Tag
from experiments.signing import SignedTransport
from experiments.tracking import Experiment, TrackedRun, Tracking
from mdlc import systems
from mdlc.client.aws import Cloud
from mdlc.errors import CommandError, InputError

APP: Final = "MlflowAppArn"
"""Output that holds the ARN of the environment's MLflow app."""
JOBS: Final = "jobs"
"""What stands for a system where training jobs are meant that belong to none."""
DEFAULT: Final = "Default"
"""The experiment that every MLflow begins with."""
NAMED: Final = 10
"""Most names that a refusal lists."""
ORIGINS: Final = (Tag.DATA_VERSION, Tag.CODE_VERSION, Tag.IMAGE)
"""Tags that say where a run came from."""


@dataclass(frozen=True)
class Recorded:
    """A run, with the name of its experiment."""

    experiment: str
    run: TrackedRun

    @property
    def seconds(self) -> float | None:
        """How long it ran."""
        started, ended = self.run.started, self.run.ended
        return round((ended - started).total_seconds(), 3) if started and ended else None

    @property
    def is_best(self) -> bool:
        """Whether it is the best run of its experiment so far."""
        return self.run.tags.get(Tag.IS_BEST) == YES

    def tag(self, tag: Tag) -> str:
        """Return a tag; empty where the run has none."""
        return self.run.tags.get(tag, "")

    def as_json(self) -> dict[str, Any]:
        """Return the run as --json shows it; `is_best` is None where runs are not compared."""
        return {
            "run": self.run.id,
            "name": self.run.name,
            "experiment": self.experiment,
            "status": self.run.status,
            "started": self.run.started.isoformat() if self.run.started else None,
            "seconds": self.seconds,
            "is_best": self.is_best if Tag.IS_BEST in self.run.tags else None,
            "comment": self.tag(Tag.COMMENT),
            "data_version": self.tag(Tag.DATA_VERSION),
            "code_version": self.tag(Tag.CODE_VERSION),
            "reason": self.tag(Tag.REASON) or None,
            "arn": self.tag(Tag.ARN),
            "training_job": self.tag(Tag.TRAINING_JOB),
            "artifacts": {
                name.removeprefix("artifact."): uri
                for name, uri in self.run.tags.items()
                if name.startswith("artifact.")
            },
            "parameters": dict(self.run.parameters),
            "metrics": {name: value for name, value in self.run.metrics.items() if math.isfinite(value)},
        }


@dataclass(frozen=True)
class Change:
    """Something that runs do not share: its name, and its value in each of them; None where none is known."""

    name: str
    values: tuple[str | None, ...]
    defaults: tuple[bool, ...] = ()
    """Of a parameter: whether a run was not given it, so that its value is the default of the code that ran."""


@dataclass(frozen=True)
class Changes:
    """What differs between runs, and what all of them share."""

    origins: tuple[Change, ...]
    """Data version, code version and image."""
    parameters: tuple[Change, ...]
    same: Mapping[str, str]
    """Parameters with one value in all runs."""


def reference(cloud: Cloud, environment: str, experiment: str, run: str) -> dict[str, str] | None:
    """Return where a summary says that a run is found in MLflow; none where the environment records none.

    It is recorded some seconds after its end, and nobody waits for it.
    """
    if cloud.find_output(environment, APP) is None:
        return None
    return {"experiment": experiment, "run": run}


def app(cloud: Cloud, environment: str) -> str:
    """Return the ARN of an environment's MLflow app; raise `InputError` where it has none."""
    return cloud.output(environment, APP, "MLflow app that records runs")


class Runs:
    """The recorded runs of a system in one environment."""

    def __init__(self, cloud: Cloud, environment: str, system: str) -> None:
        """Raise `InputError` for an unknown system, and where the environment leaves experiments out."""
        if system != JOBS and system not in systems.SYSTEMS:
            known = ", ".join([*sorted(systems.SYSTEMS), JOBS])
            raise InputError(f"There is no system {system!r}: runs are recorded of {known}.")
        self.system, self.environment = system, environment
        self.tracking = Tracking(SignedTransport(cloud.session, app(cloud, environment), cloud.endpoint))

    @property
    def metric(self) -> str:
        """The figure that decides which of its runs is the best; empty where none does."""
        return "" if self.system == JOBS else systems.find(self.system).metric

    def experiments(self, experiment: str | None = None) -> list[Experiment]:
        """Return the system's experiments, the newest first, or the one called so; raise `InputError` for another."""
        found = [each for each in self.tracking.experiments() if self._owns(each.name)]
        if experiment is None:
            return found
        chosen = [each for each in found if experiment in {each.name, each.name.partition("/")[2]}]
        if not chosen:
            raise InputError(
                f"{self.system} has no experiment {experiment!r}: {describe_choices([e.name for e in found])}."
            )
        return chosen

    def names(self) -> list[str]:
        """Return the names of the system's experiments, the newest first; none for jobs, which have no system."""
        return [] if self.system == JOBS else [each.name for each in self.experiments()]

    def _owns(self, name: str) -> bool:
        maker = name.partition("/")[0]
        if self.system == JOBS:
            return name != DEFAULT and maker not in {f"{self.environment}-{system}" for system in systems.SYSTEMS}
        return maker == f"{self.environment}-{self.system}"

    def newest(self, experiment: str | None = None, most: int | None = None) -> list[Recorded]:
        """Return the runs, the newest first."""
        return self._search(self.experiments(experiment), "", ["attributes.start_time DESC"], most)

    def find(self, identifier: str) -> Recorded:
        """Return a run by its name or id; raise `InputError` naming those that there are."""
        runs = self.newest()
        for recorded in runs:
            if identifier in {recorded.run.id, recorded.run.name}:
                return recorded
        raise InputError(
            f"{self.system} has no run {identifier!r}: {describe_choices([each.run.name for each in runs])}."
        )

    def best(self, metric: str | None = None, experiment: str | None = None, *, lowest: bool = False) -> Recorded:
        """Return the finished run with the highest value of `metric`, or the lowest; of equal ones the first.

        Runs are compared within one experiment: without a name, within the one that runs are in when nobody says which.
        Raise `InputError` for a metric that no run has, naming those that there are, and where there is no run.
        """
        if experiment is None and any("/" in name for name in self.names()):
            experiment = self.system
        runs = [each for each in self.newest(experiment) if each.run.status == Status.FINISHED]
        if not runs:
            raise InputError(f"{self.system} has no finished run.")
        name = metric or self.metric
        if not name:
            raise InputError(f"Say which metric decides: {describe_choices(_metrics(runs))}.")
        measured = [each for each in reversed(runs) if name in each.as_json()["metrics"]]
        if not measured:
            raise InputError(f"No run of {self.system} has a metric {name!r}: {describe_choices(_metrics(runs))}.")
        return (min if lowest else max)(measured, key=lambda each: each.run.metrics[name])

    def _search(
        self, experiments: Sequence[Experiment], criterion: str, order: Sequence[str], most: int | None
    ) -> list[Recorded]:
        names = {each.id: each.name for each in experiments}
        runs = self.tracking.runs(list(names), criterion, order, most)
        return [Recorded(names[run.experiment_id], run) for run in runs]


def compare(runs: Sequence[Recorded], used: Sequence[Mapping[str, str]] = ()) -> Changes:
    """Return what changed between runs; raise `CommandError` for fewer than two.

    `used` are the hyperparameters that each run was trained with: what a run was not given is taken from there.
    """
    if len(runs) < 2:  # noqa: PLR2004 - a comparison
        raise CommandError("A comparison takes two runs or more.")
    names = list(dict.fromkeys(name for each in runs for name in each.run.parameters))
    parameters = [_parameter(name, runs, used or [{} for _ in runs]) for name in names]
    origins = [Change(str(tag), tuple(each.run.tags.get(tag) for each in runs)) for tag in ORIGINS]
    return Changes(
        origins=tuple(change for change in origins if len(set(change.values)) > 1),
        parameters=tuple(change for change in parameters if _differs(change)),
        same={change.name: str(change.values[0]) for change in parameters if not _differs(change)},
    )


def _parameter(name: str, runs: Sequence[Recorded], used: Sequence[Mapping[str, str]]) -> Change:
    given = [each.run.parameters.get(name) for each in runs]
    written = name.replace("-", "_")  # the vision image writes its settings so
    values = (
        known.get(name, known.get(written)) if value is None else value
        for value, known in zip(given, used, strict=True)
    )
    return Change(name, tuple(values), tuple(value is None for value in given))


def _differs(change: Change) -> bool:
    return len({_meaning(value) for value in change.values}) > 1


def _meaning(value: str | None) -> float | str | None:
    """Return a value so that equal ones are equal however they are written: a default of 1.0 is a 1 that was given."""
    try:
        return value if value is None else float(value)
    except ValueError:
        return value


def _metrics(runs: Sequence[Recorded]) -> list[str]:
    return sorted({name for each in runs for name in each.run.metrics})


def describe_choices(names: Sequence[str]) -> str:
    """Return names as the end of a refusal lists them."""
    if not names:
        return "there is none yet"
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"there are {', '.join(names[:NAMED])}{more}" if len(names) > 1 else f"there is {names[0]}"
