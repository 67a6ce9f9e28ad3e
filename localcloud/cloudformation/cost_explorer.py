"""AWS::CE types: monitors of the account in our Cost Explorer, and subscriptions to them, which are recorded."""

from typing import Any, Final

from localcloud.cloudformation.recorded import RecordedType
from localcloud.cost_explorer import CostExplorer
from localcloud.hooks.callers import identity
from localcloud.hooks.stacks import cloudformation
from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller, Scope

MONITOR: Final = "AWS::CE::AnomalyMonitor"
SUBSCRIPTION: Final = "AWS::CE::AnomalySubscription"
TAKEN: Final = 'Resource handler returned message: "null" (HandlerErrorCode: AlreadyExists)'
"""CloudFormation's words for the exceeded quota: github:aws-cloudformation/cloudformation-coverage-roadmap#2515."""


class AnomalyMonitor:
    """A monitor of costs; `Ref` gives its ARN."""

    def __init__(self, service: CostExplorer) -> None:
        self._service = service

    def create(self, logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        """Create the monitor; an account that has one of its dimension takes no second."""
        del logical_id, stack
        asked = {name: value for name, value in properties.items() if name != "ResourceTags"}
        try:
            arn = str(self._call("CreateAnomalyMonitor", {"AnomalyMonitor": asked})["MonitorArn"])
        except ServiceError as error:
            raise ValueError(TAKEN) from error
        return arn, {"MonitorArn": arn}

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Give it another name."""
        del old, stack, logical_id
        self._call("UpdateAnomalyMonitor", {"MonitorArn": physical_id, "MonitorName": new["MonitorName"]})
        return physical_id, {"MonitorArn": physical_id}

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Delete the monitor."""
        del properties
        try:
            self._call("DeleteAnomalyMonitor", {"MonitorArn": physical_id})
        except ServiceError as error:
            if error.code != "UnknownMonitorException":
                raise

    def _call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        account, region = identity.request_scope()
        return self._service.call(operation, parameters, Caller(Scope(account, region), f"arn:aws:iam::{account}:root"))


class AnomalySubscription(RecordedType):
    """A subscription to monitors that the account has; `Ref` gives its ARN."""

    def __init__(self, service: CostExplorer) -> None:
        super().__init__(SUBSCRIPTION)
        self._service = service

    def create(self, logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        """Record the subscription; an unknown monitor is refused."""
        self._service.require(identity.request_scope()[0], properties["MonitorArnList"])
        return super().create(logical_id, properties, stack)


def register(service: CostExplorer) -> None:
    """Let CloudFormation make monitors, and record subscriptions."""
    replacing = ("MonitorDimension", "MonitorSpecification", "MonitorType", "ResourceTags")
    cloudformation.register(MONITOR, AnomalyMonitor(service), replacing)
    cloudformation.register(SUBSCRIPTION, AnomalySubscription(service), ("ResourceTags",))
