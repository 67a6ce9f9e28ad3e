"""Instance types of SageMaker: what each has, and what it may be used for.

`instance_types.csv` holds a type a line. What it may be used for are the enumerations of the SageMaker API in botocore,
which a test compares; what it has is EC2's `DescribeInstanceTypes` for the type without `ml.`, as moto 5.2.5 keeps it
(the families p2, p3 and dl1, which that has not, are from EC2's own pages). An empty cell is not known.
"""

import csv
import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

TABLE: Final = Path(__file__).with_name("instance_types.csv")


class Usage(StrEnum):
    """What an instance is used for; the SageMaker API has an enumeration of types for each."""

    TRAINING = "training"
    PROCESSING = "processing"
    TRANSFORM = "transform"
    ENDPOINT = "endpoint"
    NOTEBOOK = "notebook"
    STUDIO = "studio"


@dataclass(frozen=True)
class InstanceType:
    """An instance type: vCPUs, GiB of memory, accelerators (GPUs, Inferentia, …) and GB of local NVMe storage.

    None is not known; an instance without local storage has an EBS volume.
    """

    name: str
    vcpus: int | None
    memory_gib: float | None
    accelerators: int | None
    accelerator: str
    local_storage_gb: int | None
    usages: frozenset[Usage]

    @property
    def has_local_storage(self) -> bool:
        """Return whether its disks are its own: its hardware encrypts them, and SageMaker takes no key for them."""
        return bool(self.local_storage_gb)


@cache
def instance_types() -> Mapping[str, InstanceType]:
    """Return every instance type by name."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["type"]: _read(row) for row in csv.DictReader(file)}


def _read(row: Mapping[str, str]) -> InstanceType:
    return InstanceType(
        name=row["type"],
        vcpus=_number(row["vcpus"]),
        memory_gib=float(row["memory_gib"]) if row["memory_gib"] else None,
        accelerators=_number(row["accelerators"]),
        accelerator=row["accelerator"],
        local_storage_gb=_number(row["local_storage_gb"]),
        usages=frozenset(Usage(each) for each in row["usages"].split()),
    )


def _number(text: str) -> int | None:
    return int(text) if text else None


def has_local_storage(name: str) -> bool:
    """Return whether an instance type has NVMe storage of its own; one that is not known has not."""
    found = instance_types().get(name)
    return found is not None and found.has_local_storage


def families_with_local_storage(usage: Usage) -> Sequence[str]:
    """Return the families (`g5`) of a usage whose types have NVMe storage of their own: all of a family, or none."""
    return sorted(
        {
            each.name.split(".")[1]
            for each in instance_types().values()
            if each.has_local_storage and usage in each.usages
        }
    )


def require(names: Iterable[str], usage: Usage) -> None:
    """Raise `ValueError` with a sentence for the first type that SageMaker does not have for a usage."""
    for name in names:
        if problem := _problem(name, usage):
            raise ValueError(problem)


def _problem(name: str, usage: Usage) -> str:
    found = instance_types().get(name)
    if found is None:
        near = difflib.get_close_matches(
            name, [each for each, type_ in instance_types().items() if usage in type_.usages]
        )
        hint = f"did you mean {near[0]}?" if near else "it looks like ml.m5.xlarge."
        return f"{name!r} is no SageMaker instance type: {hint}"
    if usage not in found.usages:
        uses = ", ".join(each.value for each in Usage if each in found.usages)
        return f"SageMaker has no {name} for {usage.value}: it is for {uses}."
    return ""
