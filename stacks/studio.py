"""Studio: where people work with the platform."""

from dataclasses import replace

import aws_cdk as cdk
from constructs import Construct

from ml_constructs.experiments.tracking import MlflowApp
from ml_constructs.functions.cleanup import StudioEnd
from ml_constructs.labeling.service import LabelingService
from ml_constructs.studio.domain import SpaceSettings, StudioDomain
from ml_constructs.studio.first_notebook import first_notebook
from ml_constructs.studio.notebook import NotebookInstance
from ml_constructs.studio.packages import PackageSource
from ml_constructs.studio.persona import Persona
from ml_constructs.studio.rights import Workplace, grant
from ml_constructs.studio.user import StudioUser
from stacks.foundation import Foundation
from stacks.people import Studio
from stacks.settings import Feature

ARN_SIZE = ("@aws-cdk/aws-iam.arnSizeEstimate", 120)
"""How long the CDK takes an ARN to be that it does not know: it splits policies that would be longer than IAM takes.

A bucket's name has up to 63 characters, and what people may do names folders of few words in it.
"""


def start_script(environment: str, packages: PackageSource | None) -> str:
    """Return what a space runs when it starts; one of somebody without a right to packages starts all the same."""
    login = (
        f'{packages.login_script} || echo "pip has no packages to install: they are for those who write code."\n'
        if packages
        else ""
    )
    return f"#!/bin/bash\n{login}{first_notebook(environment)}"


def _of(studio: Studio, name: str, workplace: Workplace) -> Workplace:
    """Return what one of the people works with: their own systems."""
    every = (workplace.systems, workplace.scripted, workplace.served)
    systems, scripted, served = (studio.systems_of(name, given) for given in every)
    return replace(workplace, systems=systems, scripted=scripted, served=served)


class StudioStack(cdk.Stack):
    """The domain, everybody's role, profile and space with a first notebook, and what ends it all.

    Inside, pip installs from a repository of the environment's own. In a sandbox apps are in SageMaker's own network
    and use public addresses, PyPI's among them.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        on: Foundation,
        mlflow: MlflowApp | None,
        labeling: LabelingService | None,
    ) -> None:
        super().__init__(scope, construct_id, description="Studio domain, people and their rights")
        self.node.set_context(*ARN_SIZE)
        environment, storage = on.environment, on.storage
        settings = environment.studio
        place = on.network.studio()
        packages = (
            PackageSource(
                self, "Packages", name=f"{environment.name}-packages", removal_policy=environment.removal_policy
            )
            if environment.closed
            else None
        )
        domain = StudioDomain(
            self,
            "Studio",
            name=f"{environment.name}-studio",
            placement=place,
            spaces=SpaceSettings(
                instance_types=settings.instance_types,
                idle=cdk.Duration.minutes(settings.idle_minutes),
                longest_idle=cdk.Duration.minutes(settings.longest_idle_minutes),
            ),
            removal_policy=environment.removal_policy,
            internet=not environment.closed,
            start_script=start_script(environment.name, packages),
        )
        workplace = Workplace(
            environment=environment.name,
            data=storage.data,
            artifacts=storage.artifacts,
            access_logs=storage.access_logs,
            systems=sorted(system.name for system in environment.systems),
            scripted=sorted(system.name for system in environment.systems if system.scripted),
            served=sorted(system.name for system in environment.systems if system.serving_stack),
            run_tables=sorted(f"{system.training_stack}-" for system in environment.systems if system.scripted),
            serves=environment.serves,
            has_features=Feature.FEATURES in environment.features,
            mlflow=mlflow,
            labeling=labeling,
        )
        self.people = [
            StudioUser(self, name, domain=domain, name=name, persona=persona)
            for name, persona in settings.people.items()
        ]
        for person in self.people:
            grant(_of(settings, person.name, workplace), person.role, person.persona, home=person.name)
            if packages and person.persona is not Persona.AUDITOR:
                packages.grant_read(person.role)
        end = StudioEnd(
            self,
            "End",
            domain_id=domain.id,
            security_group_id=place.security_group.security_group_id if environment.closed else None,
            keeps_files=not environment.ephemeral,
            holds=[domain.domain, *self.people],
            logs=storage.logs,
        )
        for notebook in settings.notebooks:
            instance = NotebookInstance(
                self,
                f"Notebook-{notebook.user}",
                name=f"{environment.name}-{notebook.user}",
                instance_type=notebook.instance_type,
                volume_gb=notebook.volume_gb,
                idle=cdk.Duration.minutes(notebook.idle_minutes),
                placement=domain.placement,
                removal_policy=environment.removal_policy,
            )
            theirs = _of(settings, notebook.user, workplace)
            grant(theirs, instance.role, settings.people[notebook.user], home=notebook.user)
            if packages:
                packages.grant_read(instance.role)
            instance.node.add_dependency(end)  # which waits until nothing is left in the security group
        cdk.CfnOutput(self, "StudioDomainId", value=domain.id)
