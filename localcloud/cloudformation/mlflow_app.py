"""AWS::SageMaker::MlflowApp: known by its ARN, which does not hold its name."""

from typing import Any, Final

from localcloud.cloudformation.resource_type import SageMakerType
from localsagemaker.errors import ServiceError

CHANGED: Final = ("ArtifactStoreUri", "ModelRegistrationMode", "WeeklyMaintenanceWindowStart")


class MlflowAppType(SageMakerType):
    """Create, update and delete apps."""

    def create(self, logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        """Make the app."""
        del logical_id, stack
        arn = str(self._call("CreateMlflowApp", self._arguments("CreateMlflowApp", properties))["Arn"])
        return arn, self._attributes(arn)

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Change what the API can change, and the tags."""
        del stack, logical_id
        changes: dict[str, Any] = {name: new[name] for name in CHANGED if name in new and new[name] != old.get(name)}
        if changes:
            self._call("UpdateMlflowApp", {**changes, "Arn": physical_id})
        self._tag(physical_id, old, new)
        return physical_id, self._attributes(physical_id)

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Remove the app and all that it knew."""
        del properties
        try:
            self._call("DeleteMlflowApp", {"Arn": physical_id})
        except ServiceError as error:
            if error.code != "ResourceNotFound":
                raise

    def _attributes(self, arn: str) -> dict[str, Any]:
        shown = self._call("DescribeMlflowApp", {"Arn": arn})
        return {
            "Arn": arn,
            "MlflowAppId": arn.rsplit("/", 1)[-1],
            **{name: str(shown[name]) for name in ("Status", "MlflowVersion", "CreationTime", "LastModifiedTime")},
        }
