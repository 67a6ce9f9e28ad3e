"""An MLflow app, and the function that records in it the runs of training jobs, pipelines and state machines."""

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from ml_constructs.foundation.dead_letters import dead_letters
from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.roles import sagemaker_role
from ml_constructs.functions.function import FunctionSettings, PythonFunction
from ml_constructs.jobs.kinds import NAMED_BY_SAGEMAKER, PROCESSING, TRAINING
from ml_constructs.machines.training_pipeline import TrainingPipeline

EVALUATIONS = "evaluation"
"""Folder of an execution that its evaluation step writes to."""


class MlflowApp(Construct):
    """A serverless MLflow app of SageMaker; files that runs log go to the folder `artifacts`."""

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, artifacts: Folder, removal_policy: cdk.RemovalPolicy
    ) -> None:
        super().__init__(scope, construct_id)
        self.role = sagemaker_role(self, "Role", description=f"MLflow app {name}")
        artifacts.grant_read(self.role)
        artifacts.grant_write(self.role)
        self.app = sagemaker.CfnMlflowApp(
            self, "App", name=name, artifact_store_uri=str(artifacts.uri), role_arn=self.role.role_arn
        )
        self.app.node.add_dependency(self.role)
        self.app.apply_removal_policy(removal_policy)

    @property
    def arn(self) -> str:
        """ARN of the app; MLflow's client takes it for a tracking URI."""
        return self.app.attr_arn

    def grant_call(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` read and write experiments and runs.

        The app has this one action for its whole API. Source: SageMaker developer guide, "Set up IAM permissions for
        MLflow Apps".
        """
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["sagemaker:CallMlflowAppApi"], resource_arns=[self.arn]
        )

    def grant_open(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` open the app in a browser."""
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["sagemaker:CreatePresignedMlflowAppUrl", "sagemaker:DescribeMlflowApp"],
            resource_arns=[self.arn],
        )


@dataclass(frozen=True, kw_only=True)
class FollowedPipeline:
    """A SageMaker pipeline whose executions are recorded.

    `executions` has a folder for each, with the evaluation in it; the highest `metric` makes the best run.
    """

    name: str
    executions: Folder
    metric: str


class ExperimentRecorder(Construct):
    """Records in `app` every execution of these pipelines and machines, and every training job of its own.

    It looks at them after their end, from outside: no image needs MLflow, and no job a way to it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        app: MlflowApp,
        pipelines: Sequence[FollowedPipeline],
        machines: Sequence[TrainingPipeline],
        functions: FunctionSettings,
    ) -> None:
        super().__init__(scope, construct_id)
        self._stack = cdk.Stack.of(self)
        self.dead_letters = dead_letters(self, "DeadLetters", what="Events about runs")
        tables = {each.name: each.runs.table.table_name for each in machines}
        self.function = PythonFunction(
            self,
            "Function",
            handler="experiments.handler.handler",
            description="Records in MLflow what was trained",
            environment={
                "METRICS": self._stack.to_json_string({each.name: each.metric for each in pipelines}),
                "MLFLOW_APP_ARN": app.arn,
                "RUNS_TABLES": self._stack.to_json_string(tables),
            },
            timeout=cdk.Duration.minutes(5),
            settings=functions.outside(),
            powertools=True,
            dead_letters=self.dead_letters,
        )
        role = self.function.role
        app.grant_call(role)
        self._grant_training_jobs(role)
        for pipeline in pipelines:
            self._grant_pipeline(role, pipeline)
        for machine in machines:
            self._grant_machine(role, machine)
        self._follow(
            "TrainingJobEnded", "SageMaker Training Job State Change", _final_statuses("TrainingJobStatus", "Completed")
        )
        if pipelines:
            self._follow(
                "PipelineEnded",
                "SageMaker Model Building Pipeline Execution Status Change",
                _final_statuses("currentPipelineExecutionStatus", "Succeeded")
                | {"pipelineArn": [self._arn("pipeline", each.name) for each in pipelines]},
            )
        if machines:
            self._follow(
                "MachineEnded",
                "Step Functions Execution Status Change",
                {
                    "status": ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"],
                    "stateMachineArn": [each.machine.state_machine_arn for each in machines],
                },
                source="aws.states",
            )

    def _arn(self, resource: str, name: str) -> str:
        return self._stack.format_arn(service="sagemaker", resource=resource, resource_name=name)

    def _follow(
        self, construct_id: str, detail_type: str, detail: dict[str, Sequence[str]], source: str = "aws.sagemaker"
    ) -> None:
        events.Rule(
            self,
            construct_id,
            description=f"{detail_type} -> MLflow",
            event_pattern=events.EventPattern(source=[source], detail_type=[detail_type], detail=detail),
            targets=[
                targets.LambdaFunction(
                    self.function.function,
                    dead_letter_queue=self.dead_letters,
                    max_event_age=cdk.Duration.hours(24),
                    retry_attempts=10,
                )
            ],
        )

    def _grant_training_jobs(self, role: iam.IRole) -> None:
        iam.Grant.add_to_principal(
            grantee=role,
            actions=[f"sagemaker:Describe{TRAINING.name}", "sagemaker:ListTags"],
            resource_arns=[TRAINING.arn(self._stack, "*")],
        )
        group = self._stack.format_arn(
            service="logs",
            resource="log-group",
            resource_name=TRAINING.log_group,
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        iam.Grant.add_to_principal(
            grantee=role, actions=["logs:DescribeLogStreams", "logs:GetLogEvents"], resource_arns=[group, f"{group}:*"]
        )

    def _grant_pipeline(self, role: iam.IRole, pipeline: FollowedPipeline) -> None:
        iam.Grant.add_to_principal(
            grantee=role,
            actions=[
                "sagemaker:DescribePipelineDefinitionForExecution",
                "sagemaker:DescribePipelineExecution",
                "sagemaker:ListPipelineExecutionSteps",
                "sagemaker:ListPipelineParametersForExecution",
            ],
            resource_arns=[self._arn("pipeline", f"{pipeline.name}/execution/*")],
        )
        iam.Grant.add_to_principal(
            grantee=role,
            actions=[f"sagemaker:Describe{PROCESSING.name}"],
            resource_arns=[PROCESSING.arn(self._stack, NAMED_BY_SAGEMAKER)],
        )
        (pipeline.executions / "*" / EVALUATIONS).grant_read(role)

    def _grant_machine(self, role: iam.IRole, pipeline: TrainingPipeline) -> None:
        iam.Grant.add_to_principal(
            grantee=role,
            actions=["states:DescribeExecution"],
            resource_arns=[
                self._stack.format_arn(
                    service="states",
                    resource="execution",
                    resource_name=f"{pipeline.name}:*",
                    arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
                )
            ],
        )
        pipeline.runs.grant(role, "GetItem")
        pipeline.evaluations.grant_read(role)


def _final_statuses(member: str, success: str) -> dict[str, Sequence[str]]:
    return {member: [success, "Failed", "Stopped"]}
