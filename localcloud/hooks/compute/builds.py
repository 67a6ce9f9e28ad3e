"""CodeBuild of MiniStack: builds that really run, as many at once as the account may.

Source: CodeBuild user guide, "Builds in AWS CodeBuild": builds beyond the quota of their platform and compute type are
queued, five times as many; github:awslabs/landing-zone-accelerator-on-aws#249 has the words for one more.
"""

import copy
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from ministack.core.responses import error_response_json, json_response
from ministack.services import codebuild

from account.quotas import QUEUE_FACTOR, builds_quota
from localcloud.hooks import telemetry
from localcloud.hooks.callers import identity
from localcloud.hooks.stacks import cloudformation

Place = tuple[str, str, str]
"""Account, region and the name of a quota."""
Limit = Callable[[str, str, str], float | None]
POLL_S: Final = 1.0
"""How often a build in the queue looks whether the quota was raised."""
OVERRIDES = {
    "sourceTypeOverride": ("source", "type"),
    "sourceLocationOverride": ("source", "location"),
    "buildspecOverride": ("source", "buildspec"),
    "imageOverride": ("environment", "image"),
}


@dataclass(frozen=True)
class Build:
    """A build that has started: what `StartBuild` asked for, with the project's own settings where it was silent."""

    id: str
    project: str  # ARN
    region: str
    role: str  # ARN that the build acts as
    source_type: str
    source: str  # `bucket/key` for S3
    environment: Mapping[str, str]
    log: Callable[[str], None]


def keep_log_groups() -> None:
    """Let builds log to the group that their project's template names, and let projects tell it."""

    def keep(name: str, properties: dict[str, Any]) -> dict[str, Any]:
        logs = (properties.get("LogsConfig") or {}).get("CloudWatchLogs") or {}
        kept = {member[:1].lower() + member[1:]: value for member, value in logs.items()}
        codebuild._projects[name]["logsConfig"] = {"cloudWatchLogs": {"status": "ENABLED", **kept}}
        return {}

    cloudformation.after("AWS::CodeBuild::Project", keep)
    shape = codebuild._project_shape
    codebuild._project_shape = lambda project: {**shape(project), "logsConfig": project.get("logsConfig", {})}


class Slots:
    """Builds that run and that wait, by account, region and quota; `limit` says how many may run at once."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._running, self._waiting = Counter[Place](), Counter[Place]()
        self._changed = threading.Condition()

    def join(self, place: Place) -> str | None:
        """Take a place in the queue; return why there is none, in CodeBuild's words."""
        with self._changed:
            limit = self._limit(*place)
            if limit is None or self._running[place] + self._waiting[place] < limit * (1 + QUEUE_FACTOR):
                self._waiting[place] += 1
                return None
            return f"Cannot have more than {limit * QUEUE_FACTOR:g} builds in queue for the account"

    @contextmanager
    def turn(self, place: Place) -> Iterator[None]:
        """Wait for a build of the quota to end, unless one more may run, and run."""
        with self._changed:
            while (limit := self._limit(*place)) is not None and self._running[place] >= limit:
                self._changed.wait(POLL_S)
            self._waiting[place] -= 1
            self._running[place] += 1
        try:
            yield
        finally:
            with self._changed:
                self._running[place] -= 1
                self._changed.notify_all()


