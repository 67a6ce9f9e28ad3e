"""How each task of the census machine ends, in the local cloud's interpreter, with jobs that fail as they are told.

The definition is the one that is deployed; the pauses between attempts are next to nothing.
"""

import io
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from checks.resolved import ACCOUNT, REGION, Resolver, Templates
from localcloud.states.sagemaker_tasks import SageMakerTasks
from localcloud.states.service import StepFunctions
from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller, Scope
from mdlc.client.steps import reason
from run_comparison.evaluation import MalformedEvaluation, value_of
from run_validation.request import InvalidInput, parse
from tests.constructs.machines.test_training_pipeline import INPUT
from tests.localsagemaker.fakes import FakeHost

pytestmark = pytest.mark.slow  # state machines run to their ends

JOBS = {"Preprocessing": "ProcessingJob", "Training": "TrainingJob", "Evaluation": "ProcessingJob"}
NAMES = {state: str(INPUT[f"{state}JobName"]) for state in JOBS}
GOOD = b'{"classification_metrics": {"roc_auc": {"value": 0.8}}}'
RETRIES = 5
THROTTLED = ServiceError("ThrottlingException", "Rate exceeded")
TOO_MANY = ClientError(
    {
        "Error": {"Code": "TooManyRequestsException", "Message": "Rate exceeded"},
        "ResponseMetadata": {
            "HTTPStatusCode": 429,
            "RequestId": "1",
            "HTTPHeaders": {},
            "HostId": "h",
            "RetryAttempts": 0,
        },
    },
    "Invoke",
)
Function = Callable[[Mapping[str, Any]], Any]


@dataclass
class Jobs:
    """A SageMaker whose jobs complete at once, but for those in `ends`; it refuses requests for those in `refusals`."""

    refusals: dict[str, list[ServiceError]] = field(default_factory=dict)
    """Errors of the creation of a job, by its name."""
    ends: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What differs in the description of a job, by its name."""
    calls: list[tuple[str, str]] = field(default_factory=list)
    seen: threading.Event = field(default_factory=threading.Event)
    """A job was described that had not ended."""

    def call(self, operation: str, parameters: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        del caller
        verb, kind = next((v, operation.removeprefix(v)) for v in ("Create", "Describe", "Stop") if v in operation)
        name = parameters[f"{kind}Name"]
        self.calls.append((verb, name))
        if verb == "Create" and self.refusals.get(name):
            raise self.refusals[name].pop(0)
        if verb == "Stop":
            self.ends[name] = {"Status": "Stopped"}
        if verb != "Describe":
            return {f"{kind}Arn": name}
        described = {"Status": "Completed", **self.ends.get(name, {})}
        if described["Status"] == "InProgress":
            self.seen.set()
        return {
            f"{kind}Name": name,
            f"{kind}Arn": f"arn:{name}",
            f"{kind}Status": described["Status"],
            **{key: value for key, value in described.items() if key == "FailureReason"},
            "ModelArtifacts": {"S3ModelArtifacts": "s3://artifacts/model.tar.gz"},
        }

    def made(self, name: str) -> int:
        return self.calls.count(("Create", name))


def validate(event: Mapping[str, Any]) -> Any:
    return parse(event["Input"], "dev-census-").as_input()


def compare(document: bytes) -> Function:
    return lambda event: {"is_best": True, "value": value_of(document, "roc_auc", f"s3://{event['OutputPrefix']}")}


@dataclass
class Machine:
    """The census machine: starts executions, of functions and jobs that a test replaces."""

    definition: dict[str, Any]
    jobs: Jobs = field(default_factory=Jobs)
    functions: dict[str, Function] = field(
        default_factory=lambda: {"Validation": validate, "Comparison": compare(GOOD)}
    )
    arn: str = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:dev-census"

    def __post_init__(self) -> None:
        tasks = SageMakerTasks(self.jobs, FakeHost(), lambda *_: True)
        self.service = StepFunctions(self, tasks, lambda *_: None, lambda *_: None, 100_000)

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        caller = Caller(Scope(ACCOUNT, REGION), f"arn:aws:iam::{ACCOUNT}:root")
        return self.service.call(operation, parameters, caller)

    def start(self, given: Mapping[str, Any] = INPUT) -> str:
        """ARN of a new execution."""
        settings = {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/machine", "definition": json.dumps(self.definition)}
        self.call("DeleteStateMachine", stateMachineArn=self.arn)
        self.call("CreateStateMachine", name="dev-census", **settings)
        return str(self.call("StartExecution", stateMachineArn=self.arn, input=json.dumps(given))["executionArn"])

    def stop(self, execution: str) -> None:
        self.call("StopExecution", executionArn=execution, error="Enough", cause="a test")

    def end(self, execution: str) -> dict[str, Any]:
        """The execution after its end, with its history."""
        deadline = time.monotonic() + 30
        while (found := self.described(execution))["status"] == "RUNNING":
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return found

    def run(self, given: Mapping[str, Any] = INPUT) -> dict[str, Any]:
        return self.end(self.start(given))

    def described(self, execution: str) -> dict[str, Any]:
        events = self.call("GetExecutionHistory", executionArn=execution)["events"]
        return self.call("DescribeExecution", executionArn=execution) | {"events": events}

    def require(self, caller: Caller, role_arn: str, machine_arn: str) -> None:
        """Let the machine have its role."""

    def client(self, service: str, region: str, role_arn: str) -> Any:
        """Be Lambda's client."""
        assert (service, region, role_arn.rpartition("/")[2]) == ("lambda", REGION, "machine")
        return self

    def invoke(self, **request: Any) -> dict[str, Any]:
        """Invoke a function as Lambda does: an error is its type, and a JSON document as the cause."""
        answer: dict[str, Any] = {"StatusCode": 200, "ExecutedVersion": "$LATEST"}
        try:
            function = next(found for name, found in self.functions.items() if name in request["FunctionName"])
            payload = function(json.loads(request["Payload"]))
        except (InvalidInput, MalformedEvaluation, TimeoutError) as error:
            answer["FunctionError"] = "Unhandled"
            payload = {"errorType": type(error).__name__, "errorMessage": str(error)}
        return answer | {"Payload": io.BytesIO(json.dumps(payload).encode())}


