"""The kinds of SageMaker jobs, and how each service names them: the one table to extend for a new kind."""

from dataclasses import dataclass

import aws_cdk as cdk


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of job.

    `name` is its name in the API (`CreateTrainingJob`), `resource` its resource type in IAM, `plural` its name in
    lists, log groups and CloudWatch's namespaces. `step` is the type of the pipeline steps that run it, `rule` the
    managed rule of EventBridge through which Step Functions learns of its end; a kind without cannot be run there.
    """

    name: str
    resource: str
    plural: str
    step: str | None = None
    rule: str | None = None

    @property
    def list_operation(self) -> str:
        """Operation that lists jobs."""
        return f"List{self.plural}"

    @property
    def run_operations(self) -> tuple[str, ...]:
        """Operations of whoever runs a job: create, follow, stop."""
        return f"Create{self.name}", f"Describe{self.name}", f"Stop{self.name}"

    @property
    def log_group(self) -> str:
        """CloudWatch log group that all jobs write to."""
        return f"/aws/sagemaker/{self.plural}"

    def arn(self, stack: cdk.Stack, names: str) -> str:
        """Return the ARN of jobs whose names match the pattern `names`."""
        return stack.format_arn(service="sagemaker", resource=self.resource, resource_name=names)


PROCESSING = Kind(
    name="ProcessingJob",
    resource="processing-job",
    plural="ProcessingJobs",
    step="Processing",
    rule="StepFunctionsGetEventsForSageMakerProcessingJobsRule",
)
TRAINING = Kind(
    name="TrainingJob",
    resource="training-job",
    plural="TrainingJobs",
    step="Training",
    rule="StepFunctionsGetEventsForSageMakerTrainingJobsRule",
)
KINDS = (PROCESSING, TRAINING)
NAMED_BY_SAGEMAKER = "pipelines-*"
"""Names of the jobs of pipelines: pipelines-<execution>-<step>-<random>."""
