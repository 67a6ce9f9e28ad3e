"""People in Studio."""

from collections.abc import Mapping

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from ml_constructs.foundation.roles import sagemaker_role
from ml_constructs.foundation.untagged import keep_untagged
from ml_constructs.studio.domain import DEFAULT_VOLUME_GB, StudioDomain
from ml_constructs.studio.persona import Persona


class StudioUser(Construct):
    """One person: a role of their own, a profile and a private JupyterLab space, all under the name `name`.

    The role may start and end JupyterLab in this space, which is its profile's, and make no other, so nobody gets into
    another's. What else it may do follows from the persona.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, domain: StudioDomain, name: str, persona: Persona
    ) -> None:
        super().__init__(scope, construct_id)
        self.name = name
        self.persona = persona
        self._domain = domain
        self.role = sagemaker_role(self, "Role", description=f"Studio user {name}, {persona}")
        self._grant_studio()
        domain.admit(self.role)
        self.profile = sagemaker.CfnUserProfile(
            self,
            "Profile",
            domain_id=domain.id,
            user_profile_name=name,
            user_settings=sagemaker.CfnUserProfile.UserSettingsProperty(execution_role=self.role.role_arn),
        )
        self.profile.node.add_dependency(self.role)
        keep_untagged(self.profile)
        self.space = sagemaker.CfnSpace(
            self,
            "Space",
            domain_id=domain.id,
            ownership_settings=sagemaker.CfnSpace.OwnershipSettingsProperty(owner_user_profile_name=name),
            space_name=name,
            space_settings=sagemaker.CfnSpace.SpaceSettingsProperty(
                app_type="JupyterLab",
                jupyter_lab_app_settings=sagemaker.CfnSpace.SpaceJupyterLabAppSettingsProperty(
                    default_resource_spec=sagemaker.CfnSpace.ResourceSpecProperty(
                        instance_type=domain.spaces.instance_types[0], lifecycle_config_arn=domain.start_script_arn
                    )
                ),
                space_storage_settings=sagemaker.CfnSpace.SpaceStorageSettingsProperty(
                    ebs_storage_settings=sagemaker.CfnSpace.EbsStorageSettingsProperty(
                        ebs_volume_size_in_gb=DEFAULT_VOLUME_GB
                    )
                ),
            ),
            space_sharing_settings=sagemaker.CfnSpace.SpaceSharingSettingsProperty(sharing_type="Private"),
        )
        self.space.add_resource_dependency(self.profile)
        for resource in (self.profile, self.space):
            resource.apply_removal_policy(domain.removal_policy)

    def _grant_studio(self) -> None:
        """Let the person use their own profile and space.

        Source: SageMaker developer guide, "Set up Studio", "Permissions for private spaces".
        """
        domain, named = self._domain, self.name
        profile, space = domain.arn("user-profile", named), domain.arn("space", named)
        app = domain.arn("app", f"{named}/?upyter?ab/*")  # AWS writes both JupyterLab and jupyterlab
        owned = {"ArnEquals": {"sagemaker:OwnerUserProfileArn": profile}}
        sizes = {"ForAllValues:StringEquals": {"sagemaker:InstanceTypes": list(domain.spaces.instance_types)}}
        kinds = ("App", "Domain", "Space", "UserProfile")
        everything = [app, domain.own_arn, space, profile]
        self._allow([f"sagemaker:Describe{kind}" for kind in kinds], everything)
        self._allow(["sagemaker:CreatePresignedDomainUrl"], [profile])
        self._allow(["sagemaker:CreateApp", "sagemaker:UpdateSpace"], [app, space], {**owned, **sizes})
        self._allow(["sagemaker:DeleteApp"], [app], owned)
        self._allow(["sagemaker:AddTags"], [app], {"StringEquals": {"sagemaker:TaggingAction": "CreateApp"}})
        self._allow([f"sagemaker:List{kind}s" for kind in kinds], ["*"])

    def _allow(
        self, actions: list[str], resources: list[str], conditions: Mapping[str, Mapping[str, object]] | None = None
    ) -> None:
        iam.Grant.add_to_principal(
            grantee=self.role, actions=actions, resource_arns=resources, conditions=conditions or {}
        )
