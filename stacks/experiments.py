"""Experiments: the runs of every system in one MLflow."""

import aws_cdk as cdk
from constructs import Construct

from ml_constructs.experiments.tracking import ExperimentRecorder, FollowedPipeline, MlflowApp
from ml_constructs.foundation.folder import Folder
from stacks.environments import Environment
from stacks.steps import StepsStack
from stacks.storage import StorageStack
from stacks.vision import VisionStack

METRICS = {"fraud": "roc_auc", "knn": "accuracy"}
"""Which figure of a system's evaluation makes the best run."""


class ExperimentsStack(cdk.Stack):
    """The MLflow app, and the function that records runs in it.

    Pipelines are known by their names, so that a system's stack can go while this one stays.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        storage: StorageStack,
        steps: StepsStack,
        vision: VisionStack | None,
    ) -> None:
        super().__init__(scope, construct_id, description="Experiments in MLflow")
        self.app = MlflowApp(
            self,
            "Mlflow",
            name=f"{environment.name}-experiments",
            artifacts=Folder(storage.artifacts, ["mlflow"]),
            removal_policy=environment.removal_policy,
        )
        ExperimentRecorder(
            self,
            "Recorder",
            app=self.app,
            pipelines=[
                FollowedPipeline(
                    name=f"{environment.name}-{system}",
                    executions=Folder(storage.artifacts, [system, "executions"]),
                    metric=metric,
                )
                for system, metric in METRICS.items()
            ],
            machines=[steps.census, *([vision.training] if vision else [])],
            logs=storage.logs,
            log_level=environment.log_level,
        )
        cdk.CfnOutput(self, "MlflowAppArn", value=self.app.arn)
