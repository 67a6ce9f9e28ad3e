"""Experiments: the runs of every system in one MLflow."""

from collections.abc import Mapping

import aws_cdk as cdk
from constructs import Construct

from ml_constructs.experiments.tracking import ExperimentRecorder, FollowedPipeline, MlflowApp
from ml_constructs.foundation.folder import Folder
from stacks.foundation import Foundation
from stacks.systems.system import Deployed, System


class ExperimentsStack(cdk.Stack):
    """The MLflow app, and the function that records runs in it.

    Pipelines are known by their names, so that a system's stack can go while this one stays.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, on: Foundation, systems: Mapping[System, Deployed]
    ) -> None:
        super().__init__(scope, construct_id, description="Experiments in MLflow")
        self.app = MlflowApp(
            self,
            "Mlflow",
            name=on.name("experiments"),
            artifacts=Folder(on.storage.artifacts, ["mlflow"]),
            removal_policy=on.environment.removal_policy,
        )
        ExperimentRecorder(
            self,
            "Recorder",
            app=self.app,
            pipelines=[
                FollowedPipeline(name=on.name(system.name), executions=on.executions(system.name), metric=system.metric)
                for system in systems
                if not system.scripted
            ],
            machines=[deployed.machine for deployed in systems.values() if deployed.machine],
            functions=on.functions,
        )
        cdk.CfnOutput(self, "MlflowAppArn", value=self.app.arn)
