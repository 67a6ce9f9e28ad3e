"""What people are shown of an object: what the user's function makes of its line, or what Ground Truth's own would."""

from dataclasses import dataclass
from typing import Any, Final

from labels import adjustment, contract
from labels.contract import ContractError
from labels.job import Purpose
from labels.objects import DataObject
from labels.request import Request
from reach.functions import Functions
from reach.settings import Settings
from task_store.jobs import Job

NOT_NEEDED: Final = "The function before the task says that nobody is to be asked about it."


@dataclass(frozen=True)
class Prepared:
    """What the template sees as `task.input`, and why nobody is to be asked about the object, if so."""

    value: Any
    reason: str = ""


@dataclass(frozen=True)
class TaskMaker:
    """Makes the tasks of one job."""

    job: Job
    request: Request
    purpose: Purpose
    functions: Functions
    settings: Settings

    def make(self, line: DataObject) -> Prepared:
        """Return the task of an object; one that cannot be made spoils the object alone."""
        shown = self.purpose.adjusts or self.purpose.verifies
        if shown and (what := adjustment.missing(line.value, shown)):
            return Prepared({}, f"The line has {what}")
        if not self.request.before:
            if shown:
                return Prepared(adjustment.task_input(line.source, line.value, self.job.categories).value)
            return Prepared(contract.built_in_input(line.source, self.job.categories).value)
        event = contract.before(self.settings.arn(self.job.name), line.value)
        try:
            made = contract.task_input(self.functions.call(self.request.before, "PreHumanTaskLambdaArn", event))
        except ContractError as error:
            return Prepared({}, str(error))
        return Prepared(made.value, "" if made.needed else NOT_NEEDED)
