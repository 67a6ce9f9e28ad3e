"""Rules of costs: of everything that costs it can be told whose it is."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ml_rules.requests import jobs
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list

Found = Iterator[tuple[Resource, str]]

TAGS: Final = ("environment", "system", "owner")
REPLACED: Final = frozenset(
    {
        "AWS::CE::AnomalyMonitor",
        "AWS::CE::AnomalySubscription",
        "AWS::SageMaker::Domain",
        "AWS::SageMaker::FeatureGroup",
        "AWS::SageMaker::StudioLifecycleConfig",
        "AWS::SageMaker::UserProfile",
    }
)
"""Types that CloudFormation replaces for another tag, so that none may come onto what is there already."""
UNTAGGED: Final = frozenset(
    {
        "AWS::ApiGateway::Account",
        "AWS::ApiGateway::Authorizer",
        "AWS::ApiGateway::Deployment",
        "AWS::ApiGateway::GatewayResponse",
        "AWS::ApiGateway::Method",
        "AWS::ApiGateway::Model",
        "AWS::ApiGateway::RequestValidator",
        "AWS::ApiGateway::Resource",
        "AWS::CDK::Metadata",
        "AWS::Cognito::UserPoolClient",
        "AWS::Cognito::UserPoolGroup",
        "AWS::EC2::SecurityGroupEgress",
        "AWS::EC2::SecurityGroupIngress",
        "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::IAM::Policy",
        "AWS::KMS::Alias",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::Permission",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::Subscription",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::QueuePolicy",
    }
)
"""Types that take no tags, as none of them costs anything by itself."""
_PROPERTIES: Final = ("Tags", "ResourceTags", "UserPoolTags")
_REMEDY: Final = (
    "add_tags gives them; a type that takes none, or is replaced for one, is written down in "
    "ml_rules/watching/costs.py."
)


@rule
def cost_tags(templates: Templates) -> Found:
    """Whatever takes tags has those by which costs are told apart, jobs that a definition starts too."""
    known = (resource for resource in templates.resources if resource.environment.name)  # others have their own tags
    for resource in known:
        if resource.type.startswith("Custom::") or resource.type in REPLACED | UNTAGGED:
            continue
        if lacking := _lacking(resource.properties):
            yield resource, f"It has no tag {', '.join(lacking)}: {_REMEDY}"
    for resource, name, request in jobs(templates):
        if resource.environment.name and (lacking := _lacking(request)):
            yield resource, f"{name} starts a job without the tag {', '.join(lacking)}."


def _lacking(properties: Mapping[str, Any]) -> list[str]:
    """Return which of the tags are missing, or say nothing."""
    found: dict[str, Any] = {}
    for member in _PROPERTIES:
        tags = properties.get(member)
        if isinstance(tags, Mapping):
            found |= tags
        else:
            found |= {str(tag.get("Key")): tag.get("Value") for tag in as_list(tags) if isinstance(tag, Mapping)}
    return [name for name in TAGS if not found.get(name)]


RULES: Final = (cost_tags,)
