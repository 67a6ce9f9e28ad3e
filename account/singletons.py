"""What an AWS account has one of, and what a new account has of it: a second is refused or replaces the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Singleton:
    """A resource type of which an account, or a region of it, has one for each value of a property.

    `in_new` are the values of which a new account has one from the start. `second` are AWS's words for one more; empty
    where it is no error, because the newer setting replaces the older.
    """

    type: str
    distinct_by: str
    in_new: Sequence[str]
    second: str
    source: str


SERVICES_MONITOR: Final = Singleton(
    type="AWS::CE::AnomalyMonitor",
    distinct_by="MonitorDimension",
    in_new=("SERVICE",),
    second="Limit exceeded on dimensional spend monitor creation",
    source="github:aws-cloudformation/cloudformation-coverage-roadmap#2515 (words, and one for each dimension); AWS"
    " Cost Anomaly Detection FAQs (one monitor of services); that new accounts have one: no published source",
)
API_SETTINGS: Final = Singleton(
    type="AWS::ApiGateway::Account",
    distinct_by="",
    in_new=(),
    second="",
    source="CloudFormation template reference, AWS::ApiGateway::Account: the role of an account in a region",
)
