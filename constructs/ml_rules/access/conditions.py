"""Rules of the conditions in policies: each is met by what it is written for, and by nothing else.

Sources: IAM user guide, "IAM JSON policy elements: Condition operators", "Set operators for multivalued context keys"
and "AWS global condition context keys".
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from ml_rules import policies
from ml_rules.access.accounts import statements
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, mappings, parse_json

Found = Iterator[tuple[Resource, str]]

_PERHAPS_MISSING: Final = re.compile(
    r"aws:(principalorgid|principalorgpaths|sourcevpce?|vpcsourceip|multifactorauth.*|sourceidentity|resourceorg.*)"
    r"|.*:(amr|sub|aud)|sagemaker:(vpc|.*kms).*|sts:externalid"
)
"""Keys that requests may lack, and that somebody asks for to keep others out."""
_LITERAL: Final = re.compile(r"String(Not)?Equals(IgnoreCase)?(IfExists)?")
_PROTECTS: Final = re.compile(r"kms|key(?!s$)|encrypt|vpc|subnet|securitygroup|mfa|multifactor|isolation|boundary")
_ORIGIN: Final = re.compile(r"aws:(sourcevpce?|principalorgid|principalorgpaths|principalaccount)")
_CUSTOMER_KEY: Final = "customer-algorithm"
"""In requests that bring a key of their own, which is refused by its being there."""
_VARIABLE: Final = re.compile(r"\$\{[a-z0-9-]+:[^}]+\}", re.IGNORECASE)
_EVERY_ROLE: Final = re.compile(r"arn:[^:]*:(iam|sts)::[*?]*:(role|assumed-role)/\*|\*")
_EVERY_ENDPOINT: Final = re.compile(r"vpce?-\*|\*")
_EVERY_SERVICE: Final = re.compile(r"\*(\.amazonaws\.com(\.cn)?)?")


_VENDOR: Final = re.compile(r"vendor|supplier|partner|third.?party", re.IGNORECASE)


_STATUS: Final = "sagemaker:modelapprovalstatus"
_CLOSE: Final = 0.82
_KEYS: Final = {
    "aws": (
        "PrincipalOrgID PrincipalOrgPaths PrincipalAccount PrincipalArn PrincipalTag PrincipalType "
        "PrincipalIsAWSService PrincipalServiceName PrincipalServiceNamesList SourceAccount SourceArn "
        "SourceIp SourceIdentity SourceOrgID SourceOrgPaths SourceOwner SourceVpc SourceVpce SourceVpcArn "
        "VpcSourceIp VpceAccount VpceOrgID VpceOrgPaths ResourceAccount ResourceOrgID ResourceOrgPaths "
        "ResourceTag RequestTag TagKeys RequestedRegion SecureTransport MultiFactorAuthPresent "
        "MultiFactorAuthAge CalledVia CalledViaFirst CalledViaLast ViaAWSService CurrentTime EpochTime "
        "TokenIssueTime FederatedProvider userid username UserAgent referer AssumedRoot ChatbotSourceArn "
        "Ec2InstanceSourceVpc Ec2InstanceSourcePrivateIPv4"
    ),
    "sagemaker": (
        "VpcSubnets VpcSecurityGroupIds VolumeKmsKey OutputKmsKey InstanceTypes NetworkIsolation RootAccess "
        "DirectInternetAccess InterContainerTrafficEncryption TaggingAction ModelApprovalStatus TargetModel "
        "AppNetworkAccessType MaxRuntimeInSeconds HomeEfsFileSystemKmsKey DomainSharingOutputKmsKey "
        "FeatureGroupOfflineStoreKmsKey FeatureGroupOnlineStoreKmsKey FeatureGroupOfflineStoreS3Uri "
        "FeatureGroupEnableOnlineStore FeatureGroupDisableGlueTableCreation ImageArns ImageVersionArns "
        "MinimumInstanceMetadataServiceVersion ResourceTag AcceleratorTypes ModelArn OwnerUserProfileArn "
        "SpaceSharingType FileSystemId FileSystemType FileSystemAccessMode FileSystemDirectoryPath "
        "KeepAlivePeriod ServerlessMaxConcurrency ServerlessMemorySize WorkteamArn WorkteamType "
        "CustomerMetadataProperties CustomerMetadataPropertiesToRemove EnableRemoteDebug "
        "DirectGatedModelAccess RemoteAccess DomainId UserProfileName"
    ),
}
"""Keys that requests have (IAM user guide, "AWS global condition context keys"; Service Authorization Reference)."""


def _find_tested(statement: policies.Statement) -> Iterator[tuple[str, str, list[str]]]:
    """Yield operator, key and values of every condition of a statement."""
    for operator, pairs in statement.conditions.items():
        for key, value in pairs.items() if isinstance(pairs, Mapping) else ():
            yield operator, key.lower(), [str(each) for each in as_list(value)]


@rule
def condition_holds(templates: Templates) -> Found:
    """What a policy allows under a condition is not also allowed to who lacks what the condition asks for."""
    for resource, statement in statements(templates):
        if not statement.allows:
            continue
        present = {
            key for operator, key, values in _find_tested(statement) if operator == "Null" and values == ["false"]
        }
        for operator, key, values in _find_tested(statement):
            missing = _PERHAPS_MISSING.fullmatch(key) and key not in present
            if missing and operator.startswith("ForAllValues:"):
                yield resource, f"Who has no {key} at all meets it: ForAllValues is true of nothing."
            elif missing and operator.endswith("IfExists") and not _strict(statement, key):
                wanted = "false" not in values and "Not" not in operator
                if wanted and (statement.anonymous or "multifactor" in key):
                    yield resource, f"Who has no {key} meets it: IfExists asks nobody else."
            if key == "kms:viaservice" and any(map(_EVERY_SERVICE.fullmatch, values)):
                yield resource, "It allows the use of a key through any service."


def _strict(statement: policies.Statement, key: str) -> bool:
    return key in statement.required


@rule
def refusal_holds(templates: Templates) -> Found:
    """What a policy refuses is refused to everybody whom it means: also who lacks the key that is asked for."""
    for resource, statement in statements(templates):
        if statement.allows:
            continue
        tested = list(_find_tested(statement))
        for operator, key, values in tested:
            of_any = "Not" in operator and operator.startswith("ForAnyValue:")
            if of_any and _PERHAPS_MISSING.fullmatch(key) and not key.startswith("sagemaker:"):
                yield resource, f"Who has no {key} at all is not refused: ForAnyValue is false of nothing."
            if operator == "Bool" and key == "aws:multifactorauthpresent" and values == ["false"]:
                yield (
                    resource,
                    "Who has long-lived keys is not refused: without BoolIfExists a missing key refuses nobody.",
                )
            if operator == "Null" and values == ["false"] and _CUSTOMER_KEY not in key:
                others = [each for other, each, _ in tested if other != "Null"]
                if _ORIGIN.fullmatch(key) or (_PROTECTS.search(key) and key not in others):
                    yield resource, f"It refuses who has {key}, and lets through who has none."


@rule
def refusal_whole(templates: Templates) -> Found:
    """What a policy refuses to everybody but some excepts those whom it names, and not everybody."""
    for resource, statement in statements(templates):
        if statement.allows:
            continue
        for operator, key, values in _find_tested(statement):
            if "Not" not in operator:
                continue
            if key == "aws:principalarn" and any(map(_EVERY_ROLE.fullmatch, values)):
                yield resource, "It refuses no role: what it excludes is every role of every account."
            if key in {"aws:sourcevpce", "aws:sourcevpc"} and any(map(_EVERY_ENDPOINT.fullmatch, values)):
                yield resource, f"It refuses nobody who comes through any endpoint: {key} may be {', '.join(values)}."


@rule
def refusal_apart(templates: Templates) -> Found:
    """A policy refuses who lacks any one of several things, and excepts actions by name and no whole service."""
    for resource, statement in statements(templates):
        if statement.allows:
            continue
        for operator, pairs in statement.conditions.items():
            origins = [key for key in pairs if _ORIGIN.fullmatch(key.lower())]
            if "Not" in operator and len(origins) > 1:
                yield resource, f"It refuses only who lacks {' and '.join(origins)} both: each needs its own statement."
        for name in statement.refused_but:
            if re.fullmatch(r"[a-z0-9-]+:\*|\*", name):
                yield resource, f"It refuses nothing of {name}."


@rule
def wildcard_compared(templates: Templates) -> Found:
    """A wildcard in a condition is compared as one: StringEquals takes it for a letter."""
    for resource, statement in statements(templates):
        for operator, key, values in _find_tested(statement):
            text = operator.partition(":")[2] or operator
            for value in values if _LITERAL.fullmatch(text) else ():
                if "*" in _VARIABLE.sub("", value) and value.strip("*"):
                    yield resource, f"{operator} takes the star in {value} of {key} for a letter: compare with Like."


@rule
def variables_known(templates: Templates) -> Found:
    """A variable stands in a policy of the version that knows variables, and a reference in Fn::Sub."""
    for resource in templates.resources:
        if resource.type == "AWS::Events::EventBusPolicy":
            continue  # its statement has no version
        for document in _documents(resource.properties):
            old = str(document.get("Version", "2008-10-17")).startswith("2008")
            if old and _VARIABLE.search(str(document.get("Statement"))):
                yield resource, "Its variables are letters: a policy of version 2008-10-17 knows none."
    for stack, template in templates.sources.items():
        for logical_id, body in template.get("Resources", {}).items():
            for name in _find_unsubstituted(get(body, "Properties", {})):
                yield Resource(stack, logical_id, str(get(body, "Type")), {}, {}), f"{name} stands in it as letters."


def _documents(value: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - whatever a template holds
    for item in mappings(value):
        if "Statement" in item:
            yield item
        for each in item.values():
            if isinstance(each, str) and '"Statement"' in each and isinstance(parsed := parse_json(each), dict):
                yield parsed


def _find_unsubstituted(value: Any) -> Iterator[str]:  # noqa: ANN401 - part of a template
    """Yield what in the ARNs of policies looks like a reference, and stands outside of Fn::Sub."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name in {"Resource", "NotResource", "Principal", "Condition"}:
                yield from _letters(item)
            elif name != "Fn::Sub":
                yield from _find_unsubstituted(item)
    elif isinstance(value, list):
        for item in value:
            yield from _find_unsubstituted(item)


