"""Processing and training jobs, with every engine of this machine, against a cloud in a folder."""

import io
import json
import tarfile
import threading
import time
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from localsagemaker.errors import JobFailed, ServiceError
from localsagemaker.images import Images
from localsagemaker.jobs.job import Job
from localsagemaker.jobs.processing import ProcessingJob
from localsagemaker.jobs.training import TrainingJob
from tests.localsagemaker.folder_host import ROLE, SCOPE, FolderHost
from tests.localsagemaker.small_image import ENGINES, URI, built

pytestmark = pytest.mark.slow

DATA = "s3://data/fraud/versions/1/"
PROCESSING_LOG = "/aws/sagemaker/ProcessingJobs"
TRAINING_LOG = "/aws/sagemaker/TrainingJobs"


@pytest.fixture(scope="session", params=ENGINES)
def images(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Images:
    return built(request.param, tmp_path_factory.mktemp("images"))


@pytest.fixture
def host(tmp_path: Path) -> FolderHost:
    host = FolderHost(tmp_path / "s3")
    host.s3.put(f"{DATA}claims.csv", "1,2\n")
    host.s3.put(f"{DATA}customers.csv", "3,4\n")
    (tmp_path / "s3" / "artifacts").mkdir()
    return host


class Runner:
    """Makes jobs and keeps what they tell."""

    def __init__(self, host: FolderHost, images: Images, workdir: Path) -> None:
        self.host = host
        self.images = images
        self.workdir = workdir
        self.told: list[Mapping[str, Any]] = []
        self.grants: set[tuple[str, str]] = set()

    def job(self, kind: type[Job], request: Mapping[str, Any], *, grace_s: float = 20.0) -> Job:
        return kind(
            request,
            name="job-1",
            arn=f"arn:aws:sagemaker:eu-west-1:111111111111:{kind.kind.lower()}/job-1",
            scope=SCOPE,
            host=self.host,
            images=self.images,
            workdir=self.workdir,
            update=self.update,
            grace_s=grace_s,
        )

    def update(self, fields: Mapping[str, Any]) -> None:
        self.told.append(fields)
        self.grants |= set(self.host.grants)

    def statuses(self, field: str) -> list[str]:
        """Values of a field in the order they were told, repetitions left out."""
        values = [each[field] for each in self.told if field in each]
        return [value for index, value in enumerate(values) if index == 0 or values[index - 1] != value]

    @property
    def last(self) -> dict[str, Any]:
        return {key: value for each in self.told for key, value in each.items()}


@pytest.fixture
def runner(host: FolderHost, images: Images, tmp_path: Path) -> Runner:
    return Runner(host, images, tmp_path / "work")


def processing(*arguments: str, **changes: Any) -> dict[str, Any]:
    return {
        "ProcessingJobName": "job-1",
        "RoleArn": ROLE,
        "AppSpecification": {"ImageUri": URI, "ContainerArguments": list(arguments)},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
        },
        "ProcessingInputs": [
            {
                "InputName": "data",
                "S3Input": {
                    "S3Uri": DATA,
                    "LocalPath": "/opt/ml/processing/input/data",
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                },
            }
        ],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "copy",
                    "S3Output": {
                        "S3Uri": "s3://artifacts/out",
                        "LocalPath": "/opt/ml/processing/output/copy",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ],
            "KmsKeyId": "key-1",
        },
        **changes,
    }


def training(do: str = "", **changes: Any) -> dict[str, Any]:
    return {
        "TrainingJobName": "job-1",
        "RoleArn": ROLE,
        "HyperParameters": {"num_round": "2", "do": do},
        "AlgorithmSpecification": {
            "TrainingImage": URI,
            "TrainingInputMode": "File",
            "MetricDefinitions": [
                {"Name": "validation:auc", "Regex": r"validation-auc:([0-9.]+)"},
                {"Name": "absent", "Regex": r"nothing like it (\d+)"},
            ],
        },
        "InputDataConfig": [
            {
                "ChannelName": "train",
                "ContentType": "text/csv",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": DATA}},
            }
        ],
        "OutputDataConfig": {"S3OutputPath": "s3://artifacts/models/", "KmsKeyId": "key-1"},
        "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        **changes,
    }


def assert_nothing_left(runner: Runner) -> None:
    assert list(runner.workdir.iterdir()) == []


