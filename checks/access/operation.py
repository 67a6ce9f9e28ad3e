"""A column of the access matrix."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ml_constructs.jobs import kinds

SAGEMAKER = "arn:aws:sagemaker:{region}:{account}"
JOB_LOGS = "arn:aws:logs:{region}:{account}:log-group:/aws/sagemaker"
OBJECTS = {"read": "s3:GetObject", "write": "s3:PutObject"}


def job_kinds() -> dict[str, kinds.Kind]:
    """Return the kinds of jobs that there are, by how columns call them: `training`."""
    return {kind.name.removesuffix("Job").lower(): kind for kind in kinds.KINDS}


def log_owners() -> list[str]:
    """Return what has log groups and metrics of SageMaker's own."""
    return [*(kind.plural for kind in job_kinds().values()), "Endpoints"]


def keeping_logs(owner: str, group: str) -> Iterator["Operation"]:
    """Yield what could be done to a log group as a whole, whose streams AWS checks it on."""
    streams = f"{group}:log-stream:"
    yield Operation(f"encrypt the logs of {owner}", "logs:AssociateKmsKey", streams)
    yield Operation(f"end the logs of {owner}", "logs:PutRetentionPolicy", streams)
    yield Operation(f"leave the logs of {owner}", "logs:DisassociateKmsKey", streams)
    yield Operation(f"delete the logs of {owner}", "logs:DeleteLogGroup", streams)


@dataclass(frozen=True)
class Operation:
    """One thing that could be done: an action on a resource, under the conditions of `context`.

    `resource` and the values of `context` name the environment's own things in braces, see `names`.
    """

    name: str
    action: str
    resource: str
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)

    @property
    def about_data(self) -> bool:
        """Whether it is done in the data or the artifact bucket."""
        return self.resource.startswith(("arn:aws:s3:::{data}", "arn:aws:s3:::{artifacts}"))
