"""What cannot run is refused when it is written, with a sentence that says what to do."""

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from constructs import Construct

from ml_constructs.pipelines import (
    Comparison,
    Expression,
    JsonGet,
    Parameter,
    Pipeline,
    PipelineError,
    Step,
    StepProperty,
    Value,
)
from ml_constructs.pipelines.decision import ConditionStep, FailStep
from ml_constructs.pipelines.step import PropertyFile


class Plain(Step):
    """A step whose request is whatever the test says."""

    type = "Plain"

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *uses: Value,
        files: Sequence[PropertyFile] = (),
        depends_on: Sequence[Step] = (),
    ) -> None:
        super().__init__(scope, construct_id, depends_on=depends_on)
        self._uses = uses
        self._files = files

    @property
    def property_files(self) -> Sequence[PropertyFile]:
        return self._files

    def arguments(self) -> Mapping[str, object]:
        return {"Uses": list(self._uses)}

    def grant_run(self, role: iam.IRole) -> None:
        """Nothing to grant."""


def pipeline(stack: cdk.Stack, *steps: Step, parameters: Sequence[Parameter] = ()) -> Pipeline:
    return Pipeline(stack, "Pipeline", name="p", description="d", parameters=parameters, steps=steps)


def decision(stack: cdk.Stack, then: Sequence[Step], otherwise: Sequence[Step], name: str = "Decide") -> ConditionStep:
    return ConditionStep(stack, name, conditions=[Comparison(1, "LessThan", 2)], if_steps=then, else_steps=otherwise)


def test_a_parameter_that_no_step_uses(stack: cdk.Stack) -> None:
    with pytest.raises(PipelineError, match="The parameter Unused is declared, but no step uses it"):
        pipeline(stack, Plain(stack, "A"), parameters=[Parameter.string("Unused")])


def test_a_parameter_that_is_not_declared(stack: cdk.Stack) -> None:
    with pytest.raises(PipelineError, match="A uses the parameter Missing, which the pipeline does not declare"):
        pipeline(stack, Plain(stack, "A", Parameter.string("Missing")))


def test_a_parameter_that_is_declared_otherwise_than_used(stack: cdk.Stack) -> None:
    with pytest.raises(PipelineError, match="A uses the parameter P, which the pipeline does not declare"):
        pipeline(stack, Plain(stack, "A", Parameter.string("P")), parameters=[Parameter.integer("P")])


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_parameter_used_in_a_branch_counts(stack: cdk.Stack, *, wrapped: bool) -> None:
    parameter = Parameter.integer("P", 1)
    used: Expression = parameter.text if wrapped else parameter
    fail = FailStep(stack, "Fail", message=used)
    pipeline(stack, decision(stack, [Plain(stack, "A")], [fail]), parameters=[parameter])


def test_a_parameter_used_in_a_condition_counts(stack: cdk.Stack) -> None:
    gate = Parameter.number("Gate", 0.7)
    decide = ConditionStep(
        stack,
        "Decide",
        conditions=[Comparison(1, "LessThan", gate)],
        if_steps=[Plain(stack, "A")],
        else_steps=[Plain(stack, "B")],
    )
    pipeline(stack, decide, parameters=[gate])


def test_two_parameters_of_one_name(stack: cdk.Stack) -> None:
    first, second = Parameter.string("P"), Parameter.string("P", "x")
    with pytest.raises(PipelineError, match="The parameter P is there twice"):
        pipeline(stack, Plain(stack, "A", first, second), parameters=[first, second])


def test_two_steps_of_one_name_in_different_branches(stack: cdk.Stack) -> None:
    other = Construct(stack, "Other")
    with pytest.raises(PipelineError, match="The step A is there twice"):
        pipeline(stack, decision(stack, [Plain(stack, "A")], [Plain(other, "A")]))


def test_a_step_that_is_not_there(stack: cdk.Stack) -> None:
    with pytest.raises(PipelineError, match="A refers to the step Gone, which is not in the pipeline"):
        pipeline(stack, Plain(stack, "A", StepProperty("Gone", "X")))


