"""Steps that decide how an execution goes on, or end it."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from ml_constructs.foundation.errors import PipelineError
from ml_constructs.foundation.values import Value, render
from ml_constructs.pipelines.conditions import Condition
from ml_constructs.pipelines.step import Step


class ConditionStep(Step):
    """Runs `if_steps` when all `conditions` hold, else `else_steps`.

    Both branches are required: without an else-branch, a pipeline that did nothing of use ends as a success.
    """

    type = "Condition"

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        conditions: Sequence[Condition],
        if_steps: Sequence[Step],
        else_steps: Sequence[Step],
        depends_on: Sequence[Step] = (),
    ) -> None:
        super().__init__(scope, construct_id, depends_on=depends_on)
        if not conditions:
            raise PipelineError(f"{construct_id} has no condition: it would always take the same branch.")
        if not if_steps:
            raise PipelineError(f"{construct_id} has nothing to do when its conditions hold: give it if_steps.")
        if not else_steps:
            raise PipelineError(
                f"{construct_id} has no else branch, so the pipeline would succeed without a result: "
                "give it else_steps, a FailStep at least."
            )
        self._conditions = tuple(conditions)
        self._if_steps = tuple(if_steps)
        self._else_steps = tuple(else_steps)

    @property
    def branches(self) -> Sequence[Sequence[Step]]:
        """What runs if the conditions hold, and what runs if they do not."""
        return self._if_steps, self._else_steps

    def arguments(self) -> Mapping[str, object]:
        """Return the conditions alone: the branches are steps, declared with it."""
        return {"Conditions": [condition.arguments() for condition in self._conditions]}

    def members(self) -> Mapping[str, object]:
        """Return conditions and branches together."""
        return {
            "Arguments": {
                "Conditions": render(self.arguments()["Conditions"]),
                "IfSteps": [step.declaration() for step in self._if_steps],
                "ElseSteps": [step.declaration() for step in self._else_steps],
            }
        }

    def grant_run(self, role: iam.IRole) -> None:
        """Grant nothing: deciding needs no permission, and the steps of the branches have their own."""


class FailStep(Step):
    """Ends the execution as failed, with `message` as its reason."""

    type = "Fail"

    def __init__(self, scope: Construct, construct_id: str, *, message: Value, depends_on: Sequence[Step] = ()) -> None:
        super().__init__(scope, construct_id, depends_on=depends_on)
        self._message = message

    def arguments(self) -> Mapping[str, object]:
        """Return the reason."""
        return {"ErrorMessage": self._message}

    def grant_run(self, role: iam.IRole) -> None:
        """Grant nothing: failing needs no permission."""
