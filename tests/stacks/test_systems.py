"""Systems: what one declaration gives, and what cannot be declared."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from app import build
from ml_constructs.machines.algorithm import TABULAR
from ml_constructs.systems.tabular import BINARY, MULTICLASS, REGRESSION, Objective
from stacks.settings import Environment
from stacks.systems import every, without
from stacks.systems.scripted import ScriptedSystem
from stacks.systems.tabular import TabularSystem
from tests.environments import DEV, SYSTEMS
from tests.stacks.test_own_environments import ACCEPTED

FIRST = {system.name for system in SYSTEMS}
Templates = dict[str, dict[str, Any]]


def synthesized(environment: Environment, context: dict[str, Any], outdir: Path) -> Templates:
    """The environment's templates, judged by every rule of ours."""
    assembly = build(cdk.App(outdir=str(outdir), context=context), [environment]).synth()
    reports = json.loads((outdir / "validation-report.json").read_text())["pluginReports"]
    assert all(report["conclusion"] == "success" for report in reports)
    return {stack.stack_name: stack.template for stack in assembly.get_nested_assembly("assembly-dev").stacks}


def test_those_that_came_first_keep_their_order() -> None:
    """The id of the API's deployment is made of the methods in their order; one that a team deleted leaves no gap."""
    declared = [system.name for system in every()]
    assert [name for name in declared if name in FIRST] == declared[: len(FIRST.intersection(declared))]
    assert [name for name in ("fraud", "knn", "census", "images") if name in declared] == [
        name for name in declared if name in FIRST
    ]


def test_what_tests_judge_is_what_ships() -> None:
    """Of those that are there, where nobody accepted others: a team may delete any, and change any."""
    judged = {system.name: system for system in SYSTEMS}
    changed = [system.name for system in every() if system != judged.get(system.name, system)]
    assert ACCEPTED.exists() or not changed, "tests/environments.py has another; a team's own, make snapshots accepts"


def test_what_is_left_out_is_named() -> None:
    names = [system.name for system in every()]
    assert [system.name for system in without(*names[:1])] == names[1:]
    with pytest.raises(ValueError, match=f"There is no system 'no one' to leave out: there are {', '.join(names)}"):
        without("no one")


@pytest.mark.slow
@pytest.mark.parametrize("objective", [BINARY, MULTICLASS, REGRESSION], ids=lambda objective: objective.metric)
def test_a_table_of_a_teams_own_is_one_declaration(
    objective: Objective, cdk_context: dict[str, Any], tmp_path: Path
) -> None:
    churn = TabularSystem(name="churn", objective=objective)
    templates = synthesized(dataclasses.replace(DEV, systems=(churn,)), cdk_context, tmp_path)
    outputs = templates["dev-churn"]["Outputs"]
    assert {"ChurnPipelineName", "ChurnModelPackageGroupName", "ChurnEndpointName"} <= outputs.keys()
    api = json.dumps(templates["dev-api"])
    assert '"PathPart": "churn"' in api
    assert '"PathPart": "fraud"' not in api
    pipeline = json.dumps(templates["dev-churn"])
    assert objective.parameter in pipeline
    assert "--recipe" not in pipeline
    assert "dev-churn" in json.dumps(templates["dev-experiments"])
    assert "churn/versions" in json.dumps(templates["dev-studio"])
    images = [r for r in templates["dev-images"]["Resources"].values() if r["Type"] == "AWS::ECR::Repository"]
    assert len(images) == 1


@pytest.mark.slow
def test_scripts_of_a_teams_own_are_one_declaration(cdk_context: dict[str, Any], tmp_path: Path) -> None:
    churn = ScriptedSystem(name="churn", image="tabular", algorithm=TABULAR)
    templates = synthesized(dataclasses.replace(DEV, systems=(churn,)), cdk_context, tmp_path)
    assert {"ChurnStateMachineArn", "ChurnRunsTableName", "ChurnJobPrefix"} <= templates["dev-churn"]["Outputs"].keys()
    assert "dev-api" not in templates
    assert "churn/scripts/versions" in json.dumps(templates["dev-studio"])


@pytest.mark.slow
def test_without_any_system_there_is_nothing_of_them(cdk_context: dict[str, Any], tmp_path: Path) -> None:
    templates = synthesized(dataclasses.replace(DEV, systems=()), cdk_context, tmp_path)
    there = ("storage", "network", "budget", "notices", "features", "studio", "labeling")
    assert templates.keys() == {f"dev-{each}" for each in there}


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Churn", "'Churn' cannot name a system: use 2 to 20 of a-z and 0-9, a letter first."),
        ("c", "cannot name a system"),
        ("credit-risk", "cannot name a system"),
        ("a" * 21, "cannot name a system"),
        ("network", "'network' is a name of the platform's own"),
        ("mlflow", "'mlflow' is a name of the platform's own"),
        ("platform", "'platform' is a name of the platform's own"),
        ("aws", "'aws' is a name of the platform's own"),
        ("training", "'training' is a name of the platform's own"),
    ],
)
def test_names_that_no_system_can_have(name: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        TabularSystem(name=name)


def test_a_gate_that_no_model_passes_is_refused() -> None:
    with pytest.raises(ValueError, match=r"No model of churn could pass a gate of 1.0: roc_auc is at most 1."):
        TabularSystem(name="churn", gate=1.0)
