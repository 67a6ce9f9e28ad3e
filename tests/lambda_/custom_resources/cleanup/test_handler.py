import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from cleanup import endpoint, handler
from cleanup.bucket import empty_bucket
from cleanup.endpoint import Endpoint
from cleanup.registry import empty_registry
from common.custom_resource import Failure

if TYPE_CHECKING:
    from botocore.client import BaseClient

STACK = "arn:aws:cloudformation:eu-west-1:111122223333:stack/dev-storage/1"
Make = Callable[[str], Stubber]


class Clock:
    """A Lambda context with as much time left as the test wants."""

    def __init__(self, milliseconds: int = 600_000) -> None:
        self.milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Stand-ins for AWS: every request must be the next one expected, and all expected must be made."""
    stubs: dict[str, Stubber] = {}
    names = {
        "s3": "s3",
        "sagemaker": "sagemaker",
        "application-autoscaling": "autoscaling",
        "cloudformation": "cloudformation",
        "logs": "logs",
    }

    def make(service: str) -> Stubber:
        if service not in stubs:
            client: BaseClient = boto3.session.Session().client(  # type: ignore[call-overload] # any service
                service, region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
            )
            stubs[service] = Stubber(client)
            stubs[service].activate()
            monkeypatch.setattr(handler, names[service], lambda: client)
        return stubs[service]

    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")  # for clients that a test asks nothing
    monkeypatch.setattr(endpoint, "POLL_SECONDS", 0)
    yield make
    for stub in stubs.values():
        stub.assert_no_pending_responses()


@pytest.fixture
def answers() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """CloudFormation's end of a custom resource: its URL, and what was sent there."""
    received: list[dict[str, Any]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Stay quiet."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", received
    server.shutdown()
    thread.join()
    server.server_close()


def event(url: str, kind: str, **properties: str) -> dict[str, Any]:
    return {
        "RequestType": kind,
        "RequestId": "r",
        "StackId": STACK,
        "LogicalResourceId": "Emptied",
        "PhysicalResourceId": "data",
        "ResponseURL": url,
        "ResourceProperties": properties,
    }


def stack_is(stub: Stubber, status: str) -> None:
    stub.add_response(
        "describe_stacks",
        {"Stacks": [{"StackName": "dev-storage", "CreationTime": 0, "StackStatus": status}]},
        {"StackName": STACK},
    )


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_nothing_is_deleted_while_the_stack_lives(
    kind: str, answers: tuple[str, list[dict[str, Any]]], stubbed: Make
) -> None:
    url, received = answers
    stubbed("s3")
    handler.on_bucket(event(url, kind, BucketName="data"), Clock())
    assert [(a["Status"], a["PhysicalResourceId"]) for a in received] == [("SUCCESS", "data")]


def test_a_resource_that_leaves_its_template_deletes_nothing(
    answers: tuple[str, list[dict[str, Any]]], stubbed: Make
) -> None:
    url, received = answers
    stubbed("s3")
    stack_is(stubbed("cloudformation"), "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    handler.on_bucket(event(url, "Delete", BucketName="data"), Clock())
    assert received[0]["Status"] == "SUCCESS"


def test_a_bucket_is_emptied_of_versions_and_markers(answers: tuple[str, list[dict[str, Any]]], stubbed: Make) -> None:
    url, received = answers
    stack_is(stubbed("cloudformation"), "DELETE_IN_PROGRESS")
    s3 = stubbed("s3")
    s3.add_response(
        "list_object_versions",
        {"Versions": [{"Key": "a", "VersionId": "1"}], "DeleteMarkers": [{"Key": "a", "VersionId": "2"}]},
        {"Bucket": "data"},
    )
    s3.add_response(
        "delete_objects",
        {},
        {
            "Bucket": "data",
            "Delete": {"Objects": [{"Key": "a", "VersionId": "1"}, {"Key": "a", "VersionId": "2"}], "Quiet": True},
        },
    )
    s3.add_response("list_object_versions", {"Versions": [{"Key": "b", "VersionId": "3"}]}, {"Bucket": "data"})
    s3.add_response(
        "delete_objects",
        {},
        {"Bucket": "data", "Delete": {"Objects": [{"Key": "b", "VersionId": "3"}], "Quiet": True}},
    )
    s3.add_response("list_object_versions", {}, {"Bucket": "data"})
    handler.on_bucket(event(url, "Delete", BucketName="data"), Clock())
    assert received[0]["Status"] == "SUCCESS"


def test_an_object_that_stays_is_named(answers: tuple[str, list[dict[str, Any]]], stubbed: Make) -> None:
    url, received = answers
    stack_is(stubbed("cloudformation"), "DELETE_IN_PROGRESS")
    s3 = stubbed("s3")
    s3.add_response("list_object_versions", {"Versions": [{"Key": "a", "VersionId": "1"}]})
    s3.add_response("delete_objects", {"Errors": [{"Key": "a", "Message": "locked"}]})
    handler.on_bucket(event(url, "Delete", BucketName="data"), Clock())
    assert received[0]["Status"] == "FAILED"
    assert received[0]["Reason"] == "a in data cannot be deleted: locked."


def test_a_bucket_that_is_gone_is_empty(stubbed: Make) -> None:
    stubbed("s3").add_client_error("list_object_versions", "NoSuchBucket")
    empty_bucket(handler.s3(), "data", lambda: True)


def test_a_registry_is_emptied(stubbed: Make) -> None:
    arn = "arn:aws:sagemaker:eu-west-1:111122223333:model-package/dev-fraud/1"
    sagemaker = stubbed("sagemaker")
    summary = {
        "ModelPackageArn": arn,
        "ModelPackageStatus": "Completed",
        "CreationTime": 0,
        "ModelPackageName": "dev-fraud",
    }
    sagemaker.add_response(
        "list_model_packages", {"ModelPackageSummaryList": [summary]}, {"ModelPackageGroupName": "dev-fraud"}
    )
    sagemaker.add_response("delete_model_package", {}, {"ModelPackageName": arn})
    empty_registry(handler.sagemaker(), "dev-fraud", lambda: True)


@pytest.mark.parametrize("unregistered", ["ObjectNotFoundException", "AccessDeniedException"])
def test_an_endpoint_ends_with_its_configurations_and_models(stubbed: Make, unregistered: str) -> None:
    sagemaker = stubbed("sagemaker")
    described = {
        "EndpointName": "dev-fraud",
        "EndpointArn": "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/dev-fraud",
        "EndpointStatus": "InService",
        "CreationTime": 0,
        "LastModifiedTime": 0,
        "ProductionVariants": [{"VariantName": "AllTraffic"}],
    }
    gone = 'Could not find endpoint "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/dev-fraud".'
    busy = "Cannot update in-progress endpoint"
    sagemaker.add_response("describe_endpoint", described)
    stubbed("application-autoscaling").add_client_error("deregister_scalable_target", unregistered)
    sagemaker.add_response("describe_endpoint", described)
    sagemaker.add_client_error("delete_endpoint", "ValidationException", busy)
    sagemaker.add_response("describe_endpoint", described)
    sagemaker.add_response("delete_endpoint", {}, {"EndpointName": "dev-fraud"})
    sagemaker.add_client_error("describe_endpoint", "ValidationException", gone)
    config = {"EndpointConfigArn": "a" * 20, "CreationTime": 0}
    sagemaker.add_response(
        "list_endpoint_configs",
        {
            "EndpointConfigs": [
                {"EndpointConfigName": "dev-fraud-v1-0a0a0a0a", **config},
                {"EndpointConfigName": "other-dev-fraud-v1", **config},
            ]
        },
        {"NameContains": "dev-fraud-v"},
    )
    sagemaker.add_response("delete_endpoint_config", {}, {"EndpointConfigName": "dev-fraud-v1-0a0a0a0a"})
    sagemaker.add_response(
        "list_models",
        {"Models": [{"ModelName": "dev-fraud-v1-0a0a0a0a", "ModelArn": "a" * 20, "CreationTime": 0}]},
        {"NameContains": "dev-fraud-v"},
    )
    sagemaker.add_response("delete_model", {}, {"ModelName": "dev-fraud-v1-0a0a0a0a"})
    Endpoint("dev-fraud", handler.sagemaker(), handler.autoscaling()).end(lambda: True)


def test_an_endpoint_that_never_was_has_ended(stubbed: Make) -> None:
    sagemaker = stubbed("sagemaker")
    for _ in range(2):
        sagemaker.add_client_error("describe_endpoint", "ValidationException", "Could not find endpoint")
    sagemaker.add_response("list_endpoint_configs", {"EndpointConfigs": []})
    sagemaker.add_response("list_models", {"Models": []})
    Endpoint("dev-fraud", handler.sagemaker(), handler.autoscaling()).end(lambda: True)


@pytest.mark.parametrize("made", [True, False], ids=["made", "never-made"])
def test_the_logs_of_an_endpoint_go_last_where_they_are_named(
    *, made: bool, answers: tuple[str, list[dict[str, Any]]], stubbed: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, received = answers
    ended: list[str] = []
    monkeypatch.setattr(Endpoint, "end", lambda self, _: ended.append(self.name))
    stack_is(stubbed("cloudformation"), "DELETE_IN_PROGRESS")
    group = "/aws/sagemaker/Endpoints/dev-fraud"
    if made:
        stubbed("logs").add_response("delete_log_group", {}, {"logGroupName": group})
    else:
        stubbed("logs").add_client_error("delete_log_group", "ResourceNotFoundException", "no such log group")
    handler.on_endpoint(event(url, "Delete", EndpointName="dev-fraud", LogGroupName=group), Clock())
    assert (ended, received[0]["Status"]) == (["dev-fraud"], "SUCCESS")


def test_the_logs_of_an_endpoint_are_made_before_it_with_a_key_and_an_end(
    answers: tuple[str, list[dict[str, Any]]], stubbed: Make
) -> None:
    url, received = answers
    group = {"logGroupName": "/aws/sagemaker/Endpoints/dev-fraud"}
    logs = stubbed("logs")
    logs.add_response("create_log_group", {}, {**group, "kmsKeyId": "the-key"})
    prefix = {"logGroupNamePrefix": group["logGroupName"]}
    logs.add_response("describe_log_groups", {"logGroups": [{**group, "kmsKeyId": "the-key"}]}, prefix)
    logs.add_response("put_retention_policy", {}, {**group, "retentionInDays": 30})
    kept = {"LogGroupName": group["logGroupName"], "KeyArn": "the-key", "RetentionInDays": "30"}
    handler.on_endpoint(event(url, "Create", EndpointName="dev-fraud", **kept), Clock())
    assert received[0]["Status"] == "SUCCESS"


def test_the_logs_of_an_endpoint_stay_where_logs_are_kept(
    answers: tuple[str, list[dict[str, Any]]], stubbed: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, received = answers
    monkeypatch.setattr(Endpoint, "end", lambda *_: None)
    stack_is(stubbed("cloudformation"), "DELETE_IN_PROGRESS")
    stubbed("logs")  # which is asked nothing
    kept = {"LogGroupName": "/aws/sagemaker/Endpoints/prod-fraud", "LogGroupGoes": "false"}
    handler.on_endpoint(event(url, "Delete", EndpointName="prod-fraud", **kept), Clock())
    assert received[0]["Status"] == "SUCCESS"


def test_an_endpoint_that_takes_too_long_is_a_failure(stubbed: Make) -> None:
    described = {
        "EndpointName": "dev-fraud",
        "EndpointArn": "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/dev-fraud",
        "EndpointStatus": "Deleting",
        "CreationTime": 0,
        "LastModifiedTime": 0,
    }
    sagemaker = stubbed("sagemaker")
    for _ in range(2):
        sagemaker.add_response("describe_endpoint", described)
    with pytest.raises(Failure, match="still being deleted"):
        Endpoint("dev-fraud", handler.sagemaker(), handler.autoscaling()).end(lambda: False)


def test_other_errors_are_not_hidden(stubbed: Make) -> None:
    stubbed("sagemaker").add_client_error("describe_endpoint", "AccessDeniedException", "no")
    with pytest.raises(ClientError, match="AccessDenied"):
        Endpoint("dev-fraud", handler.sagemaker(), handler.autoscaling()).end(lambda: True)
