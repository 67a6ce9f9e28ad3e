"""CodeBuild of MiniStack: builds that really run."""

import copy
import threading
import time
from collections.abc import Callable, Mapping
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import codebuild

from localcloud.hooks import cloudformation, telemetry

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


def use_builder(run: Callable[[Build], str | None]) -> None:
    """Let `run` do the work of every `StartBuild`, on a thread of its own; it returns why the build failed, or None."""

    def start(request: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's answer
        project = codebuild._projects.get(request.get("projectName", ""))
        if project is None:
            message = f"Project cannot be found: {request.get('projectName')}"
            return error_response_json("ResourceNotFoundException", message, 400)
        project = _apply_overrides(project, request)
        record = codebuild._make_build_record(project, codebuild._build_id(project["name"]))
        if group := project.get("logsConfig", {}).get("cloudWatchLogs", {}).get("groupName"):
            record["logs"]["groupName"] = group
        now = record["startTime"]
        record.pop("endTime")
        record |= {
            "buildStatus": "IN_PROGRESS",
            "currentPhase": "BUILD",
            "buildComplete": False,
            "serviceRole": project["serviceRole"],
            "phases": [{"phaseType": "BUILD", "startTime": now}],
        }
        codebuild._builds[record["id"]] = record
        work = threading.Thread(target=copy_context().run, args=(_work, run, record), daemon=True, name=record["id"])
        work.start()
        return json_response({"build": copy.deepcopy(record)})

    codebuild._start_build = start


def _work(run: Callable[[Build], str | None], record: dict[str, Any]) -> None:
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


def _apply_overrides(project: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = copy.deepcopy(dict(project))
    for name, (section, member) in OVERRIDES.items():
        if name in request:
            merged[section][member] = request[name]
    variables = {v["name"]: v for v in merged["environment"].get("environmentVariables") or ()}
    variables |= {v["name"]: v for v in request.get("environmentVariablesOverride", ())}
    merged["environment"]["environmentVariables"] = list(variables.values())
    return merged
