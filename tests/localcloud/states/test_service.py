"""The Step Functions service without a server: what it answers, refuses, and tells of executions."""

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from localcloud.states.sagemaker_tasks import SageMakerTasks
from localcloud.states.service import StepFunctions
from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller, Scope
from tests.localsagemaker.fakes import FakeHost

pytestmark = pytest.mark.slow  # loads the interpreter, which takes seconds
SCOPE = Scope("111111111111", "eu-west-1")
ROOT = Caller(SCOPE, "arn:aws:iam::111111111111:root")
ROLE = "arn:aws:iam::111111111111:role/machine"
Call = Callable[..., dict[str, Any]]


class Cloud:
    """What the service is connected to: a queue that takes messages, and what it was told."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.events: list[Mapping[str, Any]] = []
        self.lines: list[tuple[str, str, Mapping[str, Any]]] = []
        self.sent = threading.Event()
        jobs: Any = None  # which no machine here runs
        tasks = SageMakerTasks(jobs, FakeHost(), lambda *_: True)
        self.service = StepFunctions(self, tasks, self.put_event, self.write, 1000)

    def require(self, caller: Caller, role_arn: str, machine_arn: str) -> None:
        """Take every role."""

    def client(self, service: str, region: str, role_arn: str) -> Any:
        assert (region, role_arn) == (SCOPE.region, ROLE)
        return {"sqs": self, "secretsmanager": self, "stepfunctions": Client(self.service)}[service]

    def get_secret_value(self, **_: Any) -> dict[str, Any]:
        return {"SecretBinary": b"not-base64!", "ResponseMetadata": {}}

    def send_message(self, **request: Any) -> dict[str, Any]:
        self.messages.append(request)
        self.sent.set()
        return {"MessageId": "1", "MD5OfMessageBody": "x", "ResponseMetadata": {}}

    def put_event(self, scope: Scope, kind: str, detail: Mapping[str, Any], resources: Sequence[str]) -> None:
        assert (scope, kind, resources) == (SCOPE, "Step Functions Execution Status Change", [detail["executionArn"]])
        self.events.append(detail)

    def write(self, scope: Scope, group: str, stream: str, lines: Sequence[str]) -> None:
        assert scope == SCOPE
        self.lines += [(group, stream, json.loads(line)) for line in lines]


class Client:
    """Step Functions' client of a nested execution."""

    def __init__(self, service: StepFunctions) -> None:
        self._service = service

    def start_execution(self, **request: Any) -> dict[str, Any]:
        return self._service.call("StartExecution", request, ROOT) | {"ResponseMetadata": {}}

    def describe_execution(self, **request: Any) -> dict[str, Any]:
        return self._service.call("DescribeExecution", request, ROOT)


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def call(cloud: Cloud) -> Call:
    return lambda operation, **parameters: cloud.service.call(operation, parameters, ROOT)


@pytest.fixture
def create(call: Call) -> Iterator[Callable[..., str]]:
    """Make a state machine of these states, the first of which it begins with: its ARN."""

    def make(name: str = "m", definition: Any = None, **states: Any) -> str:
        document = definition or {"StartAt": next(iter(states)), "States": states}
        given = {"name": name, "definition": json.dumps(document), "roleArn": ROLE}
        return str(call("CreateStateMachine", **given)["stateMachineArn"])

    return make  # type: ignore[return-value] # a fixture's


def ended(call: Call, arn: str, **given: Any) -> dict[str, Any]:
    """Start an execution, and describe it at its end."""
    execution = call("StartExecution", stateMachineArn=arn, **given)["executionArn"]
    return settled(call, execution)


def settled(call: Call, execution: str) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while (described := call("DescribeExecution", executionArn=execution))["status"] == "RUNNING":
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return described


def refusal(call: Call, operation: str, **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ServiceError) as refused:
        call(operation, **parameters)
    return refused.value.code, str(refused.value)


END = {"Type": "Pass", "End": True}
WAIT = {"Type": "Wait", "Seconds": 60_000, "End": True}


