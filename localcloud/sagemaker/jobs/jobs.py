"""Processing and training jobs: the image's own code, in the `/opt/ml` tree that AWS documents."""

import re
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from localcloud.sagemaker.jobs.artifacts import pack, upload_tree
from localcloud.sagemaker.jobs.channels import Source, fetch, join, source
from localcloud.sagemaker.jobs.checkpoints import CheckpointFolder
from localcloud.sagemaker.jobs.job import DEFAULT_LIMIT_S, Ending, Instance, Job, Program, now, read_text, write_json
from localcloud.sagemaker.jobs.spot import SpotJob, longest_wait
from localcloud.sagemaker.kernel.errors import ServiceError
from localcloud.sagemaker.kernel.host import Objects

PROCESSING = PurePosixPath("/opt/ml/processing")


class ProcessingJob(Job):
    """CreateProcessingJob, for real."""

    kind = "ProcessingJob"

    def _program(self) -> Program:
        application = self.request["AppSpecification"]
        self._inputs = {_processing_path(each["S3Input"]): source(each["S3Input"]) for each in self._s3("Input")}
        self._outputs = [(_processing_path(each["S3Output"]), each["S3Output"]) for each in self._s3("Output")]
        return Program(
            image=application["ImageUri"],
            arguments=application.get("ContainerArguments"),
            entrypoint=application.get("ContainerEntrypoint"),
            environment=self.request.get("Environment", {}),
            isolated=bool(self.request.get("NetworkConfig", {}).get("EnableNetworkIsolation")),
            instances=self.request["ProcessingResources"]["ClusterConfig"]["InstanceCount"],
            limit_s=self.request.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", DEFAULT_LIMIT_S),
        )

    def _s3(self, kind: str) -> list[Mapping[str, Any]]:
        """Give the inputs or outputs that the service moves; those that the application manages are left to it."""
        if kind == "Input":
            entries = self.request.get("ProcessingInputs", [])
        else:
            entries = self.request.get("ProcessingOutputConfig", {}).get("Outputs", [])
        for entry in entries:
            if f"S3{kind}" not in entry:
                name = entry.get("InputName") or entry.get("OutputName")
                raise ServiceError(
                    "ValidationException", f"{kind} {name}: only S3{kind} is supported by the local cloud"
                )
        return [entry for entry in entries if not entry.get("AppManaged")]

    def _prepare(self, store: Objects, instance: Instance) -> None:
        base, count = instance.base_dir, self.program.instances
        for path, wanted in self._inputs.items():
            fetch(store, wanted, base / path, index=instance.index, count=count)
        for path, _ in self._outputs:
            (base / path).mkdir(parents=True, exist_ok=True)
        (base / "output").mkdir(parents=True, exist_ok=True)
        hosts = [f"algo-{number + 1}" for number in range(count)]
        write_json(base / "config" / "processingjobconfig.json", {"ProcessingJobArn": self.arn, **self.request})
        write_json(base / "config" / "resourceconfig.json", {"current_host": instance.name, "hosts": hosts})

    def _finish(self, store: Objects, instances: Sequence[Instance]) -> None:
        key = self.request.get("ProcessingOutputConfig", {}).get("KmsKeyId")
        for instance in instances:
            for path, output in self._outputs:
                upload_tree(store, instance.base_dir / path, output["S3Uri"], key)
        if message := self._message(instances[0]):
            self._tell({"ExitMessage": message[:1024]})

    def _message(self, instance: Instance) -> str | None:
        return read_text(instance.base_dir / "output" / "message")

    def _progress(self, phase: str) -> None:
        if phase == "Running":
            self._tell({"ProcessingStartTime": now()})
        self._tell({"ProcessingJobStatus": self._status})

    def _end(self, status: str, ending: Ending, reason: str | None) -> None:
        fields: dict[str, Any] = {"ProcessingJobStatus": status, "ProcessingEndTime": now()}
        if ending == "out of time":
            fields["ExitMessage"] = f"Stopped after MaxRuntimeInSeconds of {self.program.limit_s:g} s."
        self._tell(fields | ({"FailureReason": reason} if reason else {}))


