"""Lambda functions with what belongs to them, and CodeBuild projects."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from localcloud.readback.reading import Ask, Gone, Reader, only, optional, pascal


def function(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a function's configuration, code, concurrency and tags."""
    found = ask("lambda", "get_function", FunctionName=name)
    configuration = found["Configuration"]
    concurrency = optional(ask, "lambda", "get_function_concurrency", FunctionName=name)
    return {
        **configuration,
        "KmsKeyArn": configuration.get("KMSKeyArn"),
        "Layers": [layer["Arn"] for layer in configuration.get("Layers", ())],
        "ReservedConcurrentExecutions": concurrency.get("ReservedConcurrentExecutions"),
        "Tags": found.get("Tags", {}),
        "Code": _code(ask, found, properties.get("Code", {})),
    }


def _code(ask: Ask, found: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the image of the function, or the archive that the template names if it has the function's digest."""
    code = {"ImageUri": found.get("Code", {}).get("ImageUri")}
    return code | _archive(ask, given, found["Configuration"]["CodeSha256"])


def _archive(ask: Ask, given: Mapping[str, Any], digest: str) -> dict[str, Any]:
    """Return where the template says that an archive lies, if the object there has the digest; else nothing."""
    if "S3Key" not in given:
        return {}
    version = {"VersionId": given["S3ObjectVersion"]} if "S3ObjectVersion" in given else {}
    archive = optional(ask, "s3", "get_object", Bucket=given["S3Bucket"], Key=given["S3Key"], **version)
    content = archive["Body"].read() if archive else b""
    same = base64.b64encode(hashlib.sha256(content).digest()).decode() == digest
    return dict(given) if same else {}


def permission(ask: Ask, physical_id: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read the statement of a function's policy that says the same."""
    policy = ask("lambda", "get_policy", FunctionName=properties["FunctionName"])["Policy"]
    for statement in _statements(policy):
        found = _permission(statement, str(properties["FunctionName"]))
        if statement.get("Sid") == physical_id or all(
            found.get(name) == value for name, value in properties.items() if name != "FunctionName"
        ):
            return found
    raise Gone


def _statements(text: str) -> list[dict[str, Any]]:
    statements: list[dict[str, Any]] = json.loads(text)["Statement"]
    return statements


def _permission(statement: Mapping[str, Any], function: str) -> dict[str, Any]:
    principal = statement["Principal"]
    principal = principal if isinstance(principal, str) else next(iter(principal.values()))
    conditions = {
        key.lower(): value for block in statement.get("Condition", {}).values() for key, value in block.items()
    }
    members = {
        "Action": statement["Action"],
        "FunctionName": function,
        "Principal": principal,
        "SourceArn": conditions.get("aws:sourcearn"),
        "SourceAccount": conditions.get("aws:sourceaccount"),
        "PrincipalOrgID": conditions.get("aws:principalorgid"),
        "EventSourceToken": conditions.get("lambda:eventsourcetoken"),
        "FunctionUrlAuthType": conditions.get("lambda:functionurlauthtype"),
        "InvokedViaFunctionUrl": conditions.get("lambda:invokedviafunctionurl"),
    }
    return {name: value for name, value in members.items() if value is not None}


def version(ask: Ask, arn: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a version of a function."""
    found = ask("lambda", "get_function_configuration", FunctionName=arn)
    return {**found, "FunctionName": properties["FunctionName"], "CodeSha256": found.get("CodeSha256")}


def alias(ask: Ask, arn: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read an alias of a function."""
    found = ask("lambda", "get_alias", FunctionName=properties["FunctionName"], Name=arn.rpartition(":")[2])
    return {**found, "FunctionName": properties["FunctionName"]}


def layer(ask: Ask, arn: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a version of a layer, and where the template says that its archive lies if it has the layer's digest."""
    found = ask("lambda", "get_layer_version_by_arn", Arn=arn)
    content = _archive(ask, properties.get("Content", {}), found["Content"]["CodeSha256"])
    return {**found, "LayerName": found["LayerArn"].rpartition(":")[2], "Content": content}


def event_source(ask: Ask, identifier: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read an event source mapping; the function in the form that the template names it in."""
    found = ask("lambda", "get_event_source_mapping", UUID=identifier)
    name = str(properties["FunctionName"])
    arn = str(found["FunctionArn"])
    same = arn == name or arn.endswith(f":function:{name}")
    enabled = found.get("State") in {"Enabled", "Enabling"}
    tags = ask("lambda", "list_tags", Resource=found["EventSourceMappingArn"]).get("Tags", {})
    return {**found, "FunctionName": name if same else arn, "Enabled": enabled, "Tags": tags}


def invocation(ask: Ask, physical_id: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read what becomes of asynchronous events of a function."""
    del physical_id
    where = {"FunctionName": properties["FunctionName"], "Qualifier": properties["Qualifier"]}
    return {**ask("lambda", "get_function_event_invoke_config", **where), **where}


def layer_permission(ask: Ask, physical_id: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read the statement of a layer version's policy that says the same."""
    del physical_id
    arn = str(properties["LayerVersionArn"])
    layer_name, _, number = arn.rpartition(":")
    policy = ask("lambda", "get_layer_version_policy", LayerName=layer_name, VersionNumber=int(number))["Policy"]
    for statement in _statements(policy):
        principal = statement["Principal"]
        account = principal if isinstance(principal, str) else principal["AWS"].removeprefix("arn:aws:iam::")
        found = {
            "LayerVersionArn": arn,
            "Action": statement["Action"],
            "Principal": account.removesuffix(":root"),
            "OrganizationId": statement.get("Condition", {}).get("StringEquals", {}).get("aws:PrincipalOrgID"),
        }
        if all(found.get(name) == value for name, value in properties.items()):
            return found
    raise Gone


def url(ask: Ask, arn: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read the URL of a function."""
    del arn
    found = ask("lambda", "get_function_url_config", FunctionName=properties["TargetFunctionArn"])
    return {**found, "TargetFunctionArn": properties["TargetFunctionArn"]}


def project(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a build project."""
    del properties
    found = only(ask("codebuild", "batch_get_projects", names=[name])["projects"], name=name)
    project: dict[str, Any] = pascal(found)
    logs = project.get("LogsConfig", {})
    source = project.get("Source", {})
    return {
        **project,
        "LogsConfig": {"CloudWatchLogs": logs.get("CloudWatchLogs"), "S3Logs": logs.get("S3Logs")},
        "Source": {**source, "BuildSpec": source.get("Buildspec")},
    }


READERS: Mapping[str, Reader] = {
    "AWS::Lambda::Function": function,
    "AWS::Lambda::Permission": permission,
    "AWS::Lambda::Version": version,
    "AWS::Lambda::Alias": alias,
    "AWS::Lambda::LayerVersion": layer,
    "AWS::Lambda::LayerVersionPermission": layer_permission,
    "AWS::Lambda::EventSourceMapping": event_source,
    "AWS::Lambda::EventInvokeConfig": invocation,
    "AWS::Lambda::Url": url,
    "AWS::CodeBuild::Project": project,
}
