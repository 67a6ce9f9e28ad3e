"""Resource types that are recorded and not created: nothing on this machine acts on them, and each says why."""

from collections.abc import Mapping
from typing import Any, Final

from localcloud.cloudformation.forms import FORMS, Form
from localcloud.hooks.stacks import cloudformation

NETWORK = "nothing routes packets on this machine: local processes share its network"
PACKAGES = "nothing on this machine installs from it: images and jobs take their packages from the locks"
BILLING = "nothing on this machine costs anything"
LISTS = "a list of resources for people to read"
CATALOG = "nobody launches products on this machine"
MONITORING = "no schedule starts it: monitoring schedules are refused"
HANDSHAKE = "nobody completes a connection's handshake on this machine"
FILTERS = "nothing on this machine filters requests"
QUERY = "the text of a query, which people run"
RECORDED: Mapping[str, str] = {
    "AWS::EC2::VPC": NETWORK,
    "AWS::EC2::Subnet": NETWORK,
    "AWS::EC2::RouteTable": NETWORK,
    "AWS::EC2::SubnetRouteTableAssociation": NETWORK,
    "AWS::EC2::SecurityGroup": NETWORK,
    "AWS::EC2::SecurityGroupIngress": NETWORK,
    "AWS::EC2::SecurityGroupEgress": NETWORK,
    "AWS::EC2::EIP": NETWORK,
    "AWS::EC2::EIPAssociation": NETWORK,
    "AWS::EC2::NatGateway": NETWORK,
    "AWS::EC2::DHCPOptions": NETWORK,
    "AWS::EC2::VPCDHCPOptionsAssociation": NETWORK,
    "AWS::EC2::NetworkAcl": NETWORK,
    "AWS::EC2::NetworkAclEntry": NETWORK,
    "AWS::EC2::SubnetNetworkAclAssociation": NETWORK,
    "AWS::EC2::EgressOnlyInternetGateway": NETWORK,
    "AWS::EC2::VPCPeeringConnection": NETWORK,
    "AWS::EC2::PrefixList": NETWORK,
    "AWS::EC2::VPCEndpoint": "services are reached at the local endpoint; endpoint policies are not evaluated",
    "AWS::EC2::FlowLog": "there is no traffic in a VPC to log",
    "AWS::ApiGateway::Account": "its role is assumed and its trust judged; access logs are written without its rights",
    "AWS::Budgets::Budget": BILLING,
    "AWS::CE::AnomalyMonitor": BILLING,
    "AWS::CE::AnomalySubscription": BILLING,
    "AWS::CodeArtifact::Domain": PACKAGES,
    "AWS::CodeArtifact::Repository": PACKAGES,
    "AWS::SageMaker::Image": "no application of Studio starts from it: images of jobs and endpoints are in ECR",
    "AWS::SageMaker::ImageVersion": "no application of Studio starts from it",
    "AWS::SageMaker::AppImageConfig": "no application of Studio starts from it",
    "AWS::SageMaker::CodeRepository": "notebook instances do not clone it",
    "AWS::SageMaker::ModelCard": "a document for people to read",
    "AWS::SageMaker::DataQualityJobDefinition": MONITORING,
    "AWS::SageMaker::ModelBiasJobDefinition": MONITORING,
    "AWS::SageMaker::ModelExplainabilityJobDefinition": MONITORING,
    "AWS::SageMaker::ModelQualityJobDefinition": MONITORING,
    "AWS::ResourceGroups::Group": LISTS,
    "AWS::ServiceCatalogAppRegistry::Application": LISTS,
    "AWS::ServiceCatalogAppRegistry::AttributeGroup": LISTS,
    "AWS::ServiceCatalogAppRegistry::AttributeGroupAssociation": LISTS,
    "AWS::ServiceCatalogAppRegistry::ResourceAssociation": LISTS,
    "AWS::ServiceCatalog::Portfolio": CATALOG,
    "AWS::ServiceCatalog::CloudFormationProduct": CATALOG,
    "AWS::ServiceCatalog::PortfolioPrincipalAssociation": CATALOG,
    "AWS::ServiceCatalog::PortfolioProductAssociation": CATALOG,
    "AWS::ServiceCatalog::LaunchRoleConstraint": CATALOG,
    "AWS::ServiceCatalog::PortfolioShare": CATALOG,
    "AWS::ServiceCatalog::AcceptedPortfolioShare": CATALOG,
    "AWS::ServiceCatalog::TagOption": CATALOG,
    "AWS::ServiceCatalog::TagOptionAssociation": CATALOG,
    "AWS::CloudTrail::Trail": "calls on this machine are not kept in a trail",
    "AWS::CodeStarNotifications::NotificationRule": "nothing on this machine notifies of builds",
    "AWS::EC2::KeyPair": "no instance of this machine starts with it",
    "AWS::WAFv2::WebACLAssociation": FILTERS,
    "AWS::CodeCommit::Repository": "no Git server runs on this machine: push to it fails",
    "AWS::CodeConnections::Connection": HANDSHAKE,
    "AWS::CodeStarConnections::Connection": HANDSHAKE,
    "AWS::Athena::NamedQuery": QUERY,
    "AWS::Logs::QueryDefinition": QUERY,
    "AWS::CDK::Metadata": "a note for AWS's own statistics",
    "Custom::VpcRestrictDefaultSG": "the default security group has no rule that acts on this machine",
    "AWS::ApplicationAutoScaling::ScalableTarget": "one process serves a variant, whatever its instance count",
    "AWS::ApplicationAutoScaling::ScalingPolicy": "one process serves a variant, whatever its instance count",
}
NO_FORM: Final = Form("recorded-{id}", {"Id": "recorded-{id}"})


class RecordedType:
    """A resource that exists in its stack only."""

    def __init__(self, name: str) -> None:
        self._form = FORMS.get(name, NO_FORM)

    def create(self, logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        """Give the resource an id of the form that AWS uses."""
        return self._form.fill(logical_id, properties, stack)

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Keep the id: the properties are in the stack's record."""
        del old
        return physical_id, self._form.fill(logical_id, new, stack)[1]

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Nothing was made."""


def register() -> None:
    """Record the types that MiniStack does not have."""
    for name in RECORDED:
        if name.startswith("Custom::") or not cloudformation.known(name):
            cloudformation.register(name, RecordedType(name), replacing=FORMS.get(name, NO_FORM).replaced_by)
    cloudformation.after("AWS::EC2::VPC", lambda _, properties: {"CidrBlock": properties["CidrBlock"]})
