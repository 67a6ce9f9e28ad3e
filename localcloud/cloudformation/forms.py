"""What `Ref` and `Fn::GetAtt` give for resources that are recorded: names and ids of the form that AWS uses.

Source of each line: `primaryIdentifier`, `readOnlyProperties` and `createOnlyProperties` of the type's schema in AWS's
CloudFormation registry. A form is filled with the account, the region, the stack's own id for the resource (`id`,
`uuid`, `byte`), its `name`, and every property of the template.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from localcloud.hooks.callers import identity

SAGEMAKER: Final = "arn:aws:sagemaker:{region}:{account}"
CONNECTION: Final = "connections:{region}:{account}:connection/{uuid}"


class _Values(dict[str, str]):
    def __missing__(self, key: str) -> str:
        raise ValueError(f"required key [{key}] not found")  # CloudFormation's words


@dataclass(frozen=True)
class Form:
    """How a resource is known: its physical id, its attributes, the property that names it, what replaces it."""

    reference: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    replaced_by: Sequence[str] = ()

    def fill(self, logical_id: str, properties: Mapping[str, Any], stack: str) -> tuple[str, dict[str, str]]:
        """Make physical id and attributes; they stay until a property changes that replaces the resource."""
        account, region = identity.request_scope()
        kept = [properties.get(member.split("/", maxsplit=1)[0]) for member in self.replaced_by]
        seed = json.dumps([account, region, stack, logical_id, kept], sort_keys=True, default=str)
        digest = hashlib.sha256(seed.encode()).hexdigest()
        values = _Values(
            {key: str(value) for key, value in properties.items()}
            | {
                "account": account,
                "region": region,
                "id": digest[:17],
                "uuid": f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}",
                "byte": str(int(digest[:2], 16) % 254 + 1),
                "name": str(
                    properties.get(self.name) or f"{stack}-{logical_id}-{digest[:12].upper()}"[-63:].lstrip("-")
                ),
            }
        )
        attributes = {name: form.format_map(values) for name, form in self.attributes.items()}
        return self.reference.format_map(values), attributes


def _ec2(prefix: str, attribute: str, *replaced_by: str) -> Form:
    form = f"{prefix}-{{id}}"
    return Form(form, {attribute: form}, replaced_by=replaced_by)


def _named(arn: str, attribute: str, name: str, *replaced_by: str) -> Form:
    return Form("{name}", {attribute: arn}, name, (name, *replaced_by))


def _by_arn(arn: str, attribute: str, name: str, *replaced_by: str) -> Form:
    return Form(arn, {attribute: arn}, name, (name, *replaced_by))


def _monitoring(kind: str) -> Form:
    members = ("AppSpecification", "BaselineConfig", "JobInput", "JobOutputConfig")
    replaced_by = (*(kind + each for each in members), "JobResources", "NetworkConfig", "RoleArn", "StoppingCondition")
    words = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in kind).strip("-")
    return _by_arn(
        f"{SAGEMAKER}:{words}-job-definition/{{name}}", "JobDefinitionArn", "JobDefinitionName", *replaced_by
    )


FORMS: Final[Mapping[str, Form]] = {
    "AWS::EC2::EIP": Form(
        "203.0.113.{byte}",  # addresses for documentation (RFC 5737)
        {"PublicIp": "203.0.113.{byte}", "AllocationId": "eipalloc-{id}"},
        replaced_by=("Address", "IpamPoolId", "NetworkBorderGroup", "TransferAddress"),
    ),
    "AWS::EC2::EIPAssociation": _ec2(
        "eipassoc", "Id", "AllocationId", "EIP", "InstanceId", "NetworkInterfaceId", "PrivateIpAddress"
    ),
    "AWS::EC2::NatGateway": _ec2(
        "nat", "NatGatewayId", "AllocationId", "ConnectivityType", "PrivateIpAddress", "SubnetId", "VpcId"
    ),
    "AWS::EC2::DHCPOptions": _ec2(
        "dopt",
        "DhcpOptionsId",
        "DomainName",
        "DomainNameServers",
        "Ipv6AddressPreferredLeaseTime",
        "NetbiosNameServers",
        "NetbiosNodeType",
        "NtpServers",
    ),
    "AWS::EC2::VPCDHCPOptionsAssociation": Form("{DhcpOptionsId}|{VpcId}", replaced_by=("DhcpOptionsId", "VpcId")),
    "AWS::EC2::NetworkAcl": _ec2("acl", "Id", "VpcId"),
    "AWS::EC2::NetworkAclEntry": _ec2("acl-entry", "Id", "Egress", "NetworkAclId", "RuleNumber"),
    "AWS::EC2::SubnetNetworkAclAssociation": _ec2("aclassoc", "AssociationId", "NetworkAclId", "SubnetId"),
    "AWS::EC2::EgressOnlyInternetGateway": _ec2("eigw", "Id", "VpcId"),
    "AWS::EC2::VPCPeeringConnection": _ec2("pcx", "Id", "PeerOwnerId", "PeerRegion", "PeerVpcId", "VpcId"),
    "AWS::EC2::PrefixList": Form(
        "pl-{id}",
        {
            "PrefixListId": "pl-{id}",
            "Arn": "arn:aws:ec2:{region}:{account}:prefix-list/pl-{id}",
            "OwnerId": "{account}",
            "Version": "1",
        },
    ),
    "AWS::EC2::FlowLog": _ec2("fl", "Id", "LogDestination", "LogGroupName", "ResourceId", "TrafficType"),
    "AWS::EC2::SecurityGroupIngress": _ec2("sgr", "Id"),
    "AWS::CE::AnomalySubscription": Form(
        "arn:aws:ce::{account}:anomalysubscription/{uuid}",
        {"SubscriptionArn": "arn:aws:ce::{account}:anomalysubscription/{uuid}", "AccountId": "{account}"},
    ),
    "AWS::SageMaker::Image": _by_arn(f"{SAGEMAKER}:image/{{name}}", "ImageArn", "ImageName"),
    "AWS::SageMaker::ImageVersion": Form(
        f"{SAGEMAKER}:image-version/{{ImageName}}/1",
        {
            "ImageVersionArn": f"{SAGEMAKER}:image-version/{{ImageName}}/1",
            "ImageArn": f"{SAGEMAKER}:image/{{ImageName}}",
            "Version": "1",
            "ContainerImage": "{BaseImage}",
        },
        replaced_by=("BaseImage", "ImageName"),
    ),
    "AWS::SageMaker::AppImageConfig": _named(
        f"{SAGEMAKER}:app-image-config/{{name}}", "AppImageConfigArn", "AppImageConfigName"
    ),
    "AWS::SageMaker::CodeRepository": Form(
        f"{SAGEMAKER}:code-repository/{{name}}",
        {"CodeRepositoryArn": f"{SAGEMAKER}:code-repository/{{name}}", "CodeRepositoryName": "{name}"},
        "CodeRepositoryName",
        ("CodeRepositoryName", "GitConfig/Branch", "GitConfig/RepositoryUrl"),
    ),
    "AWS::SageMaker::ModelCard": _named(
        f"{SAGEMAKER}:model-card/{{name}}", "ModelCardArn", "ModelCardName", "SecurityConfig"
    ),
    **{
        f"AWS::SageMaker::{kind}JobDefinition": _monitoring(kind)
        for kind in ("DataQuality", "ModelBias", "ModelExplainability", "ModelQuality")
    },
    "AWS::ResourceGroups::Group": _named("arn:aws:resource-groups:{region}:{account}:group/{name}", "Arn", "Name"),
    "AWS::ServiceCatalogAppRegistry::Application": Form(
        "{id}",
        {
            "Id": "{id}",
            "Arn": "arn:aws:servicecatalog:{region}:{account}:/applications/{id}",
            "ApplicationName": "{name}",
            "ApplicationTagKey": "awsApplication",
            "ApplicationTagValue": "arn:aws:resource-groups:{region}:{account}:group/{name}/{id}",
        },
        "Name",
    ),
    "AWS::ServiceCatalogAppRegistry::AttributeGroup": Form(
        "{id}", {"Id": "{id}", "Arn": "arn:aws:servicecatalog:{region}:{account}:/attribute-groups/{id}"}
    ),
    "AWS::ServiceCatalogAppRegistry::AttributeGroupAssociation": Form(
        "{Application}|{AttributeGroup}",
        {
            "Id": "{Application}|{AttributeGroup}",
            "ApplicationArn": "{Application}",
            "AttributeGroupArn": "{AttributeGroup}",
        },
        replaced_by=("Application", "AttributeGroup"),
    ),
    "AWS::ServiceCatalogAppRegistry::ResourceAssociation": Form(
        "{Application}|{Resource}|{ResourceType}",
        {
            "Id": "{Application}|{Resource}|{ResourceType}",
            "ApplicationArn": "{Application}",
            "ResourceArn": "{Resource}",
        },
        replaced_by=("Application", "Resource", "ResourceType"),
    ),
    "AWS::ServiceCatalog::Portfolio": Form("port-{id}", {"Id": "port-{id}", "PortfolioName": "{DisplayName}"}),
    "AWS::ServiceCatalog::CloudFormationProduct": Form(
        "prod-{id}",
        {
            "Id": "prod-{id}",
            "ProductName": "{Name}",
            "ProvisioningArtifactIds": "pa-{id}",
            "ProvisioningArtifactNames": "{name}",
        },
        "Name",
    ),
    "AWS::ServiceCatalog::PortfolioPrincipalAssociation": Form(
        "{PortfolioId}|{PrincipalARN}", replaced_by=("PortfolioId", "PrincipalARN", "PrincipalType")
    ),
    "AWS::ServiceCatalog::PortfolioProductAssociation": Form(
        "{PortfolioId}|{ProductId}", replaced_by=("PortfolioId", "ProductId", "SourcePortfolioId")
    ),
    "AWS::ServiceCatalog::LaunchRoleConstraint": _ec2("cons", "Id", "PortfolioId", "ProductId"),
    "AWS::ServiceCatalog::PortfolioShare": Form(
        "{PortfolioId}|ACCOUNT|{AccountId}", replaced_by=("AcceptLanguage", "AccountId", "PortfolioId")
    ),
    "AWS::ServiceCatalog::AcceptedPortfolioShare": Form(
        "{PortfolioId}", {"Id": "{PortfolioId}"}, replaced_by=("PortfolioId",)
    ),
    "AWS::ServiceCatalog::TagOption": Form("tag-{id}", {"Id": "tag-{id}"}, replaced_by=("Key", "Value")),
    "AWS::ServiceCatalog::TagOptionAssociation": Form(
        "{TagOptionId}|{ResourceId}", replaced_by=("ResourceId", "TagOptionId")
    ),
    "AWS::CloudTrail::Trail": _named("arn:aws:cloudtrail:{region}:{account}:trail/{name}", "Arn", "TrailName"),
    "AWS::CodeStarNotifications::NotificationRule": Form(
        "arn:aws:codestar-notifications:{region}:{account}:notificationrule/{uuid}",
        {"Arn": "arn:aws:codestar-notifications:{region}:{account}:notificationrule/{uuid}"},
        replaced_by=("Resource",),
    ),
    "AWS::EC2::KeyPair": Form(
        "{name}",
        {"KeyPairId": "key-{id}"},
        "KeyName",
        ("KeyFormat", "KeyName", "KeyType", "PublicKeyMaterial", "Tags"),
    ),
    "AWS::WAFv2::WebACLAssociation": Form("{WebACLArn}|{ResourceArn}", replaced_by=("ResourceArn", "WebACLArn")),
    "AWS::CodeCommit::Repository": Form(
        "{uuid}",
        {
            "RepositoryId": "{uuid}",
            "Name": "{name}",
            "Arn": "arn:aws:codecommit:{region}:{account}:{name}",
            "CloneUrlHttp": "https://git-codecommit.{region}.amazonaws.com/v1/repos/{name}",
            "CloneUrlSsh": "ssh://git-codecommit.{region}.amazonaws.com/v1/repos/{name}",
        },
        "RepositoryName",
    ),
    **{
        f"AWS::{service}::Connection": Form(
            f"arn:aws:{prefix}{CONNECTION}",
            {
                "ConnectionArn": f"arn:aws:{prefix}{CONNECTION}",
                "ConnectionStatus": "PENDING",
                "OwnerAccountId": "{account}",
            },
            replaced_by=("ConnectionName", "HostArn", "ProviderType"),
        )
        for service, prefix in (("CodeConnections", "code"), ("CodeStarConnections", "codestar-"))
    },
    "AWS::Athena::NamedQuery": Form(
        "{uuid}",
        {"NamedQueryId": "{uuid}"},
        replaced_by=("Database", "Description", "Name", "QueryString", "WorkGroup"),
    ),
    "AWS::Logs::QueryDefinition": Form("{uuid}", {"QueryDefinitionId": "{uuid}"}),
}