def test_the_interpreter_is_loaded_when_it_is_needed() -> None:
    program = "import sys, localcloud.states.service; sys.exit('moto' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_same_start_twice_while_it_runs_is_one_execution(call: Call, create: Callable[..., str]) -> None:
    """Source: API reference of StartExecution: idempotent for Standard workflows; errors as LocalStack recorded."""
    arn = create(A=WAIT)
    first = call("StartExecution", stateMachineArn=arn, name="n", input='{"a": 1}')
    assert call("StartExecution", stateMachineArn=arn, name="n", input='{"a":1}') == first
    code, message = refusal(call, "StartExecution", stateMachineArn=arn, name="n", input="{}")
    assert (code, message) == ("ExecutionAlreadyExists", f"Execution Already Exists: '{first['executionArn']}'")
    call("StopExecution", executionArn=first["executionArn"], error="E", cause="C")
    assert refusal(call, "StartExecution", stateMachineArn=arn, name="n", input='{"a": 1}')[0] == code


def test_what_is_not_there_is_refused(call: Call) -> None:
    """Source: answers of AWS recorded by LocalStack, test_sfn_api.snapshot.json."""
    arn = f"arn:aws:states:{SCOPE.region}:{SCOPE.account}"
    assert refusal(call, "DescribeStateMachine", stateMachineArn=f"{arn}:stateMachine:x") == (
        "StateMachineDoesNotExist",
        f"State Machine Does Not Exist: '{arn}:stateMachine:x'",
    )
    assert refusal(call, "DescribeExecution", executionArn=f"{arn}:execution:x:y") == (
        "ExecutionDoesNotExist",
        f"Execution Does Not Exist: '{arn}:execution:x:y'",
    )
    assert refusal(call, "DescribeStateMachine", stateMachineArn="x") == (
        "InvalidArn",
        "Invalid Arn: 'Invalid ARN prefix: x'",
    )
    assert call("DeleteStateMachine", stateMachineArn=f"{arn}:stateMachine:x") == {}


def test_an_input_that_is_no_json_is_refused(call: Call, create: Callable[..., str]) -> None:
    """Source: an answer of AWS recorded by LocalStack, test_invalid_start_execution_input."""
    assert refusal(call, "StartExecution", stateMachineArn=create(A=END), input="not some json") == (
        "InvalidExecutionInput",
        (
            "Invalid State Machine Execution Input: 'Unrecognized token 'not': was expecting (JSON String, Number, "
            "Array, Object or token 'null', 'true' or 'false')'"
        ),
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.a[0].b", 1),
        ("$.a[0].c[0].d", 2),
        ("$['a'][0]['b']", 1),
        ("$$.Execution.Input.a[0].b", 1),
        ("$.a[0]", {"b": 1, "c": [{"d": 2}]}),
        ("$.a[*].b", [1]),
        ("$.a[0:1].b", [1]),
        ("$.a[?(@.b==1)].b", [1]),
        ("States.Format('{}', $.a[0].b)", "1"),
    ],
)
def test_a_path_behind_an_index_yields_a_value(call: Call, create: Callable[..., str], path: str, value: Any) -> None:
    """Source: states-language.net, "Reference Paths": names and single indexes identify one node."""
    arn = create(A={"Type": "Pass", "Parameters": {"is.$": path}, "End": True})
    done = ended(call, arn, input=json.dumps({"a": [{"b": 1, "c": [{"d": 2}]}]}))
    assert json.loads(done["output"]) == {"is": value}


def test_bytes_of_an_answer_are_text(call: Call, create: Callable[..., str]) -> None:
    """Source: states-language.net: a state's output is JSON, which has no bytes; streams are text there already."""
    resource = "arn:aws:states:::aws-sdk:secretsmanager:getSecretValue"
    arn = create(A={"Type": "Task", "Resource": resource, "Parameters": {"SecretId": "s"}, "End": True})
    assert json.loads(ended(call, arn)["output"])["SecretBinary"] == "not-base64!"


def test_a_failed_execution_has_no_output(call: Call, create: Callable[..., str]) -> None:
    """Source: API reference of DescribeExecution: `output` is set only if the execution succeeds."""
    done = ended(call, create(A={"Type": "Fail", "Error": "E", "Cause": "C"}))
    assert (done["status"], done["error"], done["cause"], "output" in done) == ("FAILED", "E", "C", False)


