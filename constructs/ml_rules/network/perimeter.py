"""Rules of the edge of the network: who passes an endpoint, to whose data, and what is written down of it."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Final

from ml_rules import policies
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates

Found = Iterator[tuple[Resource, str]]

_WHO: Final = {"aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "aws:principalarn"}
_WHERE: Final = {"aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths", "s3:resourceaccount"}
_BUCKET: Final = re.compile(r"arn:[^:]*:s3:::([^/]*)(/.*)?")
_READS_ONLY: Final = {"s3:GetObject", "s3:ListBucket"}
_LAYERS: Final = re.compile(r"prod-[a-z0-9-]+-starport-layer-bucket")


@rule
def flow_log_whole(templates: Templates) -> Found:
    """A flow log is of a whole VPC, and of what was accepted as well as of what was rejected."""
    for log in templates.of("AWS::EC2::FlowLog"):
        if log.get("ResourceType") in {"Subnet", "NetworkInterface"}:
            yield log, "Traffic beside what it is of leaves no trace: it is not of the VPC."
        if log.get("TrafficType") in {"ACCEPT", "REJECT"}:
            yield log, f"It writes down half of the traffic: its TrafficType is {log.get('TrafficType')}."


@rule
def endpoint_both(templates: Templates) -> Found:
    """An endpoint lets through the account's own principals to its own resources: who, and where to.

    Source: IAM user guide, "Establish permissions guardrails using data perimeters".
    """
    for endpoint in templates.of("AWS::EC2::VPCEndpoint"):
        if endpoint.environment.account:
            continue  # of ours, endpoint-policy asks
        for statement in policies.read(endpoint.get("PolicyDocument") or {"Statement": []}):
            if not statement.allows:
                continue
            named = [match[1] for name in statement.resources if (match := _BUCKET.fullmatch(policies.plain(name)))]
            public = set(statement.actions) <= _READS_ONLY and len(named) == len(statement.resources)
            if public and not any("*" in name for name in named):
                continue
            where = _WHERE & set(statement.required) or all(map(_tells_owner, statement.resources))
            who = _WHO & set(statement.required) or not statement.anonymous
            if who and not where:
                yield endpoint, "Own principals reach what is not their account's: aws:ResourceAccount is missing."
            if where and not who and not all(map(_tells_owner, statement.resources)):
                yield endpoint, "Whoever has credentials of another account passes: aws:PrincipalAccount is missing."


def _tells_owner(resource: str) -> bool:
    """Return whether it is told whose `resource` is: by its account, or by a bucket that is known."""
    if match := _BUCKET.fullmatch(policies.plain(resource)):
        told = resource.partition(":::")[2].partition("/")[0]
        return "*" not in match[1] and ("${" in told)
    parts = policies.plain(resource).split(":")
    return len(parts) > 5 and "*" not in parts[4] and bool(parts[4])  # noqa: PLR2004 - account of an ARN


@rule
def bucket_named(templates: Templates) -> Found:
    """A policy names a bucket to its last letter, or whose it is: anybody makes one whose name begins like ours."""
    endpoints = (
        (endpoint, statement)
        for endpoint in templates.of("AWS::EC2::VPCEndpoint")
        for statement in policies.read(endpoint.get("PolicyDocument") or {"Statement": []})
    )
    for resource, statement in chain(policies.identity(templates), endpoints):
        if not statement.allows or _WHERE & set(statement.required):
            continue
        for name in statement.resources:
            match = _BUCKET.fullmatch(policies.plain(name))
            if match and re.search(r"[^*?].*[*?]|[*?].*[^*?]", match[1]) and not _LAYERS.fullmatch(match[1]):
                yield (
                    resource,
                    f"Who makes a bucket whose name is like {name} is meant: aws:ResourceAccount is missing.",
                )


RULES: Final = (flow_log_whole, endpoint_both, bucket_named)