def _letters(value: Any) -> Iterator[str]:  # noqa: ANN401 - part of a template
    if isinstance(value, str):
        yield from re.findall(r"\$\{(?:AWS::)?[A-Za-z0-9]+(?:\.[A-Za-z0-9.]+)?\}", value)
    elif isinstance(value, dict) and "Fn::Sub" not in value:
        for item in value.values():
            yield from _letters(item)
    elif isinstance(value, list):
        for item in value:
            yield from _letters(item)


@rule
def session_bound(templates: Templates) -> Found:
    """Who may tag a session has no choice of tags; who is let in from outside says an external id."""
    for role, statement in policies.trusts(templates):
        actions = {action.lower() for action in statement.actions}
        tags = [key for key in statement.required if key.startswith(("aws:requesttag/", "aws:tagkeys"))]
        if statement.allows and actions & {"sts:tagsession", "sts:*", "*"} and statement.principals and not tags:
            yield role, "Who takes it on chooses the session's tags: aws:RequestTag is missing."
        named = f"{statement.sid} {role.logical_id} {' '.join(statement.principals)}"
        outside = [each for each in statement.principals if "${AWS::AccountId}" not in each]
        if statement.allows and outside and _VENDOR.search(named) and "sts:externalid" not in statement.required:
            yield role, "Another customer of who takes it on could make them: sts:ExternalId is missing."


