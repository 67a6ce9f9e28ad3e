"""ModelTrainer and the training jobs of sagemaker-core, as the SDK's own guide writes them.

Every script runs in our image for tables; what it saw is in the model that it leaves.
"""

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.resources import Tag, TrainingJob
from sagemaker.core.shapes import (
    AlgorithmSpecification,
    Channel,
    DataSource,
    ResourceConfig,
    ResourceConfigForUpdate,
    RetryStrategy,
    S3DataSource,
    StoppingCondition,
)
from sagemaker.core.shapes import OutputDataConfig as OutputShape
from sagemaker.core.shapes import Tag as TagShape
from sagemaker.core.training.configs import (
    CheckpointConfig,
    Compute,
    InputData,
    Networking,
    OutputDataConfig,
    SourceCode,
)
from sagemaker.core.utils.exceptions import FailedStatusError
from sagemaker.train import ModelTrainer

from tests.sdk.notebook import BUCKET, SMALL, keys_at, unpacked

Trainer = Callable[..., ModelTrainer]
SEEN = (
    "import json, os, pathlib, sys\n"
    "seen = {'hps': json.loads(os.environ['SM_HPS']), 'team': os.environ.get('TEAM'), 'args': sys.argv[1:],\n"
    "        'files': sorted(str(p) for p in pathlib.Path('/opt/ml/input/data').glob('t*/*'))}\n"
    "pathlib.Path('/opt/ml/model/seen.json').write_text(json.dumps(seen))\n"
)


@pytest.fixture
def trainer(image: str, role: str, session: Session, tmp_path: Path) -> Trainer:
    """Make a trainer that runs one script."""

    def make(script: str = SEEN, **settings: Any) -> ModelTrainer:
        source = tmp_path / f"source-{uuid.uuid4().hex}"
        source.mkdir()
        (source / "train.py").write_text(script)
        command = settings.pop("source_code", {"entry_script": "train.py"})
        given = {"compute": SMALL, "base_job_name": "flow", **settings}
        return ModelTrainer(
            training_image=image,
            role=role,
            sagemaker_session=session,
            source_code=SourceCode(source_dir=str(source), **command),
            **given,
        )

    return make


def job_of(trainer: ModelTrainer) -> TrainingJob:
    return trainer._latest_training_job  # noqa: SLF001 - the SDK shows it nowhere else


def seen_by(trainer: ModelTrainer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(unpacked(job_of(trainer).model_artifacts.s3_model_artifacts)["seen.json"])
    return found


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("given.json", '{"depth": 3, "rate": 0.1, "deep": {"a": [1, 2]}}'),
        ("given.yaml", "depth: 3\nrate: 0.1\ndeep: {a: [1, 2]}\n"),
    ],
)
def test_hyperparameters_come_from_a_file(trainer: Trainer, tmp_path: Path, name: str, text: str) -> None:
    """ModelTrainer, hyperparameters: "a path to a JSON or YAML file containing hyperparameters"."""
    (tmp_path / name).write_text(text)
    made = trainer(hyperparameters=str(tmp_path / name))
    made.train(logs=False)
    assert seen_by(made)["hps"] == {"depth": 3, "rate": 0.1, "deep": {"a": [1, 2]}}
    assert job_of(made).hyper_parameters["deep"] == '{"a": [1, 2]}'


def test_environment_tags_and_limits_reach_the_job(trainer: Trainer) -> None:
    made = trainer(
        environment={"TEAM": "risk"},
        tags=[TagShape(key="team", value="risk")],
        stopping_condition=StoppingCondition(max_runtime_in_seconds=600),
        output_data_config=OutputDataConfig(s3_output_path=f"s3://{BUCKET}/elsewhere"),
        source_code={"command": "python train.py --fast"},
    )
    made.train(logs=False)
    assert (seen_by(made)["team"], seen_by(made)["args"]) == ("risk", ["--fast"])
    job = job_of(made)
    assert job.stopping_condition.max_runtime_in_seconds == 600
    assert job.model_artifacts.s3_model_artifacts.startswith(f"s3://{BUCKET}/elsewhere/flow-")
    assert [(tag.key, tag.value) for tag in Tag.get_all(resource_arn=job.training_job_arn)] == [("team", "risk")]
    Tag.add_tags(resource_arn=job.training_job_arn, tags=[TagShape(key="stage", value="try")])
    Tag.delete_tags(resource_arn=job.training_job_arn, tag_keys=["team"])
    assert [(tag.key, tag.value) for tag in Tag.get_all(resource_arn=job.training_job_arn)] == [("stage", "try")]


