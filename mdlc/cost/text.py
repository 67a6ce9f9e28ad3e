"""An estimate as text, and several side by side."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.text import Text

from mdlc.cost.estimate import Estimate, Line, total
from mdlc.cost.findings import by_item, by_stack, notes, quantity, usd, warnings
from mdlc.cost.jobs import Job
from mdlc.output import table

if TYPE_CHECKING:
    from rich.console import RenderableType

BAR: Final = 20
"""Characters of the longest bar."""


def as_text(estimate: Estimate) -> "RenderableType":
    """Return what a person reads of one environment."""
    amount = f"{'at least ' if estimate.unknown else ''}{usd(estimate.idle_usd)}"
    title = f"{estimate.environment}, priced as in {estimate.region}: {amount} USD a month with nothing running"
    stacks = [(stack, usd(each)) for stack, each in by_stack(estimate).items()]
    parts: list[RenderableType] = [
        Text(title, style="bold"),
        _idle(estimate),
        "",
        table(("stack", "USD a month"), stacks),
    ]
    if estimate.served:
        parts += ["", "On top, once a model is rolled out to it, without its storage:", _endpoints(estimate)]
    if estimate.predictions:
        parts += ["", "1,000 predictions, and what they take of an endpoint that is fully used:", _requests(estimate)]
    if estimate.jobs:
        parts += ["", "An hour of a job, and a run that takes as long as it may; on spot, less:", _jobs(estimate)]
    parts += ["", *(Text(line) for line in _free(estimate))]
    parts += ["", *(Text(f"! {warning}") for warning in warnings(estimate))]
    return Group(*parts, *(Text(f"~ {note}") for note in notes(estimate)))


def comparison(estimates: Sequence[Estimate]) -> "RenderableType":
    """Return the environments side by side: idle items, the dearest first, then endpoints."""
    columns = [by_item(estimate) for estimate in estimates]
    dearest = {item: max(_amount(each, item) for each in columns) for column in columns for item in column}
    rows = [
        (item, *(_cell(column.get(item)) for column in columns))
        for item in sorted(dearest, key=lambda item: (-dearest[item], item))
    ]
    rows += [
        ("idle", *(f"{'≥ ' if each.unknown else ''}{usd(each.idle_usd)}" for each in estimates)),
        ("endpoints, once rolled out", *(usd(each.served_usd) for each in estimates)),
        ("with endpoints", *(usd(each.idle_usd + each.served_usd) for each in estimates)),
    ]
    doubts = dict.fromkeys(note for each in estimates for note in notes(each))
    return Group(
        table(("USD a month", *(each.environment for each in estimates)), rows), *(Text(f"~ {note}") for note in doubts)
    )


def _idle(estimate: Estimate) -> "RenderableType":
    amounts = {item: total(line.monthly for line in lines) for item, lines in by_item(estimate).items()}
    most = max(amounts.values(), default=Decimal(0))
    rows = []
    for item, lines in by_item(estimate).items():
        bar = "█" * max(1, round(BAR * amounts[item] / most)) if amounts[item] else ""
        each = None if lines[0].monthly is None else lines[0].monthly / lines[0].quantity
        rows.append((item, str(quantity(lines)), usd(each), _cell(lines), bar))
    return table(("item", "quantity", "each", "USD a month", ""), rows)


def _free(estimate: Estimate) -> list[str]:
    """Return a line for each reason, with the types that cost nothing for it and how many of each there are."""
    reasons = dict.fromkeys(reason for reason, _ in estimate.free)
    return [
        f"{reason}: "
        + ", ".join(f"{kind.removeprefix('AWS::')} {n}" for (why, kind), n in estimate.free.items() if why is reason)
        for reason in reasons
    ]


def _endpoints(estimate: Estimate) -> "RenderableType":
    rows = []
    for served in estimate.served:
        endpoint = served.endpoint
        instances = f"{endpoint.minimum} to {endpoint.maximum} {endpoint.instance_type}"
        rows.append((endpoint.name, instances, _cell(served.lines)))
    return table(("endpoint", "instances", "USD a month"), rows)


def _requests(estimate: Estimate) -> "RenderableType":
    rows = []
    for each in estimate.predictions:
        amount = None if any(line.price is None for line in each.lines) else total(line.usd for line in each.lines)
        rows.append((each.front.name, usd(amount, 4), usd(each.instances.usd if each.instances else None, 4)))
    return table(("API", "USD", "of the endpoint"), rows)


def _jobs(estimate: Estimate) -> "RenderableType":
    rows = [
        (cost.job.pipeline, cost.job.step, _instances(cost.job), usd(cost.hourly, 4), usd(cost.at_most, 4))
        for cost in estimate.jobs
    ]
    return table(("pipeline", "step", "instances", "USD an hour", "USD at most"), rows)


def _instances(job: Job) -> str:
    """Say how many of what; the price is that on demand."""
    return f"{job.instance_count or '?'} {job.instance_type or '?'}{' spot' if job.spot else ''}"


def _amount(column: Mapping[str, Sequence[Line]], item: str) -> Decimal:
    return total(line.monthly for line in column.get(item, ()))


def _cell(lines: Sequence[Line] | None) -> str:
    if lines is None:
        return "-"
    return "?" if any(line.price is None for line in lines) else usd(total(line.monthly for line in lines))
