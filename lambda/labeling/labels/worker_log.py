"""Lines of the log group `/aws/sagemaker/groundtruth/WorkerActivity`: who took, submitted or returned which task.

Source: SageMaker developer guide, "Track Worker Performance" (workteam-private-tracking). Every value is a text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

GROUP: Final = "/aws/sagemaker/groundtruth/WorkerActivity"
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Deed(StrEnum):
    """What a line is about."""

    ACCEPTED = "TasksAccepted"
    SUBMITTED = "TasksSubmitted"
    RETURNED = "TasksReturned"


@dataclass(frozen=True)
class Activity:
    """What one person did with a task; `ended` when they submitted or returned it."""

    event: Deed
    worker: str
    pool: str
    sub: str
    workteam: str
    job: str
    account: str
    reference: str
    """JobReferenceCode: what stands for the job in its work."""
    accepted: datetime
    ended: datetime | None = None


def line(activity: Activity) -> Mapping[str, str]:
    """Return the line of an activity; its members are in the order of the guide's."""
    ended = activity.ended or activity.accepted
    return {
        "worker_id": activity.worker,
        "cognito_user_pool_id": activity.pool,
        "cognito_sub_id": activity.sub,
        "task_accepted_time": _time(activity.accepted),
        "task_submitted_time": _time(ended) if activity.event is Deed.SUBMITTED else "",
        "task_returned_time": _time(ended) if activity.event is Deed.RETURNED else "",
        "workteam_arn": activity.workteam,
        "labeling_job_arn": activity.job,
        "work_requester_account_id": activity.account,
        "job_reference_code": activity.reference,
        "job_type": "Private",
        "event_type": activity.event.value,
        "event_timestamp": str(int(ended.timestamp())),
    }


def _time(when: datetime) -> str:
    """Return a time as Java writes it: `Wed Aug 14 16:00:59 UTC 2019`, whatever the locale is."""
    moment = when.astimezone(UTC)
    return f"{_DAYS[moment.weekday()]} {_MONTHS[moment.month - 1]} {moment:%d %H:%M:%S} UTC {moment.year}"
