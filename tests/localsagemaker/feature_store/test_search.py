"""Search over features, as the original asks for the primary keys of its groups."""

from typing import Any

import pytest

from localsagemaker.errors import ServiceError
from tests.localsagemaker.fakes import Call, FakeHost


@pytest.fixture
def search(call: Call) -> Any:
    """Names found, in the order of names: `search("FeatureMetadata", [filter, …], Operator="Or")`."""
    for group, others in (("customers", ["city_code"]), ("orders", ["order_id"])):
        names = {"customer_id": "Integral", "EventTime": "Fractional", **dict.fromkeys(others, "Integral")}
        call(
            "CreateFeatureGroup",
            FeatureGroupName=group,
            RecordIdentifierFeatureName="customer_id",
            EventTimeFeatureName="EventTime",
            FeatureDefinitions=[{"FeatureName": name, "FeatureType": kind} for name, kind in names.items()],
            OnlineStoreConfig={"EnableOnlineStore": True},
        )
    call(
        "UpdateFeatureMetadata",
        FeatureGroupName="customers",
        FeatureName="customer_id",
        Description="Number of the customer",
        ParameterAdditions=[{"Key": "idType", "Value": "primaryKey"}],
    )

    def run(resource: str, filters: list[dict[str, str]], **expression: Any) -> list[str]:
        answer = call("Search", Resource=resource, SearchExpression={"Filters": filters, **expression})
        member = "FeatureName" if resource == "FeatureMetadata" else "FeatureGroupName"
        return sorted(item[resource][member] for item in answer["Results"])

    return run


def where(name: str, operator: str, value: str | None = None) -> dict[str, str]:
    return {"Name": name, "Operator": operator} | ({"Value": value} if value is not None else {})


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([where("Parameters.idType", "Equals", "primaryKey")], ["customer_id"]),
        ([where("Description", "Contains", "number")], ["customer_id"]),
        ([where("Description", "Exists")], ["customer_id"]),
        ([where("FeatureName", "In", "order_id,city_code")], ["city_code", "order_id"]),
        (
            [where("FeatureType", "Equals", "Integral"), where("FeatureGroupName", "Equals", "orders")],
            ["customer_id", "order_id"],
        ),
        ([where("FeatureName", "Equals", "zip")], []),
        ([where("CreationTime", "LessThan", "2020-01-01T00:00:00Z")], []),
        ([where("FeatureName", "GreaterThanOrEqualTo", "order_id")], ["order_id"]),
    ],
)
def test_features_by_their_metadata(filters: list[dict[str, str]], found: list[str], search: Any) -> None:
    assert search("FeatureMetadata", filters) == found


def test_groups_and_alternatives(search: Any) -> None:
    assert search("FeatureGroup", [where("FeatureGroupName", "Contains", "cust")]) == ["customers"]
    either = [where("FeatureName", "Equals", "order_id"), where("FeatureName", "Equals", "city_code")]
    assert search("FeatureMetadata", either, Operator="Or") == ["city_code", "order_id"]
    assert search("FeatureMetadata", either) == []
    nested = {"SubExpressions": [{"Filters": either, "Operator": "Or"}]}
    only = [where("FeatureGroupName", "Equals", "orders")]
    assert search("FeatureMetadata", only, **nested) == ["order_id"]


def test_what_cannot_be_searched_is_named(search: Any, call: Call, host: FakeHost) -> None:
    with pytest.raises(ServiceError, match="The local cloud does not search TrainingJob"):
        call("Search", Resource="TrainingJob")
    with pytest.raises(ServiceError, match="The filter on Description needs a Value"):
        search("FeatureMetadata", [where("Description", "Equals")])
    with pytest.raises(ServiceError, match="'soon' is no time for CreationTime"):
        search("FeatureMetadata", [where("CreationTime", "LessThan", "soon")])
    assert host.checked[-1][1:3] == ("sagemaker:Search", "*")


def test_results_come_in_pages(search: Any, call: Call) -> None:
    del search
    first = call("Search", Resource="FeatureMetadata", SortBy="FeatureName", SortOrder="Ascending", MaxResults=4)
    rest = call(
        "Search", Resource="FeatureMetadata", SortBy="FeatureName", SortOrder="Ascending", NextToken=first["NextToken"]
    )
    names = [item["FeatureMetadata"]["FeatureName"] for item in (*first["Results"], *rest["Results"])]
    assert names == ["EventTime", "EventTime", "city_code", "customer_id", "customer_id", "order_id"]
