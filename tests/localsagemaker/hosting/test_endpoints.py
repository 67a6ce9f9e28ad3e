"""Endpoints with real serving containers: into service, through an update or back, out of service."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from localsagemaker.errors import ServiceError
from localsagemaker.hosting.endpoints import Answer, Deployment, Endpoints
from localsagemaker.hosting.invocation import Request
from localsagemaker.images import Images
from localsagemaker.jobs.artifacts import pack
from tests.localsagemaker.folder_host import ROLE, SCOPE, FolderHost
from tests.localsagemaker.small_image import ENGINES, URI, built

pytestmark = pytest.mark.slow

NAME = "dev-fraud"
ARN = f"arn:aws:sagemaker:eu-west-1:111111111111:endpoint/{NAME}"
LOG = f"/aws/sagemaker/Endpoints/{NAME}"
MODEL = "s3://artifacts/model.tar.gz"
TIME_SCALE = 60.0


@pytest.fixture(scope="session")
def every_images(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Images]:
    folder = tmp_path_factory.mktemp("images")
    return lambda engine: built(engine, folder)


@pytest.fixture
def host(tmp_path: Path) -> FolderHost:
    host = FolderHost(tmp_path / "s3")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.json").write_text("{}")
    host.s3.put(MODEL, pack([tmp_path / "model"], tmp_path / "model.tar.gz").read_bytes())
    return host


class Hosting:
    """One endpoint and what it told."""

    def __init__(self, endpoints: Endpoints, host: FolderHost, workdir: Path) -> None:
        self.endpoints = endpoints
        self.host = host
        self.workdir = workdir
        self.record: dict[str, Any] = {}
        self.statuses: list[str] = []

    def told(self, fields: Mapping[str, Any]) -> None:
        self.record.update(fields)
        if "EndpointStatus" in fields:
            self.statuses.append(fields["EndpointStatus"])

    def create(self, deployment: Deployment) -> None:
        self.endpoints.create(SCOPE, NAME, ARN, deployment, self.told)
        self.settle()

    def update(self, deployment: Deployment, config: Mapping[str, Any] | None = None, **more: Any) -> None:
        self.endpoints.update(SCOPE, NAME, deployment, deployment_config=config, **more)

    def settle(self) -> None:
        self.wait(lambda: self.record["EndpointStatus"] in {"InService", "Failed"})

    def wait(self, condition: Callable[[], bool], limit: float = 60.0) -> None:
        deadline = time.monotonic() + limit
        while not condition():
            assert time.monotonic() < deadline, self.record
            time.sleep(0.02)

    def ask(self, body: str = "1,2", **more: Any) -> Answer:
        return self.endpoints.invoke(SCOPE, NAME, Request(body.encode(), content_type="text/csv", **more))

    def seen(self, body: str = "1,2", **more: Any) -> dict[str, Any]:
        answer = self.ask(body, **more)
        assert answer.status == 200, answer
        content: dict[str, Any] = json.loads(answer.body)
        return content


def hosting_of(images: Images, host: FolderHost, workdir: Path) -> Iterator[Hosting]:
    endpoints = Endpoints(host, images, workdir, TIME_SCALE, least_startup_s=20.0)
    yield Hosting(endpoints, host, workdir)
    endpoints.close()
    assert not workdir.exists() or list(workdir.iterdir()) == []
    assert not [
        process.pid
        for process in psutil.process_iter(["environ"])
        if str(workdir) in (process.info["environ"] or {}).get("TMPDIR", "")
    ]


@pytest.fixture
def hosting(every_images: Callable[[str], Images], host: FolderHost, tmp_path: Path) -> Iterator[Hosting]:
    """On plain processes: what is tried with it does not depend on the engine."""
    yield from hosting_of(every_images("process"), host, tmp_path / "work")


@pytest.fixture(params=ENGINES)
def engine_hosting(
    request: pytest.FixtureRequest, every_images: Callable[[str], Images], host: FolderHost, tmp_path: Path
) -> Iterator[Hosting]:
    yield from hosting_of(every_images(request.param), host, tmp_path / "work")


def variant(name: str = "AllTraffic", **more: Any) -> dict[str, Any]:
    return {
        "VariantName": name,
        "ModelName": "m",
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
        "InitialVariantWeight": 1.0,
        **more,
    }


def deployment(
    name: str = "one", do: str = "", *, uri: str = MODEL, variants: list[dict[str, Any]] | None = None
) -> Deployment:
    """A configuration whose container says its name and behaves as `do`."""
    container = {"Image": URI, "ModelDataUrl": uri, "Environment": {"NAME": name, "DO": do}}
    model = {"ModelName": "m", "ExecutionRoleArn": ROLE, "PrimaryContainer": container}
    return Deployment(name, {"EndpointConfigName": name, "ProductionVariants": variants or [variant()]}, {"m": model})


def canary(wait: int, *alarms: str, percent: int = 50) -> dict[str, Any]:
    routing = {
        "Type": "CANARY",
        "WaitIntervalInSeconds": wait,
        "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": percent},
    }
    config: dict[str, Any] = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}}
    if alarms:
        config["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": name} for name in alarms]}
    return config


def test_an_endpoint_comes_into_service_and_answers(engine_hosting: Hosting) -> None:
    hosting = engine_hosting
    hosting.create(deployment())
    assert hosting.statuses == ["Creating", "InService"], hosting.record
    assert hosting.record["EndpointConfigName"] == "one"
    [shown] = hosting.record["ProductionVariants"]
    assert (shown["VariantName"], shown["CurrentWeight"], shown["CurrentInstanceCount"]) == ("AllTraffic", 1.0, 1)
    assert shown["DeployedImages"][0]["SpecifiedImage"] == URI
    answer = hosting.ask(accept="application/json")
    assert answer.status == 200
    assert answer.headers["x-Amzn-Invoked-Production-Variant"] == "AllTraffic"
    assert answer.headers["Content-Type"] == "application/json"
    content = json.loads(answer.body)
    assert content.pop("pid") > 0
    assert content == {
        "body": "1,2",
        "type": "text/csv",
        "accept": "application/json",
        "model": ["model.json"],
        "name": "one",
    }
    assert any("container" in line for line in hosting.host.lines(LOG))


def test_events_tell_each_state_as_documented(hosting: Hosting) -> None:
    hosting.create(deployment())
    hosting.update(deployment("two"))
    hosting.settle()
    hosting.endpoints.delete(SCOPE, NAME)
    details = [detail for kind, detail in hosting.host.events if kind == "SageMaker Endpoint State Change"]
    assert [each["EndpointStatus"] for each in details] == [
        "CREATING",
        "IN_SERVICE",
        "UPDATING",
        "IN_SERVICE",
        "DELETING",
    ]
    last = details[3]
    assert last["EndpointName"] == NAME
    assert last["EndpointArn"] == ARN
    assert last["EndpointConfigName"] == "two"
    assert last["ProductionVariants"] == [
        {"VariantName": "AllTraffic", "DesiredWeight": 1.0, "DesiredInstanceCount": 1}
    ]
    assert isinstance(last["CreationTime"], int)
    assert abs(last["CreationTime"] / 1000 - time.time()) < 120


def test_invocations_are_measured(hosting: Hosting) -> None:
    hosting.create(deployment())
    hosting.seen()
    hosting.ask("status400")
    hosting.ask("status500")
    totals = {name: hosting.host.total(name) for name in ("Invocations", "Invocation4XXErrors", "Invocation5XXErrors")}
    assert totals == {"Invocations": 3, "Invocation4XXErrors": 1, "Invocation5XXErrors": 1}
    assert hosting.host.total("ModelLatency") > 0
    assert hosting.host.metrics[0].dimensions == {"EndpointName": NAME, "VariantName": "AllTraffic"}


@pytest.mark.parametrize(("status", "side"), [(400, "client"), (415, "client"), (500, "server"), (503, "server")])
def test_an_error_of_the_container_is_a_model_error(hosting: Hosting, status: int, side: str) -> None:
    hosting.create(deployment())
    answer = hosting.ask(f"status{status}")
    assert answer.status == 424
    assert answer.headers["x-amzn-errortype"] == "ModelError"
    body = json.loads(answer.body)
    assert body["OriginalStatusCode"] == status
    assert body["OriginalMessage"] == '{"error": "as asked"}'
    assert body["Message"].startswith(f"Received {side} error ({status}) from primary with message")
    assert body["LogStreamArn"].endswith(f"{LOG}:log-stream:AllTraffic/local-1")


def test_a_container_that_hangs_up_or_is_too_slow_is_a_model_error(
    hosting: Hosting, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosting.create(deployment())
    hung_up = json.loads(hosting.ask("close").body)
    assert hung_up["OriginalStatusCode"] == 0
    assert "closed the connection" in hung_up["Message"]
    monkeypatch.setattr("localsagemaker.hosting.invocation.INVOCATION_TIMEOUT_S", 0.3)
    slow = json.loads(hosting.ask("wait2").body)
    assert "timed out while waiting for a response" in slow["Message"]
    assert hosting.host.total("Invocation5XXErrors") == 2
    assert hosting.seen()["name"] == "one"


def test_a_body_that_is_too_large_and_an_unknown_variant_are_refused(hosting: Hosting) -> None:
    hosting.create(deployment())
    with pytest.raises(ServiceError, match="at most 6291456") as refused:
        hosting.ask("x" * (6 * 1024 * 1024 + 1))
    assert refused.value.status == 413
    with pytest.raises(ServiceError, match="Variant other does not exist"):
        hosting.ask(target_variant="other")


def test_an_endpoint_that_is_not_there_is_not_found(hosting: Hosting) -> None:
    with pytest.raises(ServiceError, match=f"Endpoint {NAME} of account 111111111111 not found") as refused:
        hosting.ask()
    assert refused.value.code == "ValidationError"
    operations: list[Callable[[], None]] = [
        lambda: hosting.update(deployment()),
        lambda: hosting.endpoints.delete(SCOPE, NAME),
        lambda: hosting.endpoints.update_weights(SCOPE, NAME, []),
    ]
    for operation in operations:
        with pytest.raises(ServiceError, match="Could not find endpoint"):
            operation()


def test_a_container_that_ends_at_once_fails_the_endpoint_with_its_last_words(engine_hosting: Hosting) -> None:
    engine_hosting.create(deployment(do="crash"))
    assert engine_hosting.statuses == ["Creating", "Failed"]
    reason = engine_hosting.record["FailureReason"]
    assert reason.startswith(
        "The primary container for production variant AllTraffic did not pass the ping health check."
    )
    assert "ended 3 times, at last with exit code 1" in reason
    assert reason.endswith("no model here")
    with pytest.raises(ServiceError, match="not found"):
        engine_hosting.ask()
    with pytest.raises(ServiceError, match='with status "Failed"'):
        engine_hosting.update(deployment())
    engine_hosting.endpoints.delete(SCOPE, NAME)


def test_a_container_that_never_answers_ping_fails_the_endpoint(
    every_images: Callable[[str], Images], host: FolderHost, tmp_path: Path
) -> None:
    endpoints = Endpoints(host, every_images("process"), tmp_path / "work", time_scale=1000.0, least_startup_s=1.5)
    hosting = Hosting(endpoints, host, tmp_path / "work")
    hosting.create(deployment(do="unhealthy"))
    assert hosting.record["FailureReason"].endswith("No answer to /ping within 1.5 s.")
    endpoints.close()


def test_model_data_that_is_no_archive_is_named(hosting: Hosting) -> None:
    """Source: the FailureReason in aws/deep-learning-containers, pull request 569."""
    hosting.host.s3.put("s3://artifacts/broken.tar.gz", "this is no archive")
    hosting.create(deployment(uri="s3://artifacts/broken.tar.gz"))
    assert hosting.record["FailureReason"].startswith(
        'Failed to extract model data archive for container "container_1" from URL "s3://artifacts/broken.tar.gz". '
        "Please ensure that the object located at the URL is a valid tar.gz archive."
    )


def test_model_data_that_cannot_be_had_is_named(hosting: Hosting) -> None:
    uri = "s3://artifacts/none.tar.gz"
    hosting.create(deployment(uri=uri))
    assert hosting.record["FailureReason"].startswith(
        f'Failed to download model data for container "container_1" from URL: "{uri}".'
    )


def test_what_cannot_be_served_here_is_refused(hosting: Hosting) -> None:
    with pytest.raises(ServiceError, match='Could not find model "m"'):
        hosting.create(Deployment("x", deployment().config, {}))
    assert hosting.statuses == []


def test_a_container_that_dies_in_service_is_started_again(engine_hosting: Hosting) -> None:
    engine_hosting.create(deployment())
    assert json.loads(engine_hosting.ask("die").body)["OriginalStatusCode"] == 0
    engine_hosting.wait(lambda: engine_hosting.ask().status == 200)
    assert engine_hosting.record["EndpointStatus"] == "InService"
    engine_hosting.wait(lambda: any("ended with exit code" in line for line in engine_hosting.host.lines(LOG)))


def test_an_update_moves_to_the_new_configuration(engine_hosting: Hosting) -> None:
    engine_hosting.create(deployment())
    engine_hosting.update(deployment("two"))
    assert engine_hosting.record["EndpointStatus"] == "Updating"
    engine_hosting.settle()
    assert engine_hosting.record["EndpointConfigName"] == "two"
    assert engine_hosting.record["FailureReason"] is None
    assert engine_hosting.seen()["name"] == "two"
    assert len(list(engine_hosting.workdir.iterdir())) == 1


@pytest.mark.parametrize(("does", "left"), [("", "key-two"), ("crash", "key-one")])
def test_grants_of_volumes_are_of_the_configuration_in_service(hosting: Hosting, does: str, left: str) -> None:
    """DeleteEndpoint: "SageMaker retires any custom KMS key grants associated with the endpoint"."""
    one, two = deployment(), deployment("two", do=does)
    hosting.create(Deployment("one", {**one.config, "KmsKeyId": "key-one"}, one.models))
    assert hosting.host.grants == [(ROLE, "key-one")]
    hosting.update(Deployment("two", {**two.config, "KmsKeyId": "key-two"}, two.models))
    hosting.settle()
    assert hosting.host.grants == [(ROLE, left)]
    hosting.endpoints.delete(SCOPE, NAME)
    assert hosting.host.grants == []


def test_a_busy_endpoint_refuses_update_and_delete_but_answers(hosting: Hosting) -> None:
    hosting.create(deployment())
    hosting.update(deployment("two"), canary(600))
    operations: list[Callable[[], None]] = [
        lambda: hosting.update(deployment("three")),
        lambda: hosting.endpoints.delete(SCOPE, NAME),
    ]
    for operation in operations:
        with pytest.raises(ServiceError, match="Cannot update in-progress endpoint"):
            operation()
    assert hosting.seen()["name"] in {"one", "two"}


def test_a_canary_gets_its_share_and_then_everything(hosting: Hosting) -> None:
    hosting.create(deployment())
    hosting.update(deployment("two"), canary(120, percent=25))
    hosting.wait(lambda: hosting.seen()["name"] == "two")
    names = [hosting.seen()["name"] for _ in range(200)]
    if hosting.record["EndpointStatus"] == "Updating":
        assert hosting.record["PendingDeploymentSummary"]["EndpointConfigName"] == "two"
        assert 20 <= names.count("two") <= 85  # 50 expected, sigma 6
    hosting.settle()
    assert {hosting.seen()["name"] for _ in range(20)} == {"two"}
    assert hosting.record["PendingDeploymentSummary"] is None


def test_no_request_is_lost_during_an_update(hosting: Hosting) -> None:
    hosting.create(deployment())
    hosting.update(deployment("two"), canary(30))
    count = 0
    while hosting.record["EndpointStatus"] == "Updating":
        assert hosting.ask().status == 200
        count += 1
    assert count > 10


def test_an_alarm_in_the_canary_rolls_back_and_says_so(hosting: Hosting) -> None:
    hosting.host.alarms["errors"] = "OK"
    hosting.create(deployment())
    hosting.update(deployment("two", do="errors"), canary(1200, "errors"))
    hosting.wait(lambda: hosting.ask().status == 424)
    assert hosting.host.total("Invocation5XXErrors") == 1
    hosting.host.alarms["errors"] = "ALARM"
    hosting.settle()
    assert hosting.statuses == ["Creating", "InService", "Updating", "RollingBack", "InService"]
    assert hosting.record["EndpointConfigName"] == "one"
    assert "went into ALARM: errors" in hosting.record["FailureReason"]
    assert "rolled back to endpoint config one" in hosting.record["FailureReason"]
    assert {hosting.seen()["name"] for _ in range(10)} == {"one"}
    assert [detail["EndpointStatus"] for _, detail in hosting.host.events][-2:] == ["ROLLING_BACK", "IN_SERVICE"]


def test_a_new_configuration_that_does_not_start_rolls_back(hosting: Hosting) -> None:
    hosting.create(deployment())
    hosting.update(deployment("two", do="crash"))
    hosting.settle()
    assert hosting.record["EndpointConfigName"] == "one"
    assert "did not pass the ping health check" in hosting.record["FailureReason"]
    assert hosting.seen()["name"] == "one"


def test_a_rollback_is_forgotten_by_the_next_good_update(hosting: Hosting) -> None:
    hosting.create(deployment())
    hosting.update(deployment("two", do="crash"))
    hosting.settle()
    hosting.update(deployment("three"))
    hosting.settle()
    assert (hosting.record["EndpointConfigName"], hosting.record["FailureReason"]) == ("three", None)


def test_variant_properties_are_retained_when_asked(hosting: Hosting) -> None:
    hosting.create(deployment())
    hosting.endpoints.update_weights(
        SCOPE, NAME, [{"VariantName": "AllTraffic", "DesiredWeight": 3.0, "DesiredInstanceCount": 4}]
    )
    hosting.settle()
    assert hosting.record["ProductionVariants"][0]["CurrentInstanceCount"] == 4
    hosting.update(deployment("two"), retain_all_variant_properties=True)
    hosting.settle()
    assert hosting.record["ProductionVariants"][0]["DesiredWeight"] == 3.0
    assert hosting.record["ProductionVariants"][0]["DesiredInstanceCount"] == 4
    hosting.update(
        deployment("three"),
        retain_all_variant_properties=True,
        exclude_retained_variant_properties=["DesiredInstanceCount"],
    )
    hosting.settle()
    assert hosting.record["ProductionVariants"][0]["DesiredWeight"] == 3.0
    assert hosting.record["ProductionVariants"][0]["DesiredInstanceCount"] == 1
    hosting.update(deployment("four"))
    hosting.settle()
    assert hosting.record["ProductionVariants"][0]["DesiredWeight"] == 1.0


def test_traffic_follows_weights_and_the_target(hosting: Hosting) -> None:
    hosting.create(
        deployment(variants=[variant("A", InitialVariantWeight=1.0), variant("B", InitialVariantWeight=0.0)])
    )

    def invoked(**more: str) -> str:
        return hosting.ask(**more).headers["x-Amzn-Invoked-Production-Variant"]

    assert {invoked() for _ in range(20)} == {"A"}
    assert invoked(target_variant="B") == "B"
    with pytest.raises(ServiceError, match="Variant C does not exist"):
        hosting.endpoints.update_weights(SCOPE, NAME, [{"VariantName": "C", "DesiredWeight": 1.0}])
    assert hosting.record["EndpointStatus"] == "InService"
    weights = [{"VariantName": "A", "DesiredWeight": 0.0}, {"VariantName": "B", "DesiredWeight": 1.0}]
    hosting.endpoints.update_weights(SCOPE, NAME, weights)
    hosting.settle()
    assert {invoked() for _ in range(20)} == {"B"}


def test_a_deleted_endpoint_is_gone_and_its_name_is_free(engine_hosting: Hosting) -> None:
    engine_hosting.create(deployment())
    with pytest.raises(ServiceError, match="Cannot create already existing endpoint"):
        engine_hosting.create(deployment())
    engine_hosting.endpoints.delete(SCOPE, NAME)
    assert list(engine_hosting.workdir.iterdir()) == []
    with pytest.raises(ServiceError, match="not found"):
        engine_hosting.ask()
    engine_hosting.create(deployment("again"))
    assert engine_hosting.seen()["name"] == "again"


def test_close_ends_an_update_in_the_middle(hosting: Hosting) -> None:
    hosting.create(deployment())
    hosting.update(deployment("two"), canary(3000))
    hosting.wait(lambda: hosting.seen()["name"] == "two")
    begun = time.monotonic()
    hosting.endpoints.close()
    assert time.monotonic() - begun < 10


def test_an_error_of_our_own_fails_the_endpoint_instead_of_leaving_it(
    hosting: Hosting, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosting.create(deployment())

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("localsagemaker.hosting.fleet.Fleet.start", full)
    hosting.update(deployment("two"))
    hosting.settle()
    assert hosting.record["EndpointConfigName"] == "one"
    assert "InternalServerError: OSError: [Errno 28] No space left on device" in hosting.record["FailureReason"]
    assert hosting.seen()["name"] == "one"


def test_a_lost_event_does_not_stop_an_endpoint(hosting: Hosting, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(hosting.host, "put_event", lost)
    hosting.create(deployment())
    assert hosting.seen()["name"] == "one"
