"""Managed spot training: interruptions, what is told of them, checkpoints, and the limits on waiting."""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from localsagemaker.errors import ServiceError
from localsagemaker.jobs.checkpoints import CheckpointFolder
from localsagemaker.jobs.kinds import TRAINING_JOB
from localsagemaker.jobs.spot import Interruption
from localsagemaker.service import SageMaker
from tests.localsagemaker.fakes import ADMIN, ROLE, SCOPE, Bucket, Call, FakeHost, FakeImages, Run, exits
from tests.localsagemaker.folder_host import FolderObjects

pytestmark = pytest.mark.slow  # jobs wait for instances and limits

ONCE = ["Starting", "Downloading", "Training"]
CHECKPOINTS = "s3://b/run/checkpoints"
LONG = 30


def training(name: str = "t", *, longest: int = 120, limit: int = 60, **changes: Any) -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://b/models"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "EnableManagedSpotTraining": True,
        "StoppingCondition": {"MaxRuntimeInSeconds": limit, "MaxWaitTimeInSeconds": longest},
        "CheckpointConfig": {"S3Uri": CHECKPOINTS},
        **changes,
    }


class Trainer:
    """A program that counts its steps in a checkpoint, `pauses` after some, and says which it began with."""

    def __init__(self, steps: int, pauses: int) -> None:
        self.steps, self.pauses = steps, pauses
        self.began: list[int] = []
        self.paused = threading.Event()

    def __call__(self, run: Run) -> int:
        file = run.base_dir / "checkpoints" / "step"
        step = int(file.read_text()) if file.exists() else 0
        self.began.append(step)
        pause = len(self.began) <= self.pauses
        while step < self.steps:
            step += 1
            file.write_text(str(step))
            if pause and step > self.began[-1] + 1:
                self.paused.set()
                run.stop.wait(LONG)
                file.write_text(str(step + 1))  # what SIGTERM is for
                return 0
        (run.base_dir / "model" / "m").write_text(str(step))
        return 0


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def start(call: Call, images: FakeImages, trainer: Trainer, **request: Any) -> None:
    images.programs["image"] = trainer
    call("CreateTrainingJob", **training(**request))
    if trainer.pauses:
        assert trainer.paused.wait(LONG)
        trainer.paused.clear()


def secondary(record: Mapping[str, Any]) -> list[str]:
    return [each["Status"] for each in record["SecondaryStatusTransitions"]]


def test_an_interrupted_job_starts_again_with_its_checkpoints(
    call: Call, sagemaker: SageMaker, images: FakeImages, host: FakeHost
) -> None:
    trainer = Trainer(steps=9, pauses=2)
    start(call, images, trainer)
    sagemaker.interrupt_job("t", Interruption())
    assert trainer.paused.wait(LONG)
    sagemaker.interrupt_job("arn:aws:sagemaker:eu-west-1:111111111111:training-job/t", Interruption())
    record = sagemaker.wait_for_job(TRAINING_JOB, SCOPE, "t")
    assert trainer.began == [0, 3, 6]
    again = [*ONCE, "Interrupted"]
    assert secondary(record) == [*again, *again, *ONCE, "Uploading", "Completed"]
    told = [detail for kind, detail, _ in host.events if kind == "SageMaker Training Job State Change"]
    assert [detail["SecondaryStatus"] for detail in told] == secondary(record)
    assert {detail["TrainingJobStatus"] for detail in told} == {"InProgress", "Completed"}
    assert all("EndTime" in each for each in record["SecondaryStatusTransitions"])
    assert host.s3.content[f"{CHECKPOINTS}/step"] == b"9"
    assert "FailureReason" not in record


def test_without_notice_only_what_was_copied_before_is_left(
    call: Call, sagemaker: SageMaker, images: FakeImages, host: FakeHost
) -> None:
    trainer = Trainer(steps=5, pauses=1)
    start(call, images, trainer)
    until(lambda: host.s3.content.get(f"{CHECKPOINTS}/step") == b"2")
    sagemaker.interrupt_job("t", Interruption(notice=False))
    assert sagemaker.wait_for_job(TRAINING_JOB, SCOPE, "t")["TrainingJobStatus"] == "Completed"
    assert trainer.began == [0, 2]


def test_waiting_is_trained_but_not_billed(call: Call, sagemaker: SageMaker, images: FakeImages) -> None:
    start(call, images, Trainer(steps=5, pauses=1))
    sagemaker.interrupt_job("t", Interruption(wait_s=2.5))
    until(lambda: call("DescribeTrainingJob", TrainingJobName="t")["SecondaryStatus"] == "Interrupted")
    with pytest.raises(ServiceError, match="t is Interrupted: there is nothing to interrupt"):
        sagemaker.interrupt_job("t", Interruption())
    record = sagemaker.wait_for_job(TRAINING_JOB, SCOPE, "t")
    assert record["TrainingTimeInSeconds"] - record["BillableTimeInSeconds"] in {2, 3}


