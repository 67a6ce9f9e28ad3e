"""What every operation of the service has in common."""

import json
from datetime import UTC, datetime, tzinfo
from typing import Any, Self

import pytest

from localcloud.faults.kinds import Kind
from localcloud.faults.requests import RequestFaults
from localsagemaker.errors import ServiceError
from localsagemaker.kernel import resources
from localsagemaker.kernel.host import Caller, Scope
from localsagemaker.service import SageMaker, to_json
from tests.localsagemaker.fakes import ROLE, Call

ACCOUNT = "arn:aws:sagemaker:eu-west-1:111111111111"


def model(name: str = "m") -> dict[str, Any]:
    return {"ModelName": name, "ExecutionRoleArn": ROLE, "PrimaryContainer": {"Image": "image"}}


def variant(**changes: object) -> dict[str, Any]:
    return {
        "VariantName": "AllTraffic",
        "ModelName": "m",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        **changes,
    }


@pytest.mark.parametrize("operation", ["CreateNothing", "CreateCluster", "CreateTransformJob"])
def test_refuses_operations_that_aws_or_we_do_not_have_by_name(call: Call, operation: str) -> None:
    with pytest.raises(ServiceError, match=operation) as refused:
        call(operation)
    assert refused.value.code == "UnknownOperationException"


