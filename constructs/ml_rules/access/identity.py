"""Rules of least privilege: what roles may do, and who may take them on."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import Final

from ml_rules import policies
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list

Found = Iterator[tuple[Resource, str]]

WITHOUT_RESOURCE: Final = frozenset(
    {
        "cloudwatch:DescribeAnomalyDetectors",
        "cloudwatch:GetMetricData",
        "cloudwatch:GetMetricStatistics",
        "cloudwatch:ListDashboards",
        "cloudwatch:ListMetrics",
        "cloudwatch:PutMetricData",
        "codeartifact:ListDomains",
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcs",
        "ecr:GetAuthorizationToken",
        "events:ListRules",
        "logs:CreateLogDelivery",  # of a state machine: Step Functions guide, "Logging to CloudWatch Logs"
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
        "s3:ListAllMyBuckets",
        "sagemaker:ListAIBenchmarkJobs",
        "sagemaker:ListAIRecommendationJobs",
        "sagemaker:ListApps",
        "sagemaker:ListAutoMLJobs",
        "sagemaker:ListCompilationJobs",
        "sagemaker:ListDomains",
        "sagemaker:ListEdgePackagingJobs",
        "sagemaker:ListEndpointConfigs",
        "sagemaker:ListEndpoints",
        "sagemaker:ListExperiments",
        "sagemaker:ListFeatureGroups",
        "sagemaker:ListHyperParameterTuningJobs",
        "sagemaker:ListInferenceRecommendationsJobs",
        "sagemaker:ListJobs",
        "sagemaker:ListLabelingJobs",
        "sagemaker:ListModelPackageGroups",
        "sagemaker:ListModelPackages",
        "sagemaker:ListModels",
        "sagemaker:ListOptimizationJobs",
        "sagemaker:ListPipelines",
        "sagemaker:ListProcessingJobs",
        "sagemaker:ListSpaces",
        "sagemaker:ListTrainingJobs",
        "sagemaker:ListTransformJobs",
        "sagemaker:ListTrialComponents",
        "sagemaker:ListTrials",
        "sagemaker:ListUserProfiles",
        "sagemaker:Search",
        "states:SendTaskFailure",
        "states:SendTaskSuccess",
        "sts:GetCallerIdentity",
        "sts:GetServiceBearerToken",
        "tag:GetResources",
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }
)
"""Actions that AWS authorizes on no resource. Source: Service Authorization Reference, tables "Actions defined by"."""
OF_LAMBDA: Final = frozenset(
    {
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:UnassignPrivateIpAddresses",
    }
)
"""What Lambda asks of a function's role for every resource of the account and region, `arn:…:*/*`, whose network
interfaces it keeps. Source: Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC"."""
_AWS_MANAGED: Final = re.compile(r"arn:[^:]*:iam::aws:policy/|^[A-Z]\w+(FullAccess|ReadOnlyAccess|ExecutionRole)$")
_WHOLE_KIND: Final = re.compile(
    r"arn:[^:]+:[^:]+:[^:]*:[^:]*:((accesspoint|alias|cluster|domain|endpoint|event-bus|feature-group|key|model-package-group"
    r"|notebook-instance|parameter|pipeline|project|repository|role|rule|stateMachine|stream|table|user|user-profile)[/:]"
    r"|(function|log-group|secret):)?\*+(:\*)?"
)
"""Every resource of a service, or of a kind whose names are known before anything is deployed."""
_BOUND: Final = (
    "aws:resourcetag/",
    "sagemaker:resourcetag/",
    "sagemaker:taggingaction",
    "kms:",
    "secretsmanager:resourcetag/",
)
"""Beginnings of the keys of conditions that narrow a kind down."""
_SUBJECTS: Final = (":sub", "saml:aud", "saml:iss", "cognito-identity.amazonaws.com:aud")
"""Which keys tell for whom, of all whom a provider of identities knows, it speaks."""
_WHOSE: Final = (
    *("aws:principalaccount", "kms:calleraccount", "aws:sourceowner", "s3:dataaccesspointaccount", "aws:principalarn"),
    *("aws:sourcevpc", "aws:sourcevpce", "aws:vpceaccount", "aws:vpceorgid", "aws:sourceorgid"),
)
"""Keys of conditions that tell who asks, or from which network."""
_ACCOUNT: Final = 4
"""Where an ARN tells its account."""


@rule
def wildcard_action(templates: Templates) -> Found:
    """A policy names every action that it allows, without a wildcard and not by naming those that it does not."""
    of_resources = (found for found in policies.resource_based(templates) if found[0].type != "AWS::KMS::Key")
    for resource, statement in chain(policies.identity(templates), policies.trusts(templates), of_resources):
        if statement.allows:
            for action in statement.actions:
                if "*" in action or "?" in action:
                    yield resource, f"It allows {action}."
            if statement.inverted:
                yield resource, f"It allows with {', '.join(statement.inverted)} what nobody has listed."


