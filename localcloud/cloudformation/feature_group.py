"""AWS::SageMaker::FeatureGroup: made like the other types, and changed by adding features."""

from typing import Any

from localcloud.cloudformation.resource_type import SageMakerType
from localsagemaker.errors import ServiceError


class FeatureGroupType(SageMakerType):
    """A group keeps the features that it has: a template can add some, and an API call may have done so before."""

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Add the features that the template has and the group lacks, and change what else an update can."""
        there = {item["FeatureName"]: item["FeatureType"] for item in self._describe(physical_id)["FeatureDefinitions"]}
        wanted = {item["FeatureName"]: item for item in new["FeatureDefinitions"]}
        if changed := [
            name for name, item in wanted.items() if there.get(name, item["FeatureType"]) != item["FeatureType"]
        ]:
            raise ServiceError("ValidationException", f"The type of a feature never changes: {', '.join(changed)}.")
        if gone := [item["FeatureName"] for item in old["FeatureDefinitions"] if item["FeatureName"] not in wanted]:
            raise ServiceError("ValidationException", f"A feature group keeps its features: {', '.join(gone)}.")
        key = {self._kind.key: physical_id}
        if additions := [item for name, item in wanted.items() if name not in there]:
            self._call("UpdateFeatureGroup", {**key, "FeatureAdditions": additions})
        before, after = old.get("OnlineStoreConfig") or {}, new.get("OnlineStoreConfig") or {}
        if before != after:
            if any(before.get(name) != after.get(name) for name in ("EnableOnlineStore", "SecurityConfig")):
                raise ServiceError("ValidationException", "Of an online store only TtlDuration and StorageType change.")
            changes = {name: after[name] for name in ("TtlDuration", "StorageType") if name in after}
            self._change({**key, "OnlineStoreConfig": changes})
        if old.get("ThroughputConfig") != new.get("ThroughputConfig"):
            self._change({**key, "ThroughputConfig": new.get("ThroughputConfig") or {"ThroughputMode": "OnDemand"}})
        return super().update(physical_id, old, new, stack, logical_id)

    def _change(self, parameters: dict[str, Any]) -> None:
        self._call("UpdateFeatureGroup", self._arguments("UpdateFeatureGroup", parameters))
