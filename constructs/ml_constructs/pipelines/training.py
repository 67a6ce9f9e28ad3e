"""Training steps."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from ml_constructs.foundation.errors import PipelineError
from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.values import Expression, Value
from ml_constructs.jobs.capacity import ON_DEMAND, Capacity
from ml_constructs.jobs.job import Instances, JobSettings, Located, Source, grant_job, job_role, s3_data_source
from ml_constructs.pipelines.step import CAPACITY_RETRY, SERVICE_RETRY, Step

NUMBER = r"([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?nan|[-+]?inf)"


def metric(name: str) -> tuple[str, str]:
    """Return a metric that the job logs as `name:<number>`, and the pattern that finds it."""
    return name, f"{name}:{NUMBER}"


class TrainingStep(Step):
    """Trains a model with the image's own `train`, without a network of its own.

    Hyperparameters are strings in SageMaker: numbers are written as such. `metrics` are name and pattern of the figures
    in the log that become the job's metrics; an algorithm of SageMaker's own brings its metrics itself. `content_type`
    is that of every channel, `input_mode` how they reach the job, `capacity` whose instances it runs on.
    """

    type = "Training"
    retries = (SERVICE_RETRY, CAPACITY_RETRY)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: JobSettings,
        instances: Instances,
        channels: Mapping[str, Source],
        hyperparameters: Mapping[str, Value],
        output: Folder,
        metrics: Sequence[tuple[str, str]] = (),
        content_type: str | None = None,
        input_mode: Value = "File",
        capacity: Capacity = ON_DEMAND,
        depends_on: Sequence[Step] = (),
    ) -> None:
        super().__init__(scope, construct_id, depends_on=depends_on)
        if not channels:
            raise PipelineError(f"{construct_id} has no channel: a training job needs data.")
        capacity.check(construct_id, instances.limit)
        self._settings = settings
        self._instances = instances
        self._channels = dict(channels)
        self._hyperparameters = dict(hyperparameters)
        self._output = output
        self._metrics = tuple(metrics)
        self._content_type = content_type
        self._input_mode = input_mode
        self._capacity = capacity
        self.role = job_role(self, settings, kind="TrainingJobs", description=f"Jobs of the step {construct_id}")
        for source in self._channels.values():
            source.grant_read(self.role)
        output.grant_write(self.role)
        if capacity.checkpoints:
            (capacity.checkpoints / construct_id).grant_synchronize(self.role)

    @property
    def model(self) -> Located:
        """The archive `model.tar.gz` that the job leaves."""
        return Located(self.get("ModelArtifacts.S3ModelArtifacts"), self._output)

    def arguments(self) -> Mapping[str, object]:
        """`CreateTrainingJob` without a name, which SageMaker gives."""
        algorithm: dict[str, object] = {
            "TrainingImage": self._settings.image.uri,
            "TrainingInputMode": self._input_mode,
        }
        if self._metrics:
            algorithm["MetricDefinitions"] = [{"Name": name, "Regex": regex} for name, regex in self._metrics]
        content_type = {"ContentType": self._content_type} if self._content_type else {}
        return {
            "AlgorithmSpecification": algorithm,
            "RoleArn": self.role.role_arn,
            "HyperParameters": {name: _text(value) for name, value in self._hyperparameters.items()},
            "InputDataConfig": [
                {"ChannelName": name, "DataSource": s3_data_source(source), **content_type}
                for name, source in self._channels.items()
            ],
            "OutputDataConfig": {"S3OutputPath": self._output.uri, "KmsKeyId": self._settings.key.key_arn},
            "ResourceConfig": {
                "InstanceType": self._instances.type,
                "InstanceCount": self._instances.count,
                "VolumeSizeInGB": self._instances.volume_gb,
                "VolumeKmsKeyId": self._settings.key.key_arn,
            },
            **self._capacity.request(self.name, self._instances.limit),
            **self._settings.vpc_config,
            "EnableNetworkIsolation": True,
            "EnableInterContainerTrafficEncryption": True,
        }

    def grant_run(self, role: iam.IRole) -> None:
        """Let `role` run the job."""
        grant_job(role, self.role, self._settings, kind="TrainingJob", resource="training-job")


def _text(value: Value) -> Value:
    return value.text if isinstance(value, Expression) else str(value)