def test_a_job_that_waits_too_long_is_stopped(call: Call, sagemaker: SageMaker, images: FakeImages) -> None:
    start(call, images, Trainer(steps=5, pauses=1), longest=1, limit=1)
    sagemaker.interrupt_job("t", Interruption(wait_s=LONG))
    record = sagemaker.wait_for_job(TRAINING_JOB, SCOPE, "t")
    assert record["TrainingJobStatus"] == "Stopped"
    assert secondary(record) == [*ONCE, "Interrupted", "Stopping", "MaxWaitTimeExceeded"]
    assert record["SecondaryStatus"] == "MaxWaitTimeExceeded"


def test_a_job_that_runs_too_long_after_waiting_is_stopped(
    call: Call, sagemaker: SageMaker, images: FakeImages
) -> None:
    trainer = Trainer(steps=9, pauses=9)
    start(call, images, trainer, longest=2, limit=2)
    sagemaker.interrupt_job("t", Interruption(wait_s=1.5))
    record = sagemaker.wait_for_job(TRAINING_JOB, SCOPE, "t")
    stopped = ["Stopping", "Uploading", "MaxWaitTimeExceeded"]
    assert secondary(record) == [*ONCE, "Interrupted", *ONCE, *stopped]


def test_the_limit_is_on_all_attempts_together(call: Call, sagemaker: SageMaker, images: FakeImages) -> None:
    trainer = Trainer(steps=9, pauses=9)
    begun = time.monotonic()
    start(call, images, trainer, longest=LONG, limit=3)
    time.sleep(2)
    sagemaker.interrupt_job("t", Interruption())
    record = sagemaker.wait_for_job(TRAINING_JOB, SCOPE, "t")
    assert record["SecondaryStatus"] == "MaxRuntimeExceeded"
    assert time.monotonic() - begun < 4.8  # less than 2 s and 3 s more


def test_a_job_that_waits_can_be_stopped(call: Call, sagemaker: SageMaker, images: FakeImages) -> None:
    start(call, images, Trainer(steps=5, pauses=1))
    sagemaker.interrupt_job("t", Interruption(wait_s=LONG))
    until(lambda: call("DescribeTrainingJob", TrainingJobName="t")["SecondaryStatus"] == "Interrupted")
    call("StopTrainingJob", TrainingJobName="t")
    record = sagemaker.wait_for_job(TRAINING_JOB, SCOPE, "t")
    assert secondary(record)[-3:] == ["Interrupted", "Stopping", "Stopped"]


def test_what_cannot_be_interrupted_is_refused(call: Call, sagemaker: SageMaker, images: FakeImages) -> None:
    with pytest.raises(ServiceError, match="There is no training job t"):
        sagemaker.interrupt_job("t", Interruption())
    on_demand = {"EnableManagedSpotTraining": False, "StoppingCondition": {"MaxRuntimeInSeconds": 60}}
    start(call, images, Trainer(steps=5, pauses=1), **on_demand)
    with pytest.raises(ServiceError, match="t runs on demand"):
        sagemaker.interrupt_job("t", Interruption())
    call("StopTrainingJob", TrainingJobName="t")
    sagemaker.wait_for_job(TRAINING_JOB, SCOPE, "t")
    until(lambda: not _runs(sagemaker))
    with pytest.raises(ServiceError, match="t has ended already: it is Stopped"):
        sagemaker.interrupt_job("t", Interruption())


def _runs(sagemaker: SageMaker) -> bool:
    try:
        sagemaker.interrupt_job("t", Interruption())
    except ServiceError as error:
        return "ended" not in str(error)
    return True


def test_jobs_of_one_name_in_two_accounts_are_told_apart(sagemaker: SageMaker, images: FakeImages) -> None:
    images.programs["image"] = exits(0)
    other = type(ADMIN)(type(SCOPE)("222222222222", "eu-west-1"), "arn:aws:iam::222222222222:user/admin")
    for caller in (ADMIN, other):
        sagemaker.call("CreateTrainingJob", training(), caller)
    with pytest.raises(ServiceError, match=r"several training jobs t, say which: .*:1{12}:.*, .*:2{12}:"):
        sagemaker.interrupt_job("t", Interruption())


