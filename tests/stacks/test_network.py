"""The network is closed, and has the endpoints that the enabled features need."""

import dataclasses
import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Match, Template

from app import build
from stacks.labeling_settings import Labeling
from stacks.settings import Feature
from tests.environments import DEV

pytestmark = pytest.mark.slow  # environments of its own are synthesized

# By hand, from what the functions in the network call: jobs and models are isolated and call nothing. Studio itself
# calls the first five, and people in it read the outputs of stacks and install packages.
# Labeling signs people in.
STUDIO = {
    *("aws.sagemaker.eu-west-1.studio", "logs", "sagemaker.api", "sagemaker.runtime", "sts"),
    *("cloudformation", "codeartifact.api", "codeartifact.repositories"),
}
TRAINING = "training"  # any system, of the four that there are
EXPECTED: dict[frozenset[str], set[str]] = {
    frozenset(): set(),
    frozenset({TRAINING}): {"sagemaker.api"},
    frozenset({TRAINING, Feature.SERVING}): {"sagemaker.api", "application-autoscaling"},
    frozenset({*Feature, TRAINING}) - {Feature.API, Feature.STUDIO}: {
        *("sagemaker.api", "application-autoscaling", "cognito-idp"),
    },
    frozenset({Feature.FEATURES}): set(),
    frozenset({Feature.LABELING}): {"cognito-idp"},
    frozenset({Feature.STUDIO}): STUDIO,
    frozenset({Feature.STUDIO, Feature.FEATURES}): STUDIO | {"sagemaker.featurestore-runtime"},
    frozenset({Feature.STUDIO, TRAINING}): STUDIO | {"states"},
    frozenset({*Feature, TRAINING}): {
        *STUDIO,
        *("application-autoscaling", "cognito-idp", "sagemaker.featurestore-runtime", "states"),
    },
}
GATEWAYS = {
    features: {"s3"} | ({"dynamodb"} if features & {TRAINING, Feature.LABELING} else set()) for features in EXPECTED
}
# Which endpoint an action of a function goes through. The service itself acts for the function in `logs`, `xray`, `ec2`
# and `sqs` (its dead letters), S3 and DynamoDB in `kms`, SageMaker and Application Auto Scaling in `cloudwatch`; roles
# are passed, not called.
THROUGH = {
    "s3": "s3",
    "dynamodb": "dynamodb",
    "cognito-idp": "cognito-idp",
    "codeartifact": "codeartifact.api",
    "codeartifact:ReadFromRepository": "codeartifact.repositories",
    "sagemaker": "sagemaker.api",
    "sagemaker:InvokeEndpoint": "sagemaker.runtime",
    **dict.fromkeys(
        ("sagemaker:BatchGetRecord", "sagemaker:GetRecord", "sagemaker:PutRecord"), "sagemaker.featurestore-runtime"
    ),
}
BY_SERVICES = {"logs", "xray", "ec2", "sqs", "kms", "cloudwatch", "iam", "events"}
WAYS_OUT = {
    "AWS::EC2::InternetGateway",
    "AWS::EC2::NatGateway",
    "AWS::EC2::EIP",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::EgressOnlyInternetGateway",
    "AWS::EC2::Route",
}


