"""SageMaker's portfolio in Service Catalog: there when it is enabled, and for whom it is associated with."""

from typing import Any

import pytest

from localcloud.service_catalog import ServiceCatalog
from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller, Scope

SCOPE = Scope("111111111111", "eu-west-1")
ROLE = "arn:aws:iam::111111111111:role/studio"


class Host:
    """Allows everything, and keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def authorize(self, caller: Caller, action: str, resource: str, context: Any) -> None:
        del caller, context
        self.asked.append((action, resource))


def call(service: ServiceCatalog, operation: str, **parameters: Any) -> dict[str, Any]:
    return service.call(operation, parameters, Caller(SCOPE, ROLE))


def test_the_share_is_there_when_the_account_has_accepted_it() -> None:
    enabled: set[Scope] = set()
    host: Any = Host()
    service = ServiceCatalog(host, enabled.__contains__)
    assert call(service, "ListAcceptedPortfolioShares") == {"PortfolioDetails": []}
    enabled.add(SCOPE)
    (portfolio,) = call(service, "ListAcceptedPortfolioShares")["PortfolioDetails"]
    assert portfolio["ProviderName"] == "Amazon SageMaker"
    call(
        service,
        "AssociatePrincipalWithPortfolio",
        PortfolioId=portfolio["Id"],
        PrincipalARN=ROLE,
        PrincipalType="IAM",
    )
    found = call(service, "ListPrincipalsForPortfolio", PortfolioId=portfolio["Id"])["Principals"]
    assert found == [{"PrincipalARN": ROLE, "PrincipalType": "IAM"}]
    call(service, "DisassociatePrincipalFromPortfolio", PortfolioId=portfolio["Id"], PrincipalARN=ROLE)
    assert call(service, "ListPrincipalsForPortfolio", PortfolioId=portfolio["Id"])["Principals"] == []


def test_a_right_is_asked_on_the_catalog_where_no_portfolio_is_named() -> None:
    """Source: the words of AWS in awslabs/service-workbench-on-aws#888, `on resource: arn:aws:catalog:…:*`."""
    host: Any = Host()
    call(ServiceCatalog(host, lambda _: True), "ListAcceptedPortfolioShares")
    assert host.asked == [("servicecatalog:ListAcceptedPortfolioShares", "arn:aws:catalog:eu-west-1:111111111111:*")]


def test_another_portfolio_is_not_found_and_another_operation_not_provided() -> None:
    host: Any = Host()
    service = ServiceCatalog(host, lambda _: True)
    with pytest.raises(ServiceError, match="Portfolio port-other not found"):
        call(service, "ListPrincipalsForPortfolio", PortfolioId="port-other")
    with pytest.raises(ServiceError, match="CreatePortfolio is not provided by the local Service Catalog"):
        call(service, "CreatePortfolio", DisplayName="p", ProviderName="p", IdempotencyToken="t")
