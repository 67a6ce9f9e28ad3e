"""An error of a Python function has the class that it was raised with, as on Lambda."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from localcloud.hooks.compute.functions import described_error

SOURCE = """
class Refused(Exception):
    pass

def check(number):
    if number > 1:
        raise Refused(f"{number} is too many")

def handler(event, context):
    if event.get("Bytes"):
        return event["Bytes"].encode()
    try:
        check(event["Number"])
    except KeyError as error:
        raise Refused("no number\\nat all") from error
"""
LOG = """a line of the function
Traceback (most recent call last):
  File "<string>", line 153, in run
    result = handler_fn(event, context)
             ^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/tmp/cloud/tmp/ministack-lambda-check-x1/code/index.py", line 10, in handler
    check(event["Number"])
index.Refused: 5 is too many: think
of fewer
"""


def test_class_and_stack_are_read_from_the_trace() -> None:
    """Source: developer guide of Lambda, "Python function errors": `errorType`, `stackTrace` from the handler on."""
    assert described_error(LOG) == (
        "Refused",
        ['  File "/var/task/index.py", line 10, in handler\n    check(event["Number"])\n'],
    )


@pytest.mark.parametrize("log", ["", "a line", "Task timed out", "Traceback (most recent call last):\n  File"])
def test_a_log_without_a_trace_describes_none(log: str) -> None:
    assert described_error(log) is None


@pytest.mark.slow
def test_a_function_reports_the_class_of_its_error(
    aws: Callable[..., Any], deploy: Callable[..., Any], role: Callable[..., Any], function: Callable[..., Any]
) -> None:
    resources = {"Role": role("lambda.amazonaws.com"), "Function": function(SOURCE, "Role")}
    name = deploy(resources, Name={"Ref": "Function"})["Outputs"]["Name"]
    answer = aws("lambda").invoke(FunctionName=name, Payload=b'{"Number": 3}')
    error = json.load(answer["Payload"])
    assert (answer["FunctionError"], error["errorType"], error["errorMessage"]) == (
        "Unhandled",
        "Refused",
        "3 is too many",
    )
    assert [frame.splitlines()[0].rpartition(" in ")[2] for frame in error["stackTrace"]] == ["handler", "check"]
    chained = json.load(aws("lambda").invoke(FunctionName=name, Payload=b"{}")["Payload"])
    for given, payload in (("é", "é"), ('"é"', "é"), ("[1]", [1])):
        answer = aws("lambda").invoke(FunctionName=name, Payload=json.dumps({"Bytes": given}))
        assert json.load(answer["Payload"]) == payload
    assert (chained["errorType"], chained["errorMessage"]) == ("Refused", "no number\nat all")


@pytest.mark.slow
def test_a_function_whose_package_knows_https_only_answers_cloudformation(
    deploy: Callable[..., Any], role: Callable[..., Any], function: Callable[..., Any]
) -> None:
    """As crhelper 2.0.12 does: `HTTPSConnection` of the answer's host, whatever the scheme."""
    source = """
import json
from http.client import HTTPSConnection
from urllib.parse import urlsplit

def handler(event, context):
    where = urlsplit(event["ResponseURL"])
    answer = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    answer |= {"Status": "SUCCESS", "PhysicalResourceId": "own", "Data": {"Answer": "42"}}
    connection = HTTPSConnection(where.netloc)
    connection.request("PUT", where.path, json.dumps(answer), {"content-type": ""})
    connection.getresponse()
"""
    stack = deploy(
        {
            "Role": role("lambda.amazonaws.com"),
            "Function": function(source, "Role"),
            "Own": {"Type": "Custom::Own", "Properties": {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}}},
        },
        Answer={"Fn::GetAtt": ["Own", "Answer"]},
    )
    assert stack["Outputs"].get("Answer") == "42", stack["Failed"]
