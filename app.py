#!/usr/bin/env python3
"""CDK entry point: one stage per environment, and the rules that guard them all."""

from collections.abc import Iterable

import aws_cdk as cdk

from ml_constructs.rules import SecurityRules
from stacks.environments import ENVIRONMENTS, Environment
from stacks.platform import Platform


def build(app: cdk.App, environments: Iterable[Environment] = ENVIRONMENTS) -> cdk.App:
    """Add the platform in every environment to `app`, and the rules that guard it."""
    for environment in environments:
        Platform(app, environment.name, environment=environment)
    cdk.Validations.of(app).add_plugins(SecurityRules())
    return app


if __name__ == "__main__":
    build(cdk.App()).synth()
