"""AWS::SageMaker types of Studio and of notebook instances.

What is in a domain is known by several names: `Ref` gives them with `|` between, in the order of the type's primary
identifier.
"""

import time
from collections.abc import Mapping
from typing import Any, Final

from localcloud.cloudformation.sagemaker import IN_PROGRESS, Kind, SageMakerType
from localcloud.hooks import cloudformation
from localcloud.sagemaker.kernel.errors import ServiceError
from localcloud.sagemaker.service import SageMaker

DOMAIN: Final = Kind(
    "Domain",
    "name",
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
)
USER_PROFILE: Final = Kind(
    "UserProfile",
    "name",
    replacing=("DomainId", "UserProfileName", "SingleSignOnUserIdentifier", "SingleSignOnUserValue", "Tags"),
    attributes=("UserProfileArn",),
    update=("UserSettings",),
)
SPACE: Final = Kind(
    "Space",
    "name",
    replacing=("DomainId", "SpaceName", "SpaceSharingSettings", "OwnershipSettings"),
    attributes=("SpaceArn", "Url"),
    update=("SpaceDisplayName", "SpaceSettings"),
)
APP: Final = Kind(
    "App",
    "name",
    replacing=("AppName", "AppType", "DomainId", "UserProfileName", "ResourceSpec"),
    attributes=("AppArn", "BuiltInLifecycleConfigArn"),
)
LIFECYCLE_CONFIG: Final = Kind(
    "StudioLifecycleConfig",
    "name",
    replacing=("StudioLifecycleConfigName", "StudioLifecycleConfigAppType", "StudioLifecycleConfigContent", "Tags"),
    attributes=("StudioLifecycleConfigArn",),
)
IDENTIFIERS: Final = (
    (DOMAIN, ("DomainId",)),
    (USER_PROFILE, ("UserProfileName", "DomainId")),
    (SPACE, ("DomainId", "SpaceName")),
    (APP, ("AppName", "AppType", "DomainId", "UserProfileName")),
    (LIFECYCLE_CONFIG, ("StudioLifecycleConfigName",)),
)
NOTEBOOK: Final = Kind(
    "NotebookInstance",
    "arn",
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
)
NOTEBOOK_LIFECYCLE_CONFIG: Final = Kind(
    "NotebookInstanceLifecycleConfig",
    "arn",
    replacing=("NotebookInstanceLifecycleConfigName",),
    attributes=("NotebookInstanceLifecycleConfigArn", "NotebookInstanceLifecycleConfigName"),
    update=("OnCreate", "OnStart"),
)
_DISSOCIATED: Final = {
    "LifecycleConfigName": "DisassociateLifecycleConfig",
    "DefaultCodeRepository": "DisassociateDefaultCodeRepository",
    "AdditionalCodeRepositories": "DisassociateAdditionalCodeRepositories",
}


class StudioType(SageMakerType):
    """Resources whose names are given by the template or, of a domain, by the service."""

    def __init__(self, service: SageMaker, kind: Kind, identifiers: tuple[str, ...]) -> None:
        super().__init__(service, kind)
        self._identifiers = identifiers

    def create(self, logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        """Make the resource; a failed one is removed again and fails the stack with its reason."""
        del logical_id, stack
        operation = f"Create{self._kind.name}"
        made = self._call(operation, self._arguments(operation, properties))
        names = {**properties, **made}
        physical_id = "|".join(str(names[name]) for name in self._identifiers)
        try:
            return self._done(physical_id)
        except ServiceError:
            self.delete(physical_id, properties)
            raise

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Change what the API can change, and the tags."""
        del stack, logical_id
        changed = [name for name in self._kind.update if old.get(name) != new.get(name) and name in new]
        if changed:
            operation = f"Update{self._kind.name}"
            changes = {f"{name}ForUpdate" if name == "DomainSettings" else name: new[name] for name in changed}
            self._call(operation, self._arguments(operation, {**changes, **self._names(physical_id)}))
        done = self._done(physical_id)
        self._tag(str(done[1][f"{self._kind.name}Arn"]), old, new)
        return done

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Remove the resource and wait until it is gone; a domain's home file system stays, as it does on AWS."""
        del properties
        names = self._names(physical_id)
        try:
            self._call(f"Delete{self._kind.name}", names)
            while self._describe_named(names).get("Status") != "Deleted":
                time.sleep(0.05)
        except ServiceError as error:
            if error.code != "ResourceNotFound":
                raise

    def _done(self, physical_id: str) -> tuple[str, dict[str, Any]]:
        """Wait until a resource is settled, and return what CloudFormation knows of it."""
        names = self._names(physical_id)
        description = self._describe_named(names)
        while description.get("Status") in IN_PROGRESS:
            time.sleep(0.05)
            description = self._describe_named(names)
        if description.get("Status") == "Failed":
            raise ServiceError("GeneralServiceException", description.get("FailureReason", "it failed"))
        return physical_id, {name: description[name] for name in self._kind.attributes if name in description}

    def _names(self, physical_id: str) -> dict[str, str]:
        return dict(zip(self._identifiers, physical_id.split("|"), strict=True))

    def _describe_named(self, names: Mapping[str, str]) -> dict[str, Any]:
        return self._call(f"Describe{self._kind.name}", names)


class NotebookType(SageMakerType):
    """Notebook instances, which are stopped before they change or go."""

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Stop the instance, change it and start it again; a change of tags leaves it alone."""
        del stack, logical_id
        name = physical_id.rsplit("/", 1)[-1]
        changed = [member for member in self._kind.update if old.get(member) != new.get(member)]
        if changed:
            changes = {member: new[member] for member in changed if member in new}
            changes |= {_DISSOCIATED[member]: True for member in changed if member not in new}
            key = {self._kind.key: name}
            self._stop(name)
            self._call("UpdateNotebookInstance", self._arguments("UpdateNotebookInstance", {**changes, **key}))
            self._settled(name)
            self._call("StartNotebookInstance", key)
        self._tag(physical_id, old, new)
        return self._identity(self._settled(name))

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Stop the instance, remove it and wait until it is gone."""
        try:
            self._stop(physical_id.rsplit("/", 1)[-1])
        except ServiceError as error:
            if "RecordNotFound" in str(error):
                return
            raise
        super().delete(physical_id, properties)

    def _stop(self, name: str) -> None:
        if self._describe(name)["NotebookInstanceStatus"] == "InService":
            self._call("StopNotebookInstance", {self._kind.key: name})
            self._settled(name)


def register(service: SageMaker) -> None:
    """Let CloudFormation make what Studio consists of, and notebook instances."""
    for kind, identifiers in IDENTIFIERS:
        cloudformation.register(f"AWS::SageMaker::{kind.name}", StudioType(service, kind, identifiers), kind.replacing)
    notebooks = ((NOTEBOOK, NotebookType), (NOTEBOOK_LIFECYCLE_CONFIG, SageMakerType))
    for kind, handler in notebooks:
        cloudformation.register(f"AWS::SageMaker::{kind.name}", handler(service, kind), kind.replacing)
