from decimal import Decimal
from typing import Any

import pytest

from mdlc.cost.resources import Charge, Free, charges

METRIC = {"MetricStat": {"Period": 60}}


@pytest.mark.parametrize(
    ("kind", "properties", "expected"),
    [
        (
            "EC2::VPCEndpoint",
            {"VpcEndpointType": "Interface", "SubnetIds": ["a", "b"]},
            {"interface endpoint in a zone": 2},
        ),
        ("CloudWatch::Alarm", {"Period": 60}, {"alarm metric": 1}),
        ("CloudWatch::Alarm", {"Metrics": [METRIC, METRIC, {"Expression": "a/b"}]}, {"alarm metric": 2}),
        ("KMS::Key", {}, {"KMS key": 1}),
        ("EC2::NatGateway", {}, {"NAT gateway": 1}),
        ("EC2::EIP", {}, {"public IPv4 address": 1}),
        ("SecretsManager::Secret", {}, {"secret": 1}),
        ("WAFv2::WebACL", {"Rules": [{}, {}, {}]}, {"web ACL": 1, "web ACL rule": 3}),
    ],
)
def test_what_costs_all_the_time(kind: str, properties: dict[str, Any], expected: dict[str, int]) -> None:
    assert charges(f"AWS::{kind}", properties) == [Charge(item, Decimal(n)) for item, n in expected.items()]


@pytest.mark.parametrize(
    ("kind", "properties", "reason"),
    [
        ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Gateway"}, Free.FREE),
        ("AWS::EC2::VPCEndpoint", {}, Free.FREE),  # a gateway is CloudFormation's default
        ("AWS::IAM::Role", {}, Free.FREE),
        ("AWS::S3::Bucket", {}, Free.USAGE),
        ("AWS::DynamoDB::Table", {"BillingMode": "PAY_PER_REQUEST"}, Free.USAGE),
        ("AWS::SageMaker::FeatureGroup", {"OnlineStoreConfig": {"EnableOnlineStore": True}}, Free.USAGE),
        ("AWS::ApiGateway::Stage", {}, Free.FREE),
        ("Custom::ContainerImage", {}, Free.DEPLOYMENT),
    ],
)
def test_what_is_free_while_nobody_uses_it_says_why(kind: str, properties: dict[str, Any], reason: Free) -> None:
    assert charges(kind, properties) is reason


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::RDS::DBInstance", {}),
        ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "GatewayLoadBalancer", "SubnetIds": ["a"]}),
        ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Interface", "SubnetIds": {"Ref": "Subnets"}}),
        ("AWS::CloudWatch::Alarm", {"Period": 10}),
        ("AWS::CloudWatch::Alarm", {"ThresholdMetricId": "band", "Metrics": [METRIC]}),
        ("AWS::DynamoDB::Table", {"ProvisionedThroughput": {"ReadCapacityUnits": 5}}),
        ("AWS::ApiGateway::Stage", {"CacheClusterEnabled": True}),
        ("AWS::SageMaker::FeatureGroup", {"OnlineStoreConfig": {"StorageType": "InMemory"}}),
        ("AWS::SageMaker::FeatureGroup", {"ThroughputConfig": {"ThroughputMode": "Provisioned"}}),
    ],
)
def test_what_is_not_known_is_never_free(kind: str, properties: dict[str, Any]) -> None:
    assert charges(kind, properties) is None
