"""Notebook instances, for people who do not use Studio."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from ml_constructs.foundation.roles import sagemaker_role
from ml_constructs.jobs.job import grant_volume
from ml_constructs.network.closed_network import Placement

PLATFORM = "notebook-al2023-v1"
BY_SAGEMAKER = dict.fromkeys(
    (
        "ec2:CreateNetworkInterface",
        "ec2:CreateNetworkInterfacePermission",
        "ec2:DeleteNetworkInterface",
        "ec2:DeleteNetworkInterfacePermission",
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
    ),
    "SageMaker keeps the network interfaces.",
)
SCRIPT = Path(__file__).with_name("stop_when_idle.sh")


class NotebookInstance(Construct):
    """A notebook instance in the network: no root, no internet, a key of its own, and it stops when it is idle.

    Its role may stop this instance and keep its network interfaces; all else is granted by who owns the resource.
    Source of the settings: Security Hub's controls SageMaker.1, 2, 3, 8 and 21.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        instance_type: str,
        volume_gb: int,
        idle: cdk.Duration,
        placement: Placement,
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.key = kms.Key(
            self,
            "Key",
            description=f"Volume of the notebook instance {name}",
            enable_key_rotation=True,
            removal_policy=removal_policy,
        )
        self.role = sagemaker_role(self, "Role", description=f"Notebook instance {name}")
        placement.grant_sagemaker_interfaces(self.role)
        placement.admit(self.role, made_by_service=BY_SAGEMAKER)
        grant_volume(self.key, self.role)
        own = cdk.Stack.of(self).format_arn(service="sagemaker", resource="notebook-instance", resource_name=name)
        iam.Grant.add_to_principal(
            grantee=self.role,
            actions=["sagemaker:DescribeNotebookInstance", "sagemaker:StopNotebookInstance"],
            resource_arns=[own],
        )
        script = SCRIPT.read_text(encoding="utf-8").replace("@IDLE_SECONDS@", str(idle.to_seconds()))
        lifecycle = sagemaker.CfnNotebookInstanceLifecycleConfig(
            self,
            "Lifecycle",
            on_start=[
                sagemaker.CfnNotebookInstanceLifecycleConfig.NotebookInstanceLifecycleHookProperty(
                    content=cdk.Fn.base64(script)
                )
            ],
        )
        self.instance = sagemaker.CfnNotebookInstance(
            self,
            "Instance",
            direct_internet_access="Disabled",
            instance_metadata_service_configuration=(
                sagemaker.CfnNotebookInstance.InstanceMetadataServiceConfigurationProperty(
                    minimum_instance_metadata_service_version="2"
                )
            ),
            instance_type=instance_type,
            kms_key_id=self.key.key_arn,
            lifecycle_config_name=lifecycle.attr_notebook_instance_lifecycle_config_name,
            notebook_instance_name=name,
            platform_identifier=PLATFORM,
            role_arn=self.role.role_arn,
            root_access="Disabled",
            security_group_ids=[placement.security_group.security_group_id],
            subnet_id=placement.subnet_ids[0],
            volume_size_in_gb=volume_gb,
        )
        self.instance.node.add_dependency(self.role)