def use_builder(run: Callable[[Build], str | None], limit: Limit) -> None:
    """Let `run` do the work of every `StartBuild`, on a thread of its own; it returns why the build failed, or None.

    `limit` says how many builds of a quota an account may run at once in a region; None is as many as it starts.
    """
    slots = Slots(limit)

    def start(request: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's answer
        project = codebuild._projects.get(request.get("projectName", ""))
        if project is None:
            message = f"Project cannot be found: {request.get('projectName')}"
            return error_response_json("ResourceNotFoundException", message, 400)
        project = _apply_overrides(project, request)
        environment = project["environment"]
        quota = builds_quota(environment.get("type", ""), environment.get("computeType", ""))
        place = (*identity.request_scope(), quota)
        if full := slots.join(place):
            return error_response_json("AccountLimitExceededException", full, 400)
        record = codebuild._make_build_record(project, codebuild._build_id(project["name"]))
        if group := project.get("logsConfig", {}).get("cloudWatchLogs", {}).get("groupName"):
            record["logs"]["groupName"] = group
        now = record["startTime"]
        record.pop("endTime")
        record |= {
            "buildStatus": "IN_PROGRESS",
            "currentPhase": "QUEUED",
            "buildComplete": False,
            "serviceRole": project["serviceRole"],
            "phases": [{"phaseType": "QUEUED", "startTime": now}],
        }
        codebuild._builds[record["id"]] = record
        arguments = (_work, run, record, partial(slots.turn, place))
        work = threading.Thread(target=copy_context().run, args=arguments, daemon=True, name=record["id"])
        work.start()
        return json_response({"build": copy.deepcopy(record)})

    codebuild._start_build = start


def _work(
    run: Callable[[Build], str | None], record: dict[str, Any], turn: Callable[[], AbstractContextManager[None]]
) -> None:
    with turn():
        if record["buildStatus"] == "IN_PROGRESS":  # else stopped in the queue
            record |= {"currentPhase": "BUILD", "phases": [{"phaseType": "BUILD", "startTime": int(time.time())}]}
            _build(run, record)


def _build(run: Callable[[Build], str | None], record: dict[str, Any]) -> None:
    def log(line: str) -> None:
        telemetry.write_log(record["logs"]["groupName"], record["logs"]["streamName"], [line])

    build = Build(
        id=record["id"],
        project=codebuild._project_arn(record["projectName"]),
        region=codebuild.get_region(),
        role=record["serviceRole"],
        source_type=record["source"].get("type", "NO_SOURCE"),
        source=record["source"].get("location", ""),
        environment={v["name"]: v["value"] for v in record["environment"].get("environmentVariables") or ()},
        log=log,
    )
    failure = run(build)
    if record["buildStatus"] != "IN_PROGRESS":
        return  # stopped meanwhile
    now = int(time.time())
    status = "FAILED" if failure else "SUCCEEDED"
    phase = {"phaseType": "BUILD", "phaseStatus": status, "startTime": record["startTime"], "endTime": now}
    if failure:
        phase["contexts"] = [{"statusCode": "COMMAND_EXECUTION_ERROR", "message": failure}]
    record |= {
        "phases": [phase, {"phaseType": "COMPLETED", "startTime": now}],
        "currentPhase": "COMPLETED",
        "endTime": now,
        "buildComplete": True,
        "buildStatus": status,
    }
    _tell(record)


def _tell(record: Mapping[str, Any]) -> None:
    """Emit the event of a build that has ended.

    Source: user guide of CodeBuild, "Build notifications input format reference".
    """
    phases = [
        {
            "phase-type": phase["phaseType"],
            "phase-context": [f"{each['statusCode']}: {each['message']}" for each in phase.get("contexts", ())],
            **({"phase-status": phase["phaseStatus"]} if "phaseStatus" in phase else {}),
        }
        for phase in record["phases"]
    ]
    group, stream = record["logs"]["groupName"], record["logs"]["streamName"]
    detail = {
        "build-status": record["buildStatus"],
        "project-name": record["projectName"],
        "build-id": record["arn"],
        "current-phase": record["currentPhase"],
        "current-phase-context": "[]",
        "version": "1",
        "additional-information": {
            "build-complete": True,
            "initiator": record.get("initiator", ""),
            "logs": {"group-name": group, "stream-name": stream},
            "phases": phases,
        },
    }
    telemetry.put_event("aws.codebuild", "CodeBuild Build State Change", detail, [record["arn"]])


def _apply_overrides(project: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = copy.deepcopy(dict(project))
    for name, (section, member) in OVERRIDES.items():
        if name in request:
            merged[section][member] = request[name]
    variables = {v["name"]: v for v in merged["environment"].get("environmentVariables") or ()}
    variables |= {v["name"]: v for v in request.get("environmentVariablesOverride", ())}
    merged["environment"]["environmentVariables"] = list(variables.values())
    return merged
