"""On-demand or spot instances for a training job, and the checkpoints that it goes on from when they are taken away."""

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk

from ml_constructs.foundation.errors import PipelineError
from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.values import Expression


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """Instances on demand or, with `max_wait`, spot instances, which cost less and may be taken away at any time.

    `max_wait` is how long the job may take, waiting for instances included. `checkpoints` is a folder of one execution,
    in which each step has its own: a job that is started again, after an interruption or by a retry, goes on from what
    is there. SageMaker restores it at the start and keeps it equal to the container's, deletions included. Source:
    developer guide, "Managed Spot Training" and "Checkpoints in Amazon SageMaker AI".
    """

    checkpoints: Folder | None = None
    max_wait: cdk.Duration | None = None

    @classmethod
    def waiting(cls, wait: cdk.Duration | None, limit: cdk.Duration, checkpoints: Folder | None = None) -> "Capacity":
        """Return spot capacity for a job of at most `limit` that may wait `wait` longer; on demand without `wait`."""
        return cls(checkpoints=checkpoints, max_wait=limit.plus(wait) if wait else None)

    def longest(self, limit: cdk.Duration) -> cdk.Duration:
        """Return how long a job with this limit on its run may take in all."""
        return self.max_wait or limit

    def check(self, step: str, limit: cdk.Duration) -> None:
        """Refuse what SageMaker would refuse, and a folder that two executions would share."""
        if self.max_wait is not None and self.max_wait.to_seconds() < limit.to_seconds():
            raise PipelineError(
                f"{step} may run for {limit.to_seconds():g} s but wait and run for only {self.max_wait.to_seconds():g}"
                " s: max_wait must not be below the limit of the instances."
            )
        if self.checkpoints and not any(isinstance(name, Expression) for name in self.checkpoints.path):
            raise PipelineError(
                f"{step} would keep its checkpoints in {self.checkpoints.uri}, in every execution: use a folder of the "
                "execution, or one would go on from what another left."
            )

    def request(self, step: str, limit: cdk.Duration) -> Mapping[str, object]:
        """Return the members of `CreateTrainingJob` for this capacity, `StoppingCondition` among them."""
        stopping: dict[str, object] = {"MaxRuntimeInSeconds": limit.to_seconds()}
        members: dict[str, object] = {"StoppingCondition": stopping}
        if self.max_wait:
            stopping["MaxWaitTimeInSeconds"] = self.max_wait.to_seconds()
            members["EnableManagedSpotTraining"] = True
        if self.checkpoints:
            members["CheckpointConfig"] = {"S3Uri": (self.checkpoints / step).uri}
        return members


ON_DEMAND = Capacity()
