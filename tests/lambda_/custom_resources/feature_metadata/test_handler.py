"""Metadata of features as a custom resource: only what differs is written, and CloudFormation is always answered."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from common import custom_resource
from feature_metadata import handler
from tests.lambda_.cloudformation import Clock

GROUP = {"FeatureGroupName": "g", "FeatureName": "id"}
WANTED = {"id": {"Description": "Number", "Parameters": {"idType": "primaryKey"}}}


@pytest.fixture
def sagemaker(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """Every request must be the next one expected, and all expected must be made."""
    del aws
    client = boto3.client("sagemaker")
    stubber = Stubber(client)
    monkeypatch.setattr(handler, "sagemaker", lambda: client)
    monkeypatch.setattr(handler, "POLL_SECONDS", 0)
    with stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What CloudFormation was answered."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(custom_resource, "_put", lambda _, body: found.append(json.loads(body)))
    return found


def event(kind: str = "Create", features: object = WANTED) -> dict[str, Any]:
    text = features if isinstance(features, str) else json.dumps(features)
    return {
        "RequestType": kind,
        "RequestId": "r",
        "LogicalResourceId": "M",
        "StackId": "s",
        "ResponseURL": "https://cloudformation",
        "ResourceProperties": {"FeatureGroupName": "g", "Features": text},
        **({"PhysicalResourceId": "g/metadata"} if kind != "Create" else {}),
    }


def described(**members: Any) -> dict[str, Any]:
    return {
        "FeatureGroupArn": "arn:aws:sagemaker:eu-west-1:111122223333:feature-group/g",
        **GROUP,
        "FeatureType": "Integral",
        "CreationTime": 0,
        "LastModifiedTime": 0,
        **members,
    }


def test_a_new_group_gets_its_metadata(sagemaker: Stubber, sent: list[dict[str, Any]]) -> None:
    sagemaker.add_response("describe_feature_metadata", described(), GROUP)
    sagemaker.add_response(
        "update_feature_metadata",
        {},
        {**GROUP, "Description": "Number", "ParameterAdditions": [{"Key": "idType", "Value": "primaryKey"}]},
    )
    handler.on_event(event(), Clock())
    assert (sent[0]["Status"], sent[0]["PhysicalResourceId"]) == ("SUCCESS", "g/metadata")


def test_what_is_right_is_left_alone(sagemaker: Stubber, sent: list[dict[str, Any]]) -> None:
    there = described(Description="Number", Parameters=[{"Key": "idType", "Value": "primaryKey"}])
    sagemaker.add_response("describe_feature_metadata", there, GROUP)
    handler.on_event(event("Update"), Clock())
    assert sent[0]["Status"] == "SUCCESS"


def test_what_is_no_longer_wanted_goes(sagemaker: Stubber, sent: list[dict[str, Any]]) -> None:
    there = described(Description="Old", Parameters=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    sagemaker.add_response("describe_feature_metadata", there, GROUP)
    sagemaker.add_response(
        "update_feature_metadata",
        {},
        {
            **GROUP,
            "Description": "",
            "ParameterAdditions": [{"Key": "b", "Value": "3"}],
            "ParameterRemovals": ["a"],
        },
    )
    handler.on_event(event("Update", {"id": {"Parameters": {"b": "3"}}}), Clock())
    assert sent[0]["Status"] == "SUCCESS"


def test_a_feature_that_was_just_added_is_waited_for(sagemaker: Stubber, sent: list[dict[str, Any]]) -> None:
    sagemaker.add_client_error("describe_feature_metadata", "ResourceNotFound", "no such feature")
    sagemaker.add_response("describe_feature_metadata", described(), GROUP)
    sagemaker.add_response("update_feature_metadata", {})
    handler.on_event(event(), Clock())
    assert sent[0]["Status"] == "SUCCESS"


def test_a_feature_that_never_comes_fails_the_resource(
    sagemaker: Stubber, sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "WAIT_SECONDS", -1)
    sagemaker.add_client_error("describe_feature_metadata", "ResourceNotFound", "no such feature")
    handler.on_event(event(), Clock())
    assert (sent[0]["Status"], sent[0]["Reason"]) == ("FAILED", "g has no feature id.")


@pytest.mark.parametrize("features", ["{", [1]])
def test_properties_that_are_no_features_fail_with_a_sentence(
    features: object, sagemaker: Stubber, sent: list[dict[str, Any]]
) -> None:
    del sagemaker
    handler.on_event(event(features=features), Clock())
    assert sent[0]["Status"] == "FAILED"
    assert sent[0]["Reason"].startswith("Features is no JSON")


def test_a_refusal_of_aws_is_passed_on(sagemaker: Stubber, sent: list[dict[str, Any]]) -> None:
    sagemaker.add_client_error("describe_feature_metadata", "AccessDeniedException", "not yours")
    handler.on_event(event(), Clock())
    assert sent[0]["Status"] == "FAILED"
    assert "not yours" in sent[0]["Reason"]


def test_deletion_does_nothing(sagemaker: Stubber, sent: list[dict[str, Any]]) -> None:
    del sagemaker
    handler.on_event(event("Delete"), Clock())
    assert sent[0]["Status"] == "SUCCESS"
