"""Checks a pipeline before it is deployed."""

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from ml_constructs.foundation.errors import PipelineError
from ml_constructs.foundation.values import JsonGet, Parameter, StepProperty, expressions
from ml_constructs.pipelines.step import Step


def all_steps(steps: Sequence[Step]) -> Iterator[Step]:
    """Return `steps` and all steps in their branches, in the order of the definition."""
    for step in steps:
        yield step
        for branch in step.branches:
            yield from all_steps(branch)


def check(parameters: Sequence[Parameter], steps: Sequence[Step]) -> None:
    """Raise `PipelineError` for the first fault that would make executions fail."""
    if not steps:
        raise PipelineError("A pipeline of no steps does nothing: give it at least one.")
    every = list(all_steps(steps))
    _refuse_duplicates("step", [step.name for step in every])
    _refuse_duplicates("parameter", [parameter.name for parameter in parameters])
    _check_parameters(parameters, every)
    by_name = {step.name: step for step in every}
    _check_references(by_name)
    _refuse_cycles(steps)
    _check_branches(steps, frozenset())


def _refuse_duplicates(kind: str, names: Sequence[str]) -> None:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise PipelineError(f"The {kind} {twice[0]} is there twice: give each its own name.")


def _check_parameters(declared: Sequence[Parameter], steps: Sequence[Step]) -> None:
    used: dict[Parameter, str] = {}
    for step in steps:
        for expression in expressions(step.arguments()):
            if isinstance(expression, Parameter):
                used.setdefault(expression, step.name)
    for parameter, step_name in used.items():
        if parameter not in declared:
            raise PipelineError(
                f"{step_name} uses the parameter {parameter.name}, which the pipeline does not declare: "
                "add it to the pipeline's parameters."
            )
    for parameter in declared:
        if parameter not in used:
            raise PipelineError(
                f"The parameter {parameter.name} is declared, but no step uses it: "
                "use it or remove it, since whoever sets it would believe that it counts."
            )


def _dependencies_of(step: Step) -> set[str]:
    """Return the names of the steps that must be done before `step`."""
    needed = {dependency.name for dependency in step.depends_on}
    for expression in expressions(step.arguments()):
        if isinstance(expression, StepProperty | JsonGet):
            needed.add(expression.step)
    return needed


def _check_references(steps: Mapping[str, Step]) -> None:
    for step in steps.values():
        for name in sorted(_dependencies_of(step)):
            if name not in steps:
                raise PipelineError(f"{step.name} refers to the step {name}, which is not in the pipeline.")
        for expression in expressions(step.arguments()):
            if isinstance(expression, JsonGet):
                files = [file.name for file in steps[expression.step].property_files]
                if expression.property_file not in files:
                    raise PipelineError(
                        f"{step.name} reads the property file {expression.property_file} of {expression.step}, "
                        f"which has {', '.join(files) or 'none'}."
                    )


def _refuse_cycles(steps: Sequence[Step]) -> None:
    graph: dict[str, set[str]] = {}

    def add(members: Sequence[Step], parents: set[str]) -> None:
        for step in members:
            graph[step.name] = _dependencies_of(step) | parents
            for branch in step.branches:
                add(branch, {step.name})

    add(steps, set())
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise PipelineError(f"Steps wait for each other: {' -> '.join(reversed(error.args[1]))}.") from error


def _check_branches(steps: Sequence[Step], outside: frozenset[str]) -> None:
    """Refuse a step that waits for one in another branch, or in a branch below, which may not run."""
    here = outside | {step.name for step in steps}
    for step in steps:
        if hidden := sorted(_dependencies_of(step) - here):
            raise PipelineError(
                f"{step.name} needs {hidden[0]}, which runs only in a branch of a condition: "
                "put both into the same branch."
            )
        for branch in step.branches:
            _check_branches(branch, here)