def test_a_machine_times_out(call: Call, create: Callable[..., str]) -> None:
    """Source: states-language.net, `TimeoutSeconds` of a state machine."""
    done = ended(call, create(definition={"TimeoutSeconds": 1, "StartAt": "A", "States": {"A": WAIT}}))
    assert done["status"] == "TIMED_OUT"


def test_events_tell_of_every_status(cloud: Cloud, call: Call, create: Callable[..., str]) -> None:
    """Source: developer guide, "Automating Step Functions event delivery with EventBridge"."""
    done = ended(call, create(A=END), input='{"a": 1}')
    assert [event["status"] for event in cloud.events] == ["RUNNING", "SUCCEEDED"]
    begun, last = cloud.events
    assert (begun["input"], begun["output"], begun["stopDate"]) == ('{"a": 1}', None, None)
    assert (last["output"], last["outputDetails"]) == ('{"a":1}', {"included": True})
    assert last["stopDate"] == int(done["stopDate"].timestamp() * 1000)


def test_a_task_waits_for_its_token(cloud: Cloud, call: Call, create: Callable[..., str]) -> None:
    """Source: developer guide, "Discover service integration patterns": wait for a callback with the task token."""
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": "q", "MessageBody": {"Token.$": "$$.Task.Token"}},
        "End": True,
    }
    execution = call("StartExecution", stateMachineArn=create(A=task))["executionArn"]
    assert cloud.sent.wait(20)
    token = json.loads(cloud.messages[0]["MessageBody"])["Token"]
    assert refusal(call, "SendTaskSuccess", taskToken=token, output="no json")[0] == "InvalidOutput"
    assert refusal(call, "SendTaskSuccess", taskToken="x", output="{}")[0] == "InvalidToken"
    call("SendTaskHeartbeat", taskToken=token)
    call("SendTaskSuccess", taskToken=token, output='{"seen": true}')
    assert json.loads(settled(call, execution)["output"]) == {"seen": True}
    assert refusal(call, "SendTaskSuccess", taskToken=token, output="{}")[0] == "TaskTimedOut"
    types = [event["type"] for event in call("GetExecutionHistory", executionArn=execution)["events"]]
    assert types[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]


def test_a_task_without_heartbeats_times_out(call: Call, create: Callable[..., str]) -> None:
    """Source: states-language.net, `HeartbeatSeconds`: a missed one is States.Timeout."""
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"},
        "HeartbeatSeconds": 1,
        "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Late"}],
        "End": True,
    }
    late = {"Type": "Pass", "Result": "late", "End": True}
    assert ended(call, create(A=task, Late=late))["output"] == '"late"'


@pytest.mark.parametrize("pattern", ["sync", "sync:2"])
def test_a_nested_execution_that_fails_is_a_failed_task(pattern: str, call: Call, create: Callable[..., str]) -> None:
    """Source: answers of AWS recorded by LocalStack, test_sfn_task_service.snapshot.json."""
    child = create("child", A={"Type": "Fail", "Error": "E", "Cause": "C"})
    task = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::states:startExecution.{pattern}",
        "Parameters": {"StateMachineArn": child, "Input": {"x": 1}},
        "End": True,
    }
    done = ended(call, create("parent", A=task))
    cause = json.loads(done["cause"])
    assert (done["error"], cause["Status"], cause["Error"]) == ("States.TaskFailed", "FAILED", "E")
    assert cause["Input"] == ({"x": 1} if pattern == "sync:2" else '{"x":1}')


def test_an_activity_is_done_by_a_worker(call: Call, create: Callable[..., str]) -> None:
    """Source: developer guide, "Learn about Activities in Step Functions"."""
    activity = call("CreateActivity", name="work")["activityArn"]
    execution = call("StartExecution", stateMachineArn=create(A={"Type": "Task", "Resource": activity, "End": True}))
    task = call("GetActivityTask", activityArn=activity, workerName="w")
    assert json.loads(task["input"]) == {}
    call("SendTaskFailure", taskToken=task["taskToken"], error="Broken", cause="no tool")
    done = settled(call, execution["executionArn"])
    assert (done["error"], done["cause"]) == ("Broken", "no tool")


