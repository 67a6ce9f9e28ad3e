"""Reviews on the local cloud: loops that the command line and state machines start, people in the portal, the gate."""

import io
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import aws_cdk
import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator
from PIL import Image

from app import build
from labels.task import Answer
from localcloud.cdk import Cdk
from localcloud.console import execute_api_url
from mdlc.labels import Client
from predictions.request import PredictionRequest
from predictions.reviews import capture_line
from stacks.labeling_settings import Labeling as Settings
from stacks.labeling_settings import Reviews as Rule
from stacks.settings import Feature
from tests.checks.upgrade.conftest import Platform
from tests.environments import DEV, IMAGES
from tests.systems.test_labeling import Labeling
from tests.systems.test_portal import calls, signed_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
ACCOUNT = f"arn:aws:sagemaker:eu-west-1:{DEV.account}"
PAGE = """<crowd-form><crowd-image-classifier name="kind" src="{{ task.input.taskObject | grant_read_access }}"
    categories="{{ task.input.labels | to_json }}"></crowd-image-classifier></crowd-form>"""
ENDED = ("Completed", "Failed", "Stopped")


def flow_request(bucket: str, name: str, page: str, **people: Any) -> dict[str, Any]:
    """Return the body of CreateFlowDefinition, with members of its HumanLoopConfig changed."""
    return {
        "FlowDefinitionName": name,
        "HumanLoopConfig": {
            "WorkteamArn": f"{ACCOUNT}:workteam/private-crowd/birds",
            "HumanTaskUiArn": page,
            "TaskTitle": f"Review {name}",
            "TaskDescription": "Choose what you see",
            "TaskCount": 1,
            **people,
        },
        "OutputConfig": {"S3OutputPath": f"s3://{bucket}/labeling/reviews"},
        "RoleArn": f"arn:aws:iam::{DEV.account}:role/reviews",
    }


class Reviews(Labeling):
    """A platform whose people label and review; it has the image classifier, of which nobody has trained a model."""

    @property
    def client(self) -> Client:
        return Client("dev", self.here.cloud)

    def function(self, name: str, event: Mapping[str, Any]) -> Any:
        """Call a function of the stack, which must not fail."""
        client = self.here.client("lambda")
        pages = client.get_paginator("list_functions").paginate()
        names = [each["FunctionName"] for page in pages for each in page["Functions"]]
        (found,) = [each for each in names if each.startswith(f"dev-labeling-{name}")]
        answer = client.invoke(FunctionName=found, Payload=json.dumps(event).encode())
        said = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, said
        return said

    def flow(self, folder: Path, name: str, **people: Any) -> str:
        """Make a flow definition by the command line; return its ARN."""
        page, request = folder / f"{name}.liquid.html", folder / f"{name}.json"
        page.write_text(PAGE)
        arn = self.here.done("reviews", "template", "create", name, str(page))["arn"]
        request.write_text(json.dumps(flow_request(self.bucket, name, arn, **people)))
        return str(self.here.done("reviews", "flow", "create", str(request))["arn"])

    def start(self, folder: Path, flow: str, name: str, content: Any) -> None:
        """Start a loop by the command line."""
        request = folder / f"{name}-loop.json"
        body = {
            "HumanLoopName": name,
            "FlowDefinitionArn": flow,
            "HumanLoopInput": {"InputContent": json.dumps(content)},
        }
        request.write_text(json.dumps(body))
        assert self.here.done("reviews", "start", str(request))["loop"] == name

    def answer(self, job: str, label: str, most: int = 1) -> list[str]:
        """Let somebody answer what waits of a flow definition, as the functions of the portal do; return the loops."""
        store, done = self.store, list[str]()
        self.until(lambda: bool(store.next(store.job(job), "ada", 1)))
        while len(done) < most and (given := store.next(store.job(job), "ada", 1)):
            content = json.dumps({"kind": {"label": label}})
            store.act(store.job(job), given[0], "ada", Answer(f"token-{given[0]}", content, 3))
            done += given
        return done

    def ended(self, name: str) -> Mapping[str, Any]:
        """Wait for the end of a loop, and return what is said of it then."""
        found: dict[str, Any] = {}

        def has_ended() -> bool:
            found.update(self.client.describe_human_loop(HumanLoopName=name))
            return found["HumanLoopStatus"] in ENDED

        self.until(has_ended)
        return found

    def read(self, uri: str) -> Any:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return json.loads(self.here.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory, cdk_context: dict[str, Any]) -> Iterator[Reviews]:
    here = Platform(tmp_path_factory.mktemp("reviews"))
    here.local.up(account=DEV.account)
    try:
        Cdk(here.variables, assembly=here.folder).bootstrap(DEV.account, DEV.region)
        app = aws_cdk.App(outdir=str(tmp_path_factory.mktemp("assembly")), context=cdk_context)
        labeling = Settings(workteams=("birds",), reviews=Rule(share=0, classes=("neither",)))
        features = frozenset({Feature.LABELING, Feature.SERVING, Feature.API})
        build(app, [replace(DEV, systems=(IMAGES,), features=features, labeling=labeling)])
        here.cdk(Path(app.synth().directory) / "assembly-dev", "deploy", "dev/*")
        yield Reviews(here)
    finally:
        here.local.down()


