"""The switch between our k-NN image and SageMaker's own."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from app import build
from tests.environments import DEV, KNN


@pytest.mark.slow
def test_an_environment_chooses_the_built_in_image(cdk_context: dict[str, Any], tmp_path: Path) -> None:
    environment = dataclasses.replace(DEV, systems=(dataclasses.replace(KNN, built_in=True),))
    assembly = build(cdk.App(outdir=str(tmp_path), context=cdk_context), [environment]).synth()
    template = json.dumps(assembly.get_nested_assembly("assembly-dev").get_stack_by_name("dev-knn").template)
    assert "438346466558.dkr.ecr.eu-west-1." in template
    reports = json.loads((tmp_path / "validation-report.json").read_text())["pluginReports"]
    assert all(report["conclusion"] == "success" for report in reports)


def test_our_image_is_the_default(templates: dict[str, dict[str, Any]]) -> None:
    for environment in ("dev", "staging", "prod", "sandbox"):
        assert "438346466558" not in json.dumps(templates[f"{environment}-knn"])
