"""The instances of a training job by their groups: one group, or several of a heterogeneous cluster.

Source: developer guide, "Distributed training configuration" (resourceconfig.json) and "Train using a heterogeneous
cluster".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from localsagemaker.errors import ServiceError

ONLY: Final = "homogeneousCluster"
"""How the one group is called where a request names none."""


@dataclass(frozen=True)
class InstanceGroup:
    """So many instances of one type; `first` is the index of the first among all of the job."""

    name: str
    type: str
    count: int
    first: int

    @property
    def indices(self) -> range:
        """The indices of its instances among all of the job."""
        return range(self.first, self.first + self.count)

    @property
    def hosts(self) -> list[str]:
        """The names of its instances."""
        return [host(index) for index in self.indices]


def host(index: int) -> str:
    """Return the name of an instance."""
    return f"algo-{index + 1}"


def groups(request: Mapping[str, Any]) -> Sequence[InstanceGroup]:
    """Return the groups of `ResourceConfig`; ServiceError `ValidationException` when they have no instance."""
    resources = request["ResourceConfig"]
    given = resources.get("InstanceGroups") or [{"InstanceGroupName": ONLY, "InstanceCount": 1, **resources}]
    found: list[InstanceGroup] = []
    first = 0
    for each in given:
        found.append(InstanceGroup(each["InstanceGroupName"], each["InstanceType"], each["InstanceCount"], first))
        first += each["InstanceCount"]
    if not first:
        raise ServiceError("ValidationException", "ResourceConfig needs an InstanceCount of 1 or more.")
    return found


def describe(found: Sequence[InstanceGroup], index: int) -> dict[str, Any]:
    """Return what resourceconfig.json tells an instance of itself and the others."""
    own = next(group for group in found if index in group.indices)
    return {
        "current_host": host(index),
        "current_instance_type": own.type,
        "current_group_name": own.name,
        "hosts": [name for group in found for name in group.hosts],
        "instance_groups": [
            {"instance_group_name": group.name, "instance_type": group.type, "hosts": group.hosts} for group in found
        ],
        "network_interface_name": "lo",
    }
