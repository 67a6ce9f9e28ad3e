"""Forward access sessions: what a service does with the rights of who calls it, operation by operation.

A caller without these rights is refused although it may call the operation, and a caller that has them alone sends no
such request itself. `resource` is an ARN with `{region}`, `{account}` and members of the request.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_SCALING: Final = "application-autoscaling"
_ALARMS: Final = "arn:aws:cloudwatch:{region}:{account}:alarm:TargetTracking-{ResourceId}-"
"""Alarms of a target-tracking policy: Application Auto Scaling user guide, "Target tracking scaling policies"."""
_GUIDE: Final = "Application Auto Scaling user guide, "
_NEEDED: Final = f'{_GUIDE}"Permissions required for actions on target services and CloudWatch"'
_VALIDATED: Final = f'{_GUIDE}"Permissions validation for API calls on target resources"'


@dataclass(frozen=True)
class Forwarded:
    """What a service does in its caller's name when one of its operations is called."""

    operations: Sequence[str]
    actions: Sequence[str]
    resource: str
    why: str
    source: str


FORWARDED: Final = (
    Forwarded(
        (f"{_SCALING}:RegisterScalableTarget", f"{_SCALING}:PutScalingPolicy"),
        ("cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"),
        _ALARMS,
        "Application Auto Scaling keeps the alarms of its policies in the caller's name.",
        f"{_NEEDED}; {_VALIDATED}",
    ),
    Forwarded(
        (f"{_SCALING}:DeleteScalingPolicy", f"{_SCALING}:DeregisterScalableTarget"),
        ("cloudwatch:DeleteAlarms",),
        _ALARMS,
        "Application Auto Scaling deletes the alarms of its policies in the caller's name.",
        f"{_NEEDED}; API reference, DeregisterScalableTarget: it deletes the policies",
    ),
    Forwarded(
        ("sagemaker:UpdateEndpoint",),
        ("cloudwatch:DescribeAlarms",),
        "arn:aws:cloudwatch:{region}:{account}:alarm:{AlarmName}",
        "SageMaker looks at the alarms of a roll-out in the caller's name.",
        'SageMaker developer guide, "Auto-Rollback Configuration and Monitoring"',
    ),
    Forwarded(
        ("codeartifact:GetAuthorizationToken",),
        ("sts:GetServiceBearerToken",),
        "*",
        "CodeArtifact makes its token in the caller's name.",
        'CodeArtifact user guide, "Using tokens with CodeArtifact"',
    ),
)


def in_callers_name(operation: str, **members: str) -> Iterator[tuple[str, str]]:
    """Yield action and resource of what an operation (`service:Operation`) does with the rights of who calls it.

    `members` fill the resources: region, account and what the request says.
    """
    for each in FORWARDED:
        if operation in each.operations:
            for action in each.actions:
                yield action, each.resource.format_map(members)


def by_service() -> Mapping[str, str]:
    """Return why a service and not its caller makes the requests of each of these actions."""
    return {action: each.why for each in FORWARDED for action in each.actions}
