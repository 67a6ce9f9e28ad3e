"""Version 2 of the SDK: what notebooks that were written for it ask of the local cloud."""

import time
import uuid
from pathlib import Path

import pandas as pd
import pytest
from botocore.exceptions import ClientError
from sagemaker.estimator import Estimator
from sagemaker.exceptions import UnexpectedStatusException
from sagemaker.feature_store.feature_group import FeatureGroup
from sagemaker.processing import ProcessingOutput, ScriptProcessor
from sagemaker.session import Session
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
from sagemaker.workflow.fail_step import FailStep
from sagemaker.workflow.parameters import ParameterString
from sagemaker.workflow.pipeline import Pipeline

from tests.sdk2.notebook import BUCKET, Make


def test_a_session_uploads_lists_reads_and_downloads(session: Session, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    uri = session.upload_data(str(tmp_path / "a.txt"), key_prefix="given")
    assert uri == f"s3://{BUCKET}/given/a.txt"
    assert session.list_s3_files(BUCKET, "given") == ["given/a.txt"]
    assert session.read_s3_file(BUCKET, "given/a.txt") == "one"
    session.download_data(str(tmp_path / "back"), BUCKET, "given/a.txt")
    assert (tmp_path / "back" / "a.txt").read_text() == "one"


def test_an_estimator_fits_and_is_attached_again(estimator: Make, session: Session) -> None:
    made = estimator("echo yes > /opt/ml/model/answer", hyperparameters={"depth": 3})
    made.fit()
    name = made.latest_training_job.name
    assert made.model_data == f"s3://{BUCKET}/{name}/output/model.tar.gz"
    assert made.hyperparameters() == {"depth": 3}
    attached = Estimator.attach(name, sagemaker_session=session)
    assert attached.model_data == made.model_data
    assert session.describe_training_job(name)["TrainingJobStatus"] == "Completed"


def test_an_estimator_that_fails_says_so(estimator: Make) -> None:
    made = estimator("echo no such column > /opt/ml/output/failure; exit 1")
    with pytest.raises(UnexpectedStatusException, match="AlgorithmError: no such column") as failed:
        made.fit(logs=False)
    assert failed.value.actual_status == "Failed"


def test_a_script_is_processed(image: str, role: str, session: Session, tmp_path: Path) -> None:
    (tmp_path / "write.py").write_text(
        "import pathlib, sys\npathlib.Path('/opt/ml/processing/output/said').write_text(sys.argv[1])\n"
    )
    processor = ScriptProcessor(
        role=role,
        image_uri=image,
        command=["python3"],
        instance_count=1,
        instance_type="ml.m5.large",
        sagemaker_session=session,
    )
    place = f"s3://{BUCKET}/said"
    processor.run(
        code=str(tmp_path / "write.py"),
        outputs=[ProcessingOutput(source="/opt/ml/processing/output", destination=place, output_name="said")],
        arguments=["hello"],
        logs=False,
    )
    assert session.read_s3_file(BUCKET, "said/said") == "hello"
    assert processor.latest_job.describe()["ProcessingJobStatus"] == "Completed"


def test_a_pipeline_is_upserted_twice(role: str, session: Session) -> None:
    """Pipeline.upsert of version 2 looks for "already exists" in the message of CreatePipeline."""
    why = ParameterString(name="Why", default_value="enough")
    pipeline = Pipeline("second", parameters=[why], steps=[FailStep("End", why)], sagemaker_session=session)
    arn = pipeline.upsert(role_arn=role)["PipelineArn"]
    assert pipeline.upsert(role_arn=role, description="again")["PipelineArn"] == arn
    assert pipeline.describe()["PipelineDescription"] == "again"
    execution = pipeline.start(parameters={"Why": "not good"})
    with pytest.raises(Exception, match="Waiter PipelineExecutionComplete failed"):
        execution.wait(delay=1, max_attempts=60)
    [step] = execution.list_steps()
    assert step["FailureReason"] == "not good"
    pipeline.delete()


def test_a_feature_group_takes_a_table(role: str, session: Session) -> None:
    table = pd.DataFrame({"id": pd.Series(["1", "2"], dtype="string"), "n": [3, 4], "at": [1700000000.0] * 2})
    group = FeatureGroup(name=f"second-{uuid.uuid4().hex[:8]}", sagemaker_session=session)
    group.load_feature_definitions(data_frame=table)
    group.create(
        s3_uri=f"s3://{BUCKET}/features",
        record_identifier_name="id",
        event_time_feature_name="at",
        role_arn=role,
        enable_online_store=True,
    )
    wait_until_created(group)
    group.ingest(data_frame=table, max_workers=1, wait=True)
    found = {item["FeatureName"]: item["ValueAsString"] for item in group.get_record("2")}
    assert found == {"id": "2", "n": "4", "at": "1700000000.0"}
    group.delete()


def wait_until_created(group: FeatureGroup) -> None:
    for _ in range(60):
        if group.describe()["FeatureGroupStatus"] == "Created":
            return
        time.sleep(0.5)
    raise AssertionError(group.describe())


def test_what_is_not_provided_is_refused_by_name(estimator: Make) -> None:
    made = estimator("true")
    tuner = HyperparameterTuner(
        made, "auc", {"eta": ContinuousParameter(0, 1)}, metric_definitions=[{"Name": "auc", "Regex": "auc=(.*)"}]
    )
    with pytest.raises(ClientError, match="CreateHyperParameterTuningJob is not provided by the local"):
        tuner.fit(wait=False)