def test_a_rehearsal_interrupts_every_spot_job(call: Call, sagemaker: SageMaker, images: FakeImages) -> None:
    sagemaker.rehearse_interruptions(2)
    trainer = Trainer(steps=9, pauses=2)
    start(call, images, trainer)
    assert sagemaker.wait_for_job(TRAINING_JOB, SCOPE, "t")["TrainingJobStatus"] == "Completed"
    assert trainer.began == [0, 3, 6]
    sagemaker.rehearse_interruptions(0)
    start(call, images, trainer, name="u")
    assert "Interrupted" not in secondary(sagemaker.wait_for_job(TRAINING_JOB, SCOPE, "u"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"StoppingCondition": {"MaxRuntimeInSeconds": 60}}, "It must be present and be greater than or equal to"),
        ({"longest": 59}, "It must be present and be greater than or equal to MaxRuntimeInSeconds"),
        ({"StoppingCondition": {"MaxWaitTimeInSeconds": 86399}}, "It must be present and be greater than or equal"),
        ({"EnableManagedSpotTraining": False}, "It is only supported when EnableManagedSpotTraining is set to true"),
    ],
)
def test_limits_that_aws_refuses_are_refused(
    call: Call, images: FakeImages, changes: dict[str, Any], sentence: str
) -> None:
    images.programs["image"] = exits(0)
    with pytest.raises(ServiceError, match=f"Invalid MaxWaitTimeInSeconds. {sentence}") as refused:
        call("CreateTrainingJob", **training(**changes))
    assert refused.value.code == "ValidationException"


def test_a_failed_job_leaves_its_checkpoints(
    call: Call, sagemaker: SageMaker, images: FakeImages, host: FakeHost
) -> None:
    def program(run: Run) -> int:
        (run.base_dir / "checkpoints" / "step").write_text("3")
        return 1

    images.programs["image"] = program
    call("CreateTrainingJob", **training())
    assert sagemaker.wait_for_job(TRAINING_JOB, SCOPE, "t")["TrainingJobStatus"] == "Failed"
    assert host.s3.content[f"{CHECKPOINTS}/step"] == b"3"


def test_a_job_without_a_configuration_has_no_folder(
    call: Call, sagemaker: SageMaker, images: FakeImages, host: FakeHost
) -> None:
    def program(run: Run) -> int:
        return int((run.base_dir / "checkpoints").exists())

    images.programs["image"] = program
    request = training()
    del request["CheckpointConfig"]
    call("CreateTrainingJob", **request)
    assert sagemaker.wait_for_job(TRAINING_JOB, SCOPE, "t")["TrainingJobStatus"] == "Completed"
    assert list(host.s3.content) == ["s3://b/models/t/output/model.tar.gz"]


def test_the_folder_and_the_prefix_become_equal(tmp_path: Path) -> None:
    s3 = Bucket({f"{CHECKPOINTS}/a/1": b"1", f"{CHECKPOINTS}/b": b"2", f"{CHECKPOINTS}-other/c": b"3"})
    folder = CheckpointFolder(s3, tmp_path / "checkpoints", CHECKPOINTS, None)
    assert folder.restore() == 2
    assert (tmp_path / "checkpoints/a/1").read_text() == "1"
    assert folder.copy() == 0
    (tmp_path / "checkpoints/a/1").write_text("changed")
    (tmp_path / "checkpoints/b").unlink()
    (tmp_path / "checkpoints/d").write_text("new")
    s3.content[f"{CHECKPOINTS}/late"] = b"4"
    assert folder.copy() == 2
    assert s3.content == {
        f"{CHECKPOINTS}/a/1": b"changed",
        f"{CHECKPOINTS}/d": b"new",
        f"{CHECKPOINTS}/late": b"4",
        f"{CHECKPOINTS}-other/c": b"3",
    }
    assert not (tmp_path / "checkpoints/late").exists()


@pytest.mark.parametrize("verb", ["upload", "delete", "list"])
def test_a_right_that_is_missing_is_not_passed_over(tmp_path: Path, verb: str) -> None:
    s3 = FolderObjects(tmp_path / "s3")
    s3.put(f"{CHECKPOINTS}/old", "1")
    folder = CheckpointFolder(s3, tmp_path / "checkpoints", CHECKPOINTS, "key-1")
    if verb != "list":
        folder.restore()
        (tmp_path / "checkpoints/old").unlink()
        (tmp_path / "checkpoints/new").write_text("2")
    s3.denied.add(f"{verb} {CHECKPOINTS}")
    with pytest.raises(ServiceError, match=f"not authorized to {verb} {CHECKPOINTS}"):
        folder.restore() if verb == "list" else folder.copy()