def test_processing_brings_data_runs_and_takes_results(runner: Runner, host: FolderHost) -> None:
    fields = runner.job(ProcessingJob, processing("copy", "--data=/opt/ml/processing/input/data")).run()
    assert fields["ProcessingJobStatus"] == "Completed"
    assert fields["ProcessingStartTime"] <= fields["ProcessingEndTime"]
    assert "FailureReason" not in fields
    assert host.s3.read("s3://artifacts/out/claims.csv") == b"1,2\n"
    assert host.s3.keys == {"s3://artifacts/out/claims.csv": "key-1", "s3://artifacts/out/customers.csv": "key-1"}
    lines = host.lines(PROCESSING_LOG)
    assert any("container" in line for line in lines)
    assert "copied input/data/claims.csv" in lines
    config = json.loads(next(line for line in lines if line.startswith("processingjobconfig")).split(" ", 1)[1])
    assert config["ProcessingJobArn"].endswith("processingjob/job-1")
    assert config["AppSpecification"]["ImageUri"] == URI
    assert 'resourceconfig.json {"current_host": "algo-1", "hosts": ["algo-1"]}' in lines
    assert [stream.rsplit("-", 1)[0] for _, stream in host.logs] == ["job-1/algo-1"]
    assert_nothing_left(runner)


@pytest.mark.parametrize("does", ["copy", "fail"])
def test_a_volume_under_a_key_is_opened_with_a_grant_that_ends_with_the_job(
    runner: Runner, host: FolderHost, does: str
) -> None:
    request = processing(does)
    request["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"] = "key-1"
    with nullcontext() if does == "copy" else pytest.raises(JobFailed):
        runner.job(ProcessingJob, request).run()
    assert runner.grants == {(ROLE, "key-1")}
    assert host.grants == []


def test_processing_fails_with_the_container_s_own_sentence(runner: Runner, host: FolderHost) -> None:
    with pytest.raises(JobFailed) as failed:
        runner.job(ProcessingJob, processing("fail")).run()
    assert str(failed.value) == "AlgorithmError: claims.csv has no column policy_id, exit code: 1"
    assert runner.last["ProcessingJobStatus"] == "Failed"
    assert runner.last["FailureReason"] == str(failed.value)
    assert "ProcessingEndTime" in runner.last
    assert host.s3.keys == {}
    assert_nothing_left(runner)


def test_processing_without_a_message_fails_with_the_last_errors(runner: Runner) -> None:
    with pytest.raises(JobFailed) as failed:
        runner.job(ProcessingJob, processing("crash")).run()
    assert str(failed.value).endswith("first line\nboom, exit code: 3")


def test_a_missing_input_is_named_and_nothing_runs(runner: Runner, host: FolderHost) -> None:
    request = processing("copy")
    request["ProcessingInputs"][0]["S3Input"]["S3Uri"] = "s3://data/fraud/versions/none/"
    with pytest.raises(
        JobFailed, match=r'ClientError: No S3 objects found under S3 URL "s3://data/fraud/versions/none/"'
    ):
        runner.job(ProcessingJob, request).run()
    assert runner.last["ProcessingJobStatus"] == "Failed"
    assert host.lines(PROCESSING_LOG) == []
    assert_nothing_left(runner)


def test_an_upload_that_iam_refuses_fails_the_job(runner: Runner, host: FolderHost) -> None:
    host.s3.denied.add("upload s3://artifacts/out/")
    with pytest.raises(JobFailed, match=r"ClientError: .*not authorized to upload s3://artifacts/out/claims.csv"):
        runner.job(ProcessingJob, processing("copy")).run()
    assert runner.last["ProcessingJobStatus"] == "Failed"
    assert_nothing_left(runner)


def test_an_unknown_image_or_role_is_refused(runner: Runner) -> None:
    request = processing("copy")
    request["AppSpecification"]["ImageUri"] = "no.such/image:1"
    with pytest.raises(ServiceError, match=r"no\.such/image:1 does not exist"):
        runner.job(ProcessingJob, request)
    with pytest.raises(JobFailed, match="Could not assume role"):
        runner.job(ProcessingJob, processing("copy", RoleArn="arn:aws:iam::111111111111:role/other")).run()


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("LocalPath", "/etc", "must begin with /opt/ml/processing/"),
        ("LocalPath", "/opt/ml/processing/../../etc", "must begin with /opt/ml/processing/"),
    ],
)
def test_an_input_that_cannot_be_had_here_is_refused(runner: Runner, path: str, value: str, sentence: str) -> None:
    request = processing("copy")
    request["ProcessingInputs"][0]["S3Input"][path] = value
    with pytest.raises(ServiceError, match=sentence):
        runner.job(ProcessingJob, request)


def test_a_dataset_definition_is_refused_by_the_input_s_name(runner: Runner) -> None:
    with pytest.raises(ServiceError, match="Input table: only S3Input"):
        runner.job(
            ProcessingJob, processing("copy", ProcessingInputs=[{"InputName": "table", "DatasetDefinition": {}}])
        )


