"""Definitions that AWS refuses, in its words where a refusal of its was published."""

import json
import re
from typing import Any

import pytest

from localcloud.states.definitions import TYPES, Diagnostic, Grammar, diagnose, require
from localsagemaker.errors import ServiceError

GRAMMAR = Grammar(lambda _: None, lambda path: None if re.fullmatch(r"\$(\.\w+)*|States\..*", path) else "no path")
END = {"Type": "Pass", "End": True}
INNER = {"StartAt": "B", "States": {"B": END}}
NULL = {"Variable": "$", "IsNull": True}
SCHEMA, TARGET = "SCHEMA_VALIDATION_FAILED", "MISSING_TRANSITION_TARGET"


def found(states: Any, start: str = "A", kind: str = "STANDARD", **top: Any) -> list[Diagnostic]:
    return diagnose(json.dumps({"StartAt": start, "States": states, **top}), kind, GRAMMAR)


def only(states: Any, **more: Any) -> tuple[str, str, str | None]:
    (one,) = found(states, **more)
    return one.code, one.message, one.location


@pytest.mark.parametrize(
    ("text", "diagnostic"),
    [
        ("", Diagnostic(SCHEMA, "Definition must be a valid JSON object")),
        ("{}", Diagnostic(SCHEMA, "These fields are required: [States, StartAt]", "/")),
        ('{"States": {"A": 1}}', Diagnostic(SCHEMA, "These fields are required: [StartAt]", "/")),
        (
            "not a definition",
            Diagnostic(
                "INVALID_JSON_DESCRIPTION",
                "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' "
                "or 'false')\n at [Source: (String)\"not a definition\"; line: 1, column: 4]",
                '[Source: (String)"not a definition"; line: 1, column: 4]',
            ),
        ),
    ],
)
def test_what_is_no_definition(text: str, diagnostic: Diagnostic) -> None:
    """Source: answers of AWS recorded by LocalStack, test_sfn_api_validation.snapshot.json of 19 October 2025."""
    assert diagnose(text, "STANDARD", GRAMMAR) == [diagnostic]


def test_where_a_transition_leads_to_nothing() -> None:
    """Source: localstack/localstack#12487, an answer of AWS."""
    diagnostics = found({"pass1": {"Type": "Pass", "Next": "pass3"}, "pass2": END}, "pass1")
    with pytest.raises(ServiceError) as refused:
        require(
            json.dumps({"StartAt": "pass1", "States": {"pass1": {"Type": "Pass", "Next": "pass3"}, "pass2": END}}),
            "STANDARD",
            GRAMMAR,
        )
    assert refused.value.code == "InvalidDefinition"
    assert str(refused.value) == (
        "Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: pass3 at "
        '/States/pass1/Next, MISSING_TRANSITION_TARGET: State "pass2" is not reachable. at /States/pass2\''
    )
    assert len(diagnostics) == 2


def test_a_start_that_is_not_there_is_a_missing_next() -> None:
    """Source: serverless-operations/serverless-step-functions#250, an answer of AWS."""
    assert [item.sentence for item in found({"A": END}, "own.A")] == [
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: own.A at /StartAt",
        'MISSING_TRANSITION_TARGET: State "A" is not reachable. at /States/A',
    ]


LOOP = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (LOOP, [("MISSING_END_STATE", "Workflow has no terminal state", None)]),
        ({**LOOP, "C": {"Type": "Pass", "Next": "A"}}, [("MISSING_END_STATE", "Workflow has no terminal state", None)]),
        ({**LOOP, "C": END}, [(TARGET, 'State "C" is not reachable.', "/States/C")]),
        (
            {"A": {"Type": "Pass", "Next": "NOPE"}},
            [
                (TARGET, "Missing 'Next' target: NOPE", "/States/A/Next"),
                ("MISSING_END_STATE", "Workflow has no terminal state", None),
            ],
        ),
        (
            {
                "A": {
                    "Type": "Map",
                    "TimeoutSeconds": 1,
                    "ItemProcessor": INNER,
                    "End": True,
                }
            },
            [(SCHEMA, "Field 'TimeoutSeconds' is not supported", "/States/A")],
        ),
        (
            {
                "A": {"Type": "Choice", "Choices": [{"Variable": "$", "IsNull": True, "Next": "X"}], "Default": "B"},
                "B": END,
            },
            [(TARGET, "Missing 'Next' target: X", "/States/A/Choices[0]/Next")],
        ),
        (
            {
                "A": {"Type": "Choice", "Choices": [{"Variable": "$", "IsNull": True, "Next": "B"}], "Default": "X"},
                "B": END,
            },
            [(TARGET, "Missing 'Next' target: X", "/States/A/Default")],
        ),
        (
            {"A": {"Type": "Task", "Resource": "r", "Catch": [{"ErrorEquals": ["E"], "Next": "X"}], "End": True}},
            [(TARGET, "Missing 'Next' target: X", "/States/A/Catch[0]/Next")],
        ),
    ],
)
def test_ends_and_transitions(states: Any, expected: list[tuple[str, str, str | None]]) -> None:
    """Source: floci-io/floci#2735 and #2786, answers of ValidateStateMachineDefinition in us-east-1."""
    assert [(item.code, item.message, item.location) for item in found(states)] == expected


