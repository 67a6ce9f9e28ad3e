"""Which instances a request asks for, and whether SageMaker has such instances for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from account.instance_types import Usage, has_local_storage, instance_types
from account.quotas import quota_name
from localsagemaker.errors import ServiceError
from localsagemaker.kernel.requests import Request

Members = Mapping[str, Any]


@dataclass(frozen=True)
class Instances:
    """So many instances of a type for a usage; those of Studio run an application."""

    type: str
    usage: Usage
    count: int = 1
    spot: bool = False
    app: str = "JupyterLab"

    @property
    def quota(self) -> str:
        """The name of the quota that they count against."""
        return quota_name(self.type, self.usage, spot=self.spot, app=self.app)


def of_training(job: Members) -> Iterator[Instances]:
    """Yield the instances of a training job."""
    resources, spot = job["ResourceConfig"], bool(job.get("EnableManagedSpotTraining"))
    for each in resources.get("InstanceGroups") or [resources]:
        if "InstanceType" in each:
            yield Instances(each["InstanceType"], Usage.TRAINING, each.get("InstanceCount", 1), spot)


def of_processing(job: Members) -> Iterator[Instances]:
    """Yield the instances of a processing job."""
    cluster = job["ProcessingResources"]["ClusterConfig"]
    yield Instances(cluster["InstanceType"], Usage.PROCESSING, cluster["InstanceCount"])


def of_config(config: Members, counts: Mapping[str, int] | None = None) -> Iterator[Instances]:
    """Yield the instances of an endpoint's configuration: as many as it says, or as `counts` says by variant."""
    for variant in config["ProductionVariants"]:
        count = (counts or {}).get(variant["VariantName"], variant.get("InitialInstanceCount", 1))
        if "InstanceType" in variant:
            yield Instances(variant["InstanceType"], Usage.ENDPOINT, count)


def check(request: Request) -> None:
    """Refuse instances that cannot be had as a request wants them, with `ValidationException`.

    Source: SageMaker API, `VolumeKmsKeyId` of ResourceConfig and ProcessingClusterConfig, `KmsKeyId` of
    CreateEndpointConfig, `VolumeSizeInGB` of ProcessingClusterConfig.
    """
    parameters = request.parameters
    match request.operation:
        case "CreateTrainingJob":
            _check_key(parameters["ResourceConfig"], "VolumeKmsKeyId", of_training(parameters))
        case "CreateProcessingJob":
            cluster = parameters["ProcessingResources"]["ClusterConfig"]
            _check_key(cluster, "VolumeKmsKeyId", of_processing(parameters))
            _check_size(cluster)
        case "CreateEndpointConfig":
            _check_key(parameters, "KmsKeyId", of_config(parameters))


def _check_key(holder: Members, member: str, found: Iterator[Instances]) -> None:
    """Refuse a key for volumes where no instance has one: local storage is encrypted by the instance's hardware."""
    types = sorted({each.type for each in found})
    if holder.get(member) and types and all(map(has_local_storage, types)):
        raise ServiceError(
            "ValidationException",
            f"You can't request a {member} when using an instance type with local storage: {', '.join(types)}.",
        )


def _check_size(cluster: Members) -> None:
    known = instance_types().get(cluster["InstanceType"])
    local = known.local_storage_gb if known else None
    if local and cluster["VolumeSizeInGB"] > local:
        raise ServiceError(
            "ValidationException",
            "You can't request a VolumeSizeInGB greater than the total size of the local instance storage: "
            f"{cluster['InstanceType']} has {local} GB.",
        )
