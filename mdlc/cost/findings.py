"""Summaries and warnings of an estimate: idle costs by item and stack, and prices to doubt."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from mdlc.cost.estimate import Estimate, Line, total
from mdlc.cost.prices import Mark, Price


def by_item(estimate: Estimate) -> Mapping[str, Sequence[Line]]:
    """Return the idle lines of each item, the dearest item first."""
    grouped: dict[str, list[Line]] = defaultdict(list)
    for line in estimate.idle:
        grouped[line.item].append(line)
    return dict(sorted(grouped.items(), key=lambda each: -total(line.monthly for line in each[1])))


def by_stack(estimate: Estimate) -> Mapping[str, Decimal]:
    """Return USD a month of each stack that costs anything, the dearest first."""
    grouped: dict[str, Decimal] = defaultdict(Decimal)
    for line in estimate.idle:
        grouped[line.stack] += line.monthly or 0
    return dict(sorted(grouped.items(), key=lambda each: -each[1]))


def warnings(estimate: Estimate) -> list[str]:
    """Return a sentence for each thing that costs while nobody uses it, and for each that has no price."""
    found = []
    for item, lines in by_item(estimate).items():
        if amount := total(line.monthly for line in lines):
            found.append(f"{item}: {quantity(lines)} cost {usd(amount)} USD a month with nothing running.")
    for served in estimate.served:
        endpoint = served.endpoint
        instances = f"{endpoint.minimum} {endpoint.instance_type}"
        found.append(f"{endpoint.name}: {instances} day and night once a model is rolled out to it.")
    unpriced = [line for line in _lines(estimate) if line.price is None]
    return found + [f"{line.item} ({line.stack}/{line.resource}): no price, and not in the sum." for line in unpriced]


def prices_used(estimate: Estimate) -> list[Price]:
    """Return the rows of the price table that the estimate uses."""
    rows = {(line.price.item, line.price.region): line.price for line in _lines(estimate) if line.price}
    return [rows[key] for key in sorted(rows)]


def notes(estimate: Estimate) -> list[str]:
    """Return what to know of prices that are not published ones of the region."""
    found = []
    for price in prices_used(estimate):
        doubts = [] if price.mark is Mark.PUBLISHED else [str(price.mark)]
        doubts += (
            [] if price.region == estimate.region else [f"of {price.region}, as none of {estimate.region} is known"]
        )
        if doubts:
            found.append(f"{price.item} at {price.usd:f} USD: {', '.join(doubts)}.")
    return found


def usd(amount: Decimal | None, digits: int = 2) -> str:
    """Return an amount with so many digits; `?` when it is unknown."""
    return "?" if amount is None else f"{amount:,.{digits}f}"


def _lines(estimate: Estimate) -> list[Line]:
    lines = [*estimate.idle]
    for served in estimate.served:
        lines += served.lines
    for each in estimate.predictions:
        lines += [*each.lines, *([each.instances] if each.instances else [])]
    for cost in estimate.jobs:
        lines += cost.lines
    return lines


def quantity(lines: Iterable[Line]) -> Decimal:
    """Return how much of their item lines are together."""
    return sum((line.quantity for line in lines), Decimal(0))
