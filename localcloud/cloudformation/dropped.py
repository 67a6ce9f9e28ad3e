"""Properties that MiniStack's CloudFormation drops, put through the services' own APIs."""

from collections.abc import Mapping
from typing import Any, Final

from localcloud.hooks.callers import identity
from localcloud.hooks.requests import calls
from localcloud.hooks.stacks import cloudformation
from localcloud.readback.comparison import contradicts
from localcloud.readback.reading import Gone

_NO_ARCHIVE: Final = "Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}"


def register() -> None:
    """Put what is dropped when a resource is made or changed, and miss what is not there to make it of."""
    cloudformation.before("AWS::Lambda::Function", lambda properties: _require_archive(properties.get("Code") or {}))
    cloudformation.before(
        "AWS::Lambda::LayerVersion", lambda properties: _require_archive(properties.get("Content") or {})
    )
    cloudformation.after("AWS::Lambda::Function", _function)
    cloudformation.after("AWS::SNS::Topic", _topic)
    cloudformation.after("AWS::DynamoDB::Table", _table)


def _require_archive(place: Mapping[str, Any]) -> None:
    """Fail as Lambda does where the archive of a function or a layer is not in S3."""
    if "S3Key" not in place:
        return
    ask = calls.asking(*identity.request_scope())
    version = {"VersionId": place["S3ObjectVersion"]} if "S3ObjectVersion" in place else {}
    try:
        ask("s3", "get_object", Bucket=place["S3Bucket"], Key=place["S3Key"], **version)
    except Gone as gone:
        bucket = "NoSuchBucket" in str(gone)
        code, what = ("NoSuchBucket", "bucket") if bucket else ("NoSuchKey", "key")
        message = f"The specified {what} does not exist."
        raise ValueError(_NO_ARCHIVE.format(code=code, message=message)) from gone


def _function(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Where failed events of a function go, where it runs, and the key of its environment."""
    changes: dict[str, Any] = {
        "DeadLetterConfig": properties.get("DeadLetterConfig") or {"TargetArn": ""},
        "KMSKeyArn": properties.get("KmsKeyArn", ""),
        "VpcConfig": properties.get("VpcConfig") or {"SubnetIds": [], "SecurityGroupIds": []},
    }
    ask = calls.asking(*identity.request_scope())
    there = ask("lambda", "get_function_configuration", FunctionName=name)
    if any(contradicts(value, there.get(member)) for member, value in changes.items()):
        ask("lambda", "update_function_configuration", FunctionName=name, **changes)
    return {}


def _topic(arn: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Key, tracing and signature of a topic."""
    ask = calls.asking(*identity.request_scope())
    for name in ("KmsMasterKeyId", "SignatureVersion", "TracingConfig"):
        if name in properties:
            ask("sns", "set_topic_attributes", TopicArn=arn, AttributeName=name, AttributeValue=properties[name])
    return {}


def _table(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Key, recovery and time to live of a table."""
    ask = calls.asking(*identity.request_scope())
    if given := properties.get("SSESpecification"):
        names = {"SSEEnabled": "Enabled", "SSEType": "SSEType", "KMSMasterKeyId": "KMSMasterKeyId"}
        wanted = {names[member]: value for member, value in given.items()}
        ask("dynamodb", "update_table", TableName=name, SSESpecification=wanted)
    recovery = properties.get("PointInTimeRecoverySpecification") or {"PointInTimeRecoveryEnabled": False}
    ask("dynamodb", "update_continuous_backups", TableName=name, PointInTimeRecoverySpecification=recovery)
    there = ask("dynamodb", "describe_time_to_live", TableName=name)["TimeToLiveDescription"]
    enabled = there.get("TimeToLiveStatus") == "ENABLED"
    wanted = properties.get("TimeToLiveSpecification") or {}
    if enabled and not wanted.get("Enabled"):
        wanted = {"AttributeName": there["AttributeName"], "Enabled": False}
    if str(wanted.get("Enabled", False)).lower() != str(enabled).lower():
        ask("dynamodb", "update_time_to_live", TableName=name, TimeToLiveSpecification=wanted)
    return {}