def test_a_second_job_goes_on_from_the_checkpoints_of_the_first(trainer: Trainer) -> None:
    """Developer guide, model-checkpoints: data in S3 are copied to the local path before the container starts."""
    script = (
        "import json, pathlib\n"
        "file = pathlib.Path('/opt/ml/checkpoints/epoch.txt')\n"
        "before = int(file.read_text()) if file.exists() else 0\n"
        "file.write_text(str(before + 1))\n"
        "pathlib.Path('/opt/ml/model/seen.json').write_text(json.dumps({'before': before}))\n"
    )
    place = CheckpointConfig(s3_uri=f"s3://{BUCKET}/checkpoints-{uuid.uuid4().hex}")
    for before in (0, 1):
        made = trainer(script).with_checkpoint_config(place)
        made.train(logs=False)
        assert seen_by(made) == {"before": before}


def test_a_spot_job_says_what_it_is_billed(trainer: Trainer) -> None:
    """DescribeTrainingJob: savings are (1 - BillableTimeInSeconds / TrainingTimeInSeconds) * 100."""
    compute = Compute(instance_type="ml.m5.large", instance_count=1, enable_managed_spot_training=True)
    limits = StoppingCondition(max_runtime_in_seconds=600, max_wait_time_in_seconds=900)
    made = trainer(compute=compute, stopping_condition=limits).with_retry_strategy(
        RetryStrategy(maximum_retry_attempts=2)
    )
    made.train(logs=False)
    job = job_of(made)
    assert job.enable_managed_spot_training is True
    assert job.stopping_condition.max_wait_time_in_seconds == 900
    assert job.retry_strategy.maximum_retry_attempts == 2
    assert 0 <= job.billable_time_in_seconds <= job.training_time_in_seconds


def test_a_script_that_fails_tells_its_error(trainer: Trainer, said: list[str]) -> None:
    """The SDK's driver writes /opt/ml/output/failure with the exit status; the error is in the log."""
    made = trainer("def train():\n    raise ValueError('no column named amount')\ntrain()\n")
    with pytest.raises(FailedStatusError, match=r"AlgorithmError: (?s:.*)train\.py.*exit status 1"):
        made.train(logs=True)
    assert any("no column named amount" in line for line in said)
    job = job_of(made).refresh()
    assert job.training_job_status == job.secondary_status == "Failed"
    assert job.failure_reason.startswith("AlgorithmError: ")
    assert not job.model_artifacts or not keys_at(job.model_artifacts.s3_model_artifacts)


def test_data_that_are_not_there_are_named(trainer: Trainer, tmp_path: Path) -> None:
    made = trainer()
    with pytest.raises(ValueError, match="nowhere"):
        made.train(input_data_config=[InputData(channel_name="train", data_source=str(tmp_path / "nowhere"))])
    with pytest.raises((ClientError, FailedStatusError), match=rf"No S3 objects found under S3 URL .*{BUCKET}/nowhere"):
        made.train(input_data_config=[InputData(channel_name="train", data_source=f"s3://{BUCKET}/nowhere/")])


def test_a_local_folder_and_a_fast_file_become_channels(trainer: Trainer, tmp_path: Path) -> None:
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "rows.csv").write_text("1,2\n")
    boto3.client("s3").put_object(Bucket=BUCKET, Key="texts/a.txt", Body=b"a")
    made = trainer()
    source = DataSource(s3_data_source=S3DataSource(s3_data_type="S3Prefix", s3_uri=f"s3://{BUCKET}/texts/"))
    made.train(
        input_data_config=[
            InputData(channel_name="train", data_source=str(tmp_path / "rows")),
            Channel(channel_name="texts", data_source=source, input_mode="FastFile"),
        ],
        logs=False,
    )
    assert seen_by(made)["files"] == ["/opt/ml/input/data/texts/a.txt", "/opt/ml/input/data/train/rows.csv"]


def test_a_pipe_is_refused_by_name(trainer: Trainer) -> None:
    source = DataSource(s3_data_source=S3DataSource(s3_data_type="S3Prefix", s3_uri=f"s3://{BUCKET}/texts/"))
    with pytest.raises(ClientError, match="InputMode"):
        trainer().train(input_data_config=[Channel(channel_name="texts", data_source=source, input_mode="Pipe")])


def test_a_model_is_left_as_files_where_no_archive_is_wanted(trainer: Trainer) -> None:
    """OutputDataConfig, CompressionType: with NONE the model is uploaded uncompressed."""
    place = OutputDataConfig(s3_output_path=f"s3://{BUCKET}/plain", compression_type="NONE")
    made = trainer(output_data_config=place, networking=Networking(enable_network_isolation=True))
    made.train(logs=False)
    uri = job_of(made).model_artifacts.s3_model_artifacts
    assert [key.rpartition("/")[2] for key in keys_at(uri)] == ["seen.json"]
    assert job_of(made).enable_network_isolation is True


def test_output_data_are_an_archive_beside_the_model(trainer: Trainer) -> None:
    made = trainer("import pathlib\npathlib.Path('/opt/ml/output/data/curve.csv').write_text('1,0.5')\n")
    made.train(logs=False)
    assert unpacked(made.output_data) == {"curve.csv": b"1,0.5"}


