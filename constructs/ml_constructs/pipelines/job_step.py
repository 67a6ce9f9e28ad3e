"""Steps that run a job."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from ml_constructs.foundation.errors import PipelineError
from ml_constructs.jobs.job import Job
from ml_constructs.jobs.kinds import NAMED_BY_SAGEMAKER
from ml_constructs.pipelines.step import CAPACITY_RETRY, SERVICE_RETRY, Step


class JobStep(Step):
    """Runs `job` under a name that SageMaker gives, and tries again what failed for want of instances."""

    retries = (SERVICE_RETRY, CAPACITY_RETRY)

    def __init__(self, scope: Construct, construct_id: str, *, job: Job, depends_on: Sequence[Step] = ()) -> None:
        super().__init__(scope, construct_id, depends_on=depends_on)
        if job.kind.step is None:
            raise PipelineError(f"{construct_id} cannot run a {job.kind.name}: SageMaker Pipelines has no step for it.")
        self.type = job.kind.step
        self._job = job
        self.role = job.make_role(self, self.name)

    def arguments(self) -> Mapping[str, object]:
        """Return the request that creates the job, without its name, which SageMaker gives."""
        return self._job.request(self.name, self.role)

    def grant_run(self, role: iam.IRole) -> None:
        """Let `role` run the job."""
        self._job.grant_control(role, names=NAMED_BY_SAGEMAKER)
        self._job.grant_start(role, self.role)
