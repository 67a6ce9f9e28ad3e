"""mdlc logs: the log of a job, an endpoint or a function, and the reason of a failure."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.mdlc.conftest import Mdlc
from tests.mdlc.fake_aws import NOW, FakeAws, refuse

FUNCTION = "dev-serving-FraudRollout-abc"


@pytest.fixture
def logs(aws: FakeAws) -> dict[str, list[tuple[str, str]]]:
    """Lines by log group, each with its stream, a second apart; what the environment runs."""
    held: dict[str, list[tuple[str, str]]] = {}
    aws.stacks["dev-serving"] = {}

    def absent(operation: str, message: str) -> Any:
        def fail(_: dict[str, Any]) -> dict[str, Any]:
            raise refuse(operation, "ValidationException", message)

        return fail

    def training(asked: dict[str, Any]) -> dict[str, Any]:
        if asked["TrainingJobName"] != "job-1":
            raise refuse("DescribeTrainingJob", "ValidationException", "Requested resource not found.")
        return {"TrainingJobStatus": "Failed", "FailureReason": "AlgorithmError: no rows"}

    def events(asked: dict[str, Any]) -> dict[str, Any]:
        if asked["logGroupName"] not in held:
            raise refuse("FilterLogEvents", "ResourceNotFoundException", "The specified log group does not exist.")
        begin = asked.get("startTime", 0)
        lines = [
            {
                "timestamp": int((NOW + timedelta(seconds=number)).timestamp() * 1000),
                "logStreamName": stream,
                "message": message,
            }
            for number, (stream, message) in enumerate(held[asked["logGroupName"]])
        ]
        return {"events": [line for line in lines if int(str(line["timestamp"])) >= begin]}

    aws.answers |= {
        "DescribeTrainingJob": training,
        "DescribeProcessingJob": absent("DescribeProcessingJob", "Could not find requested job with name: x"),
        "DescribeEndpoint": absent("DescribeEndpoint", 'Could not find endpoint "x".'),
        "FilterLogEvents": events,
        "ListStackResources": lambda _: {
            "StackResourceSummaries": [
                {
                    "LogicalResourceId": name,
                    "PhysicalResourceId": physical,
                    "ResourceType": "AWS::Lambda::Function",
                    "LastUpdatedTimestamp": NOW,
                    "ResourceStatus": "CREATE_COMPLETE",
                }
                for name, physical in (("FraudRollout1", FUNCTION), ("FraudTickets2", "dev-serving-FraudTickets-def"))
            ]
        },
        "GetFunctionConfiguration": lambda _: {"LoggingConfig": {"LogGroup": "group-of-it"}},
    }
    return held


def test_a_failed_job_shows_its_last_lines_and_its_reason(mdlc: Mdlc, logs: dict[str, list[tuple[str, str]]]) -> None:
    logs["/aws/sagemaker/TrainingJobs"] = [("job-1/algo-1", f"line {number}") for number in range(3)]
    logs["/aws/sagemaker/TrainingJobs"] += [("job-10/algo-1", "of another job")]
    ran = mdlc("logs", "job-1", "--lines", "2")
    assert ran.stdout.splitlines() == ["2026-11-21 12:00:01  line 1", "2026-11-21 12:00:02  line 2"]
    assert ran.stderr.splitlines() == [
        "The training job job-1 is Failed; its log is /aws/sagemaker/TrainingJobs.",
        "reason: AlgorithmError: no rows",
    ]
    answer = json.loads(mdlc("logs", "job-1", "--json").stdout)
    assert (answer["status"], answer["reason"], len(answer["lines"])) == ("Failed", "AlgorithmError: no rows", 3)


def test_a_function_is_found_by_a_part_of_its_name(mdlc: Mdlc, logs: dict[str, list[tuple[str, str]]]) -> None:
    error = json.dumps({"level": "ERROR", "message": "Roll-out failed", "exception_name": "ClientError"})
    logs["group-of-it"] = [("s", "START"), ("s", error), ("s", "END \x1b[0m")]
    ran = mdlc("logs", "rollout")
    assert ran.stderr.splitlines() == [
        f"The function {FUNCTION}; its log is group-of-it.",
        "reason: Roll-out failed: ClientError",
    ]
    assert ran.stdout.splitlines()[-1] == "2026-11-21 12:00:02  END �[0m"


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("[ERROR] KeyError: 'x'", "KeyError: 'x'"),
        ('{"errorMessage": "no table", "errorType": "InputError"}', "no table"),
        ('{"level": "INFO", "message": "fine"}', None),
        ("[1, 2]", None),
    ],
)
def test_the_reason_of_a_function_is_its_last_error(
    mdlc: Mdlc, logs: dict[str, list[tuple[str, str]]], message: str, reason: str | None
) -> None:
    logs["group-of-it"] = [("s", message)]
    assert json.loads(mdlc("logs", FUNCTION, "--json").stdout)["reason"] == reason


def test_following_ends_with_the_job_and_shows_no_line_twice(
    mdlc: Mdlc, logs: dict[str, list[tuple[str, str]]], aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mdlc.client.aws.Cloud.poll_seconds", 0.0)
    lines = logs["/aws/sagemaker/TrainingJobs"] = [("job-1/algo-1", "first")]
    looks = iter(["InProgress", "InProgress", "InProgress", "Completed"])

    def training(_: dict[str, Any]) -> dict[str, Any]:
        lines.append(("job-1/algo-1", f"more {len(lines)}"))
        return {"TrainingJobStatus": next(looks)}

    aws.answers["DescribeTrainingJob"] = training
    ran = mdlc("logs", "job-1", "-f")
    assert [line.split("  ")[1] for line in ran.stdout.splitlines()] == [
        "first",
        "more 1",
        "more 2",
        "more 3",
        "more 4",
    ]


def test_what_wrote_nothing_says_so(mdlc: Mdlc, logs: dict[str, list[tuple[str, str]]]) -> None:
    del logs
    assert "It has written nothing." in mdlc("logs", "job-1").stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("nope",),
            (
                "  FraudRollout1\n  FraudTickets2\nmdlc: There is no job, endpoint or function 'nope' in dev in AWS"
                " (eu-west-1): its 2 functions are those above.\n"
            ),
        ),
        (
            ("fraud",),
            (
                "  dev-serving-FraudRollout-abc\n  dev-serving-FraudTickets-def\n"
                "mdlc: Several functions have 'fraud' in their names, those above: name one of them.\n"
            ),
        ),
        (("job-1", "-f", "--json"), "--follow has no end to print JSON at: leave out one of --follow and --json."),
    ],
)
def test_a_name_that_fits_nothing_is_refused_with_those_that_do(
    mdlc: Mdlc, logs: dict[str, list[tuple[str, str]]], arguments: tuple[str, ...], sentence: str
) -> None:
    del logs
    ran = mdlc("logs", *arguments)
    assert (ran.code, sentence in ran.stderr) == (2, True)


def test_what_aws_refuses_is_no_absence(mdlc: Mdlc, logs: dict[str, list[tuple[str, str]]], aws: FakeAws) -> None:
    del logs

    def deny(_: dict[str, Any]) -> dict[str, Any]:
        raise refuse("DescribeTrainingJob", "AccessDeniedException", "User is not authorized: role not found")

    aws.answers["DescribeTrainingJob"] = deny
    ran = mdlc("logs", "job-1")
    assert (ran.code, "DescribeTrainingJob was refused" in ran.stderr) == (1, True)