@rule
def managed_policy(templates: Templates) -> Found:
    """No policy of AWS's own, which grows without us, is attached to a role, user, group or permission set."""
    for resource in templates.of("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group", "AWS::SSO::PermissionSet"):
        for arn in as_list(resource.get("ManagedPolicyArns")) + as_list(resource.get("ManagedPolicies")):
            if _AWS_MANAGED.search(str(arn)):
                yield resource, f"It has {arn}."


@rule
def star_resource(templates: Templates) -> Found:
    """A policy names the resources of every action for which AWS has some."""
    for resource, statement in policies.identity(templates):
        if statement.allows and any(name and not name.strip("*") for name in statement.resources):
            avoidable = sorted(set(statement.actions) - WITHOUT_RESOURCE)
            if avoidable:
                yield resource, f"It allows {', '.join(avoidable)} on every resource."


@rule
def wildcard_resource(templates: Templates) -> Found:
    """A wildcard in a resource stands for the end of a name, not for a service, region, account or whole kind."""
    for resource, statement in policies.identity(templates):
        for name in statement.resources if statement.allows else ():
            plain = policies.plain(name)
            if re.fullmatch(r"arn:[^:]+:ec2:[^:*]+:[^:*]+:\*/\*", plain) and set(statement.actions) <= OF_LAMBDA:
                continue
            whole = _WHOLE_KIND.fullmatch(plain) and not any(key.startswith(_BOUND) for key in statement.required)
            if "*" in plain and plain.strip("*") and (whole or not policies.is_named(name)):
                yield resource, f"It allows {', '.join(statement.actions)} on {name}."


@rule
def pass_role(templates: Templates) -> Found:
    """A role that may be passed is named, and the service that it may be passed to."""
    for resource, statement in policies.identity(templates):
        if statement.allows and "iam:passrole" in map(str.lower, statement.actions):
            services = statement.required.get("iam:passedtoservice", [])
            if not services or any("*" in service for service in services):
                yield resource, "It may pass a role to any service: iam:PassedToService is missing."
            if any("*" in name for name in statement.resources):
                yield resource, "It may pass roles that it does not name."


@rule
def service_trust(templates: Templates) -> Found:
    """A service takes on a role for this account alone: the trust has aws:SourceAccount or aws:SourceArn."""
    for role, statement in policies.trusts(templates):
        if statement.allows and statement.services and not tells_source(statement):
            yield role, f"{', '.join(statement.services)} may take it on for any account."


@rule
def named_trust(templates: Templates) -> Found:
    """A role is taken on by principals that it names, and by identities from outside under conditions."""
    for role, statement in policies.trusts(templates):
        if not statement.allows:
            continue
        anybody = any("*" in principal for principal in statement.principals) and not tells_source(statement)
        if anybody or statement.inverted:
            yield role, "Anybody may take it on."
        keys = statement.required
        subjects = [value for key, values in keys.items() if key.endswith(_SUBJECTS) for value in values]
        if statement.federated and (not subjects or any(map(_is_any_subject, subjects))):
            yield role, f"Any subject of {', '.join(statement.federated)} may take it on."
        if any("unauthenticated" in values for key, values in keys.items() if key.endswith(":amr")):
            yield role, "Whoever did not say who they are may take it on."
        audience = any(key.endswith(":aud") for key in keys)
        if any("oidc-provider/" in name for name in statement.federated) and not audience:
            yield role, "A token that was made for somebody else is taken: no condition asks for its audience."


_OF_SENDERS: Final = {"kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKey*"}
"""What EventBridge asks of a topic's key, without aws:SourceAccount and aws:SourceArn (SNS guide, "Key management")."""


def _is_of_events(statement: policies.Statement) -> bool:
    return set(statement.services) == {"events.amazonaws.com"} and not statement.principals


@rule
def service_source(templates: Templates) -> Found:
    """A service uses a resource for this account alone: the policy has aws:SourceAccount, aws:SourceArn or the like."""
    for resource, statement in policies.resource_based(templates):
        if not (statement.allows and statement.services):
            continue
        keys = statement.required
        if resource.type == "AWS::KMS::Key" and any(
            key.startswith("kms:encryptioncontext:") or key in {"kms:calleraccount", "kms:viaservice"} for key in keys
        ):
            continue
        if resource.type == "AWS::KMS::Key" and set(statement.actions) <= _OF_SENDERS and _is_of_events(statement):
            continue
        if not tells_source(statement) and "lambda:eventsourcetoken" not in keys:
            yield resource, f"{', '.join(statement.services)} may use it for any account."
        elif "s3.amazonaws.com" in statement.services and "aws:sourceaccount" not in keys:
            yield resource, "The ARN of a bucket tells no account: aws:SourceAccount is missing."


