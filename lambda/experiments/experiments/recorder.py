"""Records runs in MLflow, once each, and keeps the mark of the best one right."""

from collections.abc import Callable

from experiments.run import Point, Run, Status, Tag
from experiments.tracking import TrackedRun, Tracking

YES, NO = "true", "false"
ROUNDS = 10
Best = Callable[[], str | None]
"""Tells the ARN of the best run so far, as it is now; none when there is none."""


def record(tracking: Tracking, run: Run) -> TrackedRun:
    """Record a run unless it is recorded already; return it as MLflow has it.

    The same event may come twice, and at once: the run is found by its ARN, and where two were started for one the
    first by id stays, whoever deletes the other. What a recording that broke off has left is completed.
    """
    experiment = tracking.ensure_experiment(run.experiment)
    found = _find(tracking, experiment.id, run.arn)
    if not found:
        tracking.create_run(experiment.id, run.name, run.started, {Tag.ARN: run.arn})
        found = _find(tracking, experiment.id, run.arn)
    kept, *doubles = found
    for double in doubles:
        tracking.delete_run(double.id)
    if Tag.RECORDED not in kept.tags:
        _complete(tracking, kept.id, run)
    return kept


def _find(tracking: Tracking, experiment: str, arn: str) -> list[TrackedRun]:
    found = tracking.runs([experiment], f"tags.{Tag.ARN} = '{arn}'")
    return sorted(found, key=lambda run: run.id)


def _complete(tracking: Tracking, tracked: str, run: Run) -> None:
    moment = round(run.ended.timestamp() * 1000)
    figures = {name: [Point(0, moment, value)] for name, value in run.metrics.items()}
    tags = {str(tag): value for tag, value in run.tags.items() if value}
    tracking.log(tracked, series={**figures, **run.series}, parameters=run.parameters, tags=tags)
    tracking.log_datasets(tracked, run.datasets)
    tracking.end_run(tracked, run.status, run.ended)
    tracking.set_tag(tracked, Tag.RECORDED, YES)


def mark_best(tracking: Tracking, experiment: str, best: Best) -> None:
    """Tag the best run of an experiment (id), and no other, with `is_best`.

    Others may do the same for other runs at once: it is asked again who is the best after the tags are written, so
    that whoever writes last has looked last.
    """
    winner = best()
    for _ in range(ROUNDS):
        marked = tracking.runs([experiment], f"tags.{Tag.IS_BEST} = '{YES}'")
        for each in marked:
            if each.tags[Tag.ARN] != winner:
                tracking.set_tag(each.id, Tag.IS_BEST, NO)
        if winner and winner not in {each.tags[Tag.ARN] for each in marked}:
            for each in _find(tracking, experiment, winner):
                tracking.set_tag(each.id, Tag.IS_BEST, YES)
        before, winner = winner, best()
        if winner == before:
            return


def highest(tracking: Tracking, experiment: str, metric: str) -> str | None:
    """Return the ARN of the finished run of an experiment (id) with the highest `metric`; of equal ones the first."""
    order = [f"metrics.`{metric}` DESC", "attributes.start_time ASC"]
    for run in tracking.runs([experiment], f"attributes.status = '{Status.FINISHED}'", order, most=1):
        if metric in run.metrics:
            return run.tags.get(Tag.ARN)
    return None