def test_two_instances_share_a_sharded_input(runner: Runner, host: FolderHost) -> None:
    request = processing("copy")
    request["ProcessingResources"]["ClusterConfig"]["InstanceCount"] = 2
    request["ProcessingInputs"][0]["S3Input"]["S3DataDistributionType"] = "ShardedByS3Key"
    runner.job(ProcessingJob, request).run()
    streams = {stream.split("/")[1][:6]: lines for (_, stream), lines in host.logs.items()}
    assert [line for line in streams["algo-1"] if "copied" in line] == ["copied input/data/claims.csv"]
    assert [line for line in streams["algo-2"] if "copied" in line] == ["copied input/data/customers.csv"]
    assert len(host.s3.keys) == 2


def test_any_bytes_and_any_amount_of_log_arrive(runner: Runner, host: FolderHost) -> None:
    runner.job(ProcessingJob, processing("noise")).run()
    lines = host.lines(PROCESSING_LOG)
    assert "caf\ufffd \ufffd" in lines
    assert [line for line in lines if line.startswith("line ")] == [f"line {number}" for number in range(20000)]


def test_credentials_reach_the_container_unless_it_is_isolated(runner: Runner, host: FolderHost) -> None:
    def environment() -> dict[str, str]:
        found: dict[str, str] = json.loads(next(line for line in host.lines(PROCESSING_LOG) if line.startswith('{"')))
        host.logs.clear()
        return found

    runner.job(ProcessingJob, processing("environment", Environment={"MODE": "fast"})).run()
    seen = environment()
    assert (seen["AWS_ACCESS_KEY_ID"], seen["AWS_REGION"], seen["MODE"]) == ("key-of-the-role", "eu-west-1", "fast")
    runner.job(ProcessingJob, processing("environment", NetworkConfig={"EnableNetworkIsolation": True})).run()
    assert "AWS_ACCESS_KEY_ID" not in environment()


def stopped(runner: Runner, job: Job, line: str, group: str) -> dict[str, Any]:
    """Run a job, stop it when its log has the line, and give its fields."""
    fields: dict[str, Any] = {}
    thread = threading.Thread(target=lambda: fields.update(job.run()))
    thread.start()
    deadline = time.monotonic() + 60
    while line not in runner.host.lines(group):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    job.stop()
    thread.join(60)
    return fields


def test_stop_asks_the_container_and_keeps_what_it_made(runner: Runner) -> None:
    job = runner.job(ProcessingJob, processing("hang"))
    fields = stopped(runner, job, "hanging", PROCESSING_LOG)
    assert fields["ProcessingJobStatus"] == "Stopped"
    assert runner.statuses("ProcessingJobStatus") == ["InProgress", "Stopping", "Stopped"]
    assert_nothing_left(runner)


def test_stop_kills_a_container_that_does_not_listen(runner: Runner) -> None:
    job = runner.job(TrainingJob, training("stubborn"), grace_s=0.5)
    fields = stopped(runner, job, "ignoring SIGTERM", TRAINING_LOG)
    assert fields["TrainingJobStatus"] == "Stopped"
    assert fields["ModelArtifacts"]["S3ModelArtifacts"] == "s3://artifacts/models/job-1/output/model.tar.gz"
    assert_nothing_left(runner)


def test_a_job_stopped_before_it_runs_ends_stopped(runner: Runner, host: FolderHost) -> None:
    job = runner.job(ProcessingJob, processing("copy"))
    job.stop()
    assert job.run()["ProcessingJobStatus"] == "Stopped"
    assert host.lines(PROCESSING_LOG) == []


