"""Cost Explorer: the monitors of Cost Anomaly Detection, of which an account has one for each dimension.

Nothing on this machine costs anything, so a monitor never finds an anomaly.
"""

import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from account.quotas import Profile
from account.singletons import SERVICES_MONITOR
from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller, Host
from localsagemaker.kernel.requests import Request, operation_model, parse

_MODEL: Final = "ce"
DEFAULT_NAME: Final = "Default-Services-Monitor"


class CostExplorer:
    """The monitors of every account; they are of no region."""

    def __init__(self, host: Host, profile: Profile) -> None:
        self._host = host
        self._lock = threading.RLock()
        given = SERVICES_MONITOR.in_new if profile is Profile.NEW else ()
        self._monitors: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        self._given = [
            {"MonitorName": DEFAULT_NAME, "MonitorType": "DIMENSIONAL", "MonitorDimension": value} for value in given
        ]
        self._operations: dict[str, Callable[[Request], dict[str, Any]]] = {
            "CreateAnomalyMonitor": self._create,
            "GetAnomalyMonitors": self._get,
            "UpdateAnomalyMonitor": self._update,
            "DeleteAnomalyMonitor": self._delete,
        }

    def call(self, operation: str, parameters: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Run one operation, such as `GetAnomalyMonitors`, and return its output members.

        Raises `ServiceError`: `ValidationException`, `UnknownMonitorException`, `AccessDeniedException`,
        `UnknownOperationException`.
        """
        operation_model(operation, _MODEL)
        if operation not in self._operations:
            message = f"{operation} is not provided by the local Cost Explorer."
            raise ServiceError("UnknownOperationException", message, 404)
        request = parse(operation, parameters, caller, _MODEL)
        self._host.authorize(request.caller, f"ce:{operation}", request.parameters.get("MonitorArn", "*"), {})
        with self._lock:
            return self._operations[operation](request)

    def require(self, account: str, arns: list[str]) -> None:
        """Raise `UnknownMonitorException` for the first monitor that an account does not have."""
        with self._lock:
            for arn in arns:
                self._find(account, arn)

    def _of(self, account: str) -> dict[str, dict[str, Any]]:
        """Return the monitors of an account by ARN, with those that it was handed out with."""
        if account not in self._monitors:
            for monitor in self._given:
                self._add(account, monitor)
        return self._monitors[account]

    def _find(self, account: str, arn: str) -> dict[str, Any]:
        if arn not in self._of(account):
            raise ServiceError("UnknownMonitorException", f"There is no anomaly monitor {arn} in account {account}.")
        return self._monitors[account][arn]

    def _add(self, account: str, monitor: Mapping[str, Any]) -> str:
        arn, moment = f"arn:aws:ce::{account}:anomalymonitor/{uuid.uuid4()}", datetime.now(UTC)
        dates = dict.fromkeys(("CreationDate", "LastUpdatedDate"), moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
        self._monitors[account][arn] = {**monitor, "MonitorArn": arn, **dates}
        return arn

    def _create(self, request: Request) -> dict[str, Any]:
        account, asked = request.scope.account, request.parameters["AnomalyMonitor"]
        dimension = asked.get(SERVICES_MONITOR.distinct_by)
        if dimension and any(each.get("MonitorDimension") == dimension for each in self._of(account).values()):
            raise ServiceError("ValidationException", SERVICES_MONITOR.second)
        return {"MonitorArn": self._add(account, asked)}

    def _get(self, request: Request) -> dict[str, Any]:
        held, wanted = self._of(request.scope.account), request.parameters.get("MonitorArnList")
        return {"AnomalyMonitors": [held[arn] for arn in held if wanted is None or arn in wanted]}

    def _update(self, request: Request) -> dict[str, Any]:
        found = self._find(request.scope.account, request.parameters["MonitorArn"])
        found |= {"MonitorName": request.parameters.get("MonitorName", found["MonitorName"])}
        return {"MonitorArn": found["MonitorArn"]}

    def _delete(self, request: Request) -> dict[str, Any]:
        arn = self._find(request.scope.account, request.parameters["MonitorArn"])["MonitorArn"]
        del self._monitors[request.scope.account][arn]
        return {}
