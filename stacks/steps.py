"""Training of the census model by a state machine."""

import aws_cdk as cdk
from constructs import Construct

from ml_constructs.foundation.folder import Folder
from ml_constructs.jobs.job import JobSettings
from ml_constructs.machines.algorithm import TABULAR
from ml_constructs.machines.training_pipeline import TrainingPipeline
from stacks.environments import Environment
from stacks.images import ImagesStack
from stacks.network import NetworkStack
from stacks.storage import StorageStack

INSTANCE_TYPE = "ml.m5.xlarge"


class StepsStack(cdk.Stack):
    """The state machine, and the table that says which of its runs is the best."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        storage: StorageStack,
        network: NetworkStack,
        images: ImagesStack,
    ) -> None:
        super().__init__(scope, construct_id, description="Step Functions training pipeline")
        self.census = TrainingPipeline(
            self,
            "Census",
            name=f"{environment.name}-census",
            settings=JobSettings(image=images.tabular, placement=network.jobs, key=storage.key),
            data=Folder(storage.data, ["census", "versions"]),
            scripts=Folder(storage.data, ["census", "scripts", "versions"]),
            runs=Folder(storage.artifacts, ["census", "runs"]),
            algorithm=TABULAR,
            instance_type=INSTANCE_TYPE,
            logs=storage.logs,
            functions=network.functions,
            log_level=environment.log_level,
            removal_policy=environment.removal_policy,
            spot_wait=environment.spot_wait,
        )
        cdk.CfnOutput(self, "CensusStateMachineArn", value=self.census.machine.state_machine_arn)
        cdk.CfnOutput(self, "CensusRunsTableName", value=self.census.runs.table.table_name)
        cdk.CfnOutput(self, "CensusJobPrefix", value=f"{environment.name}-census-")
