"""Custom resource that builds one container image in CodeBuild and waits for it.

Where the account builds so much already that CodeBuild takes no more, it asks again until its time is over.

Properties: `ProjectName`, `ImageUri` (the tag to push), `SourceBucket` and `SourceKey` (the zipped build context),
`Dockerfile` (its path in the context). The physical id is the image URI, which is also the attribute `ImageUri`.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from common import custom_resource
from common.custom_resource import CLIENT, Context, Failure, Request, Resource

if TYPE_CHECKING:
    from mypy_boto3_codebuild import CodeBuildClient
    from mypy_boto3_codebuild.type_defs import BuildTypeDef

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 10.0
FULL = "AccountLimitExceededException"
"""What CodeBuild raises when as many builds run and wait as the account may have."""

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


@dataclass(frozen=True)
class Build:
    """The image to build, as the template asks for it."""

    project: str
    image_uri: str
    source: str
    dockerfile: str

    @classmethod
    def of(cls, properties: Mapping[str, Any]) -> "Build":
        """Read the resource's properties; `Failure` names those that are missing."""
        names = ("ProjectName", "ImageUri", "SourceBucket", "SourceKey", "Dockerfile")
        if missing := [name for name in names if not properties.get(name)]:
            raise Failure(f"The properties {', '.join(missing)} are missing.")
        project, image_uri, bucket, key, dockerfile = (str(properties[name]) for name in names)
        return cls(project=project, image_uri=image_uri, source=f"{bucket}/{key}", dockerfile=dockerfile)


@cache
def codebuild() -> "CodeBuildClient":
    """Return the one client of this execution environment."""
    return boto3.client("codebuild", config=CLIENT)


def handler(event: dict[str, Any], context: Context) -> None:
    """Answer one request of CloudFormation."""
    custom_resource.answer(event, context, act, logger.error)


def act(request: Request) -> Resource:
    """Build on create and update; nothing to do on delete, since the repository owns its images."""
    if request.type == "Delete":
        return Resource(request.logical_id)
    build = Build.of(request.properties)
    deadline = time.monotonic() + request.seconds_left()
    _wait(_start_in_turn(build, request.id, deadline), deadline)
    return Resource(build.image_uri, {"ImageUri": build.image_uri})


def _start_in_turn(build: Build, request_id: str, deadline: float) -> str:
    """Start the build as soon as the account may have one more."""
    while True:
        try:
            return _start(build, request_id)
        except ClientError as error:
            if error.response["Error"]["Code"] != FULL:
                raise
            if time.monotonic() + LONGEST_WAIT_SECONDS > deadline:
                message = error.response["Error"].get("Message", "")
                raise Failure(f"CodeBuild takes no more builds: {message}. Raise its quotas, or try again.") from error
        time.sleep(LONGEST_WAIT_SECONDS)


def _start(build: Build, request_id: str) -> str:
    """Start the build and return its id; a repeated request within five minutes gets the build that runs already."""
    started = codebuild().start_build(
        projectName=build.project,
        sourceTypeOverride="S3",
        sourceLocationOverride=build.source,
        environmentVariablesOverride=[
            {"name": "IMAGE_URI", "value": build.image_uri, "type": "PLAINTEXT"},
            {"name": "DOCKERFILE", "value": build.dockerfile, "type": "PLAINTEXT"},
        ],
        idempotencyToken=request_id,
    )
    build_id = started["build"]["id"]
    logger.info("Building %s as %s", build.image_uri, build_id)
    return build_id


def _wait(build_id: str, deadline: float) -> None:
    began = time.monotonic()
    pause = FIRST_WAIT_SECONDS
    while True:
        builds = codebuild().batch_get_builds(ids=[build_id])["builds"]
        if not builds:
            raise Failure(f"The build {build_id} is gone.")
        build = builds[0]
        status = build.get("buildStatus", "IN_PROGRESS")
        if status == "SUCCEEDED":
            return
        if status != "IN_PROGRESS":
            raise Failure(_reason(build_id, build))
        if time.monotonic() + pause > deadline:
            raise Failure(
                f"The build {build_id} still runs after {(deadline - began) / 60:.0f} minutes.{_log_link(build)}"
            )
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_WAIT_SECONDS)


def _reason(build_id: str, build: "BuildTypeDef") -> str:
    """Say which phase failed, with its own message, and where the log is."""
    failed = [phase for phase in build.get("phases", []) if phase.get("phaseStatus") not in (None, "SUCCEEDED")]
    where = ""
    if failed:
        messages = [context["message"] for context in failed[0].get("contexts", []) if context.get("message")]
        where = f" in phase {failed[0].get('phaseType', 'UNKNOWN')}" + (f": {'; '.join(messages)}" if messages else "")
    return f"The build {build_id} ended {build.get('buildStatus')}{where}.{_log_link(build)}"


def _log_link(build: "BuildTypeDef") -> str:
    link = build.get("logs", {}).get("deepLink")
    return f" Log: {link}" if link else ""
