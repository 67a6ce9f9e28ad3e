"""Resource types that are recorded and not created: nothing on this machine acts on them, and each says why."""

from collections.abc import Mapping
from typing import Any

from localcloud.hooks import cloudformation

NETWORK = "nothing routes packets on this machine: local processes share its network"
PACKAGES = "nothing on this machine installs from it: images and jobs take their packages from the locks"
BILLING = "nothing on this machine costs anything"
RECORDED: Mapping[str, str] = {
    "AWS::EC2::VPC": NETWORK,
    "AWS::EC2::Subnet": NETWORK,
    "AWS::EC2::RouteTable": NETWORK,
    "AWS::EC2::SubnetRouteTableAssociation": NETWORK,
    "AWS::EC2::SecurityGroup": NETWORK,
    "AWS::EC2::SecurityGroupIngress": NETWORK,
    "AWS::EC2::SecurityGroupEgress": NETWORK,
    "AWS::EC2::VPCEndpoint": "services are reached at the local endpoint; endpoint policies are not evaluated",
    "AWS::EC2::FlowLog": "there is no traffic in a VPC to log",
    "AWS::ApiGateway::Account": "access logs are written without the account's role",
    "AWS::Budgets::Budget": BILLING,
    "AWS::CE::AnomalyMonitor": BILLING,
    "AWS::CE::AnomalySubscription": BILLING,
    "AWS::CodeArtifact::Domain": PACKAGES,
    "AWS::CodeArtifact::Repository": PACKAGES,
    "AWS::CDK::Metadata": "a note for AWS's own statistics",
    "Custom::VpcRestrictDefaultSG": "the default security group has no rule that acts on this machine",
    "AWS::ApplicationAutoScaling::ScalableTarget": "one process serves a variant, whatever its instance count",
    "AWS::ApplicationAutoScaling::ScalingPolicy": "one process serves a variant, whatever its instance count",
}
PREFIXES: Mapping[str, str] = {"AWS::EC2::FlowLog": "fl", "AWS::EC2::SecurityGroupIngress": "sgr"}


class RecordedType:
    """A resource that exists in its stack only."""

    def __init__(self, name: str) -> None:
        self._name = name

    def create(self, logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        """Give the resource an id of the form that AWS uses."""
        del properties
        suffix = cloudformation.physical_name(stack, logical_id, 255)[-13:].lower()
        physical_id = f"{PREFIXES.get(self._name, 'recorded')}-{suffix}"
        return physical_id, {"Id": physical_id}

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Keep the id: the properties are in the stack's record."""
        del old, new, stack, logical_id
        return physical_id, {"Id": physical_id}

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Nothing was made."""


def register() -> None:
    """Record the types that MiniStack does not have."""
    for name in RECORDED:
        if name.startswith("Custom::") or not cloudformation.known(name):
            cloudformation.register(name, RecordedType(name), replacing=())
    cloudformation.after("AWS::EC2::VPC", lambda _, properties: {"CidrBlock": properties["CidrBlock"]})