@pytest.mark.parametrize("operation", ["CreateLabelingJob", "CreateFlowDefinition", "CreateHumanTaskUi"])
def test_what_aws_has_closed_is_refused_and_names_the_way_out(call: Call, operation: str) -> None:
    with pytest.raises(ServiceError, match=rf"closed to new customers since .*{operation} is refused: mdlc") as refused:
        call(operation)
    assert refused.value.code == "AccessDeniedException"


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({}, "Value null at 'modelName' failed to satisfy constraint: Member must not be null"),
        ({"ModelName": 1}, "Invalid type for parameter ModelName"),
        ({"ModelName": "m", "Colour": "red"}, 'Unknown parameter in input: "Colour"'),
        ({"ModelName": "m" * 64}, "Member must have length less than or equal to 63"),
        ({"ModelName": "under_score"}, "Value 'under_score' at 'modelName' failed to satisfy constraint"),
        (
            {"ModelName": "m", "PrimaryContainer": {"Image": "i", "Mode": "TripleModel"}},
            "at 'primaryContainer.mode' .* enum value set",
        ),
        (
            {"ModelName": "m", "Tags": [{"Key": "k", "Value": "v" * 257}]},
            "at 'tags.1.member.value' .* than or equal to 256",
        ),
    ],
)
def test_validates_against_the_service_model(call: Call, parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(ServiceError, match=words) as refused:
        call("CreateModel", **parameters)
    assert refused.value.code == "ValidationException"


def test_keeps_accounts_and_regions_apart(call: Call, sagemaker: SageMaker) -> None:
    call("CreateModel", **model())
    for scope in (Scope("222222222222", "eu-west-1"), Scope("111111111111", "us-east-1")):
        elsewhere = Caller(scope, "arn:aws:iam::222222222222:root")
        assert sagemaker.call("ListModels", {}, elsewhere)["Models"] == []


def test_describes_lists_and_deletes_what_was_created(call: Call) -> None:
    arn = call("CreateModel", **model())["ModelArn"]
    assert arn == f"{ACCOUNT}:model/m"
    shown = call("DescribeModel", ModelName="m")
    assert shown["PrimaryContainer"] == {"Mode": "SingleModel", "Image": "image"}
    assert shown["EnableNetworkIsolation"] is False
    assert [summary["ModelName"] for summary in call("ListModels")["Models"]] == ["m"]
    call("DeleteModel", ModelName="m")
    with pytest.raises(ServiceError, match=f'Could not find model "{arn}"'):
        call("DescribeModel", ModelName="m")
    with pytest.raises(ServiceError, match="Could not find model"):
        call("DeleteModel", ModelName="m")


def test_refuses_a_name_that_is_taken(call: Call) -> None:
    call("CreateModel", **model())
    with pytest.raises(ServiceError, match="Cannot create already existing model"):
        call("CreateModel", **model())


def test_lists_filtered_sorted_and_in_pages(call: Call) -> None:
    for name in ("b-1", "a-1", "c-2"):
        call("CreateModel", **model(name))
    assert [item["ModelName"] for item in call("ListModels")["Models"]] == ["c-2", "a-1", "b-1"]
    by_name = call("ListModels", SortBy="Name", SortOrder="Ascending", NameContains="-1")["Models"]
    assert [item["ModelName"] for item in by_name] == ["a-1", "b-1"]
    first = call("ListModels", SortBy="Name", SortOrder="Ascending", MaxResults=2)
    rest = call("ListModels", SortBy="Name", SortOrder="Ascending", MaxResults=2, NextToken=first["NextToken"])
    assert [item["ModelName"] for page in (first, rest) for item in page["Models"]] == ["a-1", "b-1", "c-2"]
    assert "NextToken" not in rest
    assert call("ListModels", CreationTimeAfter=datetime(2100, 1, 1, tzinfo=UTC))["Models"] == []
    assert len(call("ListModels", CreationTimeAfter=0)["Models"]) == 3
    with pytest.raises(ServiceError, match="NextToken"):
        call("ListModels", NextToken="nonsense")


@pytest.mark.parametrize("microsecond", [0, 1_400, 1_600, 999_999])
def test_the_time_that_an_answer_shows_is_neither_before_nor_after_the_resource(
    microsecond: int, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls(2026, 1, 2, 3, 4, 5, microsecond, tz)

    monkeypatch.setattr(resources, "datetime", Clock)
    call("CreateModel", **model())
    shown = json.loads(to_json(call("DescribeModel", ModelName="m")))["CreationTime"]
    for name in ("CreationTimeBefore", "CreationTimeAfter"):
        assert call("ListModels", **{name: shown})["Models"] == []


def test_tags(call: Call) -> None:
    arn = call("CreateModel", **model(), Tags=[{"Key": "a", "Value": "1"}])["ModelArn"]
    call("AddTags", ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "3"}])
    assert call("ListTags", ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "3"}, {"Key": "b", "Value": "2"}]
    call("DeleteTags", ResourceArn=arn, TagKeys=["a", "missing"])
    assert call("ListTags", ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    assert call("ListTags", ResourceArn=arn.replace("model/m", "model/M"))["Tags"]
    with pytest.raises(ServiceError, match="Resource does not exist"):
        call("ListTags", ResourceArn=f"{ACCOUNT}:model/none")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"PrimaryContainer": {"Environment": {}}}, "an Image or a ModelPackageName"),
        ({"Containers": [{"Image": "i"}]}, "either PrimaryContainer or Containers"),
        ({"ExecutionRoleArn": "arn:aws:iam::111111111111:role/stranger"}, "Could not assume role"),
        ({"PrimaryContainer": {"Image": "i", "ModelDataUrl": "s3://b/none.tar.gz"}}, "s3://b/none.tar.gz"),
    ],
)
def test_refuses_models_that_could_not_run(call: Call, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ServiceError, match=words):
        call("CreateModel", **{**model(), **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ProductionVariants": [variant(), variant()]}, "unique: AllTraffic"),
        ({"ProductionVariants": [variant(ModelName="none")]}, "Could not find model"),
        ({"ProductionVariants": [variant(InitialInstanceCount=None)]}, "InitialInstanceCount"),
        (
            {"ProductionVariants": [variant(ServerlessConfig={"MemorySizeInMB": 2048, "MaxConcurrency": 1})]},
            "Serverless",
        ),
        (
            {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://b/out"}}},
            "AsyncInferenceConfig is not provided locally",
        ),
    ],
)
def test_refuses_endpoint_configs_that_could_not_run(call: Call, changes: dict[str, Any], words: str) -> None:
    call("CreateModel", **model())
    config = {"EndpointConfigName": "c", "ProductionVariants": [variant()], **changes}
    with pytest.raises(ServiceError, match=words):
        call("CreateEndpointConfig", **config)


def test_endpoint_config_has_documented_defaults(call: Call) -> None:
    call("CreateModel", **model())
    call("CreateEndpointConfig", EndpointConfigName="c", ProductionVariants=[variant()])
    shown = call("DescribeEndpointConfig", EndpointConfigName="c")
    assert shown["ProductionVariants"][0]["InitialVariantWeight"] == 1.0


def test_writes_times_as_seconds() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    assert json.loads(to_json({"CreationTime": moment})) == {"CreationTime": moment.timestamp()}
    with pytest.raises(TypeError):
        to_json({"Body": object()})


def test_requests_are_refused_as_often_as_it_is_told(faults: RequestFaults, call: Call) -> None:
    faults.fail("ListModels", Kind.THROTTLE, times=2)
    for _ in range(2):
        with pytest.raises(ServiceError, match="Rate exceeded") as refused:
            call("ListModels")
        assert refused.value.code == "ThrottlingException"
        assert call("ListEndpoints") == {"Endpoints": []}
    assert call("ListModels") == {"Models": []}


def test_requests_pass_again_when_it_is_told_so(faults: RequestFaults, call: Call) -> None:
    faults.fail("ListModels", Kind.DENY, times=99)
    faults.clear()
    assert call("ListModels") == {"Models": []}
