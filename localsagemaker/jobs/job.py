"""What jobs of every kind share: instances that run an image to its end, or until stopped or out of time."""

import shutil
import tempfile
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Literal

from localsagemaker.errors import JobFailed, ServiceError
from localsagemaker.images import Image, Images, Running
from localsagemaker.jobs.channels import InputError
from localsagemaker.kernel.host import Caller, Host, Objects, Scope
from localsagemaker.kernel.log_stream import LogStream
from localsagemaker.kernel.resources import Update, now

Ending = Literal["ended", "stopped", "out of time", "out of wait", "interrupted"]

LONGEST_REASON = 1024
DEFAULT_LIMIT_S = 24 * 60 * 60
POLL_S = 0.1


def ignore(_: Mapping[str, Any]) -> None:
    """For a job whose progress nobody follows."""


@dataclass(frozen=True)
class Program:
    """What each instance of a job runs."""

    image: str
    arguments: Sequence[str] | None
    entrypoint: Sequence[str] | None
    environment: Mapping[str, str]
    isolated: bool
    instances: int
    limit_s: float


@dataclass(frozen=True)
class Instance:
    """One machine of the job: its name (`algo-1`, …), its /opt/ml, and its log."""

    index: int
    name: str
    base_dir: Path
    log: LogStream


