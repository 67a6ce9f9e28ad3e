"""Training jobs: the image's own code, in the `/opt/ml` tree that AWS documents."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from localsagemaker.errors import ServiceError
from localsagemaker.jobs.artifacts import pack, upload_tree
from localsagemaker.jobs.channels import Source, fetch, join, source
from localsagemaker.jobs.checkpoints import Checkpoints
from localsagemaker.jobs.instance_groups import describe, groups
from localsagemaker.jobs.job import DEFAULT_LIMIT_S, Ending, Instance, Job, Program
from localsagemaker.jobs.metrics import NAMESPACE, Metrics
from localsagemaker.jobs.progress import Billing, Transitions
from localsagemaker.jobs.spot import Interruption, Spot, longest_wait
from localsagemaker.kernel.files import read_text, write_json
from localsagemaker.kernel.host import DataPoint, Objects
from localsagemaker.kernel.resources import now

EXCEEDED: Mapping[Ending, str] = {"out of time": "MaxRuntimeExceeded", "out of wait": "MaxWaitTimeExceeded"}


class TrainingJob(Job):
    """Runs the algorithm of `CreateTrainingJob`, on instances on demand or on spot instances."""

    kind = "TrainingJob"

    @classmethod
    def complete(cls, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of a request with the defaults that the service fills in."""
        switches = ("EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining", "EnableNetworkIsolation")
        return {
            **dict.fromkeys(switches, False),
            **parameters,
            "AlgorithmSpecification": {"EnableSageMakerMetricsTimeSeries": False}
            | parameters["AlgorithmSpecification"],
            "OutputDataConfig": {"KmsKeyId": ""} | parameters["OutputDataConfig"],
            "ProfilingStatus": "Disabled",  # nothing is profiled here, whatever ProfilerConfig asks for
        }

    def _program(self) -> Program:
        algorithm = self.request["AlgorithmSpecification"]
        if "TrainingImage" not in algorithm:
            raise ServiceError("ValidationException", "AlgorithmSpecification needs a TrainingImage.")
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
            instances=sum(group.count for group in groups(self.request)),
            limit_s=self.request.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", DEFAULT_LIMIT_S),
        )

    def _read(self) -> None:
        self._groups = groups(self.request)
        self._channels = {each["ChannelName"]: self._channel(each) for each in self._requests}
        self._metrics = Metrics(self.name, self.request["AlgorithmSpecification"].get("MetricDefinitions", []))
        self._checkpoints = Checkpoints(self.request)
        self.spot = Spot(longest_wait(self.request, self.program.limit_s))
        self._transitions = Transitions()
        self._billing = Billing()

    def _channel(self, channel: Mapping[str, Any]) -> tuple[Source, Sequence[int]]:
        """Return what a channel means, and the instances that get it: those of the groups that it names, or all."""
        if (data := channel["DataSource"].get("S3DataSource")) is None:
            raise ServiceError("ValidationException", f"Channel {channel['ChannelName']} needs an S3DataSource.")
        named = data.get("InstanceGroupNames") or [group.name for group in self._groups]
        if unknown := [name for name in named if name not in {group.name for group in self._groups}]:
            raise ServiceError(
                "ValidationException", f"Channel {channel['ChannelName']}: no instance group {', '.join(unknown)}."
            )
        return source(data), [index for group in self._groups if group.name in named for index in group.indices]

    def _prepare(self, store: Objects, instance: Instance) -> None:
        base = instance.base_dir
        for name, (wanted, among) in self._channels.items():
            if instance.index in among:
                place, count = among.index(instance.index), len(among)
                fetch(store, wanted, base / "input" / "data" / name, index=place, count=count)
        config = base / "input" / "config"
        for folder in ("model", "output/data", "input/data"):
            (base / folder).mkdir(parents=True, exist_ok=True)
        self._checkpoints.restore(store, instance.name, base)
        if self._checkpoints.are_kept:
            write_json(config / "checkpointconfig.json", self.request["CheckpointConfig"])
        write_json(config / "hyperparameters.json", self.request.get("HyperParameters", {}))
        write_json(
            config / "inputdataconfig.json",
            {each["ChannelName"]: self._describe_channel(each) for each in self._requests},
        )
        write_json(config / "resourceconfig.json", describe(self._groups, instance.index))

    @property
    def _requests(self) -> Sequence[Mapping[str, Any]]:
        channels: Sequence[Mapping[str, Any]] = self.request.get("InputDataConfig", [])
        return channels

    def _describe_channel(self, channel: Mapping[str, Any]) -> dict[str, str]:
        algorithm = self.request["AlgorithmSpecification"]
        described = {
            "TrainingInputMode": channel.get("InputMode") or algorithm.get("TrainingInputMode", "File"),
            "S3DistributionType": channel["DataSource"]["S3DataSource"].get(
                "S3DataDistributionType", "FullyReplicated"
            ),
            "RecordWrapperType": channel.get("RecordWrapperType", "None"),
        }
        return described | ({"ContentType": channel["ContentType"]} if "ContentType" in channel else {})

    def interrupt(self, interruption: Interruption) -> None:
        """Take its instances away; ServiceError `ValidationException` when it has none that could be."""
        if not self.spot.is_used:
            raise ServiceError(
                "ValidationException",
                f"{self.name} runs on demand (without EnableManagedSpotTraining): only spot jobs are interrupted.",
            )
        status = self._fields.get("SecondaryStatus", "Starting")
        if status not in {"Starting", "Downloading", "Training"}:
            raise ServiceError("ValidationException", f"{self.name} is {status}: there is nothing to interrupt.")
        self.spot.interrupt(interruption)

    def _line(self, instance: Instance, line: str) -> None:
        super()._line(instance, line)
        if found := self._metrics.read(line):
            self._publish(found)

    def _publish(self, found: Sequence[DataPoint]) -> None:
        """Put metrics into CloudWatch as the job's role, which has none there without `cloudwatch:PutMetricData`."""
        assert self.caller  # noqa: S101 - it has instances, whose log this is
        with suppress(ServiceError):
            self.host.authorize(self.caller, "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": NAMESPACE})
            self.host.put_metrics(self.scope, found)

    def _look(self, instances: Sequence[Instance]) -> None:
        super()._look(instances)
        self._checkpoints.copy_if_due()

    def _find_ending(self) -> Ending | None:
        spot = self.spot.look(has_copied=self._checkpoints.copied > 0)
        return spot if spot == "out of wait" else super()._find_ending() or spot

    def _grace(self, ending: Ending) -> float:
        return 0.0 if ending == "interrupted" and self.spot.is_lost_at_once else super()._grace(ending)

    def _replace(self) -> Ending | None:
        self._progress("Interrupted")
        self._checkpoints.copied = 0
        return self.spot.wait(self._stop)

    def _run_instances(self, instances: Sequence[Instance], credentials: Mapping[str, str]) -> Ending:
        ending: Ending | None = None
        try:
            ending = super()._run_instances(instances, credentials)
        finally:
            if ending is None or self._grace(ending):
                self._checkpoints.copy()
        return ending

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
            fields["TrainingStartTime"] = self._fields.get("TrainingStartTime", self._billing.begin())
        if phase == "Interrupted":
            self._billing.pause()
        self._tell(fields | self._transitions.begin(secondary))

    def _end(self, status: str, ending: Ending, reason: str | None) -> None:
        secondary = EXCEEDED.get(ending, status)
        ended = now()
        self._billing.pause()
        fields: dict[str, Any] = {
            "TrainingJobStatus": status,
            "TrainingEndTime": ended,
            "FinalMetricDataList": self._metrics.final,
        }
        if started := self._fields.get("TrainingStartTime"):
            fields |= {
                "TrainingTimeInSeconds": max(1, round((ended - started).total_seconds())),
                "BillableTimeInSeconds": self._billing.seconds,
            }
        if "KeepAlivePeriodInSeconds" in self.request["ResourceConfig"]:
            # no instance outlives its job here: the warm pool has ended at once
            fields["WarmPoolStatus"] = {"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": 0}
        self._tell(fields | ({"FailureReason": reason} if reason else {}) | self._transitions.begin(secondary, reason))
