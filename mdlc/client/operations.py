"""Operations of a capability that a function of an environment answers: `{"operation": …, "body": {…}}`."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from botocore.config import Config
from botocore.exceptions import ClientError

from mdlc.client.aws import Cloud
from mdlc.errors import CommandError

_TIMES: Final = ("CreationTime", "LastModifiedTime", "Ends", "Earliest", "Latest", "Asked", "Answered")
_LISTS: Final = frozenset(
    {"FlowDefinitionSummaries", "HumanLoopSummaries", "HumanTaskUiSummaries", "LabelingJobSummaryList", "Questions"}
)
_PATIENT: Final = Config(read_timeout=90, retries={"total_max_attempts": 3})
Answer = dict[str, Any]


def call(cloud: Cloud, function: str, operation: str, body: Mapping[str, Any]) -> Answer:
    """Return what a function answers to an operation, with times as boto3 has them.

    What it refuses is a `ClientError` with AWS's name for it, as boto3's client raises it.
    """
    client = cloud.session.client("lambda", endpoint_url=cloud.endpoint, config=_PATIENT)
    event = json.dumps({"operation": operation, "body": body}, default=_spell, ensure_ascii=False)
    answer = client.invoke(FunctionName=function, Payload=event.encode())
    said = json.loads(answer["Payload"].read())
    if answer.get("FunctionError"):
        raise CommandError(f"{operation} failed: {said.get('errorMessage', said)}; mdlc logs show more.")
    if "error" in said:
        raise ClientError({"Error": said["error"]}, operation)
    return _with_times(said["answer"])


def plain(answer: Mapping[str, Any]) -> Answer:
    """Return an answer as JSON can spell it."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else plain(value) if isinstance(value, dict) else value
        for name, value in answer.items()
    }


def _spell(value: object) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{value!r} is no member of a request.")


def _with_times(answer: Mapping[str, Any]) -> Answer:
    found = dict(answer)
    for name in _TIMES:
        if name in found:
            found[name] = datetime.fromtimestamp(found[name], UTC)
    if "Forecast" in found:
        found["Forecast"] = _with_times(found["Forecast"])
    for name in _LISTS & found.keys():
        found[name] = [_with_times(each) for each in found[name]]
    return found
