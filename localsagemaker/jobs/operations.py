"""The operations on jobs of every kind; a job itself is run by the class that its kind names."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localsagemaker.errors import JobFailed, ServiceError
from localsagemaker.images import Images
from localsagemaker.jobs import kinds
from localsagemaker.jobs.job import Job
from localsagemaker.jobs.kinds import TRAINING_JOB, JobKind
from localsagemaker.jobs.spot import Interruption
from localsagemaker.jobs.training import TrainingJob
from localsagemaker.kernel.authorization import Permissions
from localsagemaker.kernel.events import detail
from localsagemaker.kernel.host import Host, Scope
from localsagemaker.kernel.listing import listing
from localsagemaker.kernel.requests import Handler, Request
from localsagemaker.kernel.resources import Record, Resources, describe

_ENDED = {"Completed", "Failed", "Stopped"}
_CLOSING_S = 60
_CLOSING_GRACE_S = 2.0


class Jobs:
    """Starts jobs, each on a thread of its own, and keeps their records up to date."""

    def __init__(self, host: Host, images: Images, resources: Resources, workdir: Path, grace_s: float) -> None:
        self._host, self._images, self._resources = host, images, resources
        self._workdir, self._grace_s = workdir / "jobs", grace_s
        self._lock = threading.Lock()
        self._rehearsals = 0
        self._running: dict[str, tuple[Job, threading.Thread]] = {}

    @property
    def permissions(self) -> Permissions:
        """What the operations act on: the job that they are named after."""
        return Permissions(kinds.KINDS)

    def operations(self) -> dict[str, Handler]:
        """Return every operation on jobs of every kind."""
        handlers: dict[str, Handler] = {}
        for kind in kinds.KINDS:
            for verb, method in (
                ("Create", self._create),
                ("Describe", self._describe),
                ("Stop", self._stop),
                ("Delete", self._delete),
            ):
                handlers[f"{verb}{kind.name}"] = _bound(method, kind)
            handlers[f"List{kind.name}s"] = _bound(self._list, kind)
        return handlers

    def wait(self, kind: JobKind, scope: Scope, name: str) -> Record:
        """Wait until a job has ended, and return its record."""
        with self._lock:
            found = self._running.get(kind.arn(scope, name))
        if found:
            found[1].join()
        return self._resources.get(kind, scope, name)

    def stop(self, kind: JobKind, scope: Scope, name: str) -> None:
        """Ask a job to end; nothing when it has."""
        with self._lock:
            found = self._running.get(kind.arn(scope, name))
        if found:
            found[0].stop()

    def interrupt(self, name: str, interruption: Interruption) -> None:
        """Take the instances of a training job away, given by its name or ARN, whichever account and region it is in.

        ServiceError `ResourceNotFound` when there is none, `ValidationException` when it cannot be interrupted.
        """
        found = self._resources.everywhere(TRAINING_JOB, name)
        if not found:
            raise ServiceError("ResourceNotFound", f"There is no training job {name}.")
        if len(found) > 1:
            arns = ", ".join(record[TRAINING_JOB.arn_member] for record in found)
            raise ServiceError("ValidationException", f"There are several training jobs {name}, say which: {arns}.")
        with self._lock:
            job, _ = self._running.get(found[0][TRAINING_JOB.arn_member], (None, None))
        if not isinstance(job, TrainingJob):
            status = found[0]["TrainingJobStatus"]
            raise ServiceError("ValidationException", f"{name} has ended already: it is {status}.")
        job.interrupt(interruption)

    def rehearse_interruptions(self, times: int) -> None:
        """Interrupt every spot job that is created from now on so many times, each when a checkpoint was copied."""
        self._rehearsals = times

    def close(self) -> None:
        """Stop every job and wait until none runs."""
        with self._lock:
            running = list(self._running.values())
        for job, _ in running:
            job.stop(grace_s=_CLOSING_GRACE_S)
        for _, thread in running:
            thread.join(_CLOSING_S)

    def _create(self, kind: JobKind, request: Request) -> dict[str, Any]:
        name, scope = request.parameters[kind.key], request.scope
        if self._resources.find(kind, scope, name):
            raise ServiceError(
                "ResourceInUse",
                f"{kind.words.capitalize()} names must be unique within an AWS account and region, and a {kind.words} "
                f"with this name already exists ({kind.arn(scope, name)})",
            )
        self._host.assume(scope, request.parameters["RoleArn"], name)
        job = kind.job(
            request.parameters,
            name=name,
            arn=kind.arn(scope, name),
            scope=scope,
            host=self._host,
            images=self._images,
            workdir=self._workdir,
            update=lambda fields: self._update(kind, scope, name, fields),
            grace_s=self._grace_s,
        )
        if isinstance(job, TrainingJob):
            job.spot.rehearsals = self._rehearsals
        self._resources.add(kind, scope, name, {**kind.job.complete(request.parameters), **kind.initial})
        self._announce(kind, scope, name)
        thread = threading.Thread(target=self._run, args=(job,), name=name, daemon=True)
        with self._lock:
            self._running[job.arn] = (job, thread)
            thread.start()
        return {kind.arn_member: job.arn}

    def _run(self, job: Job) -> None:
        try:
            job.run()
        except JobFailed:
            pass  # its record says so
        finally:
            with self._lock:
                del self._running[job.arn]

    def _update(self, kind: JobKind, scope: Scope, name: str, fields: Mapping[str, Any]) -> None:
        before = self._resources.get(kind, scope, name)
        after = self._resources.update(kind, scope, name, fields)
        if before[kind.announced] != after[kind.announced]:
            self._announce(kind, scope, name)

    def _announce(self, kind: JobKind, scope: Scope, name: str) -> None:
        record = self._resources.get(kind, scope, name)
        arn = record[kind.arn_member]
        body = {**describe(record, f"Describe{kind.name}"), "Tags": self._resources.tags(arn)}
        self._host.put_event(scope, kind.event, detail(body, milliseconds=True), [arn])

    def _describe(self, kind: JobKind, request: Request) -> dict[str, Any]:
        return describe(self._resources.get(kind, request.scope, request.parameters[kind.key]), request.operation)

    def _list(self, kind: JobKind, request: Request) -> dict[str, Any]:
        return listing(request, self._resources.all(kind, request.scope), kind)

    def _stop(self, kind: JobKind, request: Request) -> dict[str, Any]:
        record = self._resources.get(kind, request.scope, request.parameters[kind.key])
        status = record[kind.status]
        if status in _ENDED:
            raise ServiceError(
                "ValidationException",
                f"The request was rejected because the {kind.words} is in status {status}.",
            )
        self.stop(kind, request.scope, record[kind.key])
        return {}

    def _delete(self, kind: JobKind, request: Request) -> dict[str, Any]:
        record = self._resources.get(kind, request.scope, request.parameters[kind.key])
        status = record[kind.status]
        if status not in _ENDED:
            raise ServiceError("ResourceInUse", f"{record[kind.arn_member]} is {status} and cannot be deleted.")
        self._resources.remove(kind, request.scope, record[kind.key])
        return {}


def _bound(method: Any, kind: JobKind) -> Handler:  # noqa: ANN401 - a method that takes a kind before the request
    def handle(request: Request) -> dict[str, Any]:
        answer: dict[str, Any] = method(kind, request)
        return answer

    return handle