def test_a_dependency_that_is_not_there(stack: cdk.Stack) -> None:
    with pytest.raises(PipelineError, match="A refers to the step Gone, which is not in the pipeline"):
        pipeline(stack, Plain(stack, "A", depends_on=[Plain(stack, "Gone")]))


def test_a_property_file_that_is_not_there(stack: cdk.Stack) -> None:
    report = PropertyFile("Report", "out", "report.json")
    with pytest.raises(PipelineError, match="B reads the property file Other of A, which has Report"):
        pipeline(stack, Plain(stack, "A", files=[report]), Plain(stack, "B", JsonGet("A", "Other", "x")))


def test_steps_that_wait_for_each_other(stack: cdk.Stack) -> None:
    first = Plain(stack, "A", StepProperty("B", "X"))
    with pytest.raises(PipelineError, match=r"Steps wait for each other: .*A"):
        pipeline(stack, first, Plain(stack, "B", depends_on=[first]))


def test_a_condition_that_waits_for_its_own_branch(stack: cdk.Stack) -> None:
    inside = Plain(stack, "Inside")
    decide = ConditionStep(
        stack,
        "Decide",
        conditions=[Comparison(StepProperty("Inside", "X"), "Equals", 1)],
        if_steps=[inside],
        else_steps=[FailStep(stack, "Fail", message="no")],
    )
    with pytest.raises(PipelineError, match="Steps wait for each other"):
        pipeline(stack, decide)


def test_a_branch_that_waits_for_the_other(stack: cdk.Stack) -> None:
    yes = Plain(stack, "Yes")
    with pytest.raises(PipelineError, match="No needs Yes, which runs only in a branch"):
        pipeline(stack, decision(stack, [yes], [Plain(stack, "No", StepProperty("Yes", "X"))]))


def test_a_step_outside_that_waits_for_a_branch(stack: cdk.Stack) -> None:
    inside = Plain(stack, "Inside")
    outside = Plain(stack, "Outside", depends_on=[inside])
    with pytest.raises(PipelineError, match="Outside needs Inside, which runs only in a branch"):
        pipeline(stack, decision(stack, [inside], [Plain(stack, "No")]), outside)


def test_a_nested_branch_may_wait_for_what_surely_ran(stack: cdk.Stack) -> None:
    first, inside = Plain(stack, "First"), Plain(stack, "Inside")
    deep = Plain(stack, "Deep", StepProperty("First", "X"), StepProperty("Inside", "Y"))
    inner = decision(stack, [deep], [Plain(stack, "DeepNo")], name="Inner")
    pipeline(stack, first, decision(stack, [inside, inner], [Plain(stack, "No")]))


def test_no_steps(stack: cdk.Stack) -> None:
    with pytest.raises(PipelineError, match="A pipeline of no steps does nothing"):
        pipeline(stack)


@pytest.mark.parametrize(
    ("conditions", "then", "otherwise", "sentence"),
    [
        ([], ["A"], ["B"], "Decide has no condition"),
        ([Comparison(1, "Equals", 1)], [], ["B"], "Decide has nothing to do when its conditions hold"),
        ([Comparison(1, "Equals", 1)], ["A"], [], "Decide has no else branch, so the pipeline would succeed"),
    ],
)
def test_half_a_decision(
    conditions: Sequence[Comparison], then: Sequence[str], otherwise: Sequence[str], sentence: str, stack: cdk.Stack
) -> None:
    steps = {name: Plain(stack, name) for name in (*then, *otherwise)}
    with pytest.raises(PipelineError, match=sentence):
        ConditionStep(
            stack,
            "Decide",
            conditions=conditions,
            if_steps=[steps[name] for name in then],
            else_steps=[steps[name] for name in otherwise],
        )


def test_a_name_that_no_step_can_have(stack: cdk.Stack) -> None:
    with pytest.raises(PipelineError, match="'a step' cannot name a step"):
        Plain(stack, "a step")
