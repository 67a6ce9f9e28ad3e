"""Logs of what runs: a training or processing job, an endpoint, or a function of an environment."""

import json
import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from botocore import xform_name
from botocore.exceptions import ClientError

from mdlc.client.aws import Cloud
from mdlc.client.jobs import KINDS, LOG_GROUPS
from mdlc.errors import InputError

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,139}")
"""The longest name of a function, as Lambda has it; those of jobs and endpoints are shorter."""

FUNCTION: Final = "AWS::Lambda::Function"
_ENDED: Final = frozenset({"Completed", "Failed", "Stopped"})
_ABSENT: Final = ("not found", "could not find", "failed to satisfy constraint", "length", "pattern")
"""Words of SageMaker's for a job or endpoint that is not there, or for a name that none can have."""
_ERRORS: Final = frozenset({"ERROR", "CRITICAL"})


@dataclass(frozen=True)
class Event:
    """One line of a log."""

    moment: datetime
    stream: str
    message: str

    @property
    def problem(self) -> str:
        """What went wrong, where the line says that something did: a structured line of a function, or Lambda's own."""
        if self.message.startswith("[ERROR]"):
            return self.message.removeprefix("[ERROR]").strip()
        try:
            line = json.loads(self.message)
        except ValueError:
            return ""
        if not isinstance(line, dict):
            return ""
        if line.get("errorMessage"):
            return str(line["errorMessage"])
        if str(line.get("level", "")).upper() not in _ERRORS:
            return ""
        return ": ".join(str(line[member]) for member in ("message", "exception_name") if line.get(member))

    def as_json(self) -> dict[str, Any]:
        """Return it as --json shows it."""
        return {"time": self.moment.isoformat(), "stream": self.stream, "message": self.message}


@dataclass(frozen=True)
class LogSource:
    """What has a log, and where: in `group`, in the streams whose names begin with `prefix`."""

    cloud: Cloud
    kind: str
    name: str
    group: str
    prefix: str = ""
    status: str = ""
    """Of a job or an endpoint; a function has none."""
    reason: str = ""
    """Why it failed, else empty."""

    @property
    def ended(self) -> bool:
        """Whether no further line will come."""
        return self.status in _ENDED

    def events(self, since: datetime | None = None) -> Iterator[Event]:
        """Yield the lines in their order, those from a time on where one is given; none where nothing was written."""
        narrowed: dict[str, Any] = {"logStreamNamePrefix": self.prefix} if self.prefix else {}
        if since is not None:
            narrowed["startTime"] = int(since.timestamp() * 1000)
        pages = self.cloud.logs.get_paginator("filter_log_events").paginate(logGroupName=self.group, **narrowed)
        try:
            for event in (event for page in pages for event in page["events"]):
                stream = event.get("logStreamName", "")
                if stream.startswith(self.prefix):
                    moment = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
                    yield Event(moment, stream, event["message"].rstrip("\n"))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ResourceNotFoundException":
                raise

    def last(self, count: int) -> list[Event]:
        """Return the last lines."""
        return list(deque(self.events(), maxlen=count))

    def follow(self, after: Iterable[Event]) -> Iterator[Event]:
        """Yield the lines that come after those given, until a job ends; those of the same millisecond only once."""
        seen = list(after)
        while True:
            ended = self._refresh().ended
            latest = seen[-1].moment if seen else datetime.fromtimestamp(0, UTC)
            known = {event for event in seen if event.moment == latest}
            new = [event for event in self.events(latest) if event not in known]
            yield from new
            seen = [*known, *new] if new else seen
            if ended:
                return
            time.sleep(self.cloud.poll_seconds)

    def _refresh(self) -> "LogSource":
        """Return it with its status as it is now."""
        job = next((kind for kind in KINDS if display_name(kind) == self.kind), "")
        return _job(self.cloud, job, self.name) if job else self


def find(cloud: Cloud, environment: str, name: str, tell: Callable[[str], None]) -> LogSource:
    """Return what has the name: a job, an endpoint, or a function of the environment.

    A function may be called by its name, its logical id, or any part of either that no other function has. Raise
    `InputError` for a name that nothing has, or several have, after telling the names of those that it may be.
    """
    if not _NAME.fullmatch(name):
        raise InputError(f"{name!r} names no job, endpoint or function: a name has letters, digits, - and _.")
    looks = [*(partial(_job, cloud, kind) for kind in KINDS), partial(_endpoint, cloud)]
    for look in looks:
        try:
            return look(name)
        except ClientError as error:
            if not _is_absence(error):
                raise
    return _function(cloud, environment, name, tell)


def _is_absence(error: ClientError) -> bool:
    """Return whether an error of SageMaker's says that there is nothing of that name, or can be none."""
    described = error.response.get("Error", {})
    if described.get("Code") in {"ResourceNotFound", "ResourceNotFoundException"}:
        return True
    message = described.get("Message", "").lower()
    return described.get("Code") == "ValidationException" and any(word in message for word in _ABSENT)


def display_name(kind: str) -> str:
    """Return what people call a kind of job: `training job`."""
    return xform_name(kind, " ")


def _job(cloud: Cloud, kind: str, name: str) -> LogSource:
    describe = getattr(cloud.sagemaker, xform_name(f"Describe{kind}"))
    job: Mapping[str, Any] = describe(**{f"{kind}Name": name})
    status, reason = job[f"{kind}Status"], job.get("FailureReason", job.get("ExitMessage", ""))
    return LogSource(cloud, display_name(kind), name, LOG_GROUPS[kind], f"{name}/", status, reason)


def _endpoint(cloud: Cloud, name: str) -> LogSource:
    endpoint = cloud.sagemaker.describe_endpoint(EndpointName=name)
    status, reason = endpoint["EndpointStatus"], endpoint.get("FailureReason", "")
    return LogSource(cloud, "endpoint", name, f"/aws/sagemaker/Endpoints/{name}", "", status, reason)


def _function(cloud: Cloud, environment: str, name: str, tell: Callable[[str], None]) -> LogSource:
    functions = {
        resource.get("PhysicalResourceId", ""): resource["LogicalResourceId"]
        for _, resource in cloud.resources(environment)
        if resource["ResourceType"] == FUNCTION
    }
    wanted = name.lower()
    chosen = [each for each, logical in functions.items() if name in {each, logical}] or [
        each for each, logical in functions.items() if wanted in each.lower() or wanted in logical.lower()
    ]
    if len(chosen) == 1:
        config = cloud.functions.get_function_configuration(FunctionName=chosen[0])
        group = config.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{chosen[0]}"
        return LogSource(cloud, "function", chosen[0], group)
    known = sorted(chosen or set(functions.values()))
    for each in known:
        tell(f"  {each}")
    if chosen:
        raise InputError(f"Several functions have {name!r} in their names, those above: name one of them.")
    there = f"its {len(known)} functions are those above" if known else "it has no function"
    raise InputError(f"There is no job, endpoint or function {name!r} in {cloud.place(environment)}: {there}.")
