"""A Studio domain inside the VPC, which its stack ends with all apps and spaces in it."""

import hashlib
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from ml_constructs.foundation.roles import sagemaker_role
from ml_constructs.foundation.untagged import keep_untagged
from ml_constructs.jobs.job import grant_volume
from ml_constructs.network.closed_network import Placement

DISABLED, ENABLED = "DISABLED", "ENABLED"
OTHER_APPS = ["Canvas", "CodeEditor", "DetailedProfiler", "JupyterServer", "RStudioServerPro"]
OTHER_TOOLS = ["AutoMl", "DataWrangler", "EmrClusters", "InferenceRecommender", "JumpStart", "Projects"]
"""What the platform has no use for, or AWS no longer offers to new accounts; hidden in the portal."""
DEFAULT_VOLUME_GB, LARGEST_VOLUME_GB = 5, 50
LARGEST_SCRIPT = 16384 // 4 * 3
"""Bytes of a start script, which may have 16384 characters in base64. Source: API reference,
CreateStudioLifecycleConfig."""


@dataclass(frozen=True, kw_only=True)
class SpaceSettings:
    """Instance types that spaces may run on, the first unless said otherwise, and when an idle one is ended.

    People may choose a longer time for theirs, up to `longest_idle`.
    """

    instance_types: tuple[str, ...]
    idle: cdk.Duration
    longest_idle: cdk.Duration


class StudioDomain(Construct):
    """A domain whose apps are in the VPC, with a key of its own, JupyterLab alone, and no home file system.

    Without a home file system nothing outlives the domain: a private space has a volume of its own, which `key`
    encrypts and which goes with the space. Idle apps are ended by SageMaker itself, which needs no script in them.
    Whoever is added by hand, without a role, has one that may do nothing. With `internet`, apps are in SageMaker's own
    network and use public addresses, for environments that are not closed. Spaces run `start_script` when they start.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        placement: Placement,
        spaces: SpaceSettings,
        removal_policy: cdk.RemovalPolicy,
        internet: bool = False,
        start_script: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.spaces = spaces
        self.removal_policy = removal_policy
        self.placement = placement
        self.internet = internet
        self.key = kms.Key(
            self,
            "Key",
            description="Volumes of Studio's spaces",
            enable_key_rotation=True,
            removal_policy=removal_policy,
        )
        self.start_script_arn = self._lifecycle(name, start_script) if start_script else None
        nobody = sagemaker_role(self, "NobodyRole", description="Studio users who are nobody's persona")
        self.domain = sagemaker.CfnDomain(
            self,
            "Domain",
            app_network_access_type="PublicInternetOnly" if internet else "VpcOnly",
            auth_mode="IAM",
            default_user_settings=self._defaults(nobody),
            domain_name=name,
            domain_settings=sagemaker.CfnDomain.DomainSettingsProperty(
                docker_settings=sagemaker.CfnDomain.DockerSettingsProperty(enable_docker_access=DISABLED)
            ),
            home_efs_file_system_creation="Disabled",
            kms_key_id=self.key.key_arn,
            subnet_ids=placement.subnet_ids,
            vpc_id=placement.vpc.vpc_id,
        )
        self.domain.apply_removal_policy(removal_policy)
        keep_untagged(self.domain)

    @property
    def own_arn(self) -> str:
        """ARN of the domain itself."""
        return cdk.Stack.of(self).format_arn(service="sagemaker", resource="domain", resource_name=self.id)

    @property
    def id(self) -> str:
        """`d-…`, known when it is deployed."""
        return self.domain.attr_domain_id

    def arn(self, resource: str, name: str) -> str:
        """Return the ARN of something in the domain: of its `app`, `space` or `user-profile`."""
        return cdk.Stack.of(self).format_arn(service="sagemaker", resource=resource, resource_name=f"{self.id}/{name}")

    def admit(self, role: iam.Role) -> None:
        """Run apps in the name of `role`: it may have encrypted volumes, and the network leads where it calls."""
        grant_volume(self.key, role)
        if not self.internet:
            self.placement.admit(role)

    def _lifecycle(self, name: str, script: str) -> str:
        """Keep a script, whose name holds its digest: what is in it never changes under a name."""
        if (size := len(script.encode())) > LARGEST_SCRIPT:
            raise ValueError(f"The start script of {name} has {size} bytes: SageMaker takes {LARGEST_SCRIPT}.")
        digest = hashlib.sha256(script.encode()).hexdigest()[:8]
        lifecycle = sagemaker.CfnStudioLifecycleConfig(
            self,
            "StartScript",
            studio_lifecycle_config_app_type="JupyterLab",
            studio_lifecycle_config_content=cdk.Fn.base64(script),
            studio_lifecycle_config_name=f"{name}-{digest}",
        )
        lifecycle.apply_removal_policy(self.removal_policy)
        keep_untagged(lifecycle)
        return lifecycle.attr_studio_lifecycle_config_arn

    def _defaults(self, role: iam.IRole) -> sagemaker.CfnDomain.UserSettingsProperty:
        idle = sagemaker.CfnDomain.IdleSettingsProperty(
            idle_timeout_in_minutes=self.spaces.idle.to_minutes(),
            lifecycle_management=ENABLED,
            max_idle_timeout_in_minutes=self.spaces.longest_idle.to_minutes(),
            min_idle_timeout_in_minutes=self.spaces.idle.to_minutes(),
        )
        return sagemaker.CfnDomain.UserSettingsProperty(
            auto_mount_home_efs="Disabled",
            default_landing_uri="studio::",
            execution_role=role.role_arn,
            jupyter_lab_app_settings=sagemaker.CfnDomain.JupyterLabAppSettingsProperty(
                app_lifecycle_management=sagemaker.CfnDomain.AppLifecycleManagementProperty(idle_settings=idle),
                default_resource_spec=sagemaker.CfnDomain.ResourceSpecProperty(
                    instance_type=self.spaces.instance_types[0], lifecycle_config_arn=self.start_script_arn
                ),
                lifecycle_config_arns=[self.start_script_arn] if self.start_script_arn else None,
            ),
            r_studio_server_pro_app_settings=sagemaker.CfnDomain.RStudioServerProAppSettingsProperty(
                access_status=DISABLED
            ),
            security_groups=None if self.internet else [self.placement.security_group.security_group_id],
            sharing_settings=sagemaker.CfnDomain.SharingSettingsProperty(notebook_output_option="Disabled"),
            space_storage_settings=sagemaker.CfnDomain.DefaultSpaceStorageSettingsProperty(
                default_ebs_storage_settings=sagemaker.CfnDomain.DefaultEbsStorageSettingsProperty(
                    default_ebs_volume_size_in_gb=DEFAULT_VOLUME_GB, maximum_ebs_volume_size_in_gb=LARGEST_VOLUME_GB
                )
            ),
            studio_web_portal=ENABLED,
            studio_web_portal_settings=sagemaker.CfnDomain.StudioWebPortalSettingsProperty(
                hidden_app_types=OTHER_APPS, hidden_ml_tools=OTHER_TOOLS
            ),
        )
