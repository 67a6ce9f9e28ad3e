"""Spot training on the local cloud: interrupted at several checkpoints, and the same model to the bit."""

import hashlib
import io
import re
import tarfile
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from localcloud.lifecycle import LocalCloud
from tests.systems.workplace import Workplace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

KEPT = ("AlgorithmSpecification", "RoleArn", "InputDataConfig", "OutputDataConfig", "ResourceConfig")
ROUNDS = 1200
SETTINGS = {  # steps this small improve to the end, so that the final training has hundreds of rounds, too
    "num_round": str(ROUNDS),
    "early_stopping_rounds": str(ROUNDS),
    "nfold": "2",
    "max_depth": "5",
    "eta": "0.003",
    "subsample": "0.5",
    "colsample_bytree": "0.5",
    "checkpoint_seconds": "0.2",
}


@dataclass(frozen=True)
class Trainer:
    """Starts jobs like that of the demo's pipeline: its image, its role, its data."""

    here: Workplace
    request: Mapping[str, Any]
    bucket: str
    sagemaker: Any
    s3: Any
    logs: Any

    def start(self, **changes: Any) -> str:
        """Start a job with checkpoints of its own; its name."""
        name = f"spot-{uuid.uuid4().hex[:8]}"
        given = {
            **self.request,
            "TrainingJobName": name,
            "HyperParameters": SETTINGS,
            "EnableManagedSpotTraining": True,
            "StoppingCondition": {"MaxRuntimeInSeconds": 200, "MaxWaitTimeInSeconds": 250},
            "CheckpointConfig": {"S3Uri": f"s3://{self.bucket}/{self.prefix(name)}"},
            **changes,
        }
        self.sagemaker.create_training_job(**given)
        return name

    def prefix(self, name: str) -> str:
        """Where the job's role may keep checkpoints."""
        return f"fraud/executions/{name}/checkpoints/XGBModelTraining"

    def described(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.sagemaker.describe_training_job(TrainingJobName=name)
        return found

    def step(self, name: str) -> int:
        """The newest step of which a manifest is in S3."""
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=self.prefix(name) + "/step-")
        keys = " ".join(item["Key"] for item in listed.get("Contents", []))
        return max(map(int, re.findall(r"/step-(\d+)-\w+/manifest\.json", keys)), default=0)

    def reach(self, name: str, step: int) -> None:
        """Wait until a checkpoint of this step, or a later one, is in S3."""
        until(lambda: self.step(name) >= step)

    def ended(self, name: str) -> dict[str, Any]:
        """Wait for the end of a job, which must not be a failure; its description."""
        until(lambda: self.described(name)["TrainingJobStatus"] not in {"InProgress", "Stopping"})
        job = self.described(name)
        assert "FailureReason" not in job, job["FailureReason"]
        return job

    def statuses(self, name: str) -> list[str]:
        """Every secondary status that a job has had."""
        return [each["Status"] for each in self.described(name)["SecondaryStatusTransitions"]]

    def resumed(self, name: str) -> list[int]:
        """The steps that the attempts of a job went on from, by its log."""
        group = "/aws/sagemaker/TrainingJobs"
        streams = self.logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/")["logStreams"]
        lines = []
        for stream in sorted(each["logStreamName"] for each in streams):
            events = self.logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)["events"]
            lines += [event["message"] for event in events]
        found = (re.match(r"resuming from checkpoint step-(\d+)", line) for line in lines)
        return [int(match[1]) for match in found if match]

    def left(self, name: str) -> dict[str, str]:
        """Digests of all files that the job left: the model's and the metrics."""
        folder = self.described(name)["ModelArtifacts"]["S3ModelArtifacts"].split("/", 3)[3].rpartition("/")[0]
        digests = {}
        for archive in ("model.tar.gz", "output.tar.gz"):
            body = self.s3.get_object(Bucket=self.bucket, Key=f"{folder}/{archive}")["Body"].read()
            with tarfile.open(fileobj=io.BytesIO(body)) as tar:
                for member in tar:
                    content = tar.extractfile(member)
                    assert content is not None
                    digests[member.name] = hashlib.sha256(content.read()).hexdigest()
        return digests


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture(scope="module")
def trainer(demo: Workplace) -> Trainer:
    sagemaker = demo.client("sagemaker")
    jobs = sagemaker.list_training_jobs(NameContains="XGBModelTraining", StatusEquals="Completed")
    job = sagemaker.describe_training_job(TrainingJobName=jobs["TrainingJobSummaries"][0]["TrainingJobName"])
    assert job["EnableManagedSpotTraining"] is True
    request = {name: job[name] for name in (*KEPT, "VpcConfig", "EnableNetworkIsolation")}
    bucket = demo.output("dev-storage", "ArtifactBucketName")
    return Trainer(demo, request, bucket, sagemaker, demo.client("s3"), demo.client("logs"))


@pytest.fixture(scope="module")
def undisturbed(trainer: Trainer) -> dict[str, str]:
    """What a job leaves that nobody interrupted, on demand and without checkpoints."""
    name = trainer.start(EnableManagedSpotTraining=False, StoppingCondition={"MaxRuntimeInSeconds": 200})
    assert trainer.ended(name)["TrainingJobStatus"] == "Completed"
    return trainer.left(name)


def test_a_job_interrupted_at_several_checkpoints_ends_with_the_same_model(
    trainer: Trainer, undisturbed: dict[str, str]
) -> None:
    """By itself, by the command, in the final training; then stopped, and taken up by a job of another name."""
    trainer.here.done("local", "interrupt", "--each", "1")
    first = trainer.start()
    trainer.here.done("local", "interrupt", "--each", "0")
    until(lambda: trainer.resumed(first))
    trainer.reach(first, trainer.resumed(first)[0] + 20)
    trainer.here.done("local", "interrupt", first, "--wait", "1", "--lost")
    cloud = LocalCloud(trainer.here.folder / ".mdlc" / "local")
    trainer.reach(first, ROUNDS + 1)
    cloud.interrupt(first, wait_s=60)
    until(lambda: trainer.statuses(first).count("Interrupted") == 3)
    trainer.sagemaker.stop_training_job(TrainingJobName=first)
    job = trainer.ended(first)
    attempt = ["Starting", "Downloading", "Training", "Interrupted"]
    assert trainer.statuses(first) == [*attempt * 3, "Stopping", "Stopped"]
    assert job["BillableTimeInSeconds"] < job["TrainingTimeInSeconds"]

    second = trainer.start(CheckpointConfig={"S3Uri": f"s3://{trainer.bucket}/{trainer.prefix(first)}"})
    assert trainer.ended(second)["TrainingJobStatus"] == "Completed"
    resumed = [*trainer.resumed(first), *trainer.resumed(second)]
    assert len(resumed) == 3
    assert resumed == sorted(resumed)
    assert resumed[-1] > ROUNDS
    assert trainer.left(second) == undisturbed


def test_what_cannot_be_interrupted_is_refused(trainer: Trainer) -> None:
    jobs = trainer.sagemaker.list_training_jobs(StatusEquals="Completed", MaxResults=1)
    name = jobs["TrainingJobSummaries"][0]["TrainingJobName"]
    for arguments, sentence in (
        (("nobody",), "There is no training job nobody"),
        ((name,), f"{name} has ended already: it is Completed"),
        ((), "Name a job"),
        ((name, "--each", "1"), "Name a job"),
    ):
        done = trainer.here.mdlc("local", "interrupt", *arguments)
        assert (done.code, sentence in done.said) == (2, True), done.said
        assert sentence in done.answer["error"]