def test_results_above_the_limit_end_the_execution(call: Call, create: Callable[..., str]) -> None:
    """Source: developer guide, quotas of state machine executions: 256 KiB of input or result."""
    parts = {"Type": "Pass", "Parameters": {"a.$": "$.a", "b.$": "$.a"}, "End": True}
    done = ended(call, create(A=parts), input=json.dumps({"a": "x" * 200_000}))
    assert done["error"] == "States.DataLimitExceeded"
    assert refusal(call, "StartExecution", stateMachineArn=create(A=parts), input=json.dumps("x" * 262_144))[0] == (
        "ValidationException"
    )


def test_paths_and_intrinsic_functions(call: Call, create: Callable[..., str]) -> None:
    """Source: faults of emulators by users' reports; JSONPath of Goessner, developer guide "Intrinsic functions"."""
    wanted = {
        "slice.$": "$.a[0:2]",
        "last.$": "$.a[-1:]",
        "deep.$": "$..x",
        "filtered.$": "$.b[?(@.x > 1)]",
        "format.$": "States.Format('{} {}', true, $.n)",
        "range.$": "States.ArrayRange(3, 1, -1)",
    }
    given = json.dumps({"n": None, "a": [1, 2, 3], "b": [{"x": 1}, {"x": 2}]})
    done = ended(call, create(A={"Type": "Pass", "Parameters": wanted, "End": True}), input=given)
    assert done["status"] == "SUCCEEDED", done["cause"]
    assert json.loads(done["output"]) == {
        "slice": [1, 2],
        "last": [3],
        "deep": [1, 2],
        "filtered": [{"x": 2}],
        "format": "true null",
        "range": [3, 2, 1],
    }
    few = {"Type": "Pass", "Parameters": {"f.$": "States.Format('{}-{}', $.n)"}, "End": True}
    assert ended(call, create("few", A=few), input=given)["error"] == "States.IntrinsicFailure"
    wrong = {"Type": "Pass", "Parameters": {"f.$": "States.Format('{}', "}, "End": True}
    with pytest.raises(ServiceError, match="must be a valid JSONPath or a valid intrinsic function call"):
        create("wrong", A=wrong)


@pytest.mark.parametrize(
    "function", ["States.ArrayRange(1, 1002, 1)", "States.Base64Decode('***')", "States.ArrayRange(1, 3, 0)"]
)
def test_what_a_function_cannot_do_fails_by_its_name(call: Call, create: Callable[..., str], function: str) -> None:
    """Source: developer guide, "Intrinsic functions": at most 1,000 elements, a step that is not 0, Base64."""
    done = ended(call, create(A={"Type": "Pass", "Parameters": {"is.$": function}, "End": True}))
    assert (done["status"], done["error"]) == ("FAILED", "States.IntrinsicFailure")


def test_any_text_is_encoded_and_decoded_again(call: Call, create: Callable[..., str]) -> None:
    """Source: developer guide, "Intrinsic functions for data encoding and decoding"; RFC 4648: ä is w6Q=."""
    wanted = {"is.$": "States.Base64Encode($.t)", "was.$": "States.Base64Decode(States.Base64Encode($.t))"}
    done = ended(call, create(A={"Type": "Pass", "Parameters": wanted, "End": True}), input=json.dumps({"t": "ä"}))
    assert json.loads(done["output"]) == {"is": "w6Q=", "was": "ä"}


def test_texts_keep_their_characters(call: Call, create: Callable[..., str]) -> None:
    """Source: RFC 8259: escapes within strings; a text of a variable is data, whatever characters it has."""
    text = 'a "quoted" \\ text\n\u00e9 \U0001f600'
    states = {
        "A": {"Type": "Pass", "Assign": {"x": text, "y.$": "$.y"}, "Next": "B"},
        "B": {
            "Type": "Pass",
            "QueryLanguage": "JSONata",
            "Output": {"x": "{% $x %}", "y": "{% $y %}", "in": "{% $states.input.y %}"},
            "End": True,
        },
    }
    done = ended(call, create(**states), input=json.dumps({"y": text}))
    assert json.loads(done["output"]) == {"x": text, "y": text, "in": text}


