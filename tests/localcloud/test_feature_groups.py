"""AWS::SageMaker::FeatureGroup in templates, against the running cloud."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.slow
FEATURES = [
    {"FeatureName": "id", "FeatureType": "Integral"},
    {"FeatureName": "EventTime", "FeatureType": "Fractional"},
]
EMAIL = {"FeatureName": "email", "FeatureType": "String"}


def template(role: Callable[..., Any], name: str, **properties: Any) -> dict[str, Any]:
    group = {
        "FeatureGroupName": name,
        "RecordIdentifierFeatureName": "id",
        "EventTimeFeatureName": "EventTime",
        "FeatureDefinitions": FEATURES,
        "OnlineStoreConfig": {"EnableOnlineStore": "true"},
        "OfflineStoreConfig": {"S3StorageConfig": {"S3Uri": {"Fn::Sub": "s3://${Bucket}/history"}}},
        "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
        **properties,
    }
    return {
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Role": role("sagemaker.amazonaws.com", ("s3:PutObject", "*")),
        "Group": {"Type": "AWS::SageMaker::FeatureGroup", "Properties": group},
    }


def names(aws: Callable[..., Any], group: str) -> list[str]:
    shown = aws("sagemaker").describe_feature_group(FeatureGroupName=group)
    return [item["FeatureName"] for item in shown["FeatureDefinitions"]]


def test_a_group_is_made_grows_and_goes(
    aws: Callable[..., Any], deploy: Callable[..., Any], role: Callable[..., Any]
) -> None:
    stack = deploy(
        template(role, "growing"), Name={"Ref": "Group"}, Status={"Fn::GetAtt": ["Group", "FeatureGroupStatus"]}
    )
    assert (stack["Outputs"]["Name"], stack["Outputs"]["Status"]) == ("growing", "Created")
    aws("sagemaker").update_feature_group(FeatureGroupName="growing", FeatureAdditions=[EMAIL])
    records = aws("sagemaker-featurestore-runtime")
    record = [{"FeatureName": "id", "ValueAsString": "1"}, {"FeatureName": "EventTime", "ValueAsString": "5"}]
    records.put_record(FeatureGroupName="growing", Record=record)

    zip_code = {"FeatureName": "zip", "FeatureType": "Integral"}
    grown = deploy(template(role, "growing", FeatureDefinitions=[*FEATURES, EMAIL, zip_code]), stack["StackName"])
    assert grown["StackStatus"] == "UPDATE_COMPLETE", grown["Failed"]
    assert names(aws, "growing") == ["id", "EventTime", "email", "zip"]
    assert records.get_record(FeatureGroupName="growing", RecordIdentifierValueAsString="1")["Record"] == record

    bucket = {"Bucket": {"Type": "AWS::S3::Bucket"}}
    deploy(bucket, stack["StackName"])
    with pytest.raises(ClientError, match="does not exist"):
        aws("sagemaker").describe_feature_group(FeatureGroupName="growing")
    (history,) = [
        item["Key"]
        for found in aws("s3").list_buckets()["Buckets"]
        for item in aws("s3").list_objects_v2(Bucket=found["Name"]).get("Contents", [])
        if "/offline-store/growing-" in item["Key"]
    ]
    assert "/year=1970/month=01/day=01/hour=00/19700101T000005Z_" in history
    for found in aws("s3").list_buckets()["Buckets"]:
        if any(item["Key"] == history for item in aws("s3").list_objects_v2(Bucket=found["Name"]).get("Contents", [])):
            aws("s3").delete_object(Bucket=found["Name"], Key=history)


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"FeatureDefinitions": FEATURES[:1]}, "A feature group keeps its features: EventTime."),
        (
            {"FeatureDefinitions": [{**FEATURES[0], "FeatureType": "String"}, FEATURES[1]]},
            "The type of a feature never changes: id.",
        ),
        ({"OnlineStoreConfig": {"EnableOnlineStore": "false"}}, "Of an online store only TtlDuration"),
    ],
)
def test_an_update_that_a_group_cannot_make_fails_with_its_reason(
    properties: dict[str, Any],
    reason: str,
    aws: Callable[..., Any],
    deploy: Callable[..., Any],
    role: Callable[..., Any],
) -> None:
    stack = deploy(template(role, "steady"))
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    left = deploy(template(role, "steady", **properties), stack["StackName"])
    assert reason in left["Failed"]["Group"]
    assert names(aws, "steady") == ["id", "EventTime"]


def test_a_group_that_cannot_be_fails_its_stack(deploy: Callable[..., Any], role: Callable[..., Any]) -> None:
    stack = deploy(template(role, "broken", EventTimeFeatureName="at"))
    assert "The event time 'at' is not among the features id, EventTime." in stack["Failed"]["Group"]
