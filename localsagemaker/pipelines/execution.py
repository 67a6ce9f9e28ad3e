"""One execution of a pipeline: which step runs when, and what became of it."""

import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.events import detail
from localsagemaker.kernel.host import DataPoint, Host, Objects, Scope
from localsagemaker.kernel.resources import now
from localsagemaker.pipelines import metrics, paths, steps
from localsagemaker.pipelines.cache import Result, StepCache
from localsagemaker.pipelines.definition import Definition, Step
from localsagemaker.pipelines.expressions import (
    ParameterReference,
    PropertyFileReference,
    StepFailedError,
    StepReference,
    VariableReference,
)
from localsagemaker.pipelines.parameters import Value
from localsagemaker.pipelines.step_run import StepRun

_REASON_LENGTH = 1024
_SUPERSEDED = {("Stopping", "Executing")}


@dataclass(frozen=True)
class Plan:
    """What an execution was started with, all of it fixed from then on."""

    arn: str
    pipeline_arn: str
    scope: Scope
    role_arn: str
    definition: Definition
    definition_text: str
    version: int
    parameters: Mapping[str, Value]
    parallel: int
    display_name: str
    description: str | None = None

    @property
    def id(self) -> str:
        """The last part of the ARN."""
        return self.arn.rsplit("/", 1)[-1]

    @property
    def pipeline(self) -> str:
        """The name of the pipeline."""
        return self.pipeline_arn.rsplit("/", 1)[-1]