def test_distributed_training_starts_a_process_per_instance(trainer: Trainer) -> None:
    """Two instances: each container sees its own name and all hosts, resourceconfig.json."""
    script = (
        "import json, os, pathlib\n"
        "found = json.loads(pathlib.Path('/opt/ml/input/config/resourceconfig.json').read_text())\n"
        "pathlib.Path('/opt/ml/model', found['current_host']).write_text(','.join(sorted(found['hosts'])))\n"
    )
    made = trainer(script, compute=Compute(instance_type="ml.m5.large", instance_count=2))
    made.train(logs=False)
    model = unpacked(job_of(made).model_artifacts.s3_model_artifacts)
    assert model == {"algo-1": b"algo-1,algo-2", "algo-2": b"algo-1,algo-2"}


@pytest.fixture
def plain(image: str, role: str) -> Callable[..., TrainingJob]:
    """Make a job of sagemaker-core that does nothing but a command."""

    def make(command: str, **settings: Any) -> TrainingJob:
        return TrainingJob.create(
            training_job_name=f"core-{uuid.uuid4().hex[:12]}",
            role_arn=role,
            algorithm_specification=AlgorithmSpecification(
                training_image=image,
                training_input_mode="File",
                container_entrypoint=["/bin/sh", "-c"],
                container_arguments=[command],
            ),
            output_data_config=OutputShape(s3_output_path=f"s3://{BUCKET}/core"),
            resource_config=ResourceConfig(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=5),
            stopping_condition=settings.pop("stopping_condition", StoppingCondition(max_runtime_in_seconds=600)),
            **settings,
        )

    return make


def test_a_job_of_the_core_is_stopped(plain: Callable[..., TrainingJob]) -> None:
    job = plain("sleep 300")
    assert job.training_job_status == "InProgress"
    job.stop()
    job.wait(poll=1, timeout=180)
    assert (job.training_job_status, job.secondary_status) == ("Stopped", "Stopped")
    with pytest.raises(ClientError, match="is in status Stopped"):
        boto3.client("sagemaker").stop_training_job(TrainingJobName=job.training_job_name)


def test_a_job_that_takes_too_long_is_stopped(plain: Callable[..., TrainingJob]) -> None:
    job = plain("sleep 300", stopping_condition=StoppingCondition(max_runtime_in_seconds=1))
    job.wait(poll=1, timeout=240)
    assert (job.training_job_status, job.secondary_status) == ("Stopped", "MaxRuntimeExceeded")


def test_a_job_of_the_core_is_found_and_has_its_name_alone(plain: Callable[..., TrainingJob]) -> None:
    """CreateTrainingJob: a name is "unique within an AWS Region in an AWS account", else ResourceInUse."""
    job = plain("true", environment={"A": "b"})
    job.wait(poll=1, logs=False)
    again = TrainingJob.get(job.training_job_name)
    assert again.environment == {"A": "b"}
    found = [item.training_job_name for item in TrainingJob.get_all(name_contains=job.training_job_name)]
    assert found == [job.training_job_name]
    earlier = TrainingJob.get_all(name_contains=job.training_job_name, creation_time_before=job.creation_time)
    assert list(earlier) == []
    name, client = job.training_job_name, boto3.client("sagemaker")
    with pytest.raises(ClientError, match=r"Job name must be unique|already exists") as twice:
        client.create_training_job(
            TrainingJobName=name,
            RoleArn=job.role_arn,
            AlgorithmSpecification={
                "TrainingImage": again.algorithm_specification.training_image,
                "TrainingInputMode": "File",
            },
            OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/core"},
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
            StoppingCondition={"MaxRuntimeInSeconds": 60},
        )
    assert twice.value.response["Error"]["Code"] == "ResourceInUse"
    change = ResourceConfigForUpdate(keep_alive_period_in_seconds=60)
    with pytest.raises(ClientError, match="UpdateTrainingJob is not provided by the local"):
        job.update(resource_config=change)
    job.delete()
    job.wait_for_delete(poll=1, timeout=30)
    with pytest.raises(ClientError, match="Requested resource not found") as missing:
        TrainingJob.get(name)
    assert missing.value.response["Error"]["Code"] == "ValidationException"


def test_pages_of_jobs_are_read_to_the_end(plain: Callable[..., TrainingJob]) -> None:
    names = [plain("true").training_job_name for _ in range(3)]
    client = boto3.client("sagemaker")
    for name in names:
        client.get_waiter("training_job_completed_or_stopped").wait(
            TrainingJobName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
        )
    pages = client.get_paginator("list_training_jobs").paginate(
        NameContains="core-", SortBy="Name", SortOrder="Descending", PaginationConfig={"PageSize": 2}
    )
    found = [job["TrainingJobName"] for page in pages for job in page["TrainingJobSummaries"]]
    assert set(names) <= set(found)
    assert found == sorted(found, reverse=True)
    assert len(found) == len(set(found))