class Job(ABC):
    """A job that runs once. `run` blocks; `stop` may be called from any thread."""

    kind: str
    """Its name in the API, such as `TrainingJob`: the prefix of its fields and its log group."""

    def __init__(  # noqa: PLR0913 - keyword-only
        self,
        request: Mapping[str, Any],
        *,
        name: str,
        arn: str,
        scope: Scope,
        host: Host,
        images: Images,
        workdir: Path,
        update: Update = ignore,
        grace_s: float = 120.0,
    ) -> None:
        """Take a valid Create request; ServiceError `ValidationException` for what cannot be run here.

        The job works in a folder of its own under `workdir`, which it removes. `grace_s` is the time in seconds
        between SIGTERM and SIGKILL.
        """
        self.request = request
        self.name = name
        self.arn = arn
        self.scope = scope
        self.host = host
        self.role = str(request["RoleArn"])
        self.program = self._program()
        self._read()
        self.image: Image = images.find(self.program.image)
        self.caller: Caller | None = None
        self._workdir = workdir
        self._update = update
        self._grace_s = grace_s
        self._stop = threading.Event()
        self._stopping = False
        self._left_s = self.program.limit_s
        self._deadline = 0.0
        self._fields: dict[str, Any] = {}

    @classmethod
    def complete(cls, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of a request with the defaults that the service fills in."""
        return dict(parameters)

    def stop(self, grace_s: float | None = None) -> None:
        """Ask the job to stop; `run` returns when it did. `grace_s` replaces the time between SIGTERM and SIGKILL."""
        if grace_s is not None:
            self._grace_s = grace_s
        self._stop.set()

    def run(self) -> dict[str, Any]:
        """Run to the end and return the final fields; JobFailed with the reason, told to `update` too, if it fails."""
        self._workdir.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{self.name}-", dir=self._workdir))
        key, grant = self._volume_key(), ""
        try:
            if key:
                grant = self.host.grant_volume(self.scope, self.role, key)
            self._work(folder)
        except JobFailed as failure:
            self._fail(str(failure))
            raise
        except (InputError, ServiceError) as error:
            reason = self._fail(f"ClientError: {error}")
            raise JobFailed(reason) from error
        except Exception as error:
            reason = self._fail(f"InternalServerError: {type(error).__name__}: {error}")
            raise JobFailed(reason) from error
        finally:
            self.host.retire_grant(grant)
            shutil.rmtree(folder, ignore_errors=True)
        return dict(self._fields)

    @abstractmethod
    def _program(self) -> Program:
        """Return what the request wants to be run."""

    @abstractmethod
    def _read(self) -> None:
        """Read what the job needs beside its program; ServiceError `ValidationException` for what cannot be run."""

    @abstractmethod
    def _prepare(self, store: Objects, instance: Instance) -> None:
        """Make one instance's /opt/ml: input data and configuration."""

    @abstractmethod
    def _finish(self, store: Objects, instances: Sequence[Instance]) -> None:
        """Upload what the instances made."""

    @abstractmethod
    def _progress(self, phase: str) -> None:
        """Tell that `Starting`, `Downloading`, `Running`, `Stopping` or `Uploading` begins."""

    @abstractmethod
    def _end(self, status: str, ending: Ending, reason: str | None) -> None:
        """Tell that the job ended as `Completed`, `Stopped` or `Failed`."""

    @abstractmethod
    def _message(self, instance: Instance) -> str | None:
        """Read what the container itself wrote about its failure."""

    def _line(self, instance: Instance, line: str) -> None:
        """Take one line of output."""
        instance.log.write(line)

    def _find_ending(self) -> Ending | None:
        """Return how the instances that run must end now, if they must."""
        if self._stop.is_set():
            return "stopped"
        return "out of time" if time.monotonic() > self._deadline else None

    def _grace(self, ending: Ending) -> float:
        """Return the seconds between SIGTERM and SIGKILL."""
        del ending
        return self._grace_s

    def _replace(self) -> Ending | None:
        """Wait until instances that were taken away can be had again; how the job ends instead, if it does.

        On demand there are others at once.
        """
        return None

    def _look(self, instances: Sequence[Instance]) -> None:
        """Do what is to be done beside running instances, every `POLL_S`."""
        for instance in instances:
            instance.log.flush()

    @property
    def _status(self) -> str:
        """Status of a job that has not ended."""
        return "Stopping" if self._stopping else "InProgress"

    def _tell(self, fields: Mapping[str, Any]) -> None:
        self._fields.update(fields)
        self._update({**fields, "LastModifiedTime": now()})

    def _fail(self, reason: str) -> str:
        reason = reason[:LONGEST_REASON]
        self._end("Failed", "ended", reason)
        return reason

    def _work(self, folder: Path) -> None:
        for attempt in count(1):
            if self._attempt(folder / str(attempt)) != "interrupted":
                return
            shutil.rmtree(folder / str(attempt), ignore_errors=True)
            if given_up := self._replace():
                self._stopping = True
                self._progress("Stopping")
                self._end("Stopped", given_up, None)
                return

    def _attempt(self, folder: Path) -> Ending:
        """Run on instances of its own, to the end of the job or until they are taken away."""
        self._progress("Starting")
        subnets = self._subnets()
        self.caller, credentials = self.host.assume(self.scope, self.role, self.name[:64], subnets=subnets)
        store = self.host.objects(self.scope, self.role, subnets=subnets)
        group = f"/aws/sagemaker/{self.kind}s"
        started = int(time.time())
        instances = [
            Instance(
                index=index,
                name=f"algo-{index + 1}",
                base_dir=folder / f"algo-{index + 1}",
                log=LogStream(self.host, self.scope, group, f"{self.name}/algo-{index + 1}-{started}"),
            )
            for index in range(self.program.instances)
        ]
        self._progress("Downloading")
        for instance in instances:
            if not self._stop.is_set():
                self._prepare(store, instance)
        if self._stop.is_set():
            self._end("Stopped", "stopped", None)
            return "stopped"
        self._progress("Running")
        ending = self._run_instances(instances, {} if self.program.isolated else credentials)
        if ending != "interrupted":
            self._progress("Uploading")
            self._finish(store, instances)
            self._end("Completed" if ending == "ended" else "Stopped", ending, None)
        return ending

    def _volume_key(self) -> str | None:
        """Return the key of the volumes of its instances."""
        found = self.request.get("ResourceConfig") or self.request.get("ProcessingResources", {}).get(
            "ClusterConfig", {}
        )
        key: str | None = found.get("VolumeKmsKeyId")
        return key

    def _subnets(self) -> Sequence[str]:
        """Where the instances are, which move their data from there; none when they are SageMaker's own."""
        config = self.request.get("VpcConfig") or self.request.get("NetworkConfig", {}).get("VpcConfig", {})
        subnets: Sequence[str] = config.get("Subnets", ())
        return subnets

    def _run_instances(self, instances: Sequence[Instance], credentials: Mapping[str, str]) -> Ending:
        """Run the image on every instance; JobFailed when one of them fails."""
        environment = {"AWS_REGION": self.scope.region, **credentials, **self.program.environment}
        running: dict[str, Running] = {}
        self._deadline = time.monotonic() + self._left_s
        try:
            for instance in instances:
                running[instance.name] = self.image.run(
                    base_dir=instance.base_dir,
                    log=partial(self._line, instance),
                    arguments=self.program.arguments,
                    entrypoint=self.program.entrypoint,
                    environment=environment,
                    isolated=self.program.isolated,
                )
            return self._watch(instances, running)
        finally:
            self._left_s = self._deadline - time.monotonic()
            for each in running.values():
                each.kill()
            for instance in instances:
                instance.log.flush()

    def _watch(self, instances: Sequence[Instance], running: Mapping[str, Running]) -> Ending:
        while left := [instance for instance in instances if running[instance.name].poll() is None]:
            if ending := self._find_ending():
                if ending != "interrupted":
                    self._stopping = True
                    self._progress("Stopping")
                grace_s = self._grace(ending)
                for instance in left if grace_s else ():
                    running[instance.name].terminate()
                patience = time.monotonic() + grace_s
                for instance in left:
                    running[instance.name].wait(max(0.0, patience - time.monotonic()))
                return ending
            self._check(instances, running)
            running[left[0].name].wait(POLL_S)
            self._look(instances)
        self._check(instances, running)
        return "ended"

    def _check(self, instances: Sequence[Instance], running: Mapping[str, Running]) -> None:
        for instance in instances:
            code = running[instance.name].poll()
            if code:
                text = self._message(instance) or "\n".join(running[instance.name].last_errors).strip()
                tail = f", exit code: {code}"
                room = LONGEST_REASON - len("AlgorithmError: ") - len(tail)
                raise JobFailed(f"AlgorithmError: {text[:room]}{tail}")
