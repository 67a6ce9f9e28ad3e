"""Makes or finds a log group, and gives it a key and an end."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import LogGroupTypeDef


def keep(logs: "CloudWatchLogsClient", name: str, *, key: str, days: int) -> None:
    """Let the log group `name` be there, with a key (ARN) and an end after `days`.

    Another environment, or somebody, may have given it either before: a key stays, and of two ends the later one.
    """
    try:
        logs.create_log_group(logGroupName=name, kmsKeyId=key)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise
    found = _find(logs, name) or {}
    if "kmsKeyId" not in found:
        logs.associate_kms_key(logGroupName=name, kmsKeyId=key)
    if found.get("retentionInDays", 0) < days:
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)


def let_go(logs: "CloudWatchLogsClient", name: str, *, key: str) -> None:
    """Take the key from the log group `name`, which stays: what comes later must not need it. Another key stays."""
    found = _find(logs, name)
    if found is not None and found.get("kmsKeyId") == key:
        logs.disassociate_kms_key(logGroupName=name)


def _find(logs: "CloudWatchLogsClient", name: str) -> "LogGroupTypeDef | None":
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
    return next((group for page in pages for group in page["logGroups"] if group.get("logGroupName") == name), None)
