"""Resources that are recorded are named as AWS names them, and do not stop an app that has them."""

import importlib
import re
from collections.abc import Callable
from typing import Any

import pytest

from localcloud.cloudformation.forms import FORMS
from localcloud.cloudformation.recorded import RECORDED

LATER = {
    "AWS::CloudTrail::Trail": {"sns_topic_arn"},
    "AWS::EC2::KeyPair": {"key_fingerprint"},
    "AWS::EC2::NatGateway": {"auto_provision_zones", "auto_scaling_ips", "eni_id", "route_table_id"},
    "AWS::SageMaker::ModelCard": {
        "creation_time",
        "created_by_domain_id",
        "created_by_user_profile_arn",
        "created_by_user_profile_name",
        "last_modified_by_domain_id",
        "last_modified_by_user_profile_arn",
        "last_modified_by_user_profile_name",
        "last_modified_time",
        "model_card_processing_status",
        "model_card_version",
    },
    **{
        f"AWS::SageMaker::{kind}JobDefinition": {"creation_time"}
        for kind in ("DataQuality", "ModelBias", "ModelExplainability", "ModelQuality")
    },
}
"""Attributes that tell what became of a resource, which nothing did."""
VPC_ID, ROUTES, ALLOCATION = {"Ref": "Vpc"}, {"Ref": "Routes"}, {"Fn::GetAtt": ["Address", "AllocationId"]}
BEHIND_NAT: dict[str, Any] = {
    "Vpc": ("AWS::EC2::VPC", {"CidrBlock": "10.9.0.0/16"}),
    "Subnet": ("AWS::EC2::Subnet", {"VpcId": VPC_ID, "CidrBlock": "10.9.1.0/24"}),
    "Routes": ("AWS::EC2::RouteTable", {"VpcId": VPC_ID}),
    "Address": ("AWS::EC2::EIP", {"Domain": "vpc"}),
    "Nat": ("AWS::EC2::NatGateway", {"AllocationId": ALLOCATION, "SubnetId": {"Ref": "Subnet"}}),
    "Route": (
        "AWS::EC2::Route",
        {"RouteTableId": ROUTES, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": {"Ref": "Nat"}},
    ),
    "Options": ("AWS::EC2::DHCPOptions", {"DomainName": "ml.example"}),
    "Associated": ("AWS::EC2::VPCDHCPOptionsAssociation", {"DhcpOptionsId": {"Ref": "Options"}, "VpcId": VPC_ID}),
    "Image": ("AWS::SageMaker::Image", {"ImageName": "own", "ImageRoleArn": "arn:aws:iam::111111111111:role/r"}),
    "ImageVersion": ("AWS::SageMaker::ImageVersion", {"ImageName": "own", "BaseImage": "own:1"}),
    "Code": ("AWS::SageMaker::CodeRepository", {"GitConfig": {"RepositoryUrl": "https://example.com/r.git"}}),
    "Repository": ("AWS::CodeCommit::Repository", {"RepositoryName": "code"}),
    "Product": (
        "AWS::ServiceCatalog::CloudFormationProduct",
        {"Name": "template", "Owner": "us", "ProvisioningArtifactParameters": [{"Info": {}}]},
    ),
    "Portfolio": ("AWS::ServiceCatalog::Portfolio", {"DisplayName": "ML", "ProviderName": "us"}),
    "Offered": (
        "AWS::ServiceCatalog::PortfolioProductAssociation",
        {"PortfolioId": {"Ref": "Portfolio"}, "ProductId": {"Ref": "Product"}},
    ),
}
"""What the default `ec2.Vpc()` of the CDK and AWS's MLOps examples hold."""


def attributes_of(name: str) -> set[str]:
    """Name the attributes that AWS's own schema of a type has, as the CDK generated its classes from it."""
    _, service, kind = name.split("::")
    module = importlib.import_module(f"aws_cdk.aws_{service.lower()}")
    found = dir(getattr(module, f"Cfn{kind}"))
    return {name.removeprefix("attr_") for name in found if name.startswith("attr_")}


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@pytest.mark.parametrize("name", FORMS)
def test_a_recorded_resource_has_the_attributes_that_aws_gives_it(name: str) -> None:
    assert name in RECORDED
    form = FORMS[name]
    if name != "AWS::EC2::SecurityGroupIngress":  # `Ref` and `Id` are one
        assert {snake(attribute) for attribute in form.attributes} == attributes_of(name) - LATER.get(name, set())


@pytest.mark.slow
def test_an_app_that_has_them_is_deployed(deploy: Callable[..., Any]) -> None:
    def template(**changed: tuple[str, dict[str, Any]]) -> dict[str, Any]:
        return {key: {"Type": t, "Properties": p} for key, (t, p) in {**BEHIND_NAT, **changed}.items()}

    outputs: dict[str, Any] = {
        key: {"Ref": key} for key in BEHIND_NAT if key not in {"Vpc", "Subnet", "Routes", "Route"}
    }
    outputs["Allocation"] = ALLOCATION
    outputs["Clone"] = {"Fn::GetAtt": ["Repository", "CloneUrlHttp"]}
    stack = deploy(template(), **outputs)
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    made = stack["Outputs"]
    assert made["Address"].startswith("203.0.113.")
    assert made["Nat"].startswith("nat-")
    assert made["Allocation"].startswith("eipalloc-")
    assert made["Associated"].startswith(f"{made['Options']}|vpc-")
    assert made["Image"] == "arn:aws:sagemaker:eu-west-1:111111111111:image/own"
    assert made["ImageVersion"].endswith(":image-version/own/1")
    assert made["Offered"] == f"{made['Portfolio']}|{made['Product']}"
    assert made["Clone"] == "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/code"
    options = ("AWS::EC2::DHCPOptions", {"DomainName": "other.example"})
    portfolio = ("AWS::ServiceCatalog::Portfolio", {"DisplayName": "AI", "ProviderName": "us"})
    changed = deploy(template(Options=options, Portfolio=portfolio), stack["StackName"], **outputs)
    now = changed["Outputs"]
    assert {key for key in made if made[key] != now[key]} == {"Options", "Associated"}


@pytest.mark.slow
def test_a_property_that_names_a_recorded_resource_is_asked_for(deploy: Callable[..., Any]) -> None:
    stack = deploy({"Version": {"Type": "AWS::SageMaker::ImageVersion", "Properties": {"BaseImage": "x:1"}}})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "required key [ImageName] not found" in stack["Failed"]["Version"]