def validate(operation: str, answer: Any) -> None:
    model = botocore.session.get_session().get_service_model("sagemaker-a2i-runtime").operation_model(operation)
    assert model.output_shape
    report = ParamValidator().validate(answer, model.output_shape)
    assert not report.has_errors(), report.generate_report()


@pytest.mark.end_to_end
def test_a_loop_from_the_command_line_over_the_portal_to_its_output(reviews: Reviews, tmp_path: Path) -> None:
    flow = reviews.flow(tmp_path, "claims")
    picture = reviews.put("labeling/claims/1.jpg", "picture")
    shown = {"taskObject": picture, "labels": ["carp", "bream"]}
    reviews.start(tmp_path, flow, "claim-17", shown)
    invited = reviews.here.done("workteam", "invite", "bea", "--team", "birds")
    address = execute_api_url(invited["portal"], reviews.here.cloud.endpoint or "")
    ask = calls(address, signed_in(address, "bea", invited["password"]))
    reviews.until(lambda: bool(ask("GET", "tasks")[1]["jobs"]))
    (job,) = [each for each in ask("GET", "tasks")[1]["jobs"] if each["title"] == "Review claims"]
    tasks: list[Any] = []

    def has_task() -> bool:
        tasks[:] = ask("POST", f"jobs/{job['name']}/tasks/next?count=1")[1]["tasks"]
        return bool(tasks)

    reviews.until(has_task)
    (task,) = tasks
    assert (task["template"], task["input"]) == (PAGE, shown)
    assert [each["uri"] for each in task["media"]] == [picture]
    given = {"token": "token-of-bea", "answer": {"kind": {"label": "pike"}}, "seconds": 1}
    assert ask("POST", f"tasks/{task['id']}/answer", given) == (200, {})
    found = reviews.here.done("reviews", "wait", "claim-17", "--timeout", "120")
    assert found["HumanLoopStatus"] == "Completed"
    described = reviews.client.describe_human_loop(HumanLoopName="claim-17")
    validate("DescribeHumanLoop", described)
    assert described["HumanLoopStatus"] == "Completed"
    uri = described["HumanLoopOutput"]["OutputS3Uri"]
    place = f"{described['CreationTime']:%Y/%m/%d/%H/%M/%S}"
    assert uri == f"s3://{reviews.bucket}/labeling/reviews/claims/{place}/claim-17/output.json"
    said = reviews.read(uri)
    assert list(said) == ["flowDefinitionArn", "humanAnswers", "humanLoopName", "inputContent"]
    (answer,) = said["humanAnswers"]
    assert answer["answerContent"] == {"kind": {"label": "pike"}}, "a class that the input did not offer"
    assert set(answer) == {
        *("acceptanceTime", "answerContent", "submissionTime", "timeSpentInSeconds", "workerId", "workerMetadata"),
    }
    listed = reviews.here.done("reviews", "list", "claims")["loops"]
    assert [each["HumanLoopStatus"] for each in listed] == ["Completed"]


