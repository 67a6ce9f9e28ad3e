"""Processing jobs: a command of an image, on files that SageMaker copies from S3 and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aws_cdk import aws_iam as iam

from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.values import Value
from ml_constructs.jobs.job import Job, Source, refuse_duplicates
from ml_constructs.jobs.kinds import PROCESSING

BASE = "/opt/ml/processing"


@dataclass(frozen=True)
class ProcessingInput:
    """Objects that the job finds in `/opt/ml/processing/input/<name>`."""

    name: str
    source: Source

    def declaration(self) -> Mapping[str, object]:
        """Return the entry in `ProcessingInputs`."""
        return {
            "InputName": self.name,
            "S3Input": {
                "S3Uri": self.source.uri,
                "LocalPath": f"{BASE}/input/{self.name}",
                "S3DataType": "S3Prefix",
                "S3InputMode": "File",
                "S3DataDistributionType": "FullyReplicated",
            },
        }


@dataclass(frozen=True)
class ProcessingOutput:
    """Files of `/opt/ml/processing/output/<name>`, which go to `folder` when the job ends."""

    name: str
    folder: Folder

    def declaration(self) -> Mapping[str, object]:
        """Return the entry in `Outputs`."""
        return {
            "OutputName": self.name,
            "S3Output": {
                "S3Uri": self.folder.uri,
                "LocalPath": f"{BASE}/output/{self.name}",
                "S3UploadMode": "EndOfJob",
            },
        }


@dataclass(frozen=True, kw_only=True)
class ProcessingJob(Job):
    """Runs `command` of the image on its inputs, without a network of its own."""

    kind = PROCESSING
    entrypoint: Sequence[str]
    command: Sequence[Value] = ()
    inputs: Sequence[ProcessingInput]
    outputs: Sequence[ProcessingOutput]
    environment: Mapping[str, Value] = field(default_factory=dict)

    def check(self, name: str) -> None:
        """Refuse two inputs or outputs of one name."""
        refuse_duplicates(name, "input", [input_.name for input_ in self.inputs])
        refuse_duplicates(name, "output", [output.name for output in self.outputs])

    def grant_data(self, role: iam.IRole, name: str) -> None:
        """Let `role` read the inputs and write the outputs."""
        del name
        for input_ in self.inputs:
            input_.source.grant_read(role)
        for output in self.outputs:
            output.folder.grant_write(role)

    def request(self, name: str, role: iam.IRole) -> Mapping[str, object]:
        """Return the request of `CreateProcessingJob`."""
        del name
        request: dict[str, object] = {
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceType": self.instances.type,
                    "InstanceCount": self.instances.count,
                    "VolumeSizeInGB": self.instances.volume_gb,
                    **self.instances.volume_key(self.settings.key),
                }
            },
            "AppSpecification": {
                "ImageUri": self.settings.image.uri,
                "ContainerEntrypoint": list(self.entrypoint),
                **({"ContainerArguments": list(self.command)} if self.command else {}),
            },
            "RoleArn": role.role_arn,
            "ProcessingInputs": [input_.declaration() for input_ in self.inputs],
            "ProcessingOutputConfig": {
                "Outputs": [output.declaration() for output in self.outputs],
                "KmsKeyId": self.settings.key.key_arn,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": self.instances.limit.to_seconds()},
            "NetworkConfig": {
                "EnableInterContainerTrafficEncryption": True,
                "EnableNetworkIsolation": True,
                **self.settings.vpc_config,
            },
            **self.settings.tagging,
        }
        if self.environment:
            request["Environment"] = self.environment
        return request
