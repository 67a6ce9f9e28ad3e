"""How far a training job is: its secondary status with the history, and the time that is billed."""

from datetime import datetime, timedelta
from typing import Any

from localsagemaker.kernel.resources import now

ENDS = frozenset({"Completed", "Failed", "Stopped", "MaxRuntimeExceeded", "MaxWaitTimeExceeded"})
MESSAGES = {
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading input data",
    "Interrupted": "Spot instances were interrupted; waiting for others",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Stopping": "Stopping the training job",
    "Completed": "Training job completed",
    "Stopped": "Training job stopped",
    "Failed": "Training job failed",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
    "MaxWaitTimeExceeded": "Training job exceeded MaxWaitTimeInSeconds provided",
}


class Transitions:
    """`SecondaryStatusTransitions`."""

    def __init__(self) -> None:
        self._all: list[dict[str, Any]] = []

    def begin(self, status: str, message: str | None = None) -> dict[str, Any]:
        """Begin a secondary status, and return it with the history."""
        moment = now()
        if self._all:
            self._all[-1]["EndTime"] = moment
        self._all.append({"Status": status, "StartTime": moment, "StatusMessage": message or MESSAGES[status]})
        if status in ENDS:
            self._all[-1]["EndTime"] = moment
        return {"SecondaryStatus": status, "SecondaryStatusTransitions": [dict(each) for each in self._all]}


class Billing:
    """The time that instances train; waiting for others is not billed."""

    def __init__(self) -> None:
        self._since: datetime | None = None
        self._billed = timedelta()

    @property
    def seconds(self) -> int:
        """`BillableTimeInSeconds`, 1 at least."""
        return max(1, round(self._billed.total_seconds()))

    def begin(self) -> datetime:
        """Count from now, which is returned."""
        self._since = now()
        return self._since

    def pause(self) -> None:
        """Add the time since the instances began to train."""
        if self._since:
            self._billed += now() - self._since
        self._since = None