@rule
def condition_known(templates: Templates) -> Found:
    """A condition asks for a key that AWS sends: one that is misspelled is in no request."""
    known = {name.lower(): f"{service}:{name}" for service, names in _KEYS.items() for name in names.split()}
    for resource, statement in statements(templates):
        for _, key, _ in _find_tested(statement):
            service, _, name = key.partition(":")
            name = name.partition("/")[0]
            if service in _KEYS and name not in known and (close := get_close_matches(name, known, 1, _CLOSE)):
                yield resource, f"No request has {key}: AWS sends {known[close[0]]}."


@rule
def own_studio(templates: Templates) -> Found:
    """Who opens Studio opens their own: a profile that is named, or has their tag.

    Source: SageMaker guide, "Identity-based policy examples", on CreatePresignedDomainUrl.
    """
    for resource, statement in policies.identity(templates):
        opens = any(action.lower() == "sagemaker:createpresigneddomainurl" for action in statement.actions)
        theirs = any("resourcetag/" in key for key in statement.required)
        if statement.allows and opens and not theirs and any(name.endswith("*") for name in statement.resources):
            yield resource, "It opens the Studio of anybody, and acts as they do."


@rule
def registers_unapproved(templates: Templates) -> Found:
    """Who registers versions of models registers them unapproved: who approves is somebody else."""
    for resource, statement in policies.identity(templates):
        registers = any(action.lower() == "sagemaker:createmodelpackage" for action in statement.actions)
        if statement.allows and registers and "Approved" in statement.condition_keys.get(_STATUS, ()):
            yield resource, "It may register a model as approved."


RULES: Final = (
    condition_known,
    own_studio,
    registers_unapproved,
    condition_holds,
    refusal_holds,
    refusal_whole,
    refusal_apart,
    wildcard_compared,
    variables_known,
    session_bound,
)
