"""What an environment costs: idle, with its endpoints, for predictions and for jobs."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final

from mdlc.cost import jobs, serving
from mdlc.cost.assembly import Stacks
from mdlc.cost.jobs import Job
from mdlc.cost.prices import Price, PriceTable
from mdlc.cost.resources import Free, charges
from mdlc.cost.serving import Endpoint, Front

HOURS: Final = Decimal(730)
"""Hours of a month, as AWS counts them in its examples."""
PER_MONTH: Final[Mapping[str, Decimal]] = {"hour": HOURS, "month": Decimal(1)}
PREDICTIONS: Final = Decimal(1000)
TRACKING_ALARMS: Final = Decimal(2)
"""Target tracking makes an alarm for growing and one for shrinking of each variant."""
LOGGED: Final = Decimal(2)
"""KB that a prediction leaves in logs: the API's line and the function's own."""
KILOBYTES: Final = Decimal(1024 * 1024)
"""In a GB."""


@dataclass(frozen=True)
class Line:
    """So much of an item for a purpose; `price` is None where the table has none, which is not the same as free."""

    stack: str
    resource: str
    item: str
    quantity: Decimal
    price: Price | None

    @property
    def usd(self) -> Decimal | None:
        """Price of the quantity as it is."""
        return None if self.price is None else self.price.usd * self.quantity

    @property
    def monthly(self) -> Decimal | None:
        """Price of the quantity all through a month; raises `KeyError` for what is not priced by time."""
        return None if self.price is None else self.price.usd * self.quantity * PER_MONTH[self.price.unit]


def total(amounts: Iterable[Decimal | None]) -> Decimal:
    """Return the sum of what is known."""
    return sum((amount for amount in amounts if amount is not None), Decimal(0))


@dataclass(frozen=True)
class Traffic:
    """What a prediction is taken to be: billed milliseconds of the function, and KB of request and answer together."""

    milliseconds: Decimal = Decimal(50)
    kilobytes: Decimal = Decimal(1)


@dataclass(frozen=True)
class Served:
    """An endpoint once a model is rolled out: what its idle instances and its scaling's alarms cost."""

    endpoint: Endpoint
    lines: Sequence[Line]


@dataclass(frozen=True)
class Predictions:
    """A thousand predictions through an API; `instances` is their share of an endpoint that is as busy as it may be."""

    front: Front
    lines: Sequence[Line]
    instances: Line | None


@dataclass(frozen=True)
class JobCost:
    """An hour of a job; None where the template does not say what it runs on."""

    job: Job
    lines: Sequence[Line]

    @property
    def hourly(self) -> Decimal | None:
        """USD for an hour of all its instances and their storage."""
        known = [line.usd for line in self.lines]
        return None if not known or None in known else total(known)

    @property
    def at_most(self) -> Decimal | None:
        """USD for a run that takes as long as it may."""
        return None if self.hourly is None else self.hourly * self.job.limit / 3600


class Estimate:
    """One environment, priced as in `region`, which is where it is unless another is given."""

    def __init__(
        self, stacks: Stacks, prices: PriceTable, *, region: str | None = None, traffic: Traffic | None = None
    ) -> None:
        self.environment = stacks.environment
        self.region = region or stacks.region
        prices.require(self.region)
        self._stacks = stacks
        self._prices = prices
        self._traffic = traffic or Traffic()

    @cached_property
    def idle(self) -> Sequence[Line]:
        """What costs all the time, and what nobody knows the price of."""
        found = []
        for stack, resource, kind, properties in self._resources():
            match charges(kind, properties):
                case Free():
                    continue
                case None:
                    found.append(Line(stack, resource, kind, Decimal(1), None))
                case charged:
                    found += [self._line(stack, resource, each.item, each.quantity) for each in charged]
        return found

    @property
    def idle_usd(self) -> Decimal:
        """USD a month with nothing running, of what is known."""
        return total(line.monthly for line in self.idle)

    @property
    def unknown(self) -> Sequence[Line]:
        """Idle lines without a price."""
        return [line for line in self.idle if line.price is None]

    @cached_property
    def free(self) -> Mapping[tuple[Free, str], int]:
        """How many resources of a type cost nothing while idle, by the reason."""
        counted: Counter[tuple[Free, str]] = Counter()
        for _, _, kind, properties in self._resources():
            if isinstance(reason := charges(kind, properties), Free):
                counted[reason, kind] += 1
        return dict(sorted(counted.items()))

    @cached_property
    def served(self) -> Sequence[Served]:
        """The endpoints, once a model is rolled out to each."""
        return [
            Served(
                each,
                [
                    self._line(each.stack, each.name, f"{each.instance_type} hosting", each.minimum),
                    self._line(each.stack, each.name, "alarm metric", TRACKING_ALARMS),
                ],
            )
            for each in serving.endpoints(self._stacks)
        ]

    @property
    def served_usd(self) -> Decimal:
        """USD a month of the endpoints, of what is known."""
        return total(line.monthly for served in self.served for line in served.lines)

    @cached_property
    def predictions(self) -> Sequence[Predictions]:
        """A thousand predictions through each API."""
        endpoints = {served.endpoint.name: served.endpoint for served in self.served}
        return [
            Predictions(front, list(self._request(front)), self._share(endpoints.get(front.endpoint)))
            for front in serving.fronts(self._stacks)
        ]

    @cached_property
    def jobs(self) -> Sequence[JobCost]:
        """An hour of each job of each pipeline."""
        return [
            JobCost(job, list(self._job(stack, job)))
            for stack, template in self._stacks.templates.items()
            for job in jobs.find(template)
        ]

    def _resources(self) -> Iterator[tuple[str, str, str, Mapping[str, object]]]:
        for stack, template in self._stacks.templates.items():
            for name, resource in template.get("Resources", {}).items():
                yield stack, name, resource["Type"], resource.get("Properties", {})

    def _line(self, stack: str, resource: str, item: str, quantity: Decimal) -> Line:
        return Line(stack, resource, item, quantity, self._prices.find(item, self.region))

    def _request(self, front: Front) -> Iterator[Line]:
        traffic = self._traffic
        data = PREDICTIONS * traffic.kilobytes / KILOBYTES
        amounts = {
            "API request": PREDICTIONS,
            "function request": PREDICTIONS,
            "function GB-second": PREDICTIONS * traffic.milliseconds / 1000 * front.memory,
            "endpoint data": data,
            "log data": PREDICTIONS * LOGGED / KILOBYTES,
        }
        if front.in_network:
            amounts["interface endpoint data"] = data
        for item, quantity in amounts.items():
            yield self._line(front.stack, front.name, item, quantity)

    def _share(self, endpoint: Endpoint | None) -> Line | None:
        """Instance hours for the predictions at the calls a minute that the endpoint scales at."""
        if endpoint is None:
            return None
        hours = PREDICTIONS / endpoint.calls_per_minute / 60
        return self._line(endpoint.stack, endpoint.name, f"{endpoint.instance_type} hosting", hours)

    def _job(self, stack: str, job: Job) -> Iterator[Line]:
        if job.instance_type is None or job.instance_count is None:
            return
        yield self._line(stack, job.step, f"{job.instance_type} {job.kind}", job.instance_count)
        storage = job.instance_count * job.storage / HOURS
        yield self._line(stack, job.step, f"{job.kind} storage", storage)
