"""Service Quotas: what an account has, and what it asks for."""

from typing import Any

import pytest

from account.quotas import Profile
from localcloud.service_quotas import UNLIMITED, ServiceQuotas, code
from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller, Scope
from localsagemaker.quotas import GRANT_S, Quotas
from tests.localsagemaker.fakes import ADMIN, FakeHost

QUOTA = "ml.m5.xlarge for training job usage"


def api(host: FakeHost, profile: Profile, time: list[float]) -> ServiceQuotas:
    return ServiceQuotas(host, Quotas(profile, clock=lambda: time[0]))


def value(quotas: ServiceQuotas, caller: Caller = ADMIN) -> float:
    asked = {"ServiceCode": "sagemaker", "QuotaCode": code(QUOTA)}
    return float(quotas.call("GetServiceQuota", asked, caller)["Quota"]["Value"])


def listed(quotas: ServiceQuotas) -> dict[str, Any]:
    found: dict[str, Any] = {}
    token: dict[str, Any] = {}
    while True:
        answer = quotas.call("ListServiceQuotas", {"ServiceCode": "sagemaker", **token}, ADMIN)
        found |= {each["QuotaName"]: each for each in answer["Quotas"]}
        if "NextToken" not in answer:
            return found
        token = {"NextToken": answer["NextToken"]}


def test_all_quotas_are_listed_page_by_page(host: FakeHost) -> None:
    found = listed(api(host, Profile.NEW, [0.0]))
    shown = found[QUOTA]
    assert (shown["Value"], shown["QuotaCode"], shown["ServiceCode"]) == (0, code(QUOTA), "sagemaker")
    assert shown["QuotaArn"] == f"arn:aws:servicequotas:eu-west-1:111111111111:sagemaker/{code(QUOTA)}"
    assert found["Total domains"]["Value"] == 1
    assert len({each["QuotaCode"] for each in found.values()}) == len(found)


def test_builds_and_functions_have_quotas_too(host: FakeHost) -> None:
    quotas = api(host, Profile.NEW, [0.0])
    listed = quotas.call("ListServices", {}, ADMIN)["Services"]
    assert [each["ServiceCode"] for each in listed] == ["sagemaker", "codebuild", "lambda"]
    for service, known, value in (("lambda", "L-B99A9384", 10), ("codebuild", "L-9D07B6EF", 1)):
        shown = quotas.call("GetServiceQuota", {"ServiceCode": service, "QuotaCode": known}, ADMIN)["Quota"]
        assert (shown["ServiceCode"], shown["Value"]) == (service, value)
    increase = {"ServiceCode": "lambda", "QuotaCode": "L-B99A9384", "DesiredValue": 1000.0}
    assert quotas.call("RequestServiceQuotaIncrease", increase, ADMIN)["RequestedQuota"]["ServiceCode"] == "lambda"


def test_one_quota_is_listed_by_its_code(host: FakeHost) -> None:
    asked = {"ServiceCode": "sagemaker", "QuotaCode": code(QUOTA), "QuotaAppliedAtLevel": "ACCOUNT"}
    found = api(host, Profile.NEW, [0.0]).call("ListServiceQuotas", asked, ADMIN)["Quotas"]
    assert [each["QuotaName"] for each in found] == [QUOTA]


def test_a_quota_of_a_resource_is_refused_by_name(host: FakeHost) -> None:
    asked = {"ServiceCode": "sagemaker", "QuotaCode": code(QUOTA), "ContextId": "*"}
    with pytest.raises(ServiceError, match=r"^ContextId is not provided locally: "):
        api(host, Profile.NEW, [0.0]).call("GetServiceQuota", asked, ADMIN)


def test_an_increase_is_pending_and_then_counts_for_its_account_and_region(host: FakeHost) -> None:
    time = [0.0]
    quotas = api(host, Profile.NEW, time)
    asked = {"ServiceCode": "sagemaker", "QuotaCode": code(QUOTA), "DesiredValue": 3.0}
    increase = quotas.call("RequestServiceQuotaIncrease", asked, ADMIN)["RequestedQuota"]
    assert (increase["Status"], increase["DesiredValue"], value(quotas)) == ("PENDING", 3.0, 0)
    with pytest.raises(ServiceError) as twice:
        quotas.call("RequestServiceQuotaIncrease", asked, ADMIN)
    assert twice.value.code == "ResourceAlreadyExistsException"
    time[0] = GRANT_S
    shown = quotas.call("GetRequestedServiceQuotaChange", {"RequestId": increase["Id"]}, ADMIN)["RequestedQuota"]
    assert (shown["Status"], value(quotas)) == ("APPROVED", 3)
    elsewhere = Caller(Scope("111111111111", "us-east-1"), ADMIN.arn)
    assert value(quotas, elsewhere) == 0
    with pytest.raises(ServiceError) as less:
        quotas.call("RequestServiceQuotaIncrease", {**asked, "DesiredValue": 3.0}, ADMIN)
    assert less.value.code == "IllegalArgumentException"
    history = quotas.call("ListRequestedServiceQuotaChangeHistory", {"Status": "APPROVED"}, ADMIN)
    assert [each["QuotaName"] for each in history["RequestedQuotas"]] == [QUOTA]


def test_an_established_account_has_more_than_anybody_asks_for(host: FakeHost) -> None:
    assert value(api(host, Profile.ESTABLISHED, [0.0])) == UNLIMITED


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("ListServiceQuotas", {"ServiceCode": "athena"}),
        ("GetServiceQuota", {"ServiceCode": "sagemaker", "QuotaCode": "L-00000000"}),
        ("GetRequestedServiceQuotaChange", {"RequestId": "0" * 32}),
    ],
)
def test_what_is_not_there_is_refused(host: FakeHost, operation: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(ServiceError) as refused:
        api(host, Profile.NEW, [0.0]).call(operation, parameters, ADMIN)
    assert refused.value.code == "NoSuchResourceException"


def test_its_operations_need_their_permissions(host: FakeHost) -> None:
    host.denied = {"servicequotas:ListServiceQuotas"}
    with pytest.raises(ServiceError, match="servicequotas:ListServiceQuotas"):
        api(host, Profile.NEW, [0.0]).call("ListServiceQuotas", {"ServiceCode": "sagemaker"}, ADMIN)


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()
