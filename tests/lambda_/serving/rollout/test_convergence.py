"""Every interleaving of approvals, rejections, events and reconciliations ends at the package approved last.

The real adapter and loop run against the in-memory `World`. Each delivery runs in a thread of its own that stops
before every call to AWS, and Hypothesis chooses which of them goes on: that covers two reconciliations at once, stale
reads, duplicates and events out of order. One thing is assumed, as it holds for SageMaker: a deployment (minutes) takes
longer than a reconciliation that began before it (seconds).
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rollout import handler
from rollout.cloud import Cloud
from rollout.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

from tests.lambda_.serving.rollout.world import FakeClient, Parameters, World, arn_of

VERSIONS = (1, 2, 3)
AT_ONCE = 3
PATIENCE = 2000  # steps until everything must have settled


class Delivery(threading.Thread):
    """One event on its way through the function, a call to AWS at a time."""

    def __init__(self, world: World, configuration: Settings, event: Parameters, deployments: int) -> None:
        super().__init__(daemon=True)
        self.deployments_before = deployments
        self._world, self._configuration, self._event = world, configuration, event
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self._approved: dict[str, bool] = {}
        self._error: BaseException | None = None
        self.done = False
        self.start()
        self._stopped.acquire()

    def run(self) -> None:
        client = FakeClient(self._call)
        cloud = Cloud(self._configuration, cast("None", client), cast("None", client))  # type: ignore[arg-type]
        try:
            handler.react(self._event, self._configuration, cloud, lambda: True)
        except BaseException as error:  # noqa: BLE001 - raised again in the test's own thread
            self._error = error
        self.done = True
        self._stopped.release()

    def step(self) -> None:
        """Let one call through."""
        self._go.release()
        self._stopped.acquire()
        if self._error is not None:
            raise self._error

    def pause(self) -> None:
        """Wait for the test to let this delivery go on."""
        self._stopped.release()
        self._go.acquire()

    def _call(self, operation: str, parameters: Parameters) -> Parameters:
        self.pause()
        if operation in ("CreateEndpoint", "UpdateEndpoint"):
            package = self._world.package_arn_of(parameters["EndpointConfigName"])
            assert self._approved[package], "a package was deployed that was not approved when it was looked at last"
        answer = self._world.call(operation, parameters)
        if operation == "DescribeModelPackage":
            self._approved[parameters["ModelPackageName"]] = answer["ModelApprovalStatus"] == "Approved"
        return answer


class Simulation:
    """People, time and EventBridge around the function."""

    def __init__(self, configuration: Settings, bad: frozenset[int]) -> None:
        self.world, self._configuration, self._bad = World(), configuration, bad
        self._running: list[Delivery] = []
        self._undelivered: list[Parameters] = []
        self._known_events = 0
        self.approvals: Counter[int] = Counter()
        self.approved_at: dict[int, datetime] = {}
        for version in VERSIONS:
            self.world.register(version, bad=version in bad)

    def approve(self, choice: int) -> None:
        version = VERSIONS[choice % len(VERSIONS)]
        self.world.review(version, "Approved")
        self.approvals[version] += 1
        self.approved_at[version] = self.world.now

    def reject(self, choice: int) -> None:
        version = VERSIONS[choice % len(VERSIONS)]
        self.world.review(version, "Rejected")
        self.approved_at.pop(version, None)

    def deliver(self, choice: int) -> None:
        """Deliver an event: any that happened yet, whether it was delivered before or not."""
        if self.world.events and len(self._running) < AT_ONCE:
            self._collect()
            self._start(self.world.events[choice % len(self.world.events)])

    def step(self, choice: int) -> None:
        if self._running:
            delivery = self._running[choice % len(self._running)]
            delivery.step()
            if delivery.done:
                self._running.remove(delivery)

    def settle(self, _choice: int) -> None:
        """End the deployment that runs, if no delivery began before it."""
        endpoint = self.world.endpoint
        if endpoint is None or not self.world.deploying:
            return
        old = [delivery for delivery in self._running if delivery.deployments_before < self._deployments()]
        if endpoint.status == "Deleting" or not old:
            self.world.settle()

    def finish(self) -> None:
        """Let everything come to its end: every event delivered at least once, every deployment over."""
        for turn in range(PATIENCE):
            self._collect()
            while self._undelivered and len(self._running) < AT_ONCE:
                self._start(self._undelivered[0])
            if not self._running and not self.world.deploying:
                return
            self.step(turn)
            self.settle(0)
        pytest.fail("the roll-out does not come to rest")

    def expected(self) -> int | None:
        """Of the packages that are approved and can serve, the one approved last."""
        good = [version for version in self.approved_at if version not in self._bad]
        return max(good, key=lambda version: self.approved_at[version], default=None)

    def tries_of(self, version: int) -> dict[str, int]:
        """How often each configuration of this version was begun to deploy."""
        package = self.world.packages[arn_of(version)]
        return {
            config: times for config, times in self.world.started.items() if self.world.package_of(config) is package
        }

    def _start(self, event: Parameters) -> None:
        if event in self._undelivered:
            self._undelivered.remove(event)
        self._running.append(Delivery(self.world, self._configuration, event, self._deployments()))

    def _deployments(self) -> int:
        return sum(self.world.started.values())

    def _collect(self) -> None:
        self._undelivered += self.world.events[self._known_events :]
        self._known_events = len(self.world.events)


@pytest.fixture(autouse=True)
def _quiet_and_quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def sleep(_seconds: float) -> None:
        delivery = threading.current_thread()
        assert isinstance(delivery, Delivery)
        delivery.pause()

    monkeypatch.setattr("rollout.handler.time.sleep", sleep)
    monkeypatch.setattr("rollout.retention.EVENTS_LIVE", timedelta.max)  # any event may come again here
    handler.logger.setLevel(logging.CRITICAL)
    yield
    handler.logger.setLevel(logging.INFO)


ACTIONS: tuple[Callable[[Simulation, int], None], ...] = (
    Simulation.approve,
    Simulation.approve,
    Simulation.reject,
    Simulation.deliver,
    Simulation.deliver,
    Simulation.step,
    Simulation.step,
    Simulation.step,
    Simulation.settle,
)


@pytest.mark.slow  # seconds of interleavings
@given(
    bad=st.frozensets(st.sampled_from(VERSIONS), max_size=2),
    script=st.lists(
        st.tuples(st.sampled_from(ACTIONS), st.integers(0, 11), st.integers(1, 25)), min_size=12, max_size=60
    ),
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_interleaving_ends_at_the_package_approved_last(
    variables: dict[str, str],
    bad: frozenset[int],
    script: list[tuple[Callable[[Simulation, int], None], int, int]],
) -> None:
    simulation = Simulation(Settings.of_environment(variables), bad)
    for action, choice, times in script:
        for _ in range(times if action is Simulation.step else 1):
            action(simulation, choice)
    simulation.finish()

    world, expected = simulation.world, simulation.expected()
    rollouts = world.rollouts()
    if expected is not None:
        assert world.endpoint is not None
        assert (world.endpoint.status, world.package_of(world.endpoint.config)) == (
            "InService",
            world.packages[arn_of(expected)],
        )
        serving = {world.package_arn_of(name) for name, rollout in rollouts.items() if rollout == "serving"}
        assert serving == {arn_of(expected)}
        assert rollouts[world.endpoint.config] == "serving"
    assert not {"pending", "deploying"} & set(rollouts.values())
    for version in bad:
        tries = simulation.tries_of(version)
        assert set(tries.values()) <= {1}
        # Copies of one event that are handled at once, around a second approval, can tell its time differently.
        assert len(tries) <= 2 * simulation.approvals[version]
