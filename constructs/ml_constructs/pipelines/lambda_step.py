"""Steps that call a function."""

from collections.abc import Mapping, Sequence
from typing import Literal

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from ml_constructs.foundation.errors import PipelineError
from ml_constructs.foundation.values import StepProperty, Value
from ml_constructs.pipelines.step import Step

OutputType = Literal["String", "Integer", "Float", "Boolean"]


class LambdaStep(Step):
    """Calls `function` with `inputs`; it answers within ten minutes, with the named `outputs`.

    SageMaker takes no retry policies for steps of this type.
    """

    type = "Lambda"

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        function: lambda_.IFunction,
        inputs: Mapping[str, Value],
        outputs: Mapping[str, OutputType],
        depends_on: Sequence[Step] = (),
    ) -> None:
        super().__init__(scope, construct_id, depends_on=depends_on)
        self._function = function
        self._inputs = dict(inputs)
        self._outputs = dict(outputs)

    def output(self, name: str) -> StepProperty:
        """Return what the function answered as `name`."""
        if name not in self._outputs:
            raise PipelineError(f"{self.name} has no output {name!r}: it has {', '.join(self._outputs) or 'none'}.")
        return self.get(f"OutputParameters['{name}']")

    def arguments(self) -> Mapping[str, object]:
        """Return the event that the function gets."""
        return self._inputs

    def members(self) -> Mapping[str, object]:
        """Return the function and what it answers."""
        return {
            "FunctionArn": self._function.function_arn,
            "OutputParameters": [{"OutputName": name, "OutputType": type_} for name, type_ in self._outputs.items()],
        }

    def grant_run(self, role: iam.IRole) -> None:
        """Let `role` call the function."""
        iam.Grant.add_to_principal(
            grantee=role, actions=["lambda:InvokeFunction"], resource_arns=[self._function.function_arn]
        )
