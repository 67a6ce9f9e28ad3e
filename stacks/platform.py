"""The whole platform in one environment."""

import aws_cdk as cdk
from constructs import Construct

from ml_constructs.foundation.tags import add_tags
from stacks.api import ApiStack
from stacks.budget import BudgetStack
from stacks.experiments import ExperimentsStack
from stacks.features import FeaturesStack
from stacks.foundation import Foundation
from stacks.labeling import LabelingStack
from stacks.notices import NoticesStack
from stacks.settings import Environment, Feature
from stacks.studio import StudioStack


class Platform(cdk.Stage):
    """Every stack of one environment, wired; stacks of features and systems that it leaves out are not there.

    Those of an environment that keeps its data are protected from deletion: `cdk destroy` takes none by mistake.
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(
            scope, construct_id, env=cdk.Environment(account=environment.account, region=environment.region)
        )
        base = Foundation(self, environment)
        add_tags(self, base.tags())
        NoticesStack(self, "notices", on=base)
        if environment.spending:
            BudgetStack(self, "budget", on=base, spending=environment.spending)
        if Feature.FEATURES in environment.features:
            FeaturesStack(self, "features", on=base)
        labeling = None
        if Feature.LABELING in environment.features:
            service = LabelingStack(self, "labeling", on=base).service
            labeling = service if environment.labeling.called_from_studio else None
        systems = {system: system.deploy(self, on=base) for system in environment.systems}
        mlflow = None
        if Feature.EXPERIMENTS in environment.features and systems:
            mlflow = ExperimentsStack(self, "experiments", on=base, systems=systems).app
        if Feature.API in environment.features and any(deployed.rollout for deployed in systems.values()):
            ApiStack(self, "api", on=base, systems=systems)
        if Feature.STUDIO in environment.features:
            StudioStack(self, "studio", on=base, mlflow=mlflow, labeling=labeling)
        base.network.connect()
        for stack in self.node.children:
            if isinstance(stack, cdk.Stack):
                stack.termination_protection = not environment.ephemeral
