"""AWS::SageMaker types of Studio and of notebook instances.

What is in a domain is known by several names: `Ref` gives them with `|` between, in the order of the type's primary
identifier.
"""

import time
from collections.abc import Mapping
from typing import Any, Final

from localcloud.cloudformation.resource_type import IN_PROGRESS, SageMakerType
from localsagemaker.errors import ServiceError

_DISSOCIATED: Final = {
    "LifecycleConfigName": "DisassociateLifecycleConfig",
    "DefaultCodeRepository": "DisassociateDefaultCodeRepository",
    "AdditionalCodeRepositories": "DisassociateAdditionalCodeRepositories",
}


class StudioType(SageMakerType):
    """Resources whose names are given by the template or, of a domain, by the service."""

    def create(self, logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        """Make the resource; a failed one is removed again and fails the stack with its reason."""
        del logical_id, stack
        operation = f"Create{self._kind.name}"
        made = self._call(operation, self._arguments(operation, properties))
        names = {**properties, **made}
        physical_id = "|".join(str(names[name]) for name in self._template.identifiers)
        try:
            return self._await_done(physical_id)
        except ServiceError:
            self.delete(physical_id, properties)
            raise

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Change what the API can change, and the tags."""
        del stack, logical_id
        changed = [name for name in self._template.update if old.get(name) != new.get(name) and name in new]
        if changed:
            operation = f"Update{self._kind.name}"
            changes = {f"{name}ForUpdate" if name == "DomainSettings" else name: new[name] for name in changed}
            self._call(operation, self._arguments(operation, {**changes, **self._split_id(physical_id)}))
        done = self._await_done(physical_id)
        self._tag(str(done[1][f"{self._kind.name}Arn"]), old, new)
        return done

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Remove the resource and wait until it is gone; a domain's home file system stays, as it does on AWS."""
        del properties
        names = self._split_id(physical_id)
        try:
            self._call(f"Delete{self._kind.name}", names)
            while self._describe_named(names).get("Status") != "Deleted":
                time.sleep(0.05)
        except ServiceError as error:
            if error.code != "ResourceNotFound":
                raise

    def _await_done(self, physical_id: str) -> tuple[str, dict[str, Any]]:
        """Wait until a resource is settled, and return what CloudFormation knows of it."""
        names = self._split_id(physical_id)
        description = self._describe_named(names)
        while description.get("Status") in IN_PROGRESS:
            time.sleep(0.05)
            description = self._describe_named(names)
        if description.get("Status") == "Failed":
            raise ServiceError("GeneralServiceException", description.get("FailureReason", "it failed"))
        return physical_id, {name: description[name] for name in self._template.attributes if name in description}

    def _split_id(self, physical_id: str) -> dict[str, str]:
        return dict(zip(self._template.identifiers, physical_id.split("|"), strict=True))

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
        changed = [member for member in self._template.update if old.get(member) != new.get(member)]
        if changed:
            changes = {member: new[member] for member in changed if member in new}
            changes |= {_DISSOCIATED[member]: True for member in changed if member not in new}
            key = {self._kind.key: name}
            self._stop(name)
            self._call("UpdateNotebookInstance", self._arguments("UpdateNotebookInstance", {**changes, **key}))
            self._await_settled(name)
            self._call("StartNotebookInstance", key)
        self._tag(physical_id, old, new)
        return self._identify(self._await_settled(name))

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
            self._await_settled(name)
