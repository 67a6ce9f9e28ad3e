"""Endpoints as the operations show them; what their containers do is tested with `endpoints`."""

import io
import tarfile
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from localsagemaker.errors import ServiceError
from localsagemaker.hosting.invocation import Request
from localsagemaker.service import SageMaker
from tests.localsagemaker.fakes import ADMIN, ROLE, Call, FakeHost, FakeImages, Run, exits


def serve(run: Run) -> int:
    """Answer every invocation with the model's variable NAME and the request's body."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(run.environment["NAME"].encode() + b":" + body)

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/csv")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", run.port), Handler) as server:
        server.timeout = 0.02
        while not run.stop.is_set():
            server.handle_request()
    return 0


def archive() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz"):
        pass
    return buffer.getvalue()


@pytest.fixture
def deploy(call: Call, images: FakeImages, host: FakeHost) -> Callable[[str], None]:
    """Register and approve a package with variable NAME, and make a model and a config of that name of it."""
    images.programs["image"] = serve
    host.s3.content["s3://b/model.tar.gz"] = archive()
    call("CreateModelPackageGroup", ModelPackageGroupName="fraud")

    def make(name: str) -> None:
        container = {"Image": "image", "ModelDataUrl": "s3://b/model.tar.gz", "Environment": {"NAME": "package"}}
        package = call(
            "CreateModelPackage",
            ModelPackageGroupName="fraud",
            ModelApprovalStatus="Approved",
            InferenceSpecification={"Containers": [container]},
        )["ModelPackageArn"]
        own = {"ModelPackageName": package, "Environment": {"NAME": name}}
        call("CreateModel", ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=own)
        variant = {
            "VariantName": "AllTraffic",
            "ModelName": name,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
        }
        call("CreateEndpointConfig", EndpointConfigName=name, ProductionVariants=[variant])

    return make


@pytest.fixture
def settled(call: Call) -> Callable[[], dict[str, Any]]:
    def wait() -> dict[str, Any]:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            shown = call("DescribeEndpoint", EndpointName="fraud")
            if shown["EndpointStatus"] not in {"Creating", "Updating", "RollingBack"}:
                return shown
            time.sleep(0.02)
        raise AssertionError("the endpoint did not settle")

    return wait


def test_creates_invokes_updates_and_deletes(
    call: Call, sagemaker: SageMaker, deploy: Callable[[str], None], settled: Callable[[], dict[str, Any]]
) -> None:
    deploy("one")
    deploy("two")
    arn = call("CreateEndpoint", EndpointName="fraud", EndpointConfigName="one")["EndpointArn"]
    assert settled()["EndpointStatus"] == "InService"
    answer = sagemaker.invoke_endpoint("fraud", Request(b"1,2", content_type="text/csv"), ADMIN)
    assert (answer.status, answer.body) == (200, b"one:1,2")
    call("UpdateEndpoint", EndpointName="fraud", EndpointConfigName="two")
    shown = settled()
    assert (shown["EndpointStatus"], shown["EndpointConfigName"]) == ("InService", "two")
    assert sagemaker.invoke_endpoint("fraud", Request(b"3"), ADMIN).body == b"two:3"
    assert sagemaker.variants(ADMIN.scope, "fraud") == ["AllTraffic"]
    with pytest.raises(ServiceError, match="has no variant Blue: it has AllTraffic"):
        call(
            "UpdateEndpointWeightsAndCapacities",
            EndpointName="fraud",
            DesiredWeightsAndCapacities=[{"VariantName": "Blue", "DesiredWeight": 1.0}],
        )
    assert [each["EndpointArn"] for each in call("ListEndpoints")["Endpoints"]] == [arn]
    call("DeleteEndpoint", EndpointName="fraud")
    with pytest.raises(ServiceError, match="Could not find endpoint"):
        call("DescribeEndpoint", EndpointName="fraud")
    with pytest.raises(ServiceError, match="not found"):
        sagemaker.invoke_endpoint("fraud", Request(b"1"), ADMIN)


def test_a_failed_endpoint_says_why_and_can_be_deleted(
    call: Call, images: FakeImages, deploy: Callable[[str], None], settled: Callable[[], dict[str, Any]]
) -> None:
    deploy("one")
    images.programs["image"] = exits(3)
    call("CreateEndpoint", EndpointName="fraud", EndpointConfigName="one")
    shown = settled()
    assert shown["EndpointStatus"] == "Failed"
    assert shown["FailureReason"]
    call("DeleteEndpoint", EndpointName="fraud")
    assert call("ListEndpoints")["Endpoints"] == []


def test_refuses_what_it_cannot_deploy_and_keeps_no_record(
    call: Call, images: FakeImages, deploy: Callable[[str], None]
) -> None:
    deploy("one")
    with pytest.raises(ServiceError, match="Could not find endpoint config"):
        call("CreateEndpoint", EndpointName="fraud", EndpointConfigName="none")
    images.programs.clear()
    with pytest.raises(ServiceError, match="There is no image"):
        call("CreateEndpoint", EndpointName="fraud", EndpointConfigName="one")
    assert call("ListEndpoints")["Endpoints"] == []


def test_a_package_that_is_no_longer_approved_is_not_deployed(call: Call, deploy: Callable[[str], None]) -> None:
    deploy("one")
    (package,) = call("ListModelPackages", ModelPackageGroupName="fraud")["ModelPackageSummaryList"]
    call("UpdateModelPackage", ModelPackageArn=package["ModelPackageArn"], ModelApprovalStatus="Rejected")
    with pytest.raises(ServiceError, match="its approval status is Rejected"):
        call("CreateEndpoint", EndpointName="fraud", EndpointConfigName="one")


@pytest.mark.parametrize("isolated", [True, False])
def test_a_configuration_isolates_the_containers_of_all_its_models(
    call: Call,
    images: FakeImages,
    deploy: Callable[[str], None],
    settled: Callable[[], dict[str, Any]],
    isolated: bool,  # noqa: FBT001 - a case
) -> None:
    """API reference, CreateEndpointConfig: "whether all model containers deployed to the endpoint are isolated"."""
    deploy("one")
    seen: list[bool] = []

    def watched(run: Run) -> int:
        seen.append(run.isolated)
        return serve(run)

    images.programs["image"] = watched
    variants = call("DescribeEndpointConfig", EndpointConfigName="one")["ProductionVariants"]
    call("CreateEndpointConfig", EndpointConfigName="c", ProductionVariants=variants, EnableNetworkIsolation=isolated)
    call("CreateEndpoint", EndpointName="fraud", EndpointConfigName="c")
    assert settled()["EndpointStatus"] == "InService"
    assert seen == [isolated]


def test_names_of_endpoints_differ_in_more_than_case(
    call: Call, deploy: Callable[[str], None], settled: Callable[[], dict[str, Any]]
) -> None:
    """Source: API reference of SageMaker, "CreateEndpoint": EndpointName is case-insensitive there."""
    deploy("one")
    call("CreateEndpoint", EndpointName="fraud", EndpointConfigName="one")
    with pytest.raises(ServiceError, match="Cannot create already existing endpoint"):
        call("CreateEndpoint", EndpointName="Fraud", EndpointConfigName="one")
    settled()
