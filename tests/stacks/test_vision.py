"""The image classifier's stack: what a GPU and left-out features change."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from app import build
from stacks.settings import Environment
from stacks.systems.scripted import ScriptedSystem
from tests.environments import DEV, IMAGES, SYSTEMS

pytestmark = pytest.mark.slow  # environments of its own are synthesized

Templates = dict[str, dict[str, Any]]
OTHERS = tuple(system for system in SYSTEMS if system.name != "images")


def trained_on(instance_type: str) -> ScriptedSystem:
    return dataclasses.replace(IMAGES, training_instance_type=instance_type)


def synthesized(environment: Environment, context: dict[str, Any], outdir: Path) -> Templates:
    assembly = build(cdk.App(outdir=str(outdir), context=context), [environment]).synth()
    reports = json.loads((outdir / "validation-report.json").read_text())["pluginReports"]
    assert all(report["conclusion"] == "success" for report in reports)
    return {stack.stack_name: stack.template for stack in assembly.get_nested_assembly("assembly-dev").stacks}


def test_a_gpu_trains_in_an_image_of_its_own(cdk_context: dict[str, Any], tmp_path: Path) -> None:
    environment = dataclasses.replace(DEV, systems=(*OTHERS, trained_on("ml.g5.xlarge")))
    templates = synthesized(environment, cdk_context, tmp_path)
    builds = [
        resource["Properties"]["Dockerfile"]
        for resource in templates["dev-images"]["Resources"].values()
        if resource["Type"] == "Custom::ContainerImage"
    ]
    assert sorted(builds) == ["knn/Dockerfile", "tabular/Dockerfile", "vision/Dockerfile", "vision/Dockerfile.cuda"]
    assert json.dumps(templates["dev-vision"]).count("ml.g5.xlarge") == 1


def test_the_default_needs_no_gpu(templates: Templates) -> None:
    for environment in ("dev", "staging", "prod", "sandbox"):
        assert "Dockerfile.cuda" not in json.dumps(templates[f"{environment}-images"])


def test_without_serving_there_is_no_endpoint_and_without_the_system_nothing_of_it(
    cdk_context: dict[str, Any], tmp_path: Path
) -> None:
    trained = dataclasses.replace(DEV, features=frozenset())
    outputs = synthesized(trained, cdk_context, tmp_path / "trained")["dev-vision"]["Outputs"]
    assert "ImagesModelPackageGroupName" in outputs
    assert "ImagesEndpointName" not in outputs
    smaller = dataclasses.replace(DEV, systems=OTHERS)
    templates = synthesized(smaller, cdk_context, tmp_path / "smaller")
    assert "dev-vision" not in templates
    assert "vision" not in json.dumps([templates["dev-images"], templates["dev-api"]]).lower()


@pytest.mark.parametrize(
    ("instance", "gpu"),
    [("ml.g4dn.xlarge", True), ("ml.p5.48xlarge", True), ("ml.m5.xlarge", False), ("ml.c6i.xlarge", False)],
)
def test_families_with_a_gpu(instance: str, gpu: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert bool(trained_on(instance).variant) is gpu


def test_what_is_no_instance_type_is_refused() -> None:
    with pytest.raises(ValueError, match="'g5' is no SageMaker instance type"):
        trained_on("g5")
