"""The whole platform in one environment."""

import aws_cdk as cdk
from constructs import Construct

from stacks.api import ApiStack
from stacks.budget import BudgetStack
from stacks.environments import Environment, Feature
from stacks.experiments import ExperimentsStack
from stacks.features import FeaturesStack
from stacks.images import ImagesStack
from stacks.knn import KnnStack
from stacks.network import NetworkStack
from stacks.serving import ServingStack
from stacks.steps import StepsStack
from stacks.storage import StorageStack
from stacks.training import TrainingStack
from stacks.vision import VisionStack


class Platform(cdk.Stage):
    """Every stack of one environment, wired; stacks of features that it leaves out are not there."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(
            scope, construct_id, env=cdk.Environment(account=environment.account, region=environment.region)
        )
        storage = StorageStack(self, "storage", environment=environment)
        BudgetStack(self, "budget", environment=environment, storage=storage)
        network = NetworkStack(self, "network", environment=environment, storage=storage)
        self._workloads(environment, storage, network)
        network.connect()

    def _workloads(self, environment: Environment, storage: StorageStack, network: NetworkStack) -> None:
        if Feature.FEATURES in environment.features:
            FeaturesStack(self, "features", environment=environment, storage=storage)
        if Feature.TRAINING not in environment.features:
            return
        images = ImagesStack(self, "images", environment=environment, storage=storage)
        training = TrainingStack(
            self, "training", environment=environment, storage=storage, network=network, images=images
        )
        steps = StepsStack(self, "steps", environment=environment, storage=storage, network=network, images=images)
        vision = (
            VisionStack(self, "vision", environment=environment, storage=storage, network=network, images=images.vision)
            if images.vision
            else None
        )
        if Feature.EXPERIMENTS in environment.features:
            ExperimentsStack(self, "experiments", environment=environment, storage=storage, steps=steps, vision=vision)
        if Feature.SERVING not in environment.features:
            return
        serving = ServingStack(
            self,
            "serving",
            environment=environment,
            storage=storage,
            network=network,
            images=images,
            training=training,
        )
        knn = KnnStack(self, "knn", environment=environment, storage=storage, network=network, images=images)
        if Feature.API not in environment.features:
            return
        ApiStack(
            self,
            "api",
            environment=environment,
            storage=storage,
            network=network,
            serving=serving,
            knn=knn,
            vision=vision,
        )
