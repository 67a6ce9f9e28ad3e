"""Processing steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import aws_iam as iam
from constructs import Construct

from ml_constructs.foundation.errors import PipelineError
from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.values import JsonGet, Value
from ml_constructs.jobs.job import Instances, JobSettings, Located, Source, grant_job, job_role
from ml_constructs.pipelines.step import CAPACITY_RETRY, SERVICE_RETRY, PropertyFile, Step

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


class ProcessingStep(Step):
    """Runs `command` of the image on its inputs, without a network of its own."""

    type = "Processing"
    retries = (SERVICE_RETRY, CAPACITY_RETRY)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: JobSettings,
        entrypoint: Sequence[str],
        command: Sequence[Value],
        instances: Instances,
        inputs: Sequence[ProcessingInput],
        outputs: Sequence[ProcessingOutput],
        property_files: Sequence[PropertyFile] = (),
        environment: Mapping[str, Value] | None = None,
        depends_on: Sequence[Step] = (),
    ) -> None:
        super().__init__(scope, construct_id, depends_on=depends_on)
        self._settings = settings
        self._entrypoint = tuple(entrypoint)
        self._command = tuple(command)
        self._instances = instances
        self._inputs = tuple(inputs)
        self._outputs = {output.name: output for output in outputs}
        self._property_files = tuple(property_files)
        self._environment = dict(environment or {})
        self._refuse_ambiguity(outputs)
        self.role = job_role(self, settings, kind="ProcessingJobs", description=f"Jobs of the step {construct_id}")
        for input_ in self._inputs:
            input_.source.grant_read(self.role)
        for output in outputs:
            output.folder.grant_write(self.role)

    @property
    def property_files(self) -> Sequence[PropertyFile]:
        """Documents among the outputs that `JsonGet` may read."""
        return self._property_files

    def output(self, name: str) -> Located:
        """Return what the job wrote as its output `name`."""
        if name not in self._outputs:
            raise PipelineError(f"{self.name} has no output {name!r}: it has {', '.join(self._outputs)}.")
        uri = self.get(f"ProcessingOutputConfig.Outputs['{name}'].S3Output.S3Uri")
        return Located(uri, self._outputs[name].folder)

    def json(self, property_file: str, path: str) -> JsonGet:
        """Return the value at `path` of a property file."""
        return JsonGet(self.name, property_file, path)

    def arguments(self) -> Mapping[str, object]:
        """`CreateProcessingJob` without a name, which SageMaker gives."""
        request: dict[str, object] = {
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceType": self._instances.type,
                    "InstanceCount": self._instances.count,
                    "VolumeSizeInGB": self._instances.volume_gb,
                    "VolumeKmsKeyId": self._settings.key.key_arn,
                }
            },
            "AppSpecification": {
                "ImageUri": self._settings.image.uri,
                "ContainerEntrypoint": list(self._entrypoint),
                **({"ContainerArguments": list(self._command)} if self._command else {}),
            },
            "RoleArn": self.role.role_arn,
            "ProcessingInputs": [input_.declaration() for input_ in self._inputs],
            "ProcessingOutputConfig": {
                "Outputs": [output.declaration() for output in self._outputs.values()],
                "KmsKeyId": self._settings.key.key_arn,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": self._instances.limit.to_seconds()},
            "NetworkConfig": {
                "EnableInterContainerTrafficEncryption": True,
                "EnableNetworkIsolation": True,
                **self._settings.vpc_config,
            },
        }
        if self._environment:
            request["Environment"] = self._environment
        return request

    def members(self) -> Mapping[str, object]:
        """Return the property files."""
        if not self._property_files:
            return {}
        return {"PropertyFiles": [file.declaration() for file in self._property_files]}

    def grant_run(self, role: iam.IRole) -> None:
        """Let `role` run the job, and read the property files."""
        grant_job(role, self.role, self._settings, kind="ProcessingJob", resource="processing-job")
        for file in self._property_files:
            self._outputs[file.output].folder.grant_read(role)

    def _refuse_ambiguity(self, outputs: Sequence[ProcessingOutput]) -> None:
        for kind, names in (
            ("input", [input_.name for input_ in self._inputs]),
            ("output", [output.name for output in outputs]),
            ("property file", [file.name for file in self._property_files]),
        ):
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise PipelineError(f"{self.name} has the {kind} {twice[0]!r} twice: give each its own name.")
        for file in self._property_files:
            if file.output not in self._outputs:
                raise PipelineError(
                    f"The property file {file.name} of {self.name} lies in the output {file.output!r}, "
                    f"which the step does not have: it has {', '.join(self._outputs)}."
                )