def test_a_machine_names_the_variables_that_its_states_read(call: Call, create: Callable[..., str]) -> None:
    """Source: answers of AWS recorded by LocalStack, test_sfn_api_variable_references.snapshot.json."""
    states = {
        "A": {"Type": "Pass", "Assign": {"x": 1, "y": 2}, "Next": "B"},
        "B": {"Type": "Pass", "InputPath": "$y", "Parameters": {"f.$": "States.Format('{}', $x)"}, "End": True},
    }
    described = call("DescribeStateMachine", stateMachineArn=create(**states))
    assert described["variableReferences"] == {"B": ["x", "y"]}


def test_a_result_path_through_an_array_fails(call: Call, create: Callable[..., str]) -> None:
    """Source: states-language.net: a ResultPath that cannot be applied is States.ResultPathMatchFailure."""
    state = {"Type": "Pass", "Result": 1, "ResultPath": "$.r", "End": True}
    assert ended(call, create(A=state), input="[1, 2]")["error"] == "States.ResultPathMatchFailure"


@pytest.mark.parametrize(
    ("rule", "value", "holds"),
    [
        ({"BooleanEquals": True}, 1, "No"),
        ({"IsNumeric": True}, True, "No"),
        ({"IsTimestamp": True}, "2026-01-01", "No"),
        ({"IsPresent": True}, None, "Yes"),
        ({"StringMatches": "log-\\*.txt"}, "log-*.txt", "Yes"),
    ],
)
def test_comparisons_of_a_choice(
    rule: Mapping[str, Any],
    value: Any,
    holds: str,
    call: Call,
    create: Callable[..., str],
) -> None:
    """Source: states-language.net, Choice state; users' reports of other emulators."""
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.x", **rule, "Next": "Yes"}], "Default": "No"}
    states = {word: {"Type": "Pass", "Result": word, "End": True} for word in ("Yes", "No")}
    done = ended(call, create(A=choice, **states), input=json.dumps({"x": value}))
    assert json.loads(done["output"]) == holds


def test_versions_and_aliases_keep_what_they_stand_for(call: Call, create: Callable[..., str]) -> None:
    """Source: developer guide, "Managing continuous deployments with versions and aliases"."""
    arn = create(A={"Type": "Pass", "Result": 1, "End": True})
    version = call("PublishStateMachineVersion", stateMachineArn=arn)["stateMachineVersionArn"]
    assert (version, call("PublishStateMachineVersion", stateMachineArn=arn)["stateMachineVersionArn"]) == (
        f"{arn}:1",
        f"{arn}:1",
    )
    route = [{"stateMachineVersionArn": version, "weight": 100}]
    alias = call("CreateStateMachineAlias", name="live", routingConfiguration=route)["stateMachineAliasArn"]
    changed = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 2, "End": True}}})
    call("UpdateStateMachine", stateMachineArn=arn, definition=changed)
    assert [ended(call, each)["output"] for each in (arn, version, alias)] == ["2", "1", "1"]
    listed = call("ListExecutions", stateMachineArn=alias)["executions"]
    assert [(item["stateMachineVersionArn"], item["stateMachineAliasArn"]) for item in listed] == [(version, alias)]
    code, message = refusal(call, "DeleteStateMachineVersion", stateMachineVersionArn=version)
    assert code == "ConflictException"
    assert "[live]" in message
    versions = call("ListStateMachineVersions", stateMachineArn=arn)["stateMachineVersions"]
    assert [item["stateMachineVersionArn"] for item in versions] == [version]


