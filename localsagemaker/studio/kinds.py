"""The kinds of resources of Studio, and notebook instances."""

from localsagemaker.kernel.kinds import Kind, Template

DOMAIN = Kind(
    "Domain",
    "domain",
    "DomainId",
    "ResourceNotFound",
    "ResourceInUse",
    template=Template(
        identifiers=("DomainId",),
        replacing=("AuthMode", "DomainName", "KmsKeyId", "VpcId"),
        attributes=(
            "DomainArn",
            "DomainId",
            "Url",
            "HomeEfsFileSystemId",
            "SecurityGroupIdForDomainBoundary",
            "SingleSignOnApplicationArn",
            "SingleSignOnManagedApplicationInstanceId",
        ),
        update=(
            "AppNetworkAccessType",
            "AppSecurityGroupManagement",
            "DefaultSpaceSettings",
            "DefaultUserSettings",
            "DomainSettings",
            "HomeEfsFileSystemCreation",
            "SubnetIds",
            "TagPropagation",
        ),
    ),
)
# What is in a domain is known by the domain's id and a name that is unique within it.
USER_PROFILE = Kind(
    "UserProfile",
    "user-profile",
    "Identifier",
    "ResourceNotFound",
    "ResourceInUse",
    template=Template(
        identifiers=("UserProfileName", "DomainId"),
        replacing=("DomainId", "UserProfileName", "SingleSignOnUserIdentifier", "SingleSignOnUserValue", "Tags"),
        attributes=("UserProfileArn",),
        update=("UserSettings",),
    ),
)
SPACE = Kind(
    "Space",
    "space",
    "Identifier",
    "ResourceNotFound",
    "ResourceInUse",
    template=Template(
        identifiers=("DomainId", "SpaceName"),
        replacing=("DomainId", "SpaceName", "SpaceSharingSettings", "OwnershipSettings"),
        attributes=("SpaceArn", "Url"),
        update=("SpaceDisplayName", "SpaceSettings"),
    ),
)
APP = Kind(
    "App",
    "app",
    "Identifier",
    "ResourceNotFound",
    "ResourceInUse",
    template=Template(
        identifiers=("AppName", "AppType", "DomainId", "UserProfileName"),
        replacing=("AppName", "AppType", "DomainId", "UserProfileName", "ResourceSpec"),
        attributes=("AppArn", "BuiltInLifecycleConfigArn"),
    ),
)
STUDIO_LIFECYCLE_CONFIG = Kind(
    "StudioLifecycleConfig",
    "studio-lifecycle-config",
    "StudioLifecycleConfigName",
    "ResourceNotFound",
    "ResourceInUse",
    template=Template(
        identifiers=("StudioLifecycleConfigName",),
        replacing=("StudioLifecycleConfigName", "StudioLifecycleConfigAppType", "StudioLifecycleConfigContent", "Tags"),
        attributes=("StudioLifecycleConfigArn",),
    ),
)
NOTEBOOK_INSTANCE = Kind(
    "NotebookInstance",
    "notebook-instance",
    "NotebookInstanceName",
    absent="RecordNotFound",
    template=Template(
        reference="arn",
        replacing=(
            "NotebookInstanceName",
            "KmsKeyId",
            "SecurityGroupIds",
            "SubnetId",
            "DirectInternetAccess",
            "PlatformIdentifier",
        ),
        attributes=("NotebookInstanceArn", "NotebookInstanceName"),
        update=(
            "InstanceType",
            "RoleArn",
            "LifecycleConfigName",
            "VolumeSizeInGB",
            "DefaultCodeRepository",
            "AdditionalCodeRepositories",
            "RootAccess",
            "InstanceMetadataServiceConfiguration",
        ),
    ),
)
NOTEBOOK_LIFECYCLE_CONFIG = Kind(
    "NotebookInstanceLifecycleConfig",
    "notebook-instance-lifecycle-config",
    "NotebookInstanceLifecycleConfigName",
    absent="Unable to describe Notebook Instance Lifecycle Config '{arn}'."
    " (Details: Notebook Instance Lifecycle Config does not exist.)",
    present="Unable to create Notebook Instance Lifecycle Config {arn}."
    " (Details: Notebook Instance Lifecycle Config already exists.)",
    template=Template(
        reference="arn",
        replacing=("NotebookInstanceLifecycleConfigName",),
        attributes=("NotebookInstanceLifecycleConfigArn", "NotebookInstanceLifecycleConfigName"),
        update=("OnCreate", "OnStart"),
    ),
)
KINDS = (DOMAIN, USER_PROFILE, SPACE, APP, STUDIO_LIFECYCLE_CONFIG, NOTEBOOK_INSTANCE, NOTEBOOK_LIFECYCLE_CONFIG)