@pytest.fixture
def machine(templates: Templates, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr("localcloud.states.sagemaker_tasks.POLL_SECONDS", 0.002)
    resources = templates["dev-steps"]["Resources"]
    (found,) = [
        r["Properties"] for n, r in resources.items() if n.startswith("CensusMachine") and "StateMachine" in r["Type"]
    ]
    return Machine(json.loads(Resolver(templates)("dev-steps", found["DefinitionString"])))


def entered(execution: Mapping[str, Any]) -> list[str]:
    return [e["stateEnteredEventDetails"]["name"] for e in execution["events"] if "stateEnteredEventDetails" in e]


def test_without_a_fault_it_succeeds(machine: Machine) -> None:
    done = machine.run()
    assert done["status"] == "SUCCEEDED", done["cause"]
    assert entered(done) == ["Validate", "Preprocessing", "Training", "Evaluation", "Compare"]
    assert json.loads(done["output"])["Comparison"] == {"is_best": True, "value": 0.8}


@pytest.mark.parametrize("state", JOBS)
def test_a_request_that_is_throttled_is_made_again(state: str, machine: Machine) -> None:
    machine.jobs.refusals[NAMES[state]] = [THROTTLED] * RETRIES
    assert machine.run()["status"] == "SUCCEEDED"
    assert machine.jobs.made(NAMES[state]) == 1 + RETRIES


@pytest.mark.parametrize("state", JOBS)
@pytest.mark.parametrize(
    ("code", "error", "attempts"),
    [
        ("ThrottlingException", "SageMaker.AmazonSageMakerException", 1 + RETRIES),
        ("ResourceLimitExceeded", "SageMaker.ResourceLimitExceededException", 1 + RETRIES),
        ("ResourceInUse", "SageMaker.ResourceInUseException", 1),
    ],
)
def test_a_request_that_is_always_refused_fails_the_run(
    state: str, code: str, error: str, attempts: int, machine: Machine
) -> None:
    machine.jobs.refusals[NAMES[state]] = [ServiceError(code, "Rate exceeded")] * 99
    done = machine.run()
    assert (done["status"], done["error"], entered(done)[-2:]) == ("FAILED", error, [state, "RunFailed"])
    assert done["cause"] == f"Rate exceeded (Service: AmazonSageMaker; Status Code: 400; Error Code: {code})"
    assert machine.jobs.made(NAMES[state]) == attempts


@pytest.mark.parametrize("state", JOBS)
@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        ({"Status": "Failed", "FailureReason": "AlgorithmError: no rows"}, "AlgorithmError: no rows"),
        ({"Status": "Stopped"}, "is Stopped"),
    ],
)
def test_a_job_that_did_not_complete_fails_the_run_with_its_reason(
    state: str, end: dict[str, Any], sentence: str, machine: Machine
) -> None:
    machine.jobs.ends[NAMES[state]] = end
    done = machine.run()
    assert (done["status"], done["error"]) == ("FAILED", "States.TaskFailed")
    assert sentence in reason(done["cause"])
    assert entered(done)[-2:] == [state, "RunFailed"]
    assert machine.jobs.made(NAMES[state]) == 1, "a job is not run twice"


