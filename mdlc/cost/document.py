"""An estimate as JSON: amounts in USD as numbers, null where they are unknown."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from mdlc.cost.estimate import HOURS, Estimate, JobCost, Line, Predictions, Served, total
from mdlc.cost.findings import by_stack, prices_used, warnings
from mdlc.cost.prices import Price
from mdlc.output import JsonObject


def as_json(estimate: Estimate) -> JsonObject:
    """Return everything about one environment."""
    return {
        "environment": estimate.environment,
        "region": estimate.region,
        "hours": int(HOURS),
        "idle_usd": float(estimate.idle_usd),
        "complete": not estimate.unknown,
        "idle": [_monthly(line) for line in estimate.idle],
        "stacks": {stack: float(usd) for stack, usd in by_stack(estimate).items()},
        "unknown": [f"{line.stack}/{line.resource} {line.item}" for line in estimate.unknown],
        "free": [
            {"type": kind, "count": count, "reason": str(reason)} for (reason, kind), count in estimate.free.items()
        ],
        "endpoints": [_endpoint(each) for each in estimate.served],
        "predictions": [_predictions(each) for each in estimate.predictions],
        "jobs": [_job(each) for each in estimate.jobs],
        "warnings": warnings(estimate),
        "prices": [_price(price) for price in prices_used(estimate)],
    }


def _monthly(line: Line) -> dict[str, Any]:
    return _line(line) | {"usd_month": _number(line.monthly)}


def _endpoint(served: Served) -> dict[str, Any]:
    endpoint = served.endpoint
    return {
        "name": endpoint.name,
        "instance_type": endpoint.instance_type,
        "minimum": int(endpoint.minimum),
        "maximum": int(endpoint.maximum),
        "usd_month": _sum(line.monthly for line in served.lines),
        "lines": [_monthly(line) for line in served.lines],
    }


def _predictions(predictions: Predictions) -> dict[str, Any]:
    return {
        "api": predictions.front.name,
        "usd_per_1000": _sum(line.usd for line in predictions.lines),
        "instances_usd_per_1000": _number(predictions.instances.usd) if predictions.instances else None,
        "lines": [_line(line) | {"usd": _number(line.usd)} for line in predictions.lines],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "stack": line.stack,
        "resource": line.resource,
        "item": line.item,
        "quantity": float(line.quantity),
        "unit": line.price.unit if line.price else None,
        "price_region": line.price.region if line.price else None,
    }


def _job(cost: JobCost) -> dict[str, Any]:
    job = cost.job
    return {
        "pipeline": job.pipeline,
        "step": job.step,
        "kind": job.kind,
        "instance_type": job.instance_type,
        "instance_count": _number(job.instance_count),
        "spot": job.spot,
        "usd_hour": _number(cost.hourly),
        "usd_at_most": _number(cost.at_most),
    }


def _price(price: Price) -> dict[str, Any]:
    return {
        "item": price.item,
        "unit": price.unit,
        "region": price.region,
        "usd": float(price.usd),
        "usage_type": price.usage_type,
        "mark": str(price.mark),
        "source": price.source,
        "date": price.date.isoformat(),
    }


def _number(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)


def _sum(amounts: Iterable[Decimal | None]) -> float | None:
    known = list(amounts)
    return None if None in known else float(total(known))
