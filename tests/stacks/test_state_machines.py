"""Every state machine, as it is deployed, through the linters of its language."""

import copy
import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from statelint.config import Config
from statelint.linter import Linter
from statelint.problem import ProblemType

from checks.resolved import Resolver, Templates

PROJECT = Path(__file__).parents[2]
INTEGERS_TOO = {ProblemType.FLOAT}
"""A back-off rate may be a whole number: the specification asks for a number, statelint for a point in it."""


@pytest.fixture(scope="module")
def machines(templates: Templates) -> dict[str, dict[str, Any]]:
    resolve = Resolver(templates)
    return {
        f"{stack}/{name}": json.loads(resolve(stack, resource["Properties"]["DefinitionString"]))
        for stack, template in templates.items()
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::StepFunctions::StateMachine"
    }


def statelint(machine: Mapping[str, Any]) -> list[str]:
    return list(Linter.validate(dict(machine), Config(INTEGERS_TOO)))


def asl_validator(folder: Path, machines: Sequence[Mapping[str, Any]]) -> subprocess.CompletedProcess[str]:
    files = [folder / f"{number}.asl.json" for number in range(len(machines))]
    for file, machine in zip(files, machines, strict=True):
        file.write_text(json.dumps(machine))
    command = [str(PROJECT / "node_modules/.bin/asl-validator")]
    for file in files:
        command += ["--json-path", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow  # two linters over every machine
def test_the_linters_are_content(machines: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    assert {name.partition("-")[0] for name in machines} == {"dev", "staging", "prod", "sandbox"}
    assert {name: problems for name, machine in machines.items() if (problems := statelint(machine))} == {}
    done = asl_validator(tmp_path, list(machines.values()))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_linters_would_say_so(machines: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    machine = copy.deepcopy(next(iter(machines.values())))
    machine["States"]["Training"]["Next"] = "Nowhere"
    machine["States"]["Training"]["TimeoutSecond"] = 3
    assert statelint(machine)
    assert asl_validator(tmp_path, [machine]).returncode != 0