def test_a_branch_is_walked_through_as_a_machine() -> None:
    branch = {"StartAt": "B", "States": {"B": {"Type": "Pass", "Next": "C"}, "C": {"Type": "Succeed"}, "D": END}}
    states = {"A": {"Type": "Parallel", "Branches": [branch], "End": True}}
    assert only(states) == (TARGET, 'State "D" is not reachable.', "/States/A/Branches[0]/States/D")


@pytest.mark.parametrize(
    ("state", "message", "place"),
    [
        (
            {"Type": "Wait", "Timestamp": "2026-13-01T00:00:00Z", "End": True},
            "String does not match RFC3339 timestamp",
            "/Timestamp",
        ),
        (
            {"Type": "Wait", "Timestamp": "2026-01-01", "End": True},
            "String does not match RFC3339 timestamp",
            "/Timestamp",
        ),
        ({"Type": "Parallel", "Branches": [], "End": True}, "Value cannot be empty", "/Branches"),
        (
            {"Type": "Task", "Resource": "r", "Credentials": {}, "End": True},
            "The field 'RoleArn' is required but was missing",
            "/Credentials",
        ),
        (
            {"Type": "Pass", "Parameters": {"parsed.$": "no path"}, "End": True},
            "The value for the field 'parsed.$' must be a valid JSONPath or a valid intrinsic function call",
            "/Parameters",
        ),
        (
            {"Type": "None", "End": True},
            f"The field 'Type' should have one of these values: [{', '.join(TYPES)}]",
            "/Type",
        ),
        ({"Type": "Choice", "Choices": [{"Variable": "$"}]}, "These fields are required: [Next]", "/Choices[0]"),
    ],
)
def test_fields(state: Any, message: str, place: str) -> None:
    """Source: answers of AWS recorded by LocalStack in its tests; of Choices aws-cloudformation/cfn-lint#4077."""
    assert only({"A": state}) == (SCHEMA, message, f"/States/A{place}")


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        ("arn:aws:states:eu-west-1:111111111111:activity:a", "Express state machine does not support Activity ARN"),
        (
            "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Express state machine does not support '.waitForTaskToken' service integration ",
        ),
        (
            "arn:aws:states:::states:startExecution.sync",
            "Express state machine does not support '.sync' service integration",
        ),
    ],
)
def test_what_an_express_machine_may_not_call(resource: str, message: str) -> None:
    """Source: answers of AWS recorded by LocalStack, test_sfn_api_express.snapshot.json."""
    state = {"Type": "Task", "Resource": resource, "End": True}
    assert only({"A": state}, kind="EXPRESS") == (SCHEMA, message, "/States/A/Resource")
    assert found({"A": state}) == []


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Pass"},
        {"Type": "Pass", "End": True, "Next": "A"},
        {"Type": "Wait", "End": True},
        {"Type": "Wait", "Seconds": 1, "Timestamp": "2026-01-01T00:00:00Z", "End": True},
        {"Type": "Pass", "InputPath": "$.a[", "End": True},
        {"Type": "Pass", "ResultPath": "$.a[*]", "End": True},
        {"Type": "Map", "Label": "a b", "ItemProcessor": INNER, "End": True},
        {"Type": "Map", "Label": "a" * 41, "ItemProcessor": INNER, "End": True},
        {"Type": "Map", "End": True},
        {"Type": "Task", "End": True},
        {"Type": "Task", "Resource": "r", "Retry": [{}], "End": True},
    ],
)
def test_states_that_the_language_does_not_have(state: Any) -> None:
    """Source: Amazon States Language, states-language.net: fields of each type of state."""
    assert found({"A": state})


def test_what_is_right_is_taken() -> None:
    states = {
        "A": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": True, "Next": "C"}], "Default": "B"},
        "B": {
            "Type": "Task",
            "Resource": "r",
            "Retry": [{"ErrorEquals": ["E"]}],
            "ResultPath": "$.r['a b'][0]",
            "Next": "C",
        },
        "C": {"Type": "Wait", "Timestamp": "2026-02-28T10:00:00.5+01:00", "Next": "D"},
        "D": {"Type": "Map", "Label": "d", "ItemProcessor": {"StartAt": "E", "States": {"E": END}}, "Next": "F"},
        "F": {"Type": "Fail", "Error": "E", "Cause": "C"},
    }
    assert found(states) == []
    jsonata = {"A": {"Type": "Pass", "Output": "{% $states.input %}", "End": True}}
    assert found(jsonata, QueryLanguage="JSONata") == []


def test_a_machine_in_jsonata_has_no_state_in_jsonpath() -> None:
    """Source: an answer of AWS recorded by LocalStack, test_sfn_api_validation.snapshot.json of 19 October 2025."""
    message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
    state = {**END, "QueryLanguage": "JSONPath"}
    assert only({"A": state}, QueryLanguage="JSONata") == (SCHEMA, message, "/States/A")
    mapped = {"Type": "Map", "QueryLanguage": "JSONata", "ItemProcessor": {"StartAt": "A", "States": {"A": state}}}
    assert found({"A": {**mapped, "End": True}}) == []


def test_the_grammar_has_the_last_word() -> None:
    grammar = Grammar(lambda _: "The resource provided arn:x is not recognized.", lambda _: None)
    states = {"A": {"Type": "Task", "Resource": "arn:x", "End": True}}
    (one,) = diagnose(json.dumps({"StartAt": "A", "States": states}), "STANDARD", grammar)
    assert one.sentence == f"{SCHEMA}: The resource provided arn:x is not recognized. at /States/A/Resource"
