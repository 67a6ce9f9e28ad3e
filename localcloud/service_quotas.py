"""Service Quotas: what an account may use of SageMaker, and requests for more of it."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from account.quotas import SAGEMAKER, SERVICES, Quota, find, quotas
from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller, Host, Scope
from localsagemaker.kernel.listing import page
from localsagemaker.kernel.members import judge
from localsagemaker.kernel.requests import Request, operation_model, parse
from localsagemaker.quotas import Increase, Quotas

_MODEL: Final = "service-quotas"
UNLIMITED: Final = 10_000.0
"""What the API says of a quota that nothing limits here: it has no word for that."""


class ServiceQuotas:
    """The quotas of the services that `account/quotas.csv` has; another is refused as one that has none."""

    def __init__(self, host: Host, quotas_: Quotas) -> None:
        self._host, self._quotas = host, quotas_
        self.operations: dict[str, Callable[[Request], dict[str, Any]]] = {
            "ListServices": lambda request: page(request, "Services", [_named(each) for each in SERVICES]),
            "ListServiceQuotas": self._list,
            "GetServiceQuota": self._get,
            "RequestServiceQuotaIncrease": self._increase,
            "GetRequestedServiceQuotaChange": self._get_change,
            "ListRequestedServiceQuotaChangeHistory": self._list_changes,
        }

    def call(self, operation: str, parameters: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Run one operation, such as `ListServiceQuotas`, and return its output members.

        Raises `ServiceError`: `NoSuchResourceException`, `IllegalArgumentException`, `ResourceAlreadyExistsException`,
        `AccessDeniedException`, `UnknownOperationException`.
        """
        operation_model(operation, _MODEL)
        if operation not in self.operations:
            message = f"{operation} is not provided by the local Service Quotas."
            raise ServiceError("UnknownOperationException", message, 404)
        request = parse(operation, parameters, caller, _MODEL)
        judge(request, _MODEL)
        self._host.authorize(request.caller, f"servicequotas:{operation}", _resource(request), {})
        if request.parameters.get("ServiceCode", SAGEMAKER) not in SERVICES:
            raise ServiceError(
                "NoSuchResourceException", "The request failed because the specified service does not exist."
            )
        return self.operations[operation](request)

    def _list(self, request: Request) -> dict[str, Any]:
        shown = [self._show(request.scope, quota) for quota in _of(request)]
        wanted = request.parameters.get("QuotaCode")
        return page(request, "Quotas", [each for each in shown if wanted in {None, each["QuotaCode"]}])

    def _get(self, request: Request) -> dict[str, Any]:
        return {"Quota": self._show(request.scope, _find(request))}

    def _increase(self, request: Request) -> dict[str, Any]:
        parameters, scope = request.parameters, request.scope
        quota = _find(request)
        if parameters["DesiredValue"] <= self._value(scope, quota):
            raise ServiceError(
                "IllegalArgumentException",
                "You must provide a quota value greater than the current quota value.",
            )
        asked = [each for each in self._quotas.increases(scope.account, scope.region) if each.quota == quota.name]
        if any(not self._quotas.has(each) for each in asked):
            raise ServiceError(
                "ResourceAlreadyExistsException", "Only one open service quota increase request is allowed per quota."
            )
        increase = self._quotas.increase(
            scope.account, scope.region, quota.name, parameters["DesiredValue"], request.caller.arn
        )
        return {"RequestedQuota": self._show_change(scope, increase)}

    def _get_change(self, request: Request) -> dict[str, Any]:
        scope = request.scope
        for increase in self._quotas.increases(scope.account, scope.region):
            if increase.identifier == request.parameters["RequestId"]:
                return {"RequestedQuota": self._show_change(scope, increase)}
        raise ServiceError(
            "NoSuchResourceException", "The request failed because the specified request does not exist."
        )

    def _list_changes(self, request: Request) -> dict[str, Any]:
        scope = request.scope
        shown = [self._show_change(scope, each) for each in self._quotas.increases(scope.account, scope.region)]
        wanted = request.parameters.get("Status")
        return page(request, "RequestedQuotas", [each for each in shown if wanted in {None, each["Status"]}])

    def _value(self, scope: Scope, quota: Quota) -> float:
        value = self._quotas.value(scope.account, scope.region, quota.name)
        return UNLIMITED if value is None else value

    def _show(self, scope: Scope, quota: Quota) -> dict[str, Any]:
        return {**_identity(scope, quota), "Value": self._value(scope, quota), "Unit": "None", "Adjustable": True}

    def _show_change(self, scope: Scope, increase: Increase) -> dict[str, Any]:
        moment = increase.granted if self._quotas.has(increase) else increase.created
        return {
            **_identity(scope, _known(increase.quota)),
            "Id": increase.identifier,
            "DesiredValue": increase.value,
            "Status": "APPROVED" if self._quotas.has(increase) else "PENDING",
            "Created": datetime.fromtimestamp(increase.created, UTC),
            "LastUpdated": datetime.fromtimestamp(moment, UTC),
            "Requester": increase.requester,
            "Unit": "None",
        }


def _named(service: str) -> dict[str, str]:
    return {"ServiceCode": service, "ServiceName": SERVICES[service]}


def code(name: str) -> str:
    """Return the code of a quota: AWS's where that is known, else one of its form."""
    quota = find(name)
    return (quota and quota.code) or f"L-{hashlib.sha256(name.encode()).hexdigest()[:8].upper()}"


def _of(request: Request) -> Iterator[Quota]:
    """Yield the quotas of the service that a request is about."""
    return quotas(request.parameters["ServiceCode"])


def _known(name: str) -> Quota:
    quota = find(name)
    assert quota is not None  # noqa: S101 - an increase is of a quota that was found
    return quota


def _find(request: Request) -> Quota:
    for quota in _of(request):
        if code(quota.name) == request.parameters["QuotaCode"]:
            return quota
    raise ServiceError(
        "NoSuchResourceException", "The request failed because the specified service quota does not exist."
    )


def _identity(scope: Scope, quota: Quota) -> dict[str, Any]:
    return {
        **_named(quota.service),
        "QuotaArn": f"arn:aws:servicequotas:{scope.region}:{scope.account}:{quota.service}/{code(quota.name)}",
        "QuotaCode": code(quota.name),
        "QuotaName": quota.name,
        "GlobalQuota": False,
    }


def _resource(request: Request) -> str:
    """Return the quota that an increase is for: the one operation whose permission has a resource."""
    if request.operation != "RequestServiceQuotaIncrease":
        return "*"
    scope, parameters = request.scope, request.parameters
    return f"arn:aws:servicequotas:{scope.region}:{scope.account}:{parameters['ServiceCode']}/{parameters['QuotaCode']}"