class Execution:
    """A running or ended execution; one thread decides, one more per running step works.

    A step starts when all steps that it refers to or depends on have succeeded and its branch was chosen. A step that
    fails keeps the steps that need it from starting; the others go on. A Fail step lets nothing start any more. A step
    with a CacheConfig takes the result of an earlier run with the same arguments.
    """

    def __init__(self, plan: Plan, host: Host, service: steps.Service, cache: StepCache, time_scale: float) -> None:
        self.plan = plan
        self.status = "Executing"
        self.start = self.changed = now()
        self.reason: str | None = None
        self._host, self._service, self._cache, self._time_scale = host, service, cache, time_scale
        self._lock = threading.RLock()
        self._runs: dict[str, StepRun] = {}
        self._stopping = threading.Event()
        self._halted = False
        self._ended = threading.Event()

    def begin(self) -> None:
        """Start to run, on a thread of its own."""
        self._announce(None)
        threading.Thread(target=self._run, name=f"pipeline-{self.plan.id}", daemon=True).start()

    def stop(self) -> None:
        """Let no step start any more, and end those that run."""
        with self._lock:
            if self.status != "Executing":
                return
            self._stopping.set()
            self.status, self.changed = "Stopping", now()
            running = [run for run in self._runs.values() if run.status in {"Starting", "Executing"}]
        self._announce("Executing")
        for run in running:
            self._update(run.step.name, status="Stopping")
            steps.stop(run.step, self._service, self.plan.scope, run.name)

    def retry(self, parallel: int | None = None) -> None:
        """Run again what did not succeed, with the results of what did; `ConflictException` unless it has failed.

        At most `parallel` steps run at once, or as many as before.
        """
        with self._lock:
            if self.status not in {"Failed", "Stopped"}:
                raise ServiceError("ConflictException", f"{self.plan.arn} is {self.status} and cannot be retried.")
            self._runs = {name: run for name, run in self._runs.items() if run.status == "Succeeded"}
            self._stopping, self._ended, self._halted, self.reason = threading.Event(), threading.Event(), False, None
            previous, self.status = self.status, "Executing"
            self.plan = replace(self.plan, parallel=parallel or self.plan.parallel)
        self._announce(previous)
        threading.Thread(target=self._run, name=f"pipeline-{self.plan.id}", daemon=True).start()

    def change(self, display_name: str | None, description: str | None, parallel: int | None) -> None:
        """Change how the execution is called and how many steps may start beside others; not what is not given."""
        with self._lock:
            self.plan = replace(
                self.plan,
                display_name=display_name or self.plan.display_name,
                description=self.plan.description if description is None else description,
                parallel=parallel or self.plan.parallel,
            )

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the execution has ended; whether it has."""
        return self._ended.wait(seconds)

    def runs(self) -> list[StepRun]:
        """Return every step that has started, in that order."""
        with self._lock:
            return list(self._runs.values())

    def objects(self) -> Objects:
        """S3 as the pipeline's role sees it."""
        return self._host.objects(self.plan.scope, self.plan.role_arn)

    def _run(self) -> None:
        done: queue.SimpleQueue[str] = queue.SimpleQueue()
        running: set[str] = set()
        while True:
            for step in self._ready()[: max(0, self.plan.parallel - len(running))]:
                running.add(step.name)
                self._begin(step, done)
            if not running:
                break
            running.remove(done.get())
        self._finish()

    def _ready(self) -> list[Step]:
        with self._lock:
            if self._halted or self._stopping.is_set():
                return []
            return [step for step in self.plan.definition.steps.values() if self._may_start(step)]

    def _may_start(self, step: Step) -> bool:
        if step.name in self._runs:
            return False
        if step.branch:
            condition, outcome = step.branch
            decided = self._runs.get(condition)
            if decided is None or decided.properties.get("Outcome") != str(outcome):
                return False
        return all(name in self._runs and self._runs[name].status == "Succeeded" for name in step.needs)

    def _begin(self, step: Step, done: "queue.SimpleQueue[str]") -> None:
        with self._lock:
            run = self._runs[step.name] = StepRun(step, "Starting", now())
        self._measure(metrics.of_step(self.plan.pipeline, step.name, "Executing", run.start, None))

        def work() -> None:
            try:
                self._work(step)
            finally:
                done.put(step.name)

        threading.Thread(target=work, name=f"pipeline-{self.plan.id}-{step.name}", daemon=True).start()

    def _work(self, step: Step) -> None:
        try:
            properties = self._outcome(step)
        except StepFailedError as error:
            self._halted = self._halted or step.type == "Fail"
            stopped = self._stopping.is_set()
            reason = None if stopped else str(error)[:_REASON_LENGTH]
            self._update(step.name, status="Stopped" if stopped else "Failed", reason=reason, end=now())
        except Exception as error:  # noqa: BLE001 - a fault of ours must end the step, and not leave it running forever
            self._update(
                step.name, status="Failed", reason=f"InternalServerError: {error!r}"[:_REASON_LENGTH], end=now()
            )
        else:
            self._update(step.name, status="Succeeded", properties=properties, end=now())

    def _outcome(self, step: Step) -> steps.Properties:
        """Take the result of an earlier run where there is one, or run the step and keep its result."""
        pipeline, key = self.plan.pipeline_arn, steps.cache_key_of(step, _Values(self, ""))
        if key is None:
            return self._attempts(step)
        if found := self._cache.find(pipeline, step.name, key, step.cache, now()):
            self._update(step.name, cached=found.execution_arn, metadata=found.metadata)
            return found.properties
        properties = self._attempts(step)
        metadata = self._runs[step.name].metadata
        self._cache.keep(pipeline, step.name, key, Result(self.plan.arn, now(), properties, metadata))
        return properties

    def _attempts(self, step: Step) -> steps.Properties:
        tried: dict[int, int] = {}
        while True:
            try:
                return self._attempt(step)
            except StepFailedError as error:
                number = next((i for i, policy in enumerate(step.retries) if error.kind in policy.exceptions), None)
                if number is None or not self._wait_to_retry(step, number, tried):
                    raise

    def _wait_to_retry(self, step: Step, number: int, tried: dict[int, int]) -> bool:
        policy, count = step.retries[number], tried.get(number, 0)
        run = self._runs[step.name]
        expired = policy.expiry is not None and (now() - run.start).total_seconds() >= policy.expiry / self._time_scale
        if expired or (policy.attempts is not None and count >= policy.attempts):
            return False
        tried[number] = count + 1
        if self._stopping.wait(policy.interval * policy.backoff**count / self._time_scale):
            return False
        self._update(step.name, attempts=run.attempts + 1)
        return True

    def _attempt(self, step: Step) -> steps.Properties:
        name = steps.job_name(self.plan.id, step)
        try:
            caller, _ = self._host.assume(self.plan.scope, self.plan.role_arn, f"SageMaker-{self.plan.id}")
        except ServiceError as error:
            raise StepFailedError(f"ClientError: Could not assume role {self.plan.role_arn}: {error}") from error
        self._update(step.name, status="Executing", name=name)
        context = steps.Context(
            service=self._service,
            host=self._host,
            caller=caller,
            role_arn=self.plan.role_arn,
            execution_arn=self.plan.arn,
            job_name=name,
            values=_Values(self, name),
            report=lambda metadata: self._record_start(step, name, metadata),
        )
        return steps.run(step, context)

    def _record_start(self, step: Step, name: str, metadata: Mapping[str, Any]) -> None:
        self._update(step.name, metadata=metadata)
        if self._stopping.is_set():
            steps.stop(step, self._service, self.plan.scope, name)

    def _update(self, step: str, **changes: Any) -> None:  # noqa: ANN401 - members of StepRun
        with self._lock:
            before = self._runs[step]
            if (before.status, changes.get("status")) in _SUPERSEDED or (before.end and "end" not in changes):
                return
            after = self._runs[step] = replace(before, **changes)
            self.changed = now()
        if after.status != before.status:
            self._announce_step(before.status, after)

    def _finish(self) -> None:
        with self._lock:
            failed = any(run.status == "Failed" for run in self._runs.values())
            if failed:
                self.reason = "Step failure: One or multiple steps failed."  # AWS's words: each step has its own
            previous, self.changed = self.status, now()
            self.status = "Stopped" if self._stopping.is_set() else "Failed" if failed else "Succeeded"
        try:
            self._announce(previous)
        finally:
            self._ended.set()

    def _announce(self, previous: str | None) -> None:
        ended = self.status in {"Stopped", "Failed", "Succeeded"}
        self._measure(metrics.of_execution(self.plan.pipeline, self.status, self.start, self.changed))
        self._put_event(
            "SageMaker Model Building Pipeline Execution Status Change",
            {
                "pipelineExecutionDisplayName": self.plan.display_name,
                "pipelineExecutionDescription": self.plan.description,
                "currentPipelineExecutionStatus": self.status,
                "previousPipelineExecutionStatus": previous,
                "executionStartTime": self.start,
                "executionEndTime": self.changed if ended else None,
            },
        )

    def _announce_step(self, previous: str, run: StepRun) -> None:
        if run.end:
            self._measure(metrics.of_step(self.plan.pipeline, run.step.name, run.status, run.start, run.end))
        self._put_event(
            "SageMaker Model Building Pipeline Execution Step Status Change",
            {
                "metadata": _lower_camel(run.metadata),
                "stepStartTime": run.start,
                "stepEndTime": run.end,
                "stepName": run.step.name,
                "stepType": run.step.type,
                "previousStepStatus": previous,
                "currentStepStatus": run.status,
                "failureReason": run.reason,
                "cacheHitResult": {"sourcePipelineExecutionArn": run.cached} if run.cached else None,
            },
        )

    def _measure(self, measured: list[DataPoint]) -> None:
        self._host.put_metrics(self.plan.scope, measured)

    def _put_event(self, kind: str, members: Mapping[str, Any]) -> None:
        arns = {"pipelineArn": self.plan.pipeline_arn, "pipelineExecutionArn": self.plan.arn}
        body = {name: value for name, value in {**members, **arns}.items() if value is not None}
        self._host.put_event(self.plan.scope, kind, detail(body), list(arns.values()))


