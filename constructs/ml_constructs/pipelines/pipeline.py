"""The pipeline itself."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from ml_constructs.foundation.roles import sagemaker_role
from ml_constructs.foundation.values import Parameter
from ml_constructs.pipelines.check import all_steps, check
from ml_constructs.pipelines.step import Step

VERSION = "2020-12-01"


class Pipeline(Construct):
    """A SageMaker pipeline, refused at synthesis where it could not run.

    Its role may make the requests of its steps and nothing else: every step brings what it needs. Executions find the
    pipeline by its name.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        description: str,
        parameters: Sequence[Parameter],
        steps: Sequence[Step],
        parallel_steps: int = 4,
    ) -> None:
        super().__init__(scope, construct_id)
        check(parameters, steps)
        self.role = sagemaker_role(self, "Role", description=f"Executions of the pipeline {name}")
        for step in all_steps(steps):
            step.grant_run(self.role)
        definition = {
            "Version": VERSION,
            "Metadata": {},
            "Parameters": [parameter.declaration() for parameter in parameters],
            "Steps": [step.declaration() for step in steps],
        }
        self.pipeline = sagemaker.CfnPipeline(
            self,
            "Pipeline",
            pipeline_name=name,
            pipeline_description=description,
            pipeline_definition={"PipelineDefinitionBody": cdk.Stack.of(self).to_json_string(definition)},
            parallelism_configuration={"MaxParallelExecutionSteps": parallel_steps},
            role_arn=self.role.role_arn,
        )
        self.pipeline.node.add_dependency(self.role)
        for step in all_steps(steps):
            self.pipeline.node.add_dependency(step)
        self.name = name

    def grant_start(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` start executions of the pipeline."""
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["sagemaker:StartPipelineExecution"],
            resource_arns=[
                cdk.Stack.of(self).format_arn(service="sagemaker", resource="pipeline", resource_name=self.name)
            ],
        )