def endpoints(template: dict[str, Any], kind: str = "Interface") -> set[str]:
    names = [
        resource["Properties"]["ServiceName"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::EC2::VPCEndpoint" and resource["Properties"]["VpcEndpointType"] == kind
    ]
    last = (name["Fn::Join"][1][-1] if isinstance(name, dict) else name for name in names)  # after the region
    return {name.removeprefix("com.amazonaws.eu-west-1").removeprefix(".") for name in last}


@pytest.mark.parametrize("features", EXPECTED, ids=lambda features: "+".join(sorted(features)) or "none")
def test_endpoints_and_stacks_follow_the_features(features: frozenset[str], cdk_context: dict[str, Any]) -> None:
    chosen = frozenset(feature for feature in Feature if feature in features)
    environment = dataclasses.replace(DEV, features=chosen, systems=DEV.systems if TRAINING in features else ())
    assembly = build(cdk.App(context=cdk_context), [environment]).synth().get_nested_assembly("assembly-dev")
    assert endpoints(assembly.get_stack_by_name("dev-network").template) == EXPECTED[features]
    assert endpoints(assembly.get_stack_by_name("dev-network").template, "Gateway") == GATEWAYS[features]
    optional = {
        TRAINING: {"dev-images", "dev-steps", "dev-training", "dev-knn", "dev-vision"},
        Feature.SERVING: {"dev-serving"},
        Feature.API: {"dev-api"},
        Feature.FEATURES: {"dev-features"},
        Feature.EXPERIMENTS: {"dev-experiments"},
        Feature.STUDIO: {"dev-studio"},
        Feature.LABELING: {"dev-labeling"},
    }
    stacks = {"dev-storage", "dev-network", "dev-budget", "dev-notices"}.union(
        *(optional[feature] for feature in features)
    )
    assert {stack.stack_name for stack in assembly.stacks} == stacks


def test_labeling_leads_to_lambda_where_the_environment_lists_functions_of_users(cdk_context: dict[str, Any]) -> None:
    labeling = Labeling(functions=("arn:aws:lambda:eu-west-1:111111111111:function:before",))
    environment = dataclasses.replace(DEV, features=frozenset({Feature.LABELING}), systems=(), labeling=labeling)
    assembly = build(cdk.App(context=cdk_context), [environment]).synth().get_nested_assembly("assembly-dev")
    assert endpoints(assembly.get_stack_by_name("dev-network").template) == {"cognito-idp", "lambda"}


@pytest.mark.parametrize(("environment", "zones"), [("dev", 1), ("staging", 2), ("prod", 3)])
def test_endpoints_are_in_every_zone_but_in_dev_in_one(
    environment: str, zones: int, templates: dict[str, dict[str, Any]]
) -> None:
    for name, resource in templates[f"{environment}-network"]["Resources"].items():
        if resource["Type"] == "AWS::EC2::VPCEndpoint" and resource["Properties"]["VpcEndpointType"] == "Interface":
            assert len(resource["Properties"]["SubnetIds"]) == zones, name


def test_nothing_in_the_network_but_functions_calls_a_service(templates: dict[str, dict[str, Any]]) -> None:
    """Why no job or model needs an endpoint: each is isolated from the network that it is in."""
    definitions = json.dumps(templates).replace("\\", "")
    assert definitions.count('"VpcConfig":{"SecurityGroupIds"') > 10
    assert definitions.count('"EnableNetworkIsolation":true') >= definitions.count('"VpcConfig":{"SecurityGroupIds"')


def test_a_sandbox_has_every_feature_and_nothing_in_its_network(templates: dict[str, dict[str, Any]]) -> None:
    own = {name: template for name, template in templates.items() if name.startswith("sandbox-")}
    found = {name.removeprefix("sandbox-"): template["Resources"] for name, template in own.items()}
    assert found.keys() >= {"storage", "images", "training", "steps", "vision", "serving", "knn", "api", "features"}
    network = {"Resources": found.pop("network")}
    assert endpoints(network) == set()
    assert endpoints(network, "Gateway") == {"s3"}
    assert not {resource["Type"] for resource in network["Resources"].values()} & WAYS_OUT
    text = json.dumps(found)
    assert "AWS::EC2::" not in text
    assert "VpcConfig" not in text
    assert "mdlc-network" not in json.dumps({name: body for name, body in found.items() if name != "storage"})
    rollouts = [r for body in found.values() for r in body.values() if "VARIANT_NAME" in json.dumps(r)]
    assert len(rollouts) == 3
    assert not any("SUBNET_IDS" in json.dumps(rollout) for rollout in rollouts)


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_no_way_out(environment: str, templates: dict[str, dict[str, Any]]) -> None:
    types = {resource["Type"] for resource in templates[f"{environment}-network"]["Resources"].values()}
    assert not types & WAYS_OUT


def test_one_isolated_subnet_in_each_zone(templates: dict[str, dict[str, Any]]) -> None:
    subnets = [
        resource["Properties"]
        for resource in templates["prod-network"]["Resources"].values()
        if resource["Type"] == "AWS::EC2::Subnet"
    ]
    assert sorted(subnet["AvailabilityZone"] for subnet in subnets) == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    assert not any(subnet["MapPublicIpOnLaunch"] for subnet in subnets)


def test_endpoints_are_for_this_account_and_their_names_resolve(templates: dict[str, dict[str, Any]]) -> None:
    template = Template.from_json(templates["dev-network"])
    own = {"StringEquals": {"aws:PrincipalAccount": "111111111111"}}
    template.all_resources_properties(
        "AWS::EC2::VPCEndpoint",
        {"PolicyDocument": {"Statement": Match.array_with([Match.object_like({"Condition": own})])}},
    )
    for resource in template.find_resources(
        "AWS::EC2::VPCEndpoint", {"Properties": {"VpcEndpointType": "Interface"}}
    ).values():
        assert resource["Properties"]["PrivateDnsEnabled"] is True


def test_only_workloads_reach_the_endpoints_and_only_by_https(templates: dict[str, dict[str, Any]]) -> None:
    rules = [
        resource["Properties"]
        for resource in templates["dev-network"]["Resources"].values()
        if resource["Type"] == "AWS::EC2::SecurityGroupIngress"
    ]
    to_endpoints = [rule for rule in rules if rule.get("ToPort") == 443]
    assert len(to_endpoints) == 4
    assert all("CidrIp" not in rule for rule in rules)
    among_instances = [rule for rule in rules if rule not in to_endpoints]
    assert {rule["IpProtocol"] for rule in among_instances} == {"tcp", "udp", "50"}
    assert all(rule["SourceSecurityGroupId"] == rule["GroupId"] for rule in among_instances)


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_whoever_is_in_the_network_reaches_whatever_they_may_call_and_nothing_else_stands_by(
    environment: str, templates: dict[str, dict[str, Any]]
) -> None:
    network = templates[f"{environment}-network"]
    reached = endpoints(network) | endpoints(network, "Gateway")
    inside: set[str] = set()
    called: set[str] = set()
    for stack, template in templates.items():
        if not stack.startswith(f"{environment}-"):
            continue
        functions = [r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::Lambda::Function"]
        for function in functions:
            if "VpcConfig" in function:
                inside.add(function["Handler"].partition(".")[0])
                needed = through(template, function["Role"]["Fn::GetAtt"][0])
                called |= needed
                assert needed <= reached, function["Description"]
        for name, role in template["Resources"].items():
            if role["Type"] == "AWS::IAM::Role" and role["Properties"]["Description"].startswith("Studio user "):
                needed = through(template, name, by_services=BY_SERVICES - {"logs"})
                called |= needed
                assert needed <= reached, name
    assert called | STUDIO == reached
    labeling = {f"labeling_{part}" for part in ("jobs", "prepare", "finish", "sweep")} | {
        *("sign_in", "worker", "lead", "page"),
        *("human_loops", "human_loop_course", "review_gate"),
    }
    assert inside == {"predictions", "rollout", "run_comparison", "run_validation"} | labeling


def through(template: dict[str, Any], role: str, by_services: set[str] = BY_SERVICES) -> set[str]:
    """Endpoints that the actions of a role go through."""
    found: set[str] = set()
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::IAM::Policy" and {"Ref": role} in resource["Properties"]["Roles"]:
            for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
                actions = statement["Action"]
                for action in [actions] if isinstance(actions, str) else actions:
                    service = action.partition(":")[0]
                    if service not in by_services:
                        found.add(THROUGH.get(action) or THROUGH.get(service) or service)
    return found
