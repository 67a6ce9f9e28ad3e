"""mdlc quotas: what templates need, counted by hand, against what an account says that it has."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.mdlc.conftest import Mdlc
from tests.mdlc.fake_aws import FakeAws


def rollout(name: str, maximum: int) -> dict[str, Any]:
    variables = {"ENDPOINT_NAME": name, "INSTANCE_TYPE": "ml.m5.large", "MIN_CAPACITY": "1"}
    variables |= {"MAX_CAPACITY": str(maximum), "INVOCATIONS_PER_INSTANCE": "1000"}
    return {"Type": "AWS::Lambda::Function", "Properties": {"Environment": {"Variables": variables}}}


def step(name: str, count: int) -> dict[str, Any]:
    resources = {"InstanceType": "ml.m5.xlarge", "InstanceCount": count, "VolumeSizeInGB": 30}
    return {
        "Name": name,
        "Type": "Training",
        "Arguments": {"ResourceConfig": resources, "EnableManagedSpotTraining": True},
    }


RESOURCES = {
    "One": rollout("dev-one", 2),
    "Two": rollout("dev-two", 3),
    "Pipeline": {
        "Type": "AWS::SageMaker::Pipeline",
        "Properties": {
            "PipelineName": "dev-fraud",
            "PipelineDefinition": {
                "PipelineDefinitionBody": json.dumps({"Steps": [step("First", 1), step("Second", 2)]})
            },
        },
    },
    "Notebook": {
        "Type": "AWS::SageMaker::NotebookInstance",
        "Properties": {"NotebookInstanceName": "dev-ann", "InstanceType": "ml.t3.medium"},
    },
}
NEEDED = {
    "ml.m5.large for endpoint usage": 8,  # 2 and 3, and the larger fleet again while it is replaced
    "ml.m5.xlarge for spot training job usage": 2,  # the larger job
    "ml.t3.medium for notebook instance usage": 1,
}


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """Write a cdk.out with an environment of one stack."""
    place = tmp_path / "cdk.out" / "assembly-dev"
    place.mkdir(parents=True)
    (place / "core.template.json").write_text(json.dumps({"Resources": RESOURCES}))
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://111111111111/eu-west-1",
        "properties": {"stackName": "dev-core", "templateFile": "core.template.json"},
    }
    (place / "manifest.json").write_text(json.dumps({"artifacts": {"dev-core": stack}}))
    return str(place.parent)


def answer(aws: FakeAws, values: dict[str, float]) -> None:
    quotas = [{"QuotaName": name, "Value": value} for name, value in values.items()]
    aws.answers["ListServiceQuotas"] = lambda _: {"Quotas": quotas}


def test_what_is_needed_is_listed_without_an_account(mdlc: Mdlc, folder: str) -> None:
    ran = mdlc("quotas", "dev", "--needs", "--json", "--assembly", folder)
    assert ran.code == 0, ran.stderr
    assert {each["quota"]: each["needed"] for each in json.loads(ran.stdout)["quotas"]} == NEEDED


def test_an_account_that_has_enough_passes(mdlc: Mdlc, aws: FakeAws, folder: str) -> None:
    answer(aws, {name: float(count) for name, count in NEEDED.items()})
    ran = mdlc("quotas", "dev", "--assembly", folder)
    assert ran.code == 0, ran.stderr
    assert "ml.m5.xlarge for spot training job usage" in ran.stdout


def test_an_account_that_has_less_is_told_what_to_ask_for(mdlc: Mdlc, aws: FakeAws, folder: str) -> None:
    answer(aws, {**{name: float(count) for name, count in NEEDED.items()}, "ml.m5.large for endpoint usage": 7.0})
    ran = mdlc("quotas", "dev", "--assembly", folder)
    assert ran.code == 1
    assert "The account has 7 of 'ml.m5.large for endpoint usage' and dev needs 8: request an increase" in ran.stderr
