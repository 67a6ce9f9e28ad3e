"""Jobs of version 2 as its guide writes them: inputs, logs, metrics, spot, stops, and what is refused."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from sagemaker.analytics import TrainingJobAnalytics
from sagemaker.estimator import Estimator
from sagemaker.inputs import FileSystemInput, TrainingInput
from sagemaker.model_metrics import MetricsSource, ModelMetrics
from sagemaker.session import Session

from tests.sdk2.notebook import BUCKET, Make


def model_of(made: Estimator) -> dict[str, bytes]:
    key = made.model_data.split("/", 3)[3]
    body = boto3.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        return {member.name: file.read() for member in tar if (file := tar.extractfile(member))}


def test_the_curve_of_a_job_is_a_table(estimator: Make, session: Session) -> None:
    """TrainingJobAnalytics: "Fetch training curve data from CloudWatch Metrics for a specific training job"."""
    made = estimator(
        "for n in 4 2 1; do echo loss=0.$n; done", metric_definitions=[{"Name": "loss", "Regex": r"loss=([0-9.]+)"}]
    )
    made.fit(logs=False)
    table = TrainingJobAnalytics(made.latest_training_job.name, ["loss"], sagemaker_session=session).dataframe()
    assert list(table["metric_name"]) == ["loss"]
    assert list(table["value"]) == [pytest.approx((0.4 + 0.2 + 0.1) / 3)]
    assert list(made.training_job_analytics.dataframe()["value"]) == list(table["value"])


def test_a_sharded_channel_is_parted_among_instances(estimator: Make, session: Session, tmp_path: Path) -> None:
    """TrainingInput, distribution: ShardedByS3Key gives each instance a part of the objects, none of them twice."""
    for name in "abcd":
        (tmp_path / name).write_text(name)
    session.upload_data(str(tmp_path), key_prefix="parts")
    made = estimator(
        "cd /opt/ml/input/data/parts && for f in *; do cp $f /opt/ml/model/$f; done; ls | wc -l > /opt/ml/model/n-$$",
        instance_count=2,
    )
    channel = TrainingInput(f"s3://{BUCKET}/parts", distribution="ShardedByS3Key")
    made.fit({"parts": channel}, logs=False)
    found = model_of(made)
    assert {name for name in found if len(name) == 1} == set("abcd")
    assert [int(text) for name, text in found.items() if name.startswith("n-")] == [2, 2]


def test_a_job_is_followed_by_its_log(estimator: Make, session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    made = estimator("echo a line of the log", environment={"TEAM": "risk"}, tags=[{"Key": "team", "Value": "risk"}])
    made.fit(wait=False)
    session.logs_for_job(made.latest_training_job.name, wait=True, poll=1)
    shown = capsys.readouterr().out
    assert "a line of the log" in shown
    assert "Billable seconds:" in shown
    described = session.describe_training_job(made.latest_training_job.name)
    assert described["Environment"] == {"TEAM": "risk"}
    tags = boto3.client("sagemaker").list_tags(ResourceArn=described["TrainingJobArn"])["Tags"]
    assert {"Key": "team", "Value": "risk"} in tags


def test_a_job_is_stopped(estimator: Make, session: Session) -> None:
    made = estimator("sleep 300")
    made.fit(wait=False)
    name = made.latest_training_job.name
    session.stop_training_job(name)
    assert session.wait_for_job(name, poll=1)["TrainingJobStatus"] == "Stopped"


def test_a_spot_job_says_what_was_saved(estimator: Make, session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    made = estimator(
        "echo one > /opt/ml/checkpoints/step",
        use_spot_instances=True,
        max_run=60,
        max_wait=120,
        checkpoint_s3_uri=f"s3://{BUCKET}/checkpoints",
    )
    made.fit()
    assert "Managed Spot Training savings" in capsys.readouterr().out
    assert session.read_s3_file(BUCKET, "checkpoints/step") == "one\n"
    again = estimator("cp /opt/ml/checkpoints/step /opt/ml/model/step", checkpoint_s3_uri=f"s3://{BUCKET}/checkpoints")
    again.fit(logs=False)
    assert model_of(again) == {"step": b"one\n"}


def test_a_file_system_is_refused_by_name(estimator: Make) -> None:
    channel = FileSystemInput("fs-0123456789abcdef0", "EFS", "/data")
    made = estimator("true", subnets=["subnet-0123456789abcdef0"], security_group_ids=["sg-0123456789abcdef0"])
    with pytest.raises(ClientError, match="FileSystemDataSource"):
        made.fit({"data": channel})


def test_a_model_is_registered_with_its_metrics(estimator: Make, session: Session) -> None:
    """Model.register; DescribeModelPackage gives back what the request had."""
    made = estimator("echo 1 > /opt/ml/model/one")
    made.fit(logs=False)
    client: Any = boto3.client("sagemaker")
    session.upload_string_as_file_body(json.dumps({"auc": 0.9}), BUCKET, "quality/statistics.json")
    quality = MetricsSource(content_type="application/json", s3_uri=f"s3://{BUCKET}/quality/statistics.json")
    client.create_model_package_group(ModelPackageGroupName="second-models")
    package = made.create_model().register(
        content_types=["text/csv"],
        response_types=["text/csv"],
        inference_instances=["ml.m5.large"],
        transform_instances=["ml.m5.large"],
        model_package_group_name="second-models",
        approval_status="Approved",
        model_metrics=ModelMetrics(model_statistics=quality),
        customer_metadata_properties={"owner": "risk"},
        domain="MACHINE_LEARNING",
        task="CLASSIFICATION",
    )
    shown = client.describe_model_package(ModelPackageName=package.model_package_arn)
    assert shown["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"] == quality.s3_uri
    assert shown["CustomerMetadataProperties"] == {"owner": "risk"}
    assert (shown["Domain"], shown["Task"]) == ("MACHINE_LEARNING", "CLASSIFICATION")
    assert shown["ModelApprovalStatus"] == "Approved"
    [container] = shown["InferenceSpecification"]["Containers"]
    assert container["ModelDataUrl"] == made.model_data
