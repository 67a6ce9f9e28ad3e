"""Cost Explorer: an account has one monitor of its services, and a new account has it already."""

from typing import Any

import pytest

from account.quotas import Profile
from localcloud.cloudformation.cost_explorer import TAKEN, AnomalyMonitor, AnomalySubscription
from localcloud.cost_explorer import DEFAULT_NAME, CostExplorer
from localcloud.hooks.requests import services
from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller, Scope
from tests.localsagemaker.fakes import ADMIN, FakeHost

SERVICES = {"MonitorName": "dev-services", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
OTHER = Caller(Scope("222222222222", "eu-west-1"), "arn:aws:iam::222222222222:root")


@pytest.fixture
def costs() -> CostExplorer:
    return CostExplorer(FakeHost(), Profile.ESTABLISHED)


@pytest.fixture
def of_new_accounts() -> CostExplorer:
    return CostExplorer(FakeHost(), Profile.NEW)


def monitors(costs: CostExplorer, caller: Caller = ADMIN) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = costs.call("GetAnomalyMonitors", {}, caller)["AnomalyMonitors"]
    return found


def test_a_second_monitor_of_services_is_refused_in_aws_s_words(costs: CostExplorer) -> None:
    arn = costs.call("CreateAnomalyMonitor", {"AnomalyMonitor": SERVICES}, ADMIN)["MonitorArn"]
    assert arn.startswith("arn:aws:ce::111111111111:anomalymonitor/")
    again = {"AnomalyMonitor": {**SERVICES, "MonitorName": "another-name"}}
    with pytest.raises(ServiceError, match=r"^Limit exceeded on dimensional spend monitor creation$") as refused:
        costs.call("CreateAnomalyMonitor", again, ADMIN)
    assert refused.value.code == "ValidationException"
    elsewhere = Caller(Scope("111111111111", "us-east-1"), ADMIN.arn)  # the account's, whatever the region
    assert [each["MonitorArn"] for each in monitors(costs, elsewhere)] == [arn]
    assert monitors(costs, OTHER) == []
    costs.call("DeleteAnomalyMonitor", {"MonitorArn": arn}, ADMIN)
    costs.call("CreateAnomalyMonitor", again, ADMIN)


def test_monitors_of_chosen_costs_are_as_many_as_one_wants(costs: CostExplorer) -> None:
    chosen = {
        "MonitorName": "team",
        "MonitorType": "CUSTOM",
        "MonitorSpecification": {"Tags": {"Key": "team", "Values": ["ml"]}},
    }
    for _ in range(2):
        costs.call("CreateAnomalyMonitor", {"AnomalyMonitor": chosen}, ADMIN)
    assert len(monitors(costs)) == 2


def test_every_new_account_has_a_monitor_of_its_services(of_new_accounts: CostExplorer) -> None:
    for caller in (ADMIN, OTHER):
        (given,) = monitors(of_new_accounts, caller)
        assert (given["MonitorName"], given["MonitorDimension"]) == (DEFAULT_NAME, "SERVICE")
    template = AnomalyMonitor(of_new_accounts)
    with services.scope("111111111111", "eu-west-1"), pytest.raises(ValueError, match="AlreadyExists") as refused:
        template.create("Monitor", SERVICES, "dev-budget")
    assert str(refused.value) == TAKEN


def test_a_template_has_its_monitor_and_subscribes_to_it(costs: CostExplorer) -> None:
    monitor, subscription = AnomalyMonitor(costs), AnomalySubscription(costs)
    with services.scope("111111111111", "eu-west-1"):
        arn, attributes = monitor.create("Monitor", SERVICES, "dev-budget")
        assert attributes == {"MonitorArn": arn}
        monitor.update(arn, SERVICES, {**SERVICES, "MonitorName": "renamed"}, "dev-budget", "Monitor")
        assert [each["MonitorName"] for each in monitors(costs)] == ["renamed"]
        reference, _ = subscription.create("Subscription", {"MonitorArnList": [arn]}, "dev-budget")
        assert reference.startswith("arn:aws:ce::111111111111:anomalysubscription/")
        monitor.delete(arn, SERVICES)
        monitor.delete(arn, SERVICES)  # gone already
        with pytest.raises(ServiceError, match="There is no anomaly monitor"):
            subscription.create("Subscription", {"MonitorArnList": [arn]}, "dev-budget")


def test_it_says_what_it_does_not_know(costs: CostExplorer) -> None:
    with pytest.raises(ServiceError, match="GetCostAndUsage is not provided"):
        costs.call("GetCostAndUsage", {}, ADMIN)