def test_a_log_has_the_events_of_its_level(cloud: Cloud, call: Call, create: Callable[..., str]) -> None:
    """Source: developer guide, "Using CloudWatch Logs to log execution history": levels, and fields of a log event."""
    arn = create(A={"Type": "Fail", "Error": "E"})
    group = f"arn:aws:logs:{SCOPE.region}:{SCOPE.account}:log-group:/aws/vendedlogs/m:*"
    settings = {"level": "FATAL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}]}
    call("UpdateStateMachine", stateMachineArn=arn, loggingConfiguration=settings)
    done = ended(call, arn)
    ((written, _, event),) = cloud.lines
    assert written == "/aws/vendedlogs/m"
    assert (event["type"], event["execution_arn"], event["details"]["error"]) == (
        "ExecutionFailed",
        done["executionArn"],
        "E",
    )
    wrong = {"level": "ALL"}
    assert refusal(call, "UpdateStateMachine", stateMachineArn=arn, loggingConfiguration=wrong)[0] == (
        "InvalidLoggingConfiguration"
    )


def test_an_operation_that_is_not_provided_is_named(call: Call) -> None:
    assert refusal(call, "TestState", definition="{}") == (
        "UnknownOperationException",
        "The local Step Functions has no TestState.",
    )


KEY = "arn:aws:kms:eu-west-1:111111111111:key/1"
OWN, CUSTOMER = "AWS_OWNED_KEY", "CUSTOMER_MANAGED_KMS_KEY"


@pytest.mark.parametrize(
    "wrong", [{"type": CUSTOMER}, {"type": OWN, "kmsKeyId": KEY}, {"type": OWN, "kmsDataKeyReusePeriodSeconds": 60}]
)
def test_an_encryption_that_contradicts_itself_is_refused(call: Call, wrong: dict[str, Any]) -> None:
    """API reference, `InvalidEncryptionConfiguration`."""
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    with pytest.raises(ServiceError) as refused:
        call("CreateStateMachine", name="k", definition=definition, roleArn=ROLE, encryptionConfiguration=wrong)
    assert refused.value.code == "InvalidEncryptionConfiguration"


def test_a_data_key_is_used_for_300_seconds_and_another_key_makes_another_machine(call: Call) -> None:
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    given: dict[str, Any] = {"name": "k", "definition": definition}
    given |= {"roleArn": ROLE, "encryptionConfiguration": {"type": CUSTOMER, "kmsKeyId": KEY}}
    arn = call("CreateStateMachine", **given)["stateMachineArn"]
    told = call("DescribeStateMachine", stateMachineArn=arn)["encryptionConfiguration"]
    assert told == {"type": CUSTOMER, "kmsKeyId": KEY, "kmsDataKeyReusePeriodSeconds": 300}
    assert call("CreateStateMachine", **given | {"roleArn": f"{ROLE}2"})["stateMachineArn"] == arn
    with pytest.raises(ServiceError, match="State Machine Already Exists"):
        call("CreateStateMachine", **given | {"encryptionConfiguration": {"type": OWN}})


def test_a_failed_execution_goes_on_where_it_failed(cloud: Cloud, call: Call, create: Callable[..., str]) -> None:
    """Source: developer guide, "Restarting state machine executions with redrive in Step Functions"."""
    send = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": "q", "MessageBody.$": "$.Said"},
        "ResultSelector": {"Redrives.$": "$$.Execution.RedriveCount"},
        "End": True,
    }
    told = {"Type": "Pass", "Result": {"Said": "hello"}, "Next": "Send"}
    arn = create(First=told, Send=send)
    send_message = cloud.send_message

    def fail(**_: Any) -> dict[str, Any]:
        raise OSError("no queue")

    cloud.send_message = fail  # type: ignore[method-assign]
    execution = call("StartExecution", stateMachineArn=arn)["executionArn"]
    assert settled(call, execution)["redriveStatus"] == "REDRIVABLE"
    cloud.send_message = send_message  # type: ignore[method-assign]
    first = call("RedriveExecution", executionArn=execution, clientToken="once")
    done = settled(call, execution)
    assert (done["status"], json.loads(done["output"])) == ("SUCCEEDED", {"Redrives": 1})
    assert (done["redriveCount"], done["redriveDate"]) == (1, first["redriveDate"])
    assert call("RedriveExecution", executionArn=execution, clientToken="once") == first
    assert [message["MessageBody"] for message in cloud.messages] == ["hello"]
    events = call("GetExecutionHistory", executionArn=execution)["events"]
    kinds = [event["type"] for event in events]
    assert kinds.count("PassStateEntered") == 1  # what had succeeded is not done again
    assert kinds.index("ExecutionFailed") < kinds.index("ExecutionRedriven") < kinds.index("ExecutionSucceeded")
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    code, said = refusal(call, "RedriveExecution", executionArn=execution)
    assert (code, said) == ("ExecutionNotRedrivable", "Execution is SUCCEEDED and cannot be redriven")
    assert [event["redriveCount"] for event in cloud.events] == [0, 0, 1, 1]


