"""Training steps."""

from collections.abc import Sequence

from constructs import Construct

from ml_constructs.jobs.job import Located
from ml_constructs.jobs.training import TrainingJob
from ml_constructs.pipelines.job_step import JobStep
from ml_constructs.pipelines.step import Step


class TrainingStep(JobStep):
    """Runs a training job; steps after it may use its model."""

    def __init__(
        self, scope: Construct, construct_id: str, *, job: TrainingJob, depends_on: Sequence[Step] = ()
    ) -> None:
        super().__init__(scope, construct_id, job=job, depends_on=depends_on)
        self._output = job.output

    @property
    def model(self) -> Located:
        """The archive `model.tar.gz` that the job leaves."""
        return Located(self.get("ModelArtifacts.S3ModelArtifacts"), self._output)
