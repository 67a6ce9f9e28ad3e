"""Charges of a resource while nobody uses it: so much of an item, or nothing for a reason."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from mdlc.cost.assembly import Properties

MINUTE: Final = 60


class Free(StrEnum):
    """Why a resource costs nothing while nobody uses it."""

    USAGE = "paid by use"
    FREE = "free of charge"
    DEPLOYMENT = "runs while a stack is deployed"


@dataclass(frozen=True)
class Charge:
    """A quantity of an item of the price table, charged all the time."""

    item: str
    quantity: Decimal = Decimal(1)


Charges = Free | Sequence[Charge] | None
"""None where the tool does not know."""

BY_USE: Final = frozenset(
    {
        "AWS::ApiGateway::RestApi",
        "AWS::CodeArtifact::Domain",
        "AWS::Cognito::UserPool",  # by people who sign in within a month
        "AWS::CodeArtifact::Repository",
        "AWS::CodeBuild::Project",
        "AWS::EC2::FlowLog",
        "AWS::ECR::Repository",
        "AWS::Events::Rule",
        "AWS::Lambda::Function",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::SageMaker::MlflowApp",
        "AWS::SageMaker::Pipeline",
        "AWS::SageMaker::Space",  # its volume is made when its app runs first
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
        "AWS::StepFunctions::StateMachine",
    }
)
FREE: Final = frozenset(
    {
        "AWS::ApiGateway::Account",
        "AWS::ApiGateway::Authorizer",
        "AWS::ApiGateway::Deployment",
        "AWS::ApiGateway::GatewayResponse",
        "AWS::ApiGateway::Method",
        "AWS::ApiGateway::Model",
        "AWS::ApiGateway::RequestValidator",
        "AWS::ApiGateway::Resource",
        "AWS::Budgets::Budget",  # without actions
        "AWS::CDK::Metadata",
        "AWS::CE::AnomalyMonitor",
        "AWS::CE::AnomalySubscription",
        "AWS::Cognito::UserPoolClient",
        "AWS::Cognito::UserPoolGroup",
        "AWS::EC2::RouteTable",
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::SecurityGroupEgress",
        "AWS::EC2::SecurityGroupIngress",
        "AWS::EC2::Subnet",
        "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::EC2::VPC",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::KMS::Alias",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Permission",
        "AWS::S3::BucketPolicy",
        "AWS::SageMaker::Domain",
        "AWS::SageMaker::ModelPackageGroup",
        "AWS::SageMaker::NotebookInstanceLifecycleConfig",
        "AWS::SageMaker::StudioLifecycleConfig",
        "AWS::SageMaker::UserProfile",
        "AWS::SNS::Subscription",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::QueuePolicy",
    }
)


def _vpc_endpoint(properties: Properties) -> Charges:
    """Charge an interface in every zone that it is in; a gateway is free."""
    match properties.get("VpcEndpointType", "Gateway"), properties.get("SubnetIds"):
        case "Gateway", _:
            return Free.FREE
        case "Interface", [_, *_] as subnets:
            return [Charge("interface endpoint in a zone", Decimal(len(subnets)))]
    return None


def _alarm(properties: Properties) -> Charges:
    """Charge every metric that an alarm watches; a period below a minute has another price."""
    metrics = [metric["MetricStat"] for metric in properties.get("Metrics", []) if "MetricStat" in metric]
    periods = [metric["Period"] for metric in metrics] or [properties.get("Period", MINUTE)]
    if properties.get("ThresholdMetricId") or min(periods) < MINUTE:
        return None
    return [Charge("alarm metric", Decimal(len(periods)))]


def _web_acl(properties: Properties) -> Charges:
    return [Charge("web ACL"), Charge("web ACL rule", Decimal(len(properties.get("Rules", []))))]


def _table(properties: Properties) -> Charges:
    return Free.USAGE if properties.get("BillingMode") == "PAY_PER_REQUEST" else None


def _stage(properties: Properties) -> Charges:
    return None if properties.get("CacheClusterEnabled") else Free.FREE


def _feature_group(properties: Properties) -> Charges:
    in_memory = properties.get("OnlineStoreConfig", {}).get("StorageType", "Standard") != "Standard"
    provisioned = properties.get("ThroughputConfig", {}).get("ThroughputMode", "OnDemand") != "OnDemand"
    return None if in_memory or provisioned else Free.USAGE


def _notebook(properties: Properties) -> Charges:
    """Charge an instance as if it never stopped, and its volume, which stays when it does."""
    volume = Decimal(properties.get("VolumeSizeInGB", 5))
    return [Charge(f"{properties['InstanceType']} notebook"), Charge("notebook storage", volume)]


def _always(item: str) -> Callable[[Properties], Charges]:
    return lambda _: [Charge(item)]


RULES: Final[Mapping[str, Callable[[Properties], Charges]]] = {
    "AWS::ApiGateway::Stage": _stage,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::DynamoDB::Table": _table,
    "AWS::EC2::EIP": _always("public IPv4 address"),
    "AWS::EC2::NatGateway": _always("NAT gateway"),
    "AWS::EC2::VPCEndpoint": _vpc_endpoint,
    "AWS::KMS::Key": _always("KMS key"),
    "AWS::SageMaker::FeatureGroup": _feature_group,
    "AWS::SageMaker::NotebookInstance": _notebook,
    "AWS::SecretsManager::Secret": _always("secret"),
    "AWS::WAFv2::WebACL": _web_acl,
}


def charges(kind: str, properties: Mapping[str, Any]) -> Charges:
    """Return what a resource costs all the time, why nothing, or None when that is not known."""
    if rule := RULES.get(kind):
        return rule(properties)
    if kind in BY_USE:
        return Free.USAGE
    if kind in FREE:
        return Free.FREE
    if kind.startswith("Custom::"):
        return Free.DEPLOYMENT
    return None