class TrainingJob(SpotJob):
    """CreateTrainingJob, for real."""

    kind = "TrainingJob"

    def _program(self) -> Program:
        algorithm, resources = self.request["AlgorithmSpecification"], self.request["ResourceConfig"]
        if "TrainingImage" not in algorithm:
            raise ServiceError(
                "ValidationException", "AlgorithmName is not supported by the local cloud: TrainingImage is"
            )
        self._channels = {each["ChannelName"]: self._channel(each) for each in self.request.get("InputDataConfig", [])}
        self._metrics = [
            (each["Name"], _pattern(each["Name"], each["Regex"])) for each in algorithm.get("MetricDefinitions", [])
        ]
        self._values: dict[str, dict[str, Any]] = {}
        self._transitions: list[dict[str, Any]] = []
        checkpoints = self.request.get("CheckpointConfig", {})
        self._checkpoint_uri = checkpoints.get("S3Uri")
        self._checkpoint_path = _below_opt_ml(checkpoints.get("LocalPath", "/opt/ml/checkpoints"))
        self._folders: dict[str, CheckpointFolder] = {}
        limit_s = self.request.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", DEFAULT_LIMIT_S)
        self.longest_wait_s, self._created = longest_wait(self.request, limit_s), time.monotonic()
        self._since: datetime | None = None
        self._billed = timedelta()
        self._copied_at = 0.0
        groups = [(group["InstanceType"], group["InstanceCount"]) for group in resources.get("InstanceGroups", [])]
        self._types = [
            kind
            for kind, count in groups or [(resources["InstanceType"], resources.get("InstanceCount", 1))]
            for _ in range(count)
        ]
        if not self._types:
            raise ServiceError("ValidationException", "ResourceConfig needs an InstanceCount of 1 or more.")
        return Program(
            image=algorithm["TrainingImage"],
            arguments=algorithm.get("ContainerArguments", None if "ContainerEntrypoint" in algorithm else ["train"]),
            entrypoint=algorithm.get("ContainerEntrypoint"),
            environment={
                "TRAINING_JOB_NAME": self.name,
                "TRAINING_JOB_ARN": self.arn,
                **self.request.get("Environment", {}),
            },
            isolated=bool(self.request.get("EnableNetworkIsolation")),
            instances=len(self._types),
            limit_s=limit_s,
        )

    def _channel(self, channel: Mapping[str, Any]) -> Source:
        name, data = channel["ChannelName"], channel["DataSource"]
        mode = channel.get("InputMode") or self.request["AlgorithmSpecification"].get("TrainingInputMode", "File")
        if "S3DataSource" not in data or mode == "Pipe" or channel.get("CompressionType", "None") != "None":
            raise ServiceError(
                "ValidationException",
                f"Channel {name}: the local cloud has uncompressed S3DataSource in File or FastFile mode only",
            )
        return source(data["S3DataSource"])

    def _prepare(self, store: Objects, instance: Instance) -> None:
        base, count = instance.base_dir, self.program.instances
        for name, wanted in self._channels.items():
            fetch(store, wanted, base / "input" / "data" / name, index=instance.index, count=count)
        config = base / "input" / "config"
        for folder in ("model", "output/data", "input/data"):
            (base / folder).mkdir(parents=True, exist_ok=True)
        if self._checkpoint_uri:
            key = self.request["OutputDataConfig"].get("KmsKeyId")
            copied = CheckpointFolder(store, base / self._checkpoint_path, self._checkpoint_uri, key)
            copied.restore()
            self._folders[instance.name] = copied
            write_json(config / "checkpointconfig.json", self.request["CheckpointConfig"])
        write_json(config / "hyperparameters.json", self.request.get("HyperParameters", {}))
        write_json(
            config / "inputdataconfig.json", {each["ChannelName"]: self._described(each) for each in self._requested}
        )
        hosts = [f"algo-{number + 1}" for number in range(count)]
        write_json(
            config / "resourceconfig.json",
            {
                "current_host": instance.name,
                "current_instance_type": self._types[instance.index],
                "current_group_name": "homogeneousCluster",
                "hosts": hosts,
                "instance_groups": [
                    {
                        "instance_group_name": "homogeneousCluster",
                        "instance_type": self._types[instance.index],
                        "hosts": hosts,
                    }
                ],
                "network_interface_name": "lo",
            },
        )

    @property
    def _requested(self) -> Sequence[Mapping[str, Any]]:
        channels: Sequence[Mapping[str, Any]] = self.request.get("InputDataConfig", [])
        return channels

    def _described(self, channel: Mapping[str, Any]) -> dict[str, str]:
        algorithm = self.request["AlgorithmSpecification"]
        described = {
            "TrainingInputMode": channel.get("InputMode") or algorithm.get("TrainingInputMode", "File"),
            "S3DistributionType": channel["DataSource"]["S3DataSource"].get(
                "S3DataDistributionType", "FullyReplicated"
            ),
            "RecordWrapperType": channel.get("RecordWrapperType", "None"),
        }
        return described | ({"ContentType": channel["ContentType"]} if "ContentType" in channel else {})

    def _line(self, instance: Instance, line: str) -> None:
        super()._line(instance, line)
        for name, pattern in self._metrics:
            if found := pattern.search(line):
                try:
                    value = float(found[1])
                except (ValueError, IndexError):
                    continue
                self._values[name] = {"MetricName": name, "Value": value, "Timestamp": now()}

    def _look(self, instances: Sequence[Instance]) -> None:
        super()._look(instances)
        if time.monotonic() - self._copied_at > COPY_S:
            self._copy_checkpoints()

    def _run_instances(self, instances: Sequence[Instance], credentials: Mapping[str, str]) -> Ending:
        ending: Ending | None = None
        try:
            ending = super()._run_instances(instances, credentials)
        finally:
            if ending is None or self._grace(ending):
                self._copy_checkpoints()
        return ending

    def _copy_checkpoints(self) -> None:
        self._copied += sum(folder.copy() for folder in self._folders.values())
        self._copied_at = time.monotonic()

    def _finish(self, store: Objects, instances: Sequence[Instance]) -> None:
        output = self.request["OutputDataConfig"]
        target, key = join(output["S3OutputPath"], self.name, "output"), output.get("KmsKeyId")
        models = [instance.base_dir / "model" for instance in instances]
        results = [instance.base_dir / "output" / "data" for instance in instances]
        if output.get("CompressionType") == "NONE":
            for model, result in zip(models, results, strict=True):
                upload_tree(store, model, join(target, "model"), key)
                upload_tree(store, result, join(target, "data"), key)
            artifacts = join(target, "model") + "/"
        else:
            artifacts = join(target, "model.tar.gz")
            store.upload(pack(models, instances[0].base_dir / "model.tar.gz"), artifacts, key)
            if any(any(result.iterdir()) for result in results):
                packed = pack(results, instances[0].base_dir / "output.tar.gz")
                store.upload(packed, join(target, "output.tar.gz"), key)
        self._tell({"ModelArtifacts": {"S3ModelArtifacts": artifacts}})

    def _message(self, instance: Instance) -> str | None:
        return read_text(instance.base_dir / "output" / "failure")

    def _progress(self, phase: str) -> None:
        secondary = "Training" if phase == "Running" else phase
        fields: dict[str, Any] = {"TrainingJobStatus": self._status}
        if phase == "Running":
            self._since = now()
            fields["TrainingStartTime"] = self._fields.get("TrainingStartTime", self._since)
        if phase == "Interrupted":
            self._bill()
        self._tell(fields | self._transition(secondary))

    def _end(self, status: str, ending: Ending, reason: str | None) -> None:
        secondary = EXCEEDED.get(ending, status)
        ended = now()
        self._bill()
        fields: dict[str, Any] = {
            "TrainingJobStatus": status,
            "TrainingEndTime": ended,
            "FinalMetricDataList": list(self._values.values()),
        }
        if started := self._fields.get("TrainingStartTime"):
            fields |= {
                "TrainingTimeInSeconds": max(1, round((ended - started).total_seconds())),
                "BillableTimeInSeconds": max(1, round(self._billed.total_seconds())),
            }
        self._tell(fields | ({"FailureReason": reason} if reason else {}) | self._transition(secondary, reason))

    def _bill(self) -> None:
        """Add the time since the instances began to train; waiting for others is not billed."""
        if self._since:
            self._billed += now() - self._since
        self._since = None

    def _transition(self, status: str, message: str | None = None) -> dict[str, Any]:
        """SecondaryStatus and its history, with `status` begun now."""
        moment = now()
        if self._transitions:
            self._transitions[-1]["EndTime"] = moment
        self._transitions.append({"Status": status, "StartTime": moment, "StatusMessage": message or MESSAGES[status]})
        if status in ENDS:
            self._transitions[-1]["EndTime"] = moment
        return {"SecondaryStatus": status, "SecondaryStatusTransitions": [dict(each) for each in self._transitions]}


