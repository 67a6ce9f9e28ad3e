"""Processing and training: jobs of ours, started from a notebook."""

import json
from pathlib import Path

import boto3
import pytest
from sagemaker.core.helper.iam_role_resolver import RoleValidationError
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.processing import Processor
from sagemaker.core.resources import ProcessingJob, TrainingJob
from sagemaker.core.training.configs import InputData, SourceCode
from sagemaker.core.utils.exceptions import FailedStatusError
from sagemaker.train import ModelTrainer

from tests.sdk.notebook import BUCKET, CHANNELS, SMALL, channels_of, policy, unpacked


def test_a_processor_uploads_a_folder_and_writes_every_output(processor: Processor, prepared: str) -> None:
    job = ProcessingJob.get(processor.latest_job.processing_job_name)
    assert job.processing_job_status == "Completed"
    keys = [item["Key"] for item in boto3.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="prepared/")["Contents"]]
    assert {key.split("/")[1] for key in keys} == set(CHANNELS)
    assert prepared == f"s3://{BUCKET}/prepared"
    shown = boto3.client("sagemaker").describe_processing_job(ProcessingJobName=job.processing_job_name)
    assert shown["ProcessingInputs"][0]["S3Input"]["S3Uri"].startswith(f"s3://{BUCKET}/")


def test_a_model_trainer_waits_shows_the_log_and_leaves_a_model(
    trained: TrainingJob, said: list[str], image: str
) -> None:
    assert trained.training_job_status == "Completed"
    assert trained.hyper_parameters == {"num_round": "20", "max_depth": "3", "eta": "0.2"}
    assert any("validation-auc" in line for line in said)
    assert any("decision threshold" in line for line in said)
    [metric] = trained.final_metric_data_list
    assert metric.metric_name == "validation:auc"
    assert 0.5 < metric.value <= 1
    uri = trained.model_artifacts.s3_model_artifacts
    assert uri == f"s3://{BUCKET}/claims/{trained.training_job_name}/output/model.tar.gz"
    assert unpacked(uri)
    shown = boto3.client("sagemaker").describe_training_job(TrainingJobName=trained.training_job_name)
    assert shown["AlgorithmSpecification"]["TrainingImage"] == image
    assert [channel["ChannelName"] for channel in shown["InputDataConfig"]] == list(CHANNELS)
    assert shown["SecondaryStatusTransitions"][-1]["Status"] == "Completed"


def test_training_jobs_are_listed_by_name_and_status(trained: TrainingJob) -> None:
    found = TrainingJob.get_all(name_contains="claims", status_equals="Completed")
    assert trained.training_job_name in [job.training_job_name for job in found]
    listed = boto3.client("sagemaker").list_training_jobs(NameContains="claims")["TrainingJobSummaries"]
    assert listed[0]["TrainingJobStatus"] == "Completed"


def test_source_code_of_several_files_runs_in_our_image(
    image: str, role: str, session: Session, prepared: str, tmp_path: Path
) -> None:
    (tmp_path / "rows.py").write_text("def count(file):\n    return len(file.read_text().splitlines())\n")
    (tmp_path / "train.py").write_text(
        "import json, os, pathlib\n"
        "from rows import count\n"
        "files = pathlib.Path(os.environ['SM_CHANNEL_TRAIN']).glob('*.csv')\n"
        "found = {'rows': sum(map(count, files)), **json.loads(os.environ['SM_HPS'])}\n"
        "pathlib.Path(os.environ['SM_MODEL_DIR'], 'model.json').write_text(json.dumps(found))\n"
    )
    trainer = ModelTrainer(
        training_image=image,
        role=role,
        sagemaker_session=session,
        base_job_name="script",
        source_code=SourceCode(source_dir=str(tmp_path), entry_script="train.py"),
        hyperparameters={"depth": 3, "name": "first"},
        compute=SMALL,
    )
    trainer.train(input_data_config=[InputData(channel_name="train", data_source=f"{prepared}/train")])
    model = unpacked(trainer._latest_training_job.model_artifacts.s3_model_artifacts)  # noqa: SLF001 - see conftest
    assert json.loads(model["model.json"]) == {"rows": 4050, "depth": 3, "name": "first"}


def test_a_job_that_fails_says_why(image: str, role: str, session: Session, prepared: str) -> None:
    trainer = ModelTrainer(
        training_image=image,
        role=role,
        sagemaker_session=session,
        base_job_name="wrong",
        hyperparameters={"max_depth": 99},
        compute=SMALL,
    )
    with pytest.raises(FailedStatusError, match=r"max_depth.*16"):
        trainer.train(input_data_config=channels_of(prepared))


def test_the_sdk_finds_out_what_a_role_may_not_do(image: str, session: Session) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    arn = boto3.client("iam").create_role(RoleName="powerless", AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
    with pytest.raises(RoleValidationError, match="cloudwatch:PutMetricData"):
        ModelTrainer(training_image=image, role=arn, sagemaker_session=session, compute=SMALL)