@pytest.mark.parametrize("state", JOBS)
def test_a_task_that_takes_too_long_fails_the_run_and_stops_its_job(state: str, machine: Machine) -> None:
    machine.definition["States"][state]["TimeoutSeconds"] = 1
    machine.jobs.ends[NAMES[state]] = {"Status": "InProgress"}
    done = machine.run()
    assert (done["status"], done["error"], entered(done)[-1]) == ("FAILED", "States.Timeout", "RunFailed")
    until(lambda: ("Stop", NAMES[state]) in machine.jobs.calls)


@pytest.mark.parametrize("state", JOBS)
def test_a_run_that_is_stopped_stops_its_job_and_starts_no_other(state: str, machine: Machine) -> None:
    machine.jobs.ends[NAMES[state]] = {"Status": "InProgress"}
    execution = machine.start()
    assert machine.jobs.seen.wait(5)
    machine.stop(execution)
    until(lambda: ("Stop", NAMES[state]) in machine.jobs.calls)
    time.sleep(0.05)
    done = machine.end(execution)
    assert (done["status"], done["error"], done["cause"]) == ("ABORTED", "Enough", "a test")
    assert [name for verb, name in machine.jobs.calls if verb == "Create"][-1] == NAMES[state]


def test_a_run_that_is_stopped_between_two_attempts_makes_no_further_request(machine: Machine) -> None:
    machine.service.interpreter().scale = 100
    machine.jobs.refusals[NAMES["Training"]] = [THROTTLED] * 99
    execution = machine.start()
    until(lambda: machine.jobs.made(NAMES["Training"]) == 1)
    machine.stop(execution)
    time.sleep(0.6)  # the first two pauses are 0.15 and 0.3 s
    assert machine.jobs.made(NAMES["Training"]) == 1
    assert machine.described(execution)["status"] == "ABORTED"


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (b"not JSON", "is no JSON"),
        (b"{}", "has no classification_metrics.roc_auc.value"),
        (GOOD.replace(b"0.8", b"NaN"), "no finite number"),
        (GOOD.replace(b"0.8", b'"0.8"'), "no finite number"),
    ],
)
def test_a_malformed_evaluation_fails_the_run_in_a_sentence(document: bytes, sentence: str, machine: Machine) -> None:
    machine.functions["Comparison"] = compare(document)
    done = machine.run()
    assert (done["status"], done["error"]) == ("FAILED", "MalformedEvaluation")
    assert sentence in reason(done["cause"])
    assert entered(done)[-2:] == ["Compare", "RunFailed"]


def test_an_input_that_is_no_run_is_refused_before_anything_starts(machine: Machine) -> None:
    done = machine.run({**INPUT, "Colour": "red"})
    assert (done["status"], done["error"], entered(done)) == ("FAILED", "InvalidInput", ["Validate", "InputRefused"])
    assert "unknown key 'Colour'" in reason(done["cause"])
    assert not machine.jobs.calls


@pytest.mark.parametrize(
    ("state", "function", "final"), [("Validate", "Validation", "InputRefused"), ("Compare", "Comparison", "RunFailed")]
)
def test_a_function_that_is_throttled_is_invoked_again_and_one_that_takes_too_long_is_not(
    state: str, function: str, final: str, machine: Machine
) -> None:
    good, errors = machine.functions[function], [TOO_MANY] * 2

    def throttled(event: Mapping[str, Any]) -> Any:
        if errors:
            raise errors.pop()
        return good(event)

    machine.functions[function] = throttled
    done = machine.run()
    assert done["status"] == "SUCCEEDED", (done["error"], done["cause"])
    machine.functions[function] = lambda _: time.sleep(1.5)
    machine.definition["States"][state]["TimeoutSeconds"] = 1
    done = machine.run()
    assert (done["status"], done["error"], entered(done)[-2:]) == ("FAILED", "States.Timeout", [state, final])


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)
