"""Tasks that run a SageMaker job and wait for its end.

CDK has a class for training and none for processing, tuning and labeling, and its training task takes neither
hyperparameters that vary per run nor a role of its own rights. Here every kind of job has the same shape: the request
that a pipeline step would make, with values of the execution in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from ml_constructs.foundation.values import Value
from ml_constructs.jobs.job import Job
from ml_constructs.machines.expressions import Path, StateError, render

# What SageMaker answers when it is asked too much at once: modelled errors by name, throttling and faults by the
# service's own one. Source: Step Functions developer guide, "Manage SageMaker AI jobs"; SageMaker API errors.
BUSY = (
    "SageMaker.AmazonSageMakerException",
    "SageMaker.ResourceLimitExceededException",
    "SageMaker.SdkClientException",
)
QUEUEING = cdk.Duration.minutes(10)
"""How much longer than the job's own limit the task waits: instances have to be found and containers started."""


@dataclass(frozen=True, kw_only=True)
class Backoff:
    """How a task is tried again: exponentially, with full jitter, so that many runs do not come back at once."""

    errors: tuple[str, ...]
    interval: cdk.Duration
    rate: float
    attempts: int

    def apply(self, state: sfn.TaskStateBase | sfn.CustomState) -> None:
        """Add the retries to a state."""
        state.add_retry(
            errors=list(self.errors),
            interval=self.interval,
            backoff_rate=self.rate,
            max_attempts=self.attempts,
            max_delay=cdk.Duration.minutes(5),
            jitter_strategy=sfn.JitterType.FULL,
        )


SERVICE_BACKOFF = Backoff(errors=BUSY, interval=cdk.Duration.seconds(15), rate=2, attempts=5)


class JobTask(Construct):
    """Runs `job` under a name that the execution gives, and puts what it left at `$.<construct id>`.

    `result` says which members of the job's description are kept, `overrides` which members of the request vary per
    run. Names must begin with `prefix`, on which alone the machine has rights. The task fails with `States.TaskFailed`
    and the job's description as the cause, with `States.Timeout`, or with an error of SageMaker's (`SageMaker.…`).
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        job: Job,
        name: Path,
        prefix: str,
        result: Mapping[str, Value],
        overrides: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        if job.kind.rule is None:
            raise StateError(f"{construct_id} cannot wait for a {job.kind.name}: Step Functions has no .sync for it.")
        self.job = job
        self._rule = job.kind.rule
        self._prefix = prefix
        step = Construct(scope, f"{construct_id}Step")  # where roles of deployed machines are
        self.role = job.make_role(step, step.node.id)
        stack = cdk.Stack.of(self)
        request = {f"{job.kind.name}Name": name, **_merge(job.request(step.node.id, self.role), overrides or {})}
        self.state = sfn.CustomState(
            self,
            construct_id,
            state_json={
                "Type": "Task",
                "Resource": f"arn:{stack.partition}:states:::sagemaker:create{job.kind.name}.sync",
                "Parameters": render(request),
                "TimeoutSeconds": job.limit.plus(QUEUEING).to_seconds(),
                "ResultSelector": render(result),
                "ResultPath": f"$.{construct_id}",
            },
        )
        SERVICE_BACKOFF.apply(self.state)

    def grant_run(self, role: iam.IRole) -> None:
        """Let the machine's `role` create, follow, tag and stop the job.

        Source: Step Functions developer guide, "IAM policies for calling SageMaker AI".
        """
        self.job.grant_control(role, names=f"{self._prefix}*", more=["ListTags"])
        iam.Grant.add_to_principal(
            grantee=role,
            actions=["events:DescribeRule", "events:PutRule", "events:PutTargets"],
            resource_arns=[cdk.Stack.of(self).format_arn(service="events", resource="rule", resource_name=self._rule)],
        )
        self.job.grant_start(role, self.role)


def _merge(request: Mapping[str, object], overrides: Mapping[str, object]) -> Mapping[str, object]:
    """Return `request` with the members of `overrides`, one level deep."""
    merged = dict(request)
    for name, value in overrides.items():
        before = merged.get(name)
        merged[name] = {**before, **value} if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return merged
