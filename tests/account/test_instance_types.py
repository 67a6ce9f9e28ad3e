"""The table of instance types against the enumerations of the API and what EC2's pages say of some types."""

import botocore.session
import pytest
from botocore.model import StringShape

from account.instance_types import Usage, families_with_local_storage, has_local_storage, instance_types, require

ENUMERATIONS = {
    Usage.TRAINING: "TrainingInstanceType",
    Usage.PROCESSING: "ProcessingInstanceType",
    Usage.TRANSFORM: "TransformInstanceType",
    Usage.ENDPOINT: "ProductionVariantInstanceType",
    Usage.NOTEBOOK: "InstanceType",
    Usage.STUDIO: "AppInstanceType",
}
"""Where the SageMaker API lists the types of a usage; Studio's `system` is no instance type."""


@pytest.mark.parametrize("usage", Usage)
def test_the_types_of_a_usage_are_those_of_the_api(usage: Usage) -> None:
    shape = botocore.session.get_session().get_service_model("sagemaker").shape_for(ENUMERATIONS[usage])
    assert isinstance(shape, StringShape)
    listed = {name for name, each in instance_types().items() if usage in each.usages}
    assert listed == set(shape.enum) - {"system"}


@pytest.mark.parametrize(
    ("name", "vcpus", "memory", "accelerators", "storage"),
    [  # Amazon EC2 instance types guide, "Accelerated computing", "General purpose": hardware specifications
        ("ml.m5.xlarge", 4, 16, 0, 0),
        ("ml.m5d.xlarge", 4, 16, 0, 150),
        ("ml.g4dn.xlarge", 4, 16, 1, 125),
        ("ml.g5.12xlarge", 48, 192, 4, 3800),
        ("ml.p3.2xlarge", 8, 61, 1, 0),
        ("ml.p4d.24xlarge", 96, 1152, 8, 8000),
    ],
)
def test_a_type_has_what_ec2_says(name: str, vcpus: int, memory: float, accelerators: int, storage: int) -> None:
    found = instance_types()[name]
    assert (found.vcpus, found.memory_gib, found.accelerators, found.local_storage_gb) == (
        vcpus,
        memory,
        accelerators,
        storage,
    )


def test_all_types_of_a_family_have_local_storage_or_none() -> None:
    for usage in Usage:
        families = families_with_local_storage(usage)
        for name, found in instance_types().items():
            if usage in found.usages and found.local_storage_gb is not None:
                assert has_local_storage(name) is (name.split(".")[1] in families), name


def test_families_with_local_storage_are_those_that_the_api_names() -> None:
    # SageMaker API, ResourceConfig.VolumeSizeInGB: NVMe are ml.p4d, ml.g4dn and ml.g5; EBS are ml.c5 and ml.p2
    for name in instance_types():
        family = name.split(".")[1]
        if family in {"p4d", "g4dn", "g5"}:
            assert has_local_storage(name), name
        if family in {"c5", "p2"}:
            assert not has_local_storage(name), name


@pytest.mark.parametrize(
    ("name", "usage", "said"),
    [
        ("ml.m5.xlrage", Usage.TRAINING, "'ml.m5.xlrage' is no SageMaker instance type: did you mean ml.m5.xlarge?"),
        ("tiny", Usage.TRAINING, "'tiny' is no SageMaker instance type: it looks like ml.m5.xlarge."),
        (
            "ml.m5d.large",
            Usage.PROCESSING,
            "SageMaker has no ml.m5d.large for processing: it is for endpoint, notebook",
        ),
    ],
)
def test_a_type_that_a_usage_does_not_have_is_refused(name: str, usage: Usage, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("?", r"\?")):
        require(["ml.m5.xlarge", name], usage)


def test_types_that_a_usage_has_pass() -> None:
    require(["ml.m5.large", "ml.g5.xlarge"], Usage.PROCESSING)
