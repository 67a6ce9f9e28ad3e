"""Properties that MiniStack's CloudFormation drops, put through the services' own APIs."""

from typing import Any

from localcloud.hooks import calls, cloudformation, identity
from localcloud.readback.comparison import contradicts


def register() -> None:
    """Put what is dropped when a resource is made or changed."""
    cloudformation.after("AWS::Lambda::Function", _function)
    cloudformation.after("AWS::SNS::Topic", _topic)
    cloudformation.after("AWS::DynamoDB::Table", _table)


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
