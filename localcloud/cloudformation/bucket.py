"""AWS::S3::Bucket: what MiniStack's CloudFormation leaves out, put through S3's own API."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from localcloud.hooks.callers import identity
from localcloud.hooks.requests import calls
from localcloud.hooks.stacks import cloudformation
from localcloud.readback.reading import Ask

Converted = Callable[[Any], dict[str, Any]]


def _encryption(property_: Mapping[str, Any]) -> dict[str, Any]:
    rules = []
    for rule in property_["ServerSideEncryptionConfiguration"]:
        kept = {name: value for name, value in rule.items() if name != "ServerSideEncryptionByDefault"}
        if default := rule.get("ServerSideEncryptionByDefault"):
            kept["ApplyServerSideEncryptionByDefault"] = default
        rules.append(kept)
    return {"ServerSideEncryptionConfiguration": {"Rules": rules}}


def _lifecycle(property_: Mapping[str, Any]) -> dict[str, Any]:
    return {"LifecycleConfiguration": {"Rules": [_lifecycle_rule(rule) for rule in property_["Rules"]]}}


def _lifecycle_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    conditions: dict[str, Any] = {
        name: rule[name] for name in ("Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan") if name in rule
    }
    tags = rule.get("TagFilters", ())
    if len(conditions) + len(tags) > 1:
        found: dict[str, Any] = {"And": {**conditions, **({"Tags": list(tags)} if tags else {})}}
    else:
        found = conditions or ({"Tag": tags[0]} if tags else {"Prefix": ""})
    expiration = {
        api: rule[template]
        for template, api in (
            ("ExpirationInDays", "Days"),
            ("ExpirationDate", "Date"),
            ("ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker"),
        )
        if template in rule
    }
    noncurrent = rule.get("NoncurrentVersionExpiration") or (
        {"NoncurrentDays": rule["NoncurrentVersionExpirationInDays"]}
        if "NoncurrentVersionExpirationInDays" in rule
        else None
    )
    members = {
        "ID": rule.get("Id"),
        "Status": rule["Status"],
        "Filter": found,
        "Expiration": expiration,
        "NoncurrentVersionExpiration": noncurrent,
        "AbortIncompleteMultipartUpload": rule.get("AbortIncompleteMultipartUpload"),
        "Transitions": _transitions(rule, "Transition", "Days"),
        "NoncurrentVersionTransitions": _transitions(rule, "NoncurrentVersionTransition", "NoncurrentDays"),
    }
    return {name: value for name, value in members.items() if value}


def _transitions(rule: Mapping[str, Any], name: str, days: str) -> list[dict[str, Any]]:
    given = rule.get(f"{name}s") or ([rule[name]] if name in rule else [])
    return [
        {(days if member == "TransitionInDays" else member): value for member, value in each.items()} for each in given
    ]


def _logging(property_: Mapping[str, Any]) -> dict[str, Any]:
    target = {
        "TargetBucket": property_.get("DestinationBucketName"),
        "TargetPrefix": property_.get("LogFilePrefix", ""),
    }
    if "TargetObjectKeyFormat" in property_:
        target["TargetObjectKeyFormat"] = property_["TargetObjectKeyFormat"]
    return {"BucketLoggingStatus": {"LoggingEnabled": target}}


PUT: Final[Mapping[str, tuple[str, Converted, str]]] = {
    "BucketEncryption": ("put_bucket_encryption", _encryption, "delete_bucket_encryption"),
    "LifecycleConfiguration": ("put_bucket_lifecycle_configuration", _lifecycle, "delete_bucket_lifecycle"),
    "LoggingConfiguration": ("put_bucket_logging", _logging, ""),
    "OwnershipControls": (
        "put_bucket_ownership_controls",
        lambda given: {"OwnershipControls": given},
        "delete_bucket_ownership_controls",
    ),
    "VersioningConfiguration": ("put_bucket_versioning", lambda given: {"VersioningConfiguration": given}, ""),
    "AccelerateConfiguration": (
        "put_bucket_accelerate_configuration",
        lambda given: {"AccelerateConfiguration": {"Status": given["AccelerationStatus"]}},
        "",
    ),
}
"""The operation that puts a property, its parameters, and the operation that takes it away."""


def register() -> None:
    """Put every property of a bucket when it is made or changed."""
    cloudformation.after("AWS::S3::Bucket", _configure)


def _configure(bucket: str, properties: dict[str, Any]) -> dict[str, Any]:
    ask = calls.asking(*identity.request_scope())
    _configure_metrics(ask, bucket, properties.get("MetricsConfigurations") or ())
    for name, (put, convert, delete) in PUT.items():
        if name in properties:
            ask("s3", put, Bucket=bucket, **convert(properties[name]))
        elif delete:
            ask("s3", delete, Bucket=bucket)
        elif name == "LoggingConfiguration":
            ask("s3", put, Bucket=bucket, BucketLoggingStatus={})
    return {}


def _configure_metrics(ask: Ask, bucket: str, wanted: Iterable[Mapping[str, Any]]) -> None:
    """Put every configuration of metrics, and take those away that the template has no more."""
    kept = {each["Id"] for each in wanted}
    listed = ask("s3", "list_bucket_metrics_configurations", Bucket=bucket).get("MetricsConfigurationList", ())
    for each in listed:
        if each["Id"] not in kept:
            ask("s3", "delete_bucket_metrics_configuration", Bucket=bucket, Id=each["Id"])
    for each in wanted:
        found = {"Id": each["Id"], **({"Filter": narrowed} if (narrowed := _metrics_filter(each)) else {})}
        ask("s3", "put_bucket_metrics_configuration", Bucket=bucket, Id=each["Id"], MetricsConfiguration=found)


def _metrics_filter(given: Mapping[str, Any]) -> dict[str, Any]:
    tags = given.get("TagFilters") or ()
    conditions = {name: given[name] for name in ("Prefix", "AccessPointArn") if name in given}
    if len(conditions) + len(tags) > 1:
        return {"And": {**conditions, **({"Tags": list(tags)} if tags else {})}}
    return conditions or ({"Tag": tags[0]} if tags else {})