def test_a_task_knows_how_often_it_was_tried_again(cloud: Cloud, call: Call, create: Callable[..., str]) -> None:
    """Source: developer guide, "Context object format": RetryCount is a number, EnteredTime of ISO 8601 in UTC."""
    given = {"QueueUrl": "q", "MessageBody.$": "$$.State.EnteredTime", "MessageGroupId.$": "$$.State.RetryCount"}
    send = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": given,
        "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 3}],
        "ResultSelector": {"n.$": "$$.State.RetryCount"},
        "End": True,
    }
    send_message, counts = cloud.send_message, []

    def fail_twice(**request: Any) -> dict[str, Any]:
        counts.append(request["MessageGroupId"])
        if len(counts) <= 2:
            raise OSError("no queue")
        return send_message(**request)

    cloud.send_message = fail_twice  # type: ignore[method-assign]
    done = ended(call, create(Only=send))
    assert (done["status"], json.loads(done["output"]), counts) == ("SUCCEEDED", {"n": 2}, ["0", "1", "2"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", cloud.messages[0]["MessageBody"])


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("1 +", "INVALID_JSONATA_EXPRESSION: Unexpected end of expression at /States/Only/Output/v"),
        (
            "phone",
            "UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported. at /States/Only/",
        ),
    ],
)
def test_jsonata_that_is_refused_at_creation(create: Callable[..., str], expression: str, said: str) -> None:
    """Sources: what AWS said in floci-io/floci#2745 and #2670."""
    state = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": {"v": f"{{% {expression} %}}"}, "End": True}
    with pytest.raises(ServiceError, match=re.escape(said)):
        create(Only=state)


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("abc.execute-api.eu-west-1.amazonaws.com", "http://cloud/_aws/execute-api/abc/v1/pets?a=1&a=2"),
        ("https://abc.execute-api.eu-west-1.amazonaws.com/", "http://cloud/_aws/execute-api/abc/v1/pets?a=1&a=2"),
        ("http://127.0.0.1:80/restapis/abc", None),
    ],
)
def test_an_api_is_called_by_its_host_alone(endpoint: str, expected: str | None) -> None:
    """Source: developer guide, "Create API Gateway REST APIs with Step Functions": `ApiEndpoint` is the host name."""
    from localcloud.states.api_calls import address_of  # noqa: PLC0415 - loads the interpreter

    given = {"ApiEndpoint": endpoint, "Stage": "v1", "Path": "/pets", "QueryParameters": {"a": ["1", "2"]}}
    assert address_of(given, "http://cloud") == expected


@pytest.mark.parametrize(("kind", "known"), [("STANDARD", {"RedriveCount"}), ("EXPRESS", set[str]())])
def test_only_a_standard_execution_knows_how_often_it_was_redriven(call: Call, kind: str, known: set[str]) -> None:
    """Recorded by LocalStack: test_express_sync.py, test_query_runtime_memory."""
    state = {"Type": "Pass", "Parameters": {"is.$": "$$.Execution"}, "End": True}
    definition = json.dumps({"StartAt": "A", "States": {"A": state}})
    given = {"name": kind, "definition": definition, "roleArn": ROLE, "type": kind}
    arn = call("CreateStateMachine", **given)["stateMachineArn"]
    done = ended(call, arn) if kind == "STANDARD" else call("StartSyncExecution", stateMachineArn=arn)
    told = json.loads(done["output"])["is"]
    assert set(told) == {"Id", "Input", "Name", "RoleArn", "StartTime"} | known
