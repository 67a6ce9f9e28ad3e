"""What permission Studio's operations need: resources and condition keys of the Service Authorization Reference."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from localsagemaker.kernel.authorization import Find, KeyUse, Permissions, by_name, by_new
from localsagemaker.kernel.host import Context, Scope
from localsagemaker.kernel.kinds import Kind
from localsagemaker.kernel.requests import Request
from localsagemaker.kernel.resources import Record, Resources
from localsagemaker.studio import apps, profiles, spaces
from localsagemaker.studio.kinds import APP, DOMAIN, KINDS, NOTEBOOK_INSTANCE, SPACE, USER_PROFILE


def _inside(kind: Kind, identifier: Callable[[Mapping[str, Any]], str]) -> Find:
    """Return what finds a resource in a domain, which is known by more than one name."""
    return lambda request: [kind.arn(request.scope, identifier(request.parameters))]


_RESOURCES: Final[Mapping[str, Find]] = {
    "CreateDomain": by_new(DOMAIN),
    "StartNotebookInstance": by_name(NOTEBOOK_INSTANCE),
    "CreatePresignedNotebookInstanceUrl": by_name(NOTEBOOK_INSTANCE),
    **dict.fromkeys(
        ("CreateUserProfile", "DescribeUserProfile", "UpdateUserProfile", "DeleteUserProfile"),
        _inside(USER_PROFILE, profiles.identifier),
    ),
    "CreatePresignedDomainUrl": _inside(USER_PROFILE, profiles.identifier),
    **dict.fromkeys(("CreateSpace", "DescribeSpace", "UpdateSpace", "DeleteSpace"), _inside(SPACE, spaces.identifier)),
    **dict.fromkeys(("CreateApp", "DescribeApp", "DeleteApp"), _inside(APP, apps.identifier)),
}
_OF_SPACES: Final = {"CreateSpace", "UpdateSpace", "DeleteSpace", "CreateApp", "DeleteApp"}
_SINGLE: Final = {
    "AppNetworkAccessType": "sagemaker:AppNetworkAccessType",
    "AuthMode": "sagemaker:AuthMode",
    "KmsKeyId": "sagemaker:VolumeKmsKeyArn",
    "DirectInternetAccess": "sagemaker:DirectInternetAccess",
    "RootAccess": "sagemaker:RootAccess",
    "MinimumInstanceMetadataServiceVersion": "sagemaker:MinimumInstanceMetadataServiceVersion",
    "RemoteAccess": "sagemaker:RemoteAccess",
}
_SEVERAL: Final = {
    "InstanceType": "sagemaker:InstanceTypes",
    "LifecycleConfigArn": "sagemaker:StudioLifecycleConfigArns",
    "LifecycleConfigArns": "sagemaker:StudioLifecycleConfigArns",
    "SubnetId": "sagemaker:VpcSubnets",
    "SubnetIds": "sagemaker:VpcSubnets",
    "SecurityGroups": "sagemaker:VpcSecurityGroupIds",
    "SecurityGroupIds": "sagemaker:VpcSecurityGroupIds",
}


def _conditions(request: Request, resources: Resources) -> dict[str, Context]:
    """Return the condition keys of an operation on Studio or notebook instances."""
    keys: dict[str, Context] = {}
    several: dict[str, list[str]] = {}
    for member, value in _members(request.parameters):
        if member in _SINGLE:
            keys[_SINGLE[member]] = str(value)
        elif member in _SEVERAL:
            several.setdefault(_SEVERAL[member], []).extend([value] if isinstance(value, str) else value)
    owned = _of_space(request, resources) if request.operation in _OF_SPACES else {}
    return {**keys, **several, **owned}


def _of_space(request: Request, resources: Resources) -> dict[str, Context]:
    """Return owner and sharing type of the space that a request makes, changes, or has an app in."""
    if "SpaceName" not in request.parameters:
        return {}
    space = resources.find(SPACE, request.scope, spaces.identifier(request.parameters))
    if space is None and request.operation == "CreateSpace":
        space = request.parameters
    return _keys_of_space(request.scope, space or {}, request.parameters["DomainId"])


def _keys_of_space(scope: Scope, space: Record, domain: str) -> dict[str, Context]:
    keys: dict[str, Context] = {}
    if owner := space.get("OwnershipSettings", {}).get("OwnerUserProfileName"):
        keys["sagemaker:OwnerUserProfileArn"] = USER_PROFILE.arn(scope, f"{domain}/{owner}")
    if sharing := space.get("SpaceSharingSettings", {}).get("SharingType"):
        keys["sagemaker:SpaceSharingType"] = sharing
    return keys


def _members(value: object) -> list[tuple[str, Any]]:
    """Return every named member of a request, at any depth."""
    if isinstance(value, Mapping):
        return [
            pair for name, child in value.items() for pair in ((name, child), *_members(child)) if child is not None
        ]
    if isinstance(value, list | tuple):
        return [pair for child in value for pair in _members(child)]
    return []


def _keys(request: Request, resources: Resources) -> Iterator[KeyUse]:
    """Yield the key of a domain's files and volumes, or of a notebook instance's volume.

    Source: SageMaker developer guide, "API Permissions …" (CreateDomain and CreateNotebookInstance: what who calls
    needs) and "How to use execution roles", "CreateDomain API": `kms:CreateGrant` and `kms:DescribeKey` of the
    execution role "are enforced during the CreateApp API call".
    """
    if request.operation in _OF_CALLERS and (key := request.parameters.get("KmsKeyId")):
        yield KeyUse(key, _OF_CALLERS[request.operation])
    if request.operation == "CreateApp":
        domain = resources.find(DOMAIN, request.scope, request.parameters["DomainId"])
        kind, member = (SPACE, "SpaceName") if "SpaceName" in request.parameters else (USER_PROFILE, "UserProfileName")
        owner = resources.find(kind, request.scope, f"{request.parameters['DomainId']}/{request.parameters[member]}")
        role = apps.settings(resources, request.scope, domain, owner).get("ExecutionRole") if domain and owner else None
        if domain and role and (key := domain.get("KmsKeyId")):
            yield KeyUse(key, ("CreateGrant", "DescribeKey"), [role], or_caller=False)


_OF_CALLERS: Final = {
    "CreateDomain": ("CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext"),
    "CreateNotebookInstance": ("CreateGrant", "DescribeKey"),
}
PERMISSIONS: Final = Permissions(KINDS, _RESOURCES, _conditions, _keys)
