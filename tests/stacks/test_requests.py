"""Every request of every deployed definition is one that its service takes; a field that is misspelt is found."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from checks.resolved import Resolver, Templates
from localsagemaker.pipelines.definition import parse
from tests.service_model import refusal
from tests.stacks.definitions import Request, of_machine, of_pipeline

Definition = dict[str, Any]
MAPS = {"HyperParameters", "Environment", "CustomerMetadataProperties"}
"""Members whose names and values are the user's own."""


@pytest.fixture(scope="module")
def machines(templates: Templates) -> dict[str, Definition]:
    return dict(definitions(templates, "AWS::StepFunctions::StateMachine", "DefinitionString"))


@pytest.fixture(scope="module")
def pipelines(templates: Templates) -> dict[str, Definition]:
    return dict(definitions(templates, "AWS::SageMaker::Pipeline", "PipelineDefinition", "PipelineDefinitionBody"))


@pytest.fixture
def census(machines: dict[str, Definition]) -> Definition:
    return next(definition for name, definition in machines.items() if name.startswith("dev-steps/Census"))


@pytest.fixture
def fraud(pipelines: dict[str, Definition]) -> Definition:
    return next(definition for name, definition in pipelines.items() if name.startswith("dev-training/Fraud"))


def definitions(templates: Templates, kind: str, *path: str) -> Iterator[tuple[str, Definition]]:
    resolve = Resolver(templates)
    for stack, template in templates.items():
        for name, resource in template["Resources"].items():
            if resource["Type"] == kind:
                value = resource["Properties"]
                for step in path:
                    value = value[step]
                yield f"{stack}/{name}", json.loads(resolve(stack, value))


def refusals(requests: Iterator[Request]) -> list[str]:
    found = ((request.place, refusal(request.service, request.operation, request.parameters)) for request in requests)
    return [f"{place}: {problem}" for place, problem in found if problem]


def test_every_task_of_every_state_machine_makes_a_valid_request(machines: dict[str, Definition]) -> None:
    assert machines
    for name, definition in machines.items():
        requests = list(of_machine(definition))
        assert requests, name
        assert refusals(iter(requests)) == [], name
        assert "$" not in json.dumps([request.parameters for request in requests]), "a value that nobody resolves"


def test_every_step_of_every_pipeline_makes_a_valid_request(pipelines: dict[str, Definition]) -> None:
    assert pipelines
    for name, definition in pipelines.items():
        assert len(list(of_pipeline(definition))) > 2, name
        assert refusals(of_pipeline(definition)) == [], name
        parse(json.dumps(definition))  # its own schema


def rename(parent: dict[str, Any], key: str) -> None:
    parent[f"Mis{key}"] = parent.pop(key)


def retype(parent: dict[str, Any], key: str) -> None:
    name = key.removesuffix(".$")
    parent.pop(key)
    parent[name] = {"Unexpected": [1.5]}


MUTATIONS: tuple[Callable[[dict[str, Any], str], None], ...] = (rename, retype)


def mutants(
    definition: Definition, roots: Callable[[Definition], list[dict[str, Any]]]
) -> Iterator[tuple[str, Definition]]:
    """Every copy of a definition in which one member of one request has another name or another type."""
    for root in range(len(roots(definition))):
        for path in paths(roots(definition)[root]):
            for mutate in MUTATIONS:
                mutant = copy.deepcopy(definition)
                parent: Any = roots(mutant)[root]
                for step in path[:-1]:
                    parent = parent[step]
                mutate(parent, path[-1])
                yield f"{mutate.__name__} {'.'.join(map(str, path))}", mutant


def paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the members of a request are; what is computed has none of its own."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield (*before, key)
            if key not in MAPS and not (isinstance(item, Mapping) and {*item} & {"Get", "Std:Join", "Std:JsonGet"}):
                yield from paths(item, (*before, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if not (isinstance(item, Mapping) and {*item} & {"Get", "Std:Join", "Std:JsonGet"}):
                yield from paths(item, (*before, index))


def parameters_of_tasks(definition: Definition) -> list[dict[str, Any]]:
    return [
        state["Parameters"]
        for state in definition["States"].values()
        if "Parameters" in state and "sync" in state["Resource"]
    ]


def arguments_of_steps(definition: Definition) -> list[dict[str, Any]]:
    (condition,) = [step for step in definition["Steps"] if step["Type"] == "Condition"]
    steps = [*definition["Steps"], *condition["Arguments"]["IfSteps"]]
    return [step["Arguments"] for step in steps if step["Type"] not in {"Condition", "Fail"}]


def test_a_misspelt_or_mistyped_member_of_a_state_is_found(census: Definition) -> None:
    found = list(mutants(census, parameters_of_tasks))
    assert len(found) > 200
    for change, mutant in found:
        assert refusals(of_machine(mutant)), change


@pytest.mark.slow  # hundreds of requests
def test_a_misspelt_or_mistyped_member_of_a_step_is_found(fraud: Definition) -> None:
    found = list(mutants(fraud, arguments_of_steps))
    assert len(found) > 300
    for change, mutant in found:
        assert refusals(of_pipeline(mutant)), change


@pytest.mark.parametrize("name", ["RoleArn", "ProcessingResources", "AppSpecification"])
def test_a_required_member_that_is_missing_is_found(name: str, census: Definition) -> None:
    mutant = copy.deepcopy(census)
    del mutant["States"]["Preprocessing"]["Parameters"][name]
    (problem,) = refusals(of_machine(mutant))
    member = name[0].lower() + name[1:]
    assert f"Value null at '{member}' failed to satisfy constraint: Member must not be null" in problem


def test_a_resource_that_is_no_integration_is_found(census: Definition) -> None:
    mutant = copy.deepcopy(census)
    mutant["States"]["Training"]["Resource"] = "arn:aws:states:::sagemaker.createTrainingJob.sync"
    with pytest.raises(AssertionError, match="neither a function nor an integration"):
        list(of_machine(mutant))