EXCEEDED: Mapping[Ending, str] = {"out of time": "MaxRuntimeExceeded", "out of wait": "MaxWaitTimeExceeded"}
ENDS = frozenset({"Completed", "Failed", "Stopped", *EXCEEDED.values()})
COPY_S = 0.5
"""Seconds between two looks at the checkpoints of a running job."""

MESSAGES = {
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading input data",
    "Interrupted": "Spot instances were interrupted; waiting for others",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Stopping": "Stopping the training job",
    "Completed": "Training job completed",
    "Stopped": "Training job stopped",
    "Failed": "Training job failed",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
    "MaxWaitTimeExceeded": "Training job exceeded MaxWaitTimeInSeconds provided",
}


def _pattern(name: str, regex: str) -> re.Pattern[str]:
    try:
        return re.compile(regex)
    except re.error as error:
        raise ServiceError("ValidationException", f"Metric definition {name} has an invalid Regex: {error}") from error


def _below_opt_ml(path: str) -> str:
    try:
        return PurePosixPath(path).relative_to("/opt/ml").as_posix()
    except ValueError as error:
        raise ServiceError("ValidationException", f"LocalPath {path} must begin with /opt/ml/") from error


def _processing_path(entry: Mapping[str, Any]) -> str:
    path = entry.get("LocalPath", "")
    if not PurePosixPath(path).is_relative_to(PROCESSING) or ".." in PurePosixPath(path).parts:
        raise ServiceError("ValidationException", f"LocalPath {path!r} must begin with {PROCESSING}/")
    return _below_opt_ml(path)
