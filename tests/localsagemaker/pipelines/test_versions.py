"""Versions of a pipeline: what every update leaves behind, and can be shown and run again."""

import json
import time
from typing import Any

import pytest

from localsagemaker.errors import ServiceError
from tests.localsagemaker.fakes import ROLE, Call


def definition(words: str) -> str:
    stop = {"Name": "Stop", "Type": "Fail", "Arguments": {"ErrorMessage": words}}
    return json.dumps({"Version": "2020-12-01", "Steps": [stop]})


@pytest.fixture
def arn(call: Call) -> str:
    """The pipeline `p` in two versions."""
    made = call("CreatePipeline", PipelineName="p", RoleArn=ROLE, PipelineDefinition=definition("one"))
    updated = call("UpdatePipeline", PipelineName="p", PipelineDefinition=definition("two"))
    assert updated == {"PipelineArn": made["PipelineArn"], "PipelineVersionId": 2}
    return str(made["PipelineArn"])


def listed(call: Call, **members: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call("ListPipelineVersions", PipelineName="p", **members)["PipelineVersionSummaries"]
    return found


def reason(call: Call, execution: str) -> str:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        shown = call("DescribePipelineExecution", PipelineExecutionArn=execution)
        if shown["PipelineExecutionStatus"] == "Failed":
            [step] = call("ListPipelineExecutionSteps", PipelineExecutionArn=execution)["PipelineExecutionSteps"]
            return f"{shown['PipelineVersionId']}: {step['FailureReason']}"
        time.sleep(0.01)
    raise AssertionError(f"{execution} did not fail")


def test_every_changed_definition_is_a_version_and_the_latest_comes_first(call: Call, arn: str) -> None:
    assert [item["PipelineVersionId"] for item in listed(call)] == [2, 1]
    assert [item["PipelineVersionId"] for item in listed(call, SortOrder="Ascending", MaxResults=1)] == [1]
    assert {item["PipelineArn"] for item in listed(call)} == {arn}
    assert listed(call, CreatedAfter=time.time() + 60) == listed(call, CreatedBefore=time.time() - 60) == []


def test_an_update_of_the_same_definition_or_of_other_members_is_no_version(call: Call, arn: str) -> None:
    same = call("UpdatePipeline", PipelineName="p", PipelineDefinition=definition("two"))
    other = call("UpdatePipeline", PipelineName="p", PipelineDescription="what it is for")
    assert same == other == {"PipelineArn": arn, "PipelineVersionId": 2}


def test_an_earlier_version_is_shown_and_started_by_its_number(call: Call, arn: str) -> None:
    assert "one" in call("DescribePipeline", PipelineName="p", PipelineVersionId=1)["PipelineDefinition"]
    assert "two" in call("DescribePipeline", PipelineName="p")["PipelineDefinition"]
    earlier = call("StartPipelineExecution", PipelineName=arn, PipelineVersionId=1)["PipelineExecutionArn"]
    latest = call("StartPipelineExecution", PipelineName="p")["PipelineExecutionArn"]
    assert reason(call, earlier).startswith("1: ")
    assert "one" in reason(call, earlier)
    assert "two" in reason(call, latest)
    assert [item["LastExecutionPipelineExecutionArn"] for item in listed(call)] == [latest, earlier]


def test_a_version_can_be_named(call: Call, arn: str) -> None:
    call("UpdatePipelineVersion", PipelineArn=arn, PipelineVersionId=1, PipelineVersionDisplayName="first")
    call("UpdatePipelineVersion", PipelineArn=arn, PipelineVersionId=1, PipelineVersionDescription="as published")
    latest, first = listed(call)
    assert (first["PipelineVersionDisplayName"], first["PipelineVersionDescription"]) == ("first", "as published")
    assert "PipelineVersionDisplayName" not in latest
    shown = call("DescribePipeline", PipelineName="p", PipelineVersionId=1)
    assert shown["PipelineVersionDisplayName"] == "first"


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("DescribePipeline", {"PipelineName": "p"}),
        ("StartPipelineExecution", {"PipelineName": "p"}),
        ("UpdatePipelineVersion", {"PipelineArn": "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/p"}),
    ],
)
def test_a_version_that_is_not_there_is_refused(
    call: Call, arn: str, operation: str, members: dict[str, object]
) -> None:
    with pytest.raises(ServiceError, match="has no version 3: its latest is 2") as refused:
        call(operation, **members, PipelineVersionId=3)
    assert refused.value.code == "ResourceNotFound"
    assert arn in str(refused.value)


@pytest.mark.usefixtures("arn")
def test_a_pipeline_made_again_begins_with_version_1(call: Call) -> None:
    call("DeletePipeline", PipelineName="p")
    call("CreatePipeline", PipelineName="p", RoleArn=ROLE, PipelineDefinition=definition("three"))
    assert [item["PipelineVersionId"] for item in listed(call)] == [1]


def test_a_pipeline_is_shown_by_its_name_until_it_is_given_another(call: Call, arn: str) -> None:
    """API reference of DescribePipeline, `PipelineDisplayName`; answers in AWS's own samples show the name."""
    assert call("DescribePipeline", PipelineName="p")["PipelineDisplayName"] == "p"
    call("UpdatePipeline", PipelineName="p", PipelineDisplayName="fraud")
    call("UpdatePipeline", PipelineName="p", PipelineDescription="what it is for")
    assert call("DescribePipeline", PipelineName="p")["PipelineDisplayName"] == "fraud"
    named = {"PipelineName": "q", "PipelineDisplayName": "knn"}
    call("CreatePipeline", **named, RoleArn=ROLE, PipelineDefinition=definition("three"))
    shown = {each["PipelineName"]: each["PipelineDisplayName"] for each in call("ListPipelines")["PipelineSummaries"]}
    assert shown == {"p": "fraud", "q": "knn"}
    assert arn.endswith(":pipeline/p")
