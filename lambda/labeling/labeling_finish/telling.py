"""The end of a job is told on the account's bus, in the form in which SageMaker tells that of its own.

Source: SageMaker developer guide, "CloudWatch Events" of Ground Truth (sms-cloud-watch-events): the detail has the
status, `resources` the ARN. The source says that it is no job of SageMaker's.
"""

import json
from typing import TYPE_CHECKING, Final

from reach.settings import Settings
from task_store.jobs import ENDED, State
from task_store.store import Store

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

SOURCE: Final = "mdlc.labeling"
KIND: Final = "SageMaker Ground Truth Labeling Job State Change"


class TellError(Exception):
    """The bus has not taken an event: whoever was told of the job is told again."""


def tell_end(store: Store, events: "EventBridgeClient", settings: Settings, job: str, state: State) -> bool:
    """Tell of a job that has ended, once; twice where somebody was killed in between. Raises TellError."""
    turn = store.turns.last(job)
    if state not in ENDED or turn.told:
        return False
    detail = json.dumps({"LabelingJobStatus": state.value})
    entry: PutEventsRequestEntryTypeDef = {
        "Source": SOURCE,
        "DetailType": KIND,
        "Resources": [settings.arn(job)],
        "Detail": detail,
    }
    answer = events.put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise TellError(
            f"The end of {job} was not taken: {answer['Entries'][0].get('ErrorMessage', 'no reason given')}"
        )
    return store.turns.take(job, turn, told=1)