@pytest.mark.end_to_end
def test_the_same_name_twice_is_one_loop_and_time_ends_it(reviews: Reviews, tmp_path: Path) -> None:
    flow = reviews.flow(tmp_path, "hasty", TaskAvailabilityLifetimeInSeconds=2)
    for _ in range(2):
        reviews.start(tmp_path, flow, "hasty-1", {"taskObject": "a text"})
    assert len(reviews.here.done("reviews", "list", "hasty")["loops"]) == 1
    request = tmp_path / "other.json"
    body = {"HumanLoopName": "hasty-1", "FlowDefinitionArn": flow, "HumanLoopInput": {"InputContent": "{}"}}
    request.write_text(json.dumps(body))
    refused = reviews.here.mdlc("reviews", "start", str(request))
    assert (refused.code, "Another human loop is called hasty-1" in refused.said) == (2, True)
    with pytest.raises(ClientError) as conflict:
        reviews.client.start_human_loop(**body)
    assert conflict.value.response["Error"]["Code"] == "ConflictException"
    time.sleep(4)
    reviews.function("ServiceSweep", {})
    found = reviews.ended("hasty-1")
    assert (found["HumanLoopStatus"], "HumanLoopOutput" in found) == ("Stopped", False)
    assert reviews.here.mdlc("reviews", "wait", "hasty-1").code == 1


@pytest.mark.end_to_end
def test_what_aws_has_closed_is_refused_and_names_the_way_out(reviews: Reviews) -> None:
    body = {"HumanLoopName": "a", "FlowDefinitionArn": f"{ACCOUNT}:flow-definition/a"}
    with pytest.raises(ClientError, match=r"closed to new customers .* mdlc reviews start takes the same") as refused:
        reviews.here.client("sagemaker-a2i-runtime").start_human_loop(**body, HumanLoopInput={"InputContent": "{}"})
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    page = {"HumanTaskUiName": "a", "UiTemplate": {"Content": PAGE}}
    with pytest.raises(ClientError, match="mdlc reviews template create keeps the same template"):
        reviews.here.client("sagemaker").create_human_task_ui(**page)


def machine(reviews: Reviews, flow: str) -> str:
    """Make a state machine that waits for a loop by its token; return its ARN."""
    iam, name = reviews.here.client("iam"), reviews.here.output("dev-labeling", "ReviewFunctionName")
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName="waits", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    function = f"arn:aws:lambda:eu-west-1:{DEV.account}:function:{name}"
    allowed = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": function}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    iam.put_role_policy(RoleName="waits", PolicyName="call", PolicyDocument=policy)
    shown = "{% $string({'taskObject': $states.input.text, 'labels': ['a', 'b']}) %}"
    body = {
        "HumanLoopName": "{% $states.input.name %}",
        "FlowDefinitionArn": flow,
        "HumanLoopInput": {"InputContent": shown},
    }
    payload = {"operation": "StartHumanLoop", "body": body, "taskToken": "{% $states.context.Task.Token %}"}
    review = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Arguments": {"FunctionName": function, "Payload": payload},
        "End": True,
    }
    definition = {"QueryLanguage": "JSONata", "StartAt": "Review", "States": {"Review": review}}
    made = reviews.here.client("stepfunctions").create_state_machine(
        name="waits", definition=json.dumps(definition), roleArn=role
    )
    return str(made["stateMachineArn"])