class _Values:
    """What references stand for in one step of an execution."""

    def __init__(self, execution: Execution, job_name: str) -> None:
        self._execution, self._job_name = execution, job_name

    def value(self, reference: ParameterReference | VariableReference | StepReference) -> Any:  # noqa: ANN401
        if isinstance(reference, ParameterReference):
            return self._execution.plan.parameters[reference.name]
        if isinstance(reference, VariableReference):
            return self._variables()[reference.name]()
        run = self._run_of(reference.step)
        try:
            found = paths.look_up(run.properties, reference.path)
        except LookupError as error:
            raise StepFailedError(
                f"Step {reference.step} has no property {'.'.join(map(str, reference.path))}: {error.args[0]}."
            ) from error
        return found.isoformat() if isinstance(found, datetime) else found

    def property_file(self, reference: PropertyFileReference) -> bytes:
        run = self._run_of(reference.step)
        file = run.step.property_files[reference.name]
        outputs = paths.look_up(run.properties, ("ProcessingOutputConfig", "Outputs"))
        uri = paths.look_up(outputs, (file.output, "S3Output", "S3Uri"))
        return self.read(f"{uri.rstrip('/')}/{file.path}")

    def read(self, uri: str) -> bytes:
        plan = self._execution.plan
        try:
            return self._execution.objects().read(uri)
        except ServiceError as error:
            raise StepFailedError(f"ClientError: {plan.role_arn} cannot read {uri}: {error.code}: {error}") from error

    def _run_of(self, step: str) -> StepRun:
        runs = {run.step.name: run for run in self._execution.runs()}
        if step not in runs:
            raise StepFailedError(f"Step {step} has not run.")
        return runs[step]

    def _variables(self) -> Mapping[str, Callable[[], str]]:
        plan = self._execution.plan
        return {
            "StartDateTime": self._execution.start.isoformat,
            "CurrentDateTime": lambda: now().isoformat(),
            "PipelineName": lambda: plan.pipeline,
            "PipelineArn": lambda: plan.pipeline_arn,
            "PipelineExecutionId": lambda: plan.id,
            "PipelineExecutionArn": lambda: plan.arn,
            "TrainingJobName": lambda: self._job_name,
            "ProcessingJobName": lambda: self._job_name,
        }


def _lower_camel(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name[0].lower() + name[1:]: _lower_camel(value) if isinstance(value, Mapping) else value
        for name, value in metadata.items()
    }
