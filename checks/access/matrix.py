"""The access matrix of one environment: its columns, what could be done, and its rows, who may.

What is not said here is denied. A row is a role, known by its stack and its description; every role of an environment
has one. Each capability has its columns and rows in one file; what there is of it follows from the environment.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from checks.access import experiments, features, labeling, notices, platform, portal, reviews, serving, studio, training
from checks.access.labeling import LIST_ANSWERS
from checks.access.operation import Operation
from checks.access.policies import Environment as Policies
from checks.access.reviews import LIST_PREDICTIONS
from checks.access.trained import Trained, describe
from checks.access.workload import Workload
from ml_constructs.studio.persona import Persona
from stacks.settings import Environment, Feature

WHOLE_BUCKET, DATA_BUCKET = "list the artifacts bucket", "list the data bucket"
"""Whoever lists one sees the names of everybody's files in it: S3 asks for no prefix that a policy does not."""


@dataclass(frozen=True)
class Matrix:
    """The columns and rows of an environment."""

    environment: Environment

    @cached_property
    def systems(self) -> list[Trained]:
        """The environment's systems."""
        return [describe(system) for system in self.environment.systems]

    @property
    def served(self) -> list[Trained]:
        """Those that have endpoints."""
        return [system for system in self.systems if system.serving and self.environment.serves]

    @property
    def reviewed(self) -> list[str]:
        """Names of the systems whose predictions people review."""
        return [system.name for system in self.environment.reviewed]

    @property
    def people(self) -> studio.People:
        """Who works in its Studio."""
        return self.environment.studio.people if self._has(Feature.STUDIO) else {}

    def operations(self) -> Iterator[Operation]:
        """Yield every operation, each name once."""
        yield from training.operations(self.systems)
        yield from serving.operations(self.served)
        if self._has(Feature.FEATURES):
            yield from features.operations()
        if self._has_mlflow:
            yield from experiments.operations()
        if self._has(Feature.STUDIO):
            yield from studio.operations(self.people)
        if self._has(Feature.LABELING):
            yield from labeling.operations(self.environment.labeling, self.systems)
            yield from portal.operations()
            yield from reviews.operations(self.reviewed)
        yield from notices.operations()
        yield from platform.operations(self.systems)

    def workloads(self) -> Iterator[Workload]:
        """Yield the row of every workload; in a sandbox each works outside of a network, and has no right to one."""
        leads = {f"list files of {name}" for name, persona in self.people.items() if persona is Persona.ANNOTATION_LEAD}
        seen = {WHOLE_BUCKET: leads, DATA_BUCKET: self._listed}
        for each in self._workloads():
            row = replace(each, may=each.may.union(*(names for bucket, names in seen.items() if bucket in each.may)))
            yield row if self.environment.closed else row.outside()

    def _workloads(self) -> Iterator[Workload]:
        yield from training.workloads(self.systems)
        yield from serving.workloads(self.served, has_api=self._has(Feature.API), reviewed=self.reviewed)
        if self._has(Feature.FEATURES):
            yield from features.workloads()
        if self._has_mlflow:
            yield from experiments.workloads(self.systems)
        if self._has(Feature.LABELING):
            yield from labeling.workloads(self.environment.labeling, self.systems)
            yield from portal.workloads(self.environment.labeling, self.systems)
            yield from reviews.workloads(self.reviewed)
        yield from notices.workloads(self.systems, self.served)
        yield from platform.workloads(self.systems, list(self.people), self.reviewed)
        if self._has(Feature.STUDIO):
            yield from studio.workloads(
                self.environment.studio,
                self.systems,
                served=self.served,
                features=self._has(Feature.FEATURES),
                mlflow=self._has_mlflow,
                labeling=self._has(Feature.LABELING) and self.environment.labeling.called_from_studio,
            )

    def names(self, policies: Policies) -> dict[str, str]:
        """Names and ARNs of the environment's own things, as operations name them."""
        flow_logs = policies.arn("network", "AWS::Logs::LogGroup", "NetworkFlowLogs").removesuffix("*")
        found = {
            "account": policies.account,
            "region": self.environment.region,
            "environment": policies.name,
            "key": policies.arn("storage", "AWS::KMS::Key", "Key"),
            "letters": policies.arn("storage", "AWS::SQS::Queue"),
            "notices_topic": policies.arn("notices", "AWS::SNS::Topic"),
            "notices_ledger": policies.arn("notices", "AWS::DynamoDB::Table"),
            "notices_letters": policies.arn("notices", "AWS::SQS::Queue"),
            "flow_logs": flow_logs + "log-stream:s",
            "flow_log_group": flow_logs + "log-stream:",
            "any_job_role": f"arn:aws:iam::{policies.account}:role/any",
            "any_runs": f"arn:aws:dynamodb:{self.environment.region}:{policies.account}:table/any",
        }
        for name, prefix in (("data", "Data"), ("artifacts", "Artifacts"), ("access_logs", "AccessLogs")):
            found[name] = policies.arn("storage", "AWS::S3::Bucket", prefix).rpartition(":")[2]
        for stack in platform.stacks(self.systems):
            found[f"{stack}_stack"] = policies.stack(stack)
        if self.systems:
            found["builds"] = policies.arn("images", "AWS::CodeBuild::Project")
            found["source"] = policies.source
        for image in platform.images(self.systems):
            found[f"{image}_image"] = policies.arn("images", "AWS::ECR::Repository", f"{image.title()}Repository")
        for system in self.systems:
            found |= self._names_of(system, policies)
        for system in self.served:
            stack, name = system.serving, system.name
            found[f"{name}_model_role"] = policies.arn(stack, "AWS::IAM::Role", system.model_role)
            found[f"{name}_alarm"] = policies.arn(
                stack, "AWS::CloudWatch::Alarm", f"{system.rollout_prefix}ServerErrors"
            )
            found[f"{name}_letters"] = policies.arn(stack, "AWS::SQS::Queue")
        if self._has_mlflow:
            found["experiments_letters"] = policies.arn("experiments", "AWS::SQS::Queue")
            found["mlflow"] = policies.arn("experiments", "AWS::SageMaker::MlflowApp")
        if self._has(Feature.LABELING):
            found |= labeling.names(self.environment.labeling, policies) | portal.names(policies)
            found |= reviews.names(policies, self.reviewed)
        if self._has(Feature.STUDIO):
            found["studio"] = policies.arn("studio", "AWS::SageMaker::Domain").partition("/")[2]
            found["studio_key"] = policies.arn("studio", "AWS::KMS::Key", "StudioKey")
        return found

    def _names_of(self, system: Trained, policies: Policies) -> dict[str, str]:
        title, stack = system.system.title, system.training
        role = policies.arn(stack, "AWS::IAM::Role", f"{title}{system.training_step}")
        found = {f"{system.name}_job_role": role, "any_job_role": role}
        if system.scripted:
            runs = policies.arn(stack, "AWS::DynamoDB::Table")
            validation = policies.arn(stack, "AWS::Lambda::Function", f"{title}Validation")
            found |= {f"{system.name}_runs": runs, "any_runs": runs, f"{system.name}_validation": validation}
        return found

    @property
    def _listed(self) -> set[str]:
        """What whoever lists the data bucket sees of labeling."""
        return {LIST_ANSWERS, LIST_PREDICTIONS} if self._has(Feature.LABELING) else set()

    @property
    def _has_mlflow(self) -> bool:
        return self._has(Feature.EXPERIMENTS) and bool(self.systems)

    def _has(self, feature: Feature) -> bool:
        return feature in self.environment.features