@rule
def anonymous_access(templates: Templates) -> Found:
    """A resource's policy allows nobody whom it does not name, but under a condition on account or organization."""
    every = list(policies.resource_based(templates))
    refusing = [(resource, statement) for resource, statement in every if _refuses_others(statement)]
    for resource, statement in every:
        guarded = any(of is resource and _covers(deny, statement) for of, deny in refusing)
        if not statement.allows or guarded:
            continue
        bound = tells_source(statement) or _tells_unit(statement) or _tells_account(statement, *_WHOSE)
        anybody = any("*" in principal for principal in statement.principals) or "NotPrincipal" in statement.inverted
        if anybody and not bound:
            yield resource, f"It allows anybody {', '.join(statement.actions)}."


@rule
def long_lived_credentials(templates: Templates) -> Found:
    """Nothing has credentials that stay: there are roles, and no users, access keys or log-in profiles."""
    for resource in templates.of("AWS::IAM::User", "AWS::IAM::UserPolicy", "AWS::IAM::AccessKey"):
        yield resource, "Its credentials do not expire."
    for resource in templates.of("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        if as_list(resource.get("Users")):
            yield (
                resource,
                f"It gives rights to credentials that do not expire, of {as_list(resource.get('Users'))[0]}.",
            )


@rule
def role_of_its_own(templates: Templates) -> Found:
    """Every function has a role of its own, and every policy is of one role."""
    functions = list(templates.of("AWS::Lambda::Function"))
    uses = Counter(str(function.get("Role")) for function in functions)
    for function in functions:
        if uses[str(function.get("Role"))] > 1:
            yield function, "It shares its role with another function."
    for policy in templates.of("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        holders = [*as_list(policy.get("Roles")), *as_list(policy.get("Users")), *as_list(policy.get("Groups"))]
        if len(holders) > 1:
            yield policy, f"It is attached to {len(holders)} principals."


def _refuses_others(statement: policies.Statement) -> bool:
    """Return whether a statement denies everybody who does not come from where it says, or is not who it says."""
    keys = set(statement.condition_keys)
    negated = all("Not" in operator for operator in statement.conditions)
    return (
        not statement.allows
        and statement.anonymous
        and negated
        and bool(keys)
        and keys <= {*_WHOSE, "aws:sourceaccount"}
    )


def _covers(deny: policies.Statement, allow: policies.Statement) -> bool:
    """Return whether a statement denies all that another allows."""
    return any(action.endswith("*") for action in deny.actions) or set(allow.actions) <= set(deny.actions)


def _is_any_subject(value: str) -> bool:
    """Return whether a subject means identities that nobody named: all of an organization or repository."""
    first, *others = value.split(":")
    rest = [part for part in others if part]
    if "*" in first or not rest:
        return "*" in value
    return "*" in rest[0] or any(part.strip("*") == "" for part in rest) or value.endswith(("/*", ":*"))


def tells_source(statement: policies.Statement) -> bool:
    """Return whether a statement says on whose behalf a service may act."""
    sources = [policies.plain(source) for source in statement.required.get("aws:sourcearn", [])]
    return _tells_account(statement, "aws:sourceaccount", "aws:sourceorgid", "aws:principalorgid") or (
        bool(sources) and all(map(_names_an_account, sources))
    )


def _tells_unit(statement: policies.Statement) -> bool:
    """Return whether a statement is for principals of a unit of an organization that it names."""
    paths = statement.required.get("aws:principalorgpaths", [])
    return bool(paths) and not any(path.startswith(("*", "o-*")) for path in paths)


def _tells_account(statement: policies.Statement, *keys: str) -> bool:
    """Return whether one of `keys` must have a value without a wildcard."""
    given = [statement.required[key] for key in keys if key in statement.required]
    return any(all("*" not in value for value in values) for values in given)


def _names_an_account(arn: str) -> bool:
    """Return whether `arn` is of one account; the ARN of a bucket names none, and a reference has its own."""
    parts = arn.split(":")
    return parts[0] != "arn" or (len(parts) > _ACCOUNT + 1 and "*" not in parts[_ACCOUNT])


@rule
def one_service(templates: Templates) -> Found:
    """A role is taken on by one service: with a second one, who may pass it uses its rights where nobody meant it."""
    for role in templates.of("AWS::IAM::Role"):
        services = {
            service.split(".")[0]
            for statement in policies.read(role.get("AssumeRolePolicyDocument") or {"Statement": []})
            for service in statement.services
            if statement.allows
        }
        if len(services - {"edgelambda"}) > 1:
            yield role, f"It is taken on by {', '.join(sorted(services))}: each has a role of its own."


RULES: Final = (
    one_service,
    wildcard_action,
    managed_policy,
    star_resource,
    wildcard_resource,
    pass_role,
    service_trust,
    named_trust,
    service_source,
    anonymous_access,
    long_lived_credentials,
    role_of_its_own,
)
