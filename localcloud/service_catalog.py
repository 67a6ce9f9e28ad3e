"""Service Catalog, as far as Studio's projects ask for it: the portfolio that SageMaker shares with an account.

Documented in "SageMaker Studio Permissions Required to Use Projects": enabling the portfolio accepts the share, then
roles are associated with it. Nothing launches its products on this machine.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller, Host, Scope
from localsagemaker.kernel.requests import Request, operation_model, parse

_MODEL: Final = "servicecatalog"


class ServiceCatalog:
    """The portfolio of SageMaker, and who may use it. `enabled` says whether an account has accepted its share."""

    def __init__(self, host: Host, enabled: Callable[[Scope], bool]) -> None:
        self._host, self._enabled = host, enabled
        self._principals: dict[Scope, dict[str, str]] = {}
        self._operations: dict[str, Callable[[Request], dict[str, Any]]] = {
            "ListAcceptedPortfolioShares": self._list_shares,
            "AssociatePrincipalWithPortfolio": self._associate,
            "DisassociatePrincipalFromPortfolio": self._disassociate,
            "ListPrincipalsForPortfolio": self._list_principals,
        }

    def call(self, operation: str, parameters: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Run one operation, such as `ListAcceptedPortfolioShares`, and return its output members.

        Raises `ServiceError`: `ResourceNotFoundException`, `AccessDeniedException`, `UnknownOperationException`.
        """
        operation_model(operation, _MODEL)
        if operation not in self._operations:
            message = f"{operation} is not provided by the local Service Catalog."
            raise ServiceError("UnknownOperationException", message, 404)
        request = parse(operation, parameters, caller, _MODEL)
        portfolio = request.parameters.get("PortfolioId")
        resource = (
            _arn(request.scope, portfolio)
            if portfolio
            else f"arn:aws:catalog:{request.scope.region}:{request.scope.account}:*"
        )
        self._host.authorize(request.caller, f"servicecatalog:{operation}", resource, {})
        if portfolio and portfolio not in {each["Id"] for each in self._shares(request.scope)}:
            raise ServiceError("ResourceNotFoundException", f"Portfolio {portfolio} not found.")
        return self._operations[operation](request)

    def _shares(self, scope: Scope) -> list[dict[str, Any]]:
        if not self._enabled(scope):
            return []
        identifier = f"port-{hashlib.sha256(f'{scope.account}/{scope.region}'.encode()).hexdigest()[:13]}"
        return [
            {
                "Id": identifier,
                "ARN": _arn(scope, identifier),
                "DisplayName": "Amazon SageMaker Solutions and ML Ops products",
                "ProviderName": "Amazon SageMaker",
            }
        ]

    def _list_shares(self, request: Request) -> dict[str, Any]:
        return {"PortfolioDetails": self._shares(request.scope)}

    def _associate(self, request: Request) -> dict[str, Any]:
        principals = self._principals.setdefault(request.scope, {})
        principals[request.parameters["PrincipalARN"]] = request.parameters["PrincipalType"]
        return {}

    def _disassociate(self, request: Request) -> dict[str, Any]:
        self._principals.get(request.scope, {}).pop(request.parameters["PrincipalARN"], None)
        return {}

    def _list_principals(self, request: Request) -> dict[str, Any]:
        principals = self._principals.get(request.scope, {})
        return {"Principals": [{"PrincipalARN": arn, "PrincipalType": kind} for arn, kind in principals.items()]}


def _arn(scope: Scope, portfolio: str) -> str:
    return f"arn:aws:catalog:{scope.region}:{scope.account}:portfolio/{portfolio}"
