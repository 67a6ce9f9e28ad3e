"""A heterogeneous cluster: what its instances are told, and which of them get a channel.

Source: developer guide, "Distributed training configuration" and "Train using a heterogeneous cluster"; API reference,
S3DataSource, `InstanceGroupNames`: "A list of names of instance groups that get data from the S3 data source".
"""

import json
from typing import Any

import pytest

from localsagemaker.errors import ServiceError
from localsagemaker.jobs.kinds import TRAINING_JOB
from localsagemaker.service import SageMaker
from tests.localsagemaker.fakes import SCOPE, Call, FakeHost, FakeImages, Run
from tests.localsagemaker.jobs.test_operations import training

GROUPS = [
    {"InstanceGroupName": "data", "InstanceType": "ml.c5.xlarge", "InstanceCount": 2},
    {"InstanceGroupName": "learn", "InstanceType": "ml.m5.large", "InstanceCount": 1},
]


def channel(name: str, *groups: str, **more: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://b/{name}/", "InstanceGroupNames": list(groups), **more}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def test_each_instance_knows_its_group_and_gets_its_channels(
    call: Call, sagemaker: SageMaker, images: FakeImages, host: FakeHost
) -> None:
    for name in ("raw/1", "raw/2", "labels/1"):
        host.s3.content[f"s3://b/{name}"] = b""
    told: dict[str, Any] = {}
    files: dict[str, list[str]] = {}

    def program(run: Run) -> int:
        config = json.loads((run.base_dir / "input/config/resourceconfig.json").read_text())
        data = run.base_dir / "input/data"
        told[config["current_host"]] = config
        files[config["current_host"]] = sorted(
            each.relative_to(data).as_posix() for each in data.rglob("*") if each.is_file()
        )
        return 0

    images.programs["image"] = program
    inputs = [channel("raw", "data", S3DataDistributionType="ShardedByS3Key"), channel("labels", "learn")]
    call(
        "CreateTrainingJob",
        **{**training(), "ResourceConfig": {"InstanceGroups": GROUPS, "VolumeSizeInGB": 1}, "InputDataConfig": inputs},
    )
    record = sagemaker.wait_for_job(TRAINING_JOB, SCOPE, "t")
    assert record["TrainingJobStatus"] == "Completed"
    assert files == {"algo-1": ["raw/1"], "algo-2": ["raw/2"], "algo-3": ["labels/1"]}
    last = told["algo-3"]
    assert (last["current_group_name"], last["current_instance_type"]) == ("learn", "ml.m5.large")
    assert last["hosts"] == ["algo-1", "algo-2", "algo-3"]
    assert last["instance_groups"] == [
        {"instance_group_name": "data", "instance_type": "ml.c5.xlarge", "hosts": ["algo-1", "algo-2"]},
        {"instance_group_name": "learn", "instance_type": "ml.m5.large", "hosts": ["algo-3"]},
    ]


def test_a_channel_for_a_group_that_is_not_there_is_refused(call: Call, images: FakeImages) -> None:
    images.programs["image"] = lambda _: 0
    with pytest.raises(ServiceError, match="Channel raw: no instance group other"):
        call("CreateTrainingJob", **training(), InputDataConfig=[channel("raw", "other")])
