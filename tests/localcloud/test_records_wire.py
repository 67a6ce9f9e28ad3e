"""Routes of the feature store's runtime, as botocore writes them."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from localcloud.records_wire import record_request
from localsagemaker.errors import ServiceError

ARN = "arn:aws:sagemaker:eu-west-1:111111111111:feature-group/g"


class Sent(Exception):  # noqa: N818 - no error
    """Ends a request before it goes anywhere."""


def written(operation: str, parameters: dict[str, Any]) -> tuple[str, str, dict[str, list[str]], bytes]:
    client = boto3.client(
        "sagemaker-featurestore-runtime", "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    requests: list[Any] = []

    def stop(request: Any, **_: object) -> None:
        requests.append(request)
        raise Sent

    client.meta.events.register("before-send", stop)
    with pytest.raises(Sent):
        client._make_api_call(operation, parameters)  # type: ignore[attr-defined]  # noqa: SLF001 - any operation
    (request,) = requests
    parts = urlsplit(request.url)
    body = request.body or b""
    return request.method, parts.path, parse_qs(parts.query), body if isinstance(body, bytes) else body.encode()


@pytest.mark.parametrize("group", ["g", ARN])
@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("PutRecord", {"Record": [{"FeatureName": "id", "ValueAsString": "1"}], "TargetStores": ["OnlineStore"]}),
        ("GetRecord", {"RecordIdentifierValueAsString": "1/2", "FeatureNames": ["a", "b"]}),
        ("DeleteRecord", {"RecordIdentifierValueAsString": "1", "EventTime": "5", "TargetStores": ["OfflineStore"]}),
        ("ListRecords", {"MaxResults": 5}),
    ],
)
def test_a_request_comes_out_as_it_went_in(group: str, operation: str, parameters: dict[str, Any]) -> None:
    method, path, query, body = written(operation, {"FeatureGroupName": group, **parameters})
    assert record_request(method, path, query, body) == (operation, {"FeatureGroupName": group, **parameters})


def test_a_batch_names_no_group_in_its_path() -> None:
    identifiers = {"Identifiers": [{"FeatureGroupName": "g", "RecordIdentifiersValueAsString": ["1"]}]}
    assert record_request(*written("BatchGetRecord", identifiers)) == ("BatchGetRecord", identifiers)


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/"), ("POST", "/endpoints/e/invocations"), ("PUT", "/FeatureGroup/"), ("PATCH", "/FeatureGroup/g")],
)
def test_other_requests_are_somebody_elses(method: str, path: str) -> None:
    assert record_request(method, path, {}, b"") is None


@pytest.mark.parametrize("body", [b"{", json.dumps([1]).encode()])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(ServiceError, match="The request body is not"):
        record_request("PUT", "/FeatureGroup/g", {}, body)
