"""Glue jobs of MiniStack: scripts from S3 alone, in the rights of the job's role instead of the cloud's own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from ministack.services import glue

from localcloud.hooks.callers import identity

SERVICE: Final = "glue.amazonaws.com"
LONGEST_S: Final = 600
_LONGEST_ERROR: Final = 2000


def keep_scripts_in_s3() -> None:
    """Run scripts from S3, as AWS does; MiniStack takes any file of this machine."""
    resolve = glue._resolve_script

    def resolved(location: object) -> Any:  # noqa: ANN401 - MiniStack's
        scheme, _, rest = str(location).partition("://")
        bucket, _, key = rest.partition("/")
        below = bool(bucket and key) and not key.startswith("/") and ".." not in PurePosixPath(rest).parts
        return resolve(location) if scheme == "s3" and below else None

    glue._resolve_script = resolved


def run_in_role() -> None:
    """Give the script of a job the credentials of its role, which must trust Glue."""

    def execute(run: dict[str, Any], job: Mapping[str, Any], arguments: Mapping[str, Any], script: str) -> None:
        environment = _environment(str(job.get("Role", "")))
        if environment is None:
            message = f"Role {job.get('Role')} should be given assume role permissions for Glue Service."
            run.update(JobRunState="FAILED", ErrorMessage=message)
            return
        named = {key.lstrip("-"): str(value) for key, value in arguments.items() if key.lstrip("-")}
        limit = min(job.get("Timeout", LONGEST_S), LONGEST_S)
        try:
            done = subprocess.run(  # noqa: S603 - the script of the job
                [sys.executable, script],
                capture_output=True,
                text=True,
                timeout=limit,
                env={**named, **environment},
                check=False,
            )
        except subprocess.TimeoutExpired:
            run.update(JobRunState="TIMEOUT", ErrorMessage="Job execution timed out")
            return
        run["JobRunState"] = "FAILED" if done.returncode else "SUCCEEDED"
        if done.returncode:
            run["ErrorMessage"] = done.stderr[:_LONGEST_ERROR] or f"Exit code {done.returncode}"

    glue._execute_subprocess = execute


def _environment(role: str) -> dict[str, str] | None:
    """Variables of a process that acts as a role, named or by ARN; none when Glue may not assume it."""
    account, region = identity.request_scope()
    arn = role if role.startswith("arn:") else f"arn:aws:iam::{account}:role/{role}"
    if not identity.trusts_service(arn, SERVICE, {"aws:SourceAccount": account}):
        return None
    credentials = identity.open_session(arn, "GlueJobRunnerSession")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return inherited | {
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        "AWS_SESSION_TOKEN": credentials.token,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"],
        "AWS_EC2_METADATA_DISABLED": "true",
    }
