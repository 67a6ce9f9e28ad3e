"""The whole platform in one environment."""

import aws_cdk as cdk
from constructs import Construct

from ml_constructs.experiments.tracking import MlflowApp
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
from stacks.studio import StudioStack
from stacks.training import TrainingStack
from stacks.vision import VisionStack


class Platform(cdk.Stage):
    """Every stack of one environment, wired; stacks of features that it leaves out are not there."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(
            scope, construct_id, env=cdk.Environment(account=environment.account, region=environment.region)
        )
        self._environment = environment
        self._storage = StorageStack(self, "storage", environment=environment)
        BudgetStack(self, "budget", environment=environment, storage=self._storage)
        self._network = NetworkStack(self, "network", environment=environment, storage=self._storage)
        if Feature.FEATURES in environment.features:
            FeaturesStack(self, "features", environment=environment, storage=self._storage)
        mlflow = self._systems() if Feature.TRAINING in environment.features else None
        if Feature.STUDIO in environment.features:
            StudioStack(
                self,
                "studio",
                environment=environment,
                storage=self._storage,
                network=self._network,
                mlflow=mlflow,
            )
        self._network.connect()

    def _systems(self) -> MlflowApp | None:
        """Add what trains and serves; return where runs are recorded."""
        environment, storage, network = self._environment, self._storage, self._network
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
        mlflow = None
        if Feature.EXPERIMENTS in environment.features:
            experiments = ExperimentsStack(
                self, "experiments", environment=environment, storage=storage, steps=steps, vision=vision
            )
            mlflow = experiments.app
        if Feature.SERVING in environment.features:
            self._serve(images, training, vision)
        return mlflow

    def _serve(self, images: ImagesStack, training: TrainingStack, vision: VisionStack | None) -> None:
        """Add endpoints, and what asks them."""
        environment, storage, network = self._environment, self._storage, self._network
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
        if Feature.API in environment.features:
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
