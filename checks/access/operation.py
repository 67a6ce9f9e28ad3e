"""A column of the access matrix."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

SAGEMAKER = "arn:aws:sagemaker:{region}:{account}"
JOB_LOGS = "arn:aws:logs:{region}:{account}:log-group:/aws/sagemaker"
OBJECTS = {"read": "s3:GetObject", "write": "s3:PutObject"}


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