def test_a_job_that_takes_too_long_is_stopped(runner: Runner) -> None:
    job = runner.job(TrainingJob, training("hang", StoppingCondition={"MaxRuntimeInSeconds": 1}))
    begun = time.monotonic()
    fields = job.run()
    assert time.monotonic() - begun < 60  # 1 s, the grace if SIGTERM came before the program could take it, and slack
    assert (fields["TrainingJobStatus"], fields["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    message = fields["SecondaryStatusTransitions"][-1]["StatusMessage"]
    assert message == "Training job runtime exceeded MaxRuntimeInSeconds provided"


def test_training_makes_a_model_and_tells_how_it_went(runner: Runner, host: FolderHost) -> None:
    fields = runner.job(TrainingJob, training()).run()
    assert (fields["TrainingJobStatus"], fields["SecondaryStatus"]) == ("Completed", "Completed")
    steps = ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert runner.statuses("SecondaryStatus") == steps
    assert [each["Status"] for each in fields["SecondaryStatusTransitions"]] == steps
    assert all("EndTime" in each for each in fields["SecondaryStatusTransitions"])
    assert [(each["MetricName"], each["Value"]) for each in fields["FinalMetricDataList"]] == [("validation:auc", 0.75)]
    assert fields["TrainingTimeInSeconds"] == fields["BillableTimeInSeconds"] >= 1
    uri = fields["ModelArtifacts"]["S3ModelArtifacts"]
    assert uri == "s3://artifacts/models/job-1/output/model.tar.gz"
    with tarfile.open(fileobj=io.BytesIO(host.s3.read(uri))) as tar:
        assert tar.getnames() == ["model-algo-1.json"]
        content = tar.extractfile("model-algo-1.json")
        assert content is not None
        model = json.load(content)
    assert model["settings"] == {"num_round": "2", "do": ""}
    assert model["files"] == [
        "config/hyperparameters.json",
        "config/inputdataconfig.json",
        "config/resourceconfig.json",
        "data/train/claims.csv",
        "data/train/customers.csv",
    ]
    with tarfile.open(fileobj=io.BytesIO(host.s3.read("s3://artifacts/models/job-1/output/output.tar.gz"))) as tar:
        assert tar.getnames() == ["metrics.json"]
    assert set(host.s3.keys.values()) == {"key-1"}
    assert_nothing_left(runner)


def test_training_on_two_instances_makes_one_model(runner: Runner, host: FolderHost) -> None:
    resources = {"InstanceCount": 2, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
    fields = runner.job(TrainingJob, training(ResourceConfig=resources)).run()
    with tarfile.open(fileobj=io.BytesIO(host.s3.read(fields["ModelArtifacts"]["S3ModelArtifacts"]))) as tar:
        assert tar.getnames() == ["model-algo-1.json", "model-algo-2.json"]


def test_a_failure_file_is_the_reason(runner: Runner, host: FolderHost) -> None:
    with pytest.raises(JobFailed) as failed:
        runner.job(TrainingJob, training("fail")).run()
    assert str(failed.value) == "AlgorithmError: claims.csv has no column policy_id, exit code: 1"
    assert (runner.last["TrainingJobStatus"], runner.last["SecondaryStatus"]) == ("Failed", "Failed")
    assert runner.last["SecondaryStatusTransitions"][-1]["StatusMessage"] == str(failed.value)
    assert host.s3.keys == {}


def test_an_uncompressed_model_lies_file_by_file(runner: Runner, host: FolderHost) -> None:
    output = {"S3OutputPath": "https://s3.eu-west-1.amazonaws.com/artifacts/models", "CompressionType": "NONE"}
    fields = runner.job(TrainingJob, training(OutputDataConfig=output)).run()
    assert fields["ModelArtifacts"]["S3ModelArtifacts"] == "s3://artifacts/models/job-1/output/model/"
    assert "s3://artifacts/models/job-1/output/model/model-algo-1.json" in host.s3.keys


def test_checkpoints_go_out_and_come_back(runner: Runner, host: FolderHost) -> None:
    request = training(CheckpointConfig={"S3Uri": "s3://artifacts/checkpoints"})
    runner.job(TrainingJob, request).run()
    assert host.s3.read("s3://artifacts/checkpoints/last") == b"algo-1"
    host.s3.put("s3://artifacts/checkpoints/first", "kept")
    runner.job(TrainingJob, request).run()
    assert host.s3.read("s3://artifacts/checkpoints/first") == b"kept"
    assert "s3://artifacts/checkpoints/first" not in host.s3.keys  # what came back unchanged is not copied again


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"MetricDefinitions": [{"Name": "auc", "Regex": "(["}]}, "Metric definition auc has an invalid Regex"),
    ],
)
def test_training_that_cannot_run_here_is_refused(runner: Runner, changes: dict[str, Any], sentence: str) -> None:
    request = training()
    request["AlgorithmSpecification"] |= changes
    with pytest.raises(ServiceError, match=sentence):
        runner.job(TrainingJob, request)


def test_an_error_of_the_host_ends_the_job_instead_of_losing_it(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(runner.host.s3, "download", full)
    with pytest.raises(JobFailed, match=r"InternalServerError: OSError: .*No space left"):
        runner.job(TrainingJob, training()).run()
    assert runner.last["TrainingJobStatus"] == "Failed"
    assert_nothing_left(runner)


def test_metrics_of_training_reach_cloudwatch_with_the_right_of_the_role(runner: Runner, host: FolderHost) -> None:
    """Developer guide, "Amazon SageMaker metrics in Amazon CloudWatch"; the right is in "CreateTrainingJob API:
    Execution Role Permissions".
    """
    runner.job(TrainingJob, training()).run()
    assert {(each.namespace, each.name, each.unit) for each in host.metrics} == {
        ("/aws/sagemaker/TrainingJobs", "validation:auc", "None")
    }
    assert host.metrics[-1].value == 0.75
    assert all(each.dimensions == {"TrainingJobName": "job-1"} for each in host.metrics)
    host.metrics.clear()
    host.denied = {"cloudwatch:PutMetricData"}
    fields = runner.job(TrainingJob, training()).run()
    assert fields["TrainingJobStatus"] == "Completed"
    assert host.metrics == []