@pytest.mark.end_to_end
def test_a_state_machine_waits_for_a_loop_and_the_bus_hears_of_its_end(reviews: Reviews, tmp_path: Path) -> None:
    flow = reviews.flow(tmp_path, "machines")
    events, sqs = reviews.here.client("events"), reviews.here.client("sqs")
    queue = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": ["mdlc.labeling"], "detail-type": ["HumanLoop Status Change"]}
    events.put_rule(Name="heard", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="heard", Targets=[{"Id": "queue", "Arn": arn}])
    waits, machines = machine(reviews, flow), reviews.here.client("stepfunctions")

    def run(name: str) -> str:
        started = machines.start_execution(stateMachineArn=waits, input=json.dumps({"name": name, "text": "a text"}))
        return str(started["executionArn"])

    def over(execution: str) -> Mapping[str, Any]:
        found: dict[str, Any] = {}

        def is_over() -> bool:
            found.update(machines.describe_execution(executionArn=execution))
            return str(found["status"]) != "RUNNING"

        reviews.until(is_over)
        return found

    answered, stopped = run("answered"), run("stopped")
    reviews.until(lambda: reviews.store.stages("reviews_machines").total() == 2)
    assert machines.describe_execution(executionArn=answered)["status"] == "RUNNING"
    reviews.client.stop_human_loop(HumanLoopName="stopped")
    failed = over(stopped)
    assert (failed["status"], failed["error"]) == ("FAILED", "HumanLoopStopped")
    assert "The human loop stopped was stopped, or its time was over" in failed["cause"]
    assert reviews.answer("reviews_machines", "a") == ["answered"]
    succeeded = over(answered)
    assert succeeded["status"] == "SUCCEEDED", succeeded
    output = json.loads(succeeded["output"])["HumanLoopOutput"]["OutputS3Uri"]
    assert reviews.read(output)["humanLoopName"] == "answered"
    heard: dict[str, Any] = {}

    def has_heard() -> bool:
        for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", ()):
            detail = json.loads(message["Body"])["detail"]
            heard[detail["humanLoopName"]] = detail
        return len(heard) >= 2

    reviews.until(has_heard)
    assert heard["answered"]["humanLoopStatus"] == "Completed"
    assert heard["answered"]["humanLoopOutput"] == {"outputS3Uri": output}
    assert heard["stopped"]["humanLoopStatus"] == "Stopped"
    refused = over(run("answered"))  # the same input: the same loop, which has ended
    assert refused["status"] == "SUCCEEDED"
    other = machines.start_execution(stateMachineArn=waits, input=json.dumps({"name": "answered", "text": "other"}))
    assert "Another human loop is called answered" in over(other["executionArn"])["cause"]


def picture(colour: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(content, "PNG")
    return content.getvalue()


def predict(reviews: Reviews, inference: str, confidence: float, content: bytes) -> None:
    """Write a prediction down as the function of the API does, in whose place nobody could ask an endpoint."""
    said = {"predicted_label": "spots", "probabilities": {"spots": confidence, "stripes": 1 - confidence}}
    request = PredictionRequest(content, "image/png", "application/json")
    line = capture_line(request, json.dumps({"predictions": [said]}), inference)
    reviews.put(f"labeling-predictions/images/{inference}.json", line)


@pytest.mark.end_to_end
def test_unsure_predictions_are_reviewed_and_become_a_version_of_the_data(reviews: Reviews, tmp_path: Path) -> None:
    """Card D: .89 opens, .91 does not; a class that the model never says can be answered."""
    predict(reviews, "unsure", 0.89, picture("red"))
    predict(reviews, "sure", 0.91, picture("green"))
    predict(reviews, "wrong", 0.5, picture("blue"))
    done = reviews.function("ReviewsGate", {})
    assert done == {"images": {"opened": 2, "left": 1}}
    assert reviews.function("ReviewsGate", {}) == {"images": {}}, "what was decided about is gone"
    loops = reviews.here.done("reviews", "list", "images-reviews")["loops"]
    assert len(loops) == 2
    reviews.until(lambda: reviews.store.stages("reviews_images-reviews").total() == 2)
    store = reviews.store
    place = store.read(store.job("reviews_images-reviews"), loops[0]["HumanLoopName"], "")
    shown = json.loads(place.item["Input"]["S"])
    assert shown["labels"] == ["spots", "stripes", "neither"]
    assert len(reviews.answer("reviews_images-reviews", "neither", most=2)) == 2
    for each in loops:
        assert reviews.ended(each["HumanLoopName"])["HumanLoopStatus"] == "Completed"
    base = tmp_path / "data" / "spots"
    base.mkdir(parents=True)
    (base / "0000.png").write_bytes(picture("white"))
    reviews.here.done("data", "publish", "images", str(base.parent))
    manifest = tmp_path / "reviewed.manifest"
    published = reviews.here.done("reviews", "publish", "images-reviews", "images", "--manifest", str(manifest))
    assert (published["pictures"], published["files"]) == (2, 3)
    lines = [json.loads(line) for line in manifest.read_text().splitlines()]
    assert {line["kind-metadata"]["class-name"] for line in lines} == {"neither"}
    key = f"images/versions/{published['version']}/manifest.json"
    names = list(reviews.read(f"s3://{reviews.bucket}/{key}")["files"])
    assert sorted(name.split("/")[0] for name in names) == ["neither", "neither", "spots"]
