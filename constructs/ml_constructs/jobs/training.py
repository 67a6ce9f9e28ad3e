"""Training jobs: the image's own `train`, or a script in it, on channels of data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from ml_constructs.foundation.errors import PipelineError
from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.values import Expression, Value
from ml_constructs.jobs.capacity import ON_DEMAND, Capacity
from ml_constructs.jobs.job import Job, Source
from ml_constructs.jobs.kinds import TRAINING

NUMBER = r"([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?nan|[-+]?inf)"


def metric(name: str) -> tuple[str, str]:
    """Return a metric that the job logs as `name:<number>`, and the pattern that finds it."""
    return name, f"{name}:{NUMBER}"


@dataclass(frozen=True, kw_only=True)
class TrainingJob(Job):
    """Trains a model with the image's own `train`, without a network of its own.

    Hyperparameters are strings in SageMaker: numbers are written as such. `metrics` are name and pattern of the figures
    in the log that become the job's metrics; an algorithm of SageMaker's own brings its metrics itself. `content_type`
    is that of every channel, `input_mode` how they reach the job, `capacity` whose instances it runs on.
    """

    kind = TRAINING
    channels: Mapping[str, Source]
    hyperparameters: Mapping[str, Value]
    output: Folder
    metrics: Sequence[tuple[str, str]] = ()
    content_type: str | None = None
    input_mode: Value = "File"
    capacity: Capacity = ON_DEMAND

    @property
    def limit(self) -> cdk.Duration:
        """How long it may take in all, waiting for spot instances included."""
        return self.capacity.longest(self.instances.limit)

    def check(self, name: str) -> None:
        """Refuse a job without data, and capacity that SageMaker would refuse."""
        if not self.channels:
            raise PipelineError(f"{name} has no channel: a training job needs data.")
        self.capacity.check(name, self.instances.limit)

    def grant_data(self, role: iam.IRole, name: str) -> None:
        """Let `role` read the channels, write the model, and keep checkpoints."""
        for source in self.channels.values():
            source.grant_read(role)
        self.output.grant_write(role)
        if self.capacity.checkpoints:
            (self.capacity.checkpoints / name).grant_synchronize(role)

    def request(self, name: str, role: iam.IRole) -> Mapping[str, object]:
        """Return the request of `CreateTrainingJob`."""
        algorithm: dict[str, object] = {
            "TrainingImage": self.settings.image.uri,
            "TrainingInputMode": self.input_mode,
        }
        if self.metrics:
            algorithm["MetricDefinitions"] = [{"Name": metric_, "Regex": regex} for metric_, regex in self.metrics]
        content_type = {"ContentType": self.content_type} if self.content_type else {}
        return {
            "AlgorithmSpecification": algorithm,
            "RoleArn": role.role_arn,
            "HyperParameters": {key: _text(value) for key, value in self.hyperparameters.items()},
            "InputDataConfig": [
                {"ChannelName": channel, "DataSource": _s3_data_source(source), **content_type}
                for channel, source in self.channels.items()
            ],
            "OutputDataConfig": {"S3OutputPath": self.output.uri, "KmsKeyId": self.settings.key.key_arn},
            "ResourceConfig": {
                "InstanceType": self.instances.type,
                "InstanceCount": self.instances.count,
                "VolumeSizeInGB": self.instances.volume_gb,
                **self.instances.volume_key(self.settings.key),
            },
            **self.capacity.request(name, self.instances.limit),
            **self.settings.vpc_config,
            **self.settings.tagging,
            "EnableNetworkIsolation": True,
            "EnableInterContainerTrafficEncryption": True,
        }


def _s3_data_source(source: Source) -> Mapping[str, object]:
    return {
        "S3DataSource": {
            "S3DataType": "S3Prefix",
            "S3Uri": source.uri,
            "S3DataDistributionType": "FullyReplicated",
        }
    }


def _text(value: Value) -> Value:
    return value.text if isinstance(value, Expression) else str(value)
