"""Processing jobs: an application of the image, in the `/opt/ml/processing` tree that AWS documents."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from localsagemaker.errors import ServiceError
from localsagemaker.jobs.artifacts import upload_tree
from localsagemaker.jobs.channels import below_opt_ml, fetch, source
from localsagemaker.jobs.job import DEFAULT_LIMIT_S, Ending, Instance, Job, Program
from localsagemaker.kernel.files import read_text, write_json
from localsagemaker.kernel.host import Objects
from localsagemaker.kernel.resources import now

PROCESSING = PurePosixPath("/opt/ml/processing")


class ProcessingJob(Job):
    """Runs the application of `CreateProcessingJob`."""

    kind = "ProcessingJob"

    def _program(self) -> Program:
        application = self.request["AppSpecification"]
        for member in ("ContainerArguments", "ContainerEntrypoint"):
            if "" in application.get(member, ()):
                raise ServiceError(
                    "ValidationException",
                    f"Found null or empty string in {member} at index {application[member].index('')}. "
                    "ContainerArguments and ContainerEntrypoint may not contain null or empty strings.",
                )
        return Program(
            image=application["ImageUri"],
            arguments=application.get("ContainerArguments"),
            entrypoint=application.get("ContainerEntrypoint"),
            environment=self.request.get("Environment", {}),
            isolated=bool(self.request.get("NetworkConfig", {}).get("EnableNetworkIsolation")),
            instances=self.request["ProcessingResources"]["ClusterConfig"]["InstanceCount"],
            limit_s=self.request.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", DEFAULT_LIMIT_S),
        )

    def _read(self) -> None:
        self._inputs = {_path(each["S3Input"]): source(each["S3Input"]) for each in self._s3("Input")}
        self._outputs = [(_path(each["S3Output"]), each["S3Output"]) for each in self._s3("Output")]

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


def _path(entry: Mapping[str, Any]) -> str:
    path = entry.get("LocalPath", "")
    if not PurePosixPath(path).is_relative_to(PROCESSING) or ".." in PurePosixPath(path).parts:
        raise ServiceError("ValidationException", f"LocalPath {path!r} must begin with {PROCESSING}/")
    return below_opt_ml(path)
