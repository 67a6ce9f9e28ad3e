#!/usr/bin/env python3
"""CDK entry point: one stage per environment, and the rules that guard them all."""

from collections.abc import Iterable, Sequence

import aws_cdk as cdk

from ml_rules.packs import plugins
from ml_rules.templates import Target
from stacks.environments import ENVIRONMENTS, SANDBOX
from stacks.platform import Platform
from stacks.settings import Environment


def target_of(environment: Environment) -> Target:
    """Return what the rules must know of an environment."""
    return Target(
        environment.name,
        environment.account,
        production=environment.in_production,
        lasting=not environment.ephemeral,
        closed=environment.closed,
    )


def build(
    app: cdk.App,
    environments: Iterable[Environment] = ENVIRONMENTS,
    guards: Sequence[cdk.IPolicyValidationPlugin] | None = None,
) -> cdk.App:
    """Add the platform in every environment to `app`, and the rules that guard it."""
    environments = list(environments)
    for environment in environments:
        Platform(app, environment.name, environment=environment)
    cdk.Validations.of(app).add_plugins(*(guards or plugins(map(target_of, environments))))
    return app


if __name__ == "__main__":
    application = cdk.App()
    trials = [SANDBOX] if application.node.try_get_context("sandbox") else []
    build(application, [*ENVIRONMENTS, *trials]).synth()
