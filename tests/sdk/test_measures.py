"""What SageMaker measures, read where people read it: in CloudWatch.

Names, dimensions and units are those of SageMaker's developer guide, "Amazon SageMaker metrics in Amazon CloudWatch".
"""

import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from sagemaker.core.analytics import TrainingJobAnalytics
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.resources import TrainingJob
from sagemaker.core.shapes import MetricDefinition
from sagemaker.core.training.configs import SourceCode
from sagemaker.train import ModelTrainer

from tests.sdk.notebook import SMALL

EPOCHS = "import time\nfor n in (1, 2, 4):\n    print(f'epoch={n} loss={1 / n};', flush=True)\n    time.sleep(0.1)\n"


@pytest.fixture(scope="module")
def job(image: str, role: str, session: Session, tmp_path_factory: pytest.TempPathFactory) -> TrainingJob:
    """A job whose log has a figure three times."""
    folder = tmp_path_factory.mktemp("source")
    (folder / "train.py").write_text(EPOCHS)
    trainer = ModelTrainer(
        training_image=image,
        role=role,
        sagemaker_session=session,
        base_job_name="measured",
        source_code=SourceCode(source_dir=str(folder), entry_script="train.py"),
        compute=SMALL,
    ).with_metric_definitions(
        [MetricDefinition(name="loss", regex=r"loss=(.*?);"), MetricDefinition(name="never", regex=r"never=(\d+)")]
    )
    trainer.train(logs=False)
    return trainer._latest_training_job  # noqa: SLF001 - the SDK shows it nowhere else


def statistics(namespace: str, name: str, dimensions: Mapping[str, str], *wanted: str) -> dict[str, Any]:
    """Return statistics over the last hour as one period, by name, and the unit."""
    end = datetime.now(UTC) + timedelta(minutes=1)
    cloudwatch: Any = boto3.client("cloudwatch")
    [point] = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=end - timedelta(hours=1),
        EndTime=end,
        Period=3600,
        Statistics=list(wanted),
    )["Datapoints"] or [{}]
    return {key: point[key] for key in (*wanted, "Unit") if key in point}


def test_the_curve_of_a_training_job_is_a_table(job: TrainingJob, session: Session) -> None:
    """TrainingJobAnalytics: "Fetch training curve data from CloudWatch Metrics for a specific training job"."""
    table = TrainingJobAnalytics(job.training_job_name, sagemaker_session=session).dataframe()
    assert set(table["metric_name"]) == {"loss"}
    assert ((table["value"] >= 0.25) & (table["value"] <= 1)).all()


def test_metrics_of_a_training_job_are_in_its_namespace(job: TrainingJob) -> None:
    found = statistics(
        "/aws/sagemaker/TrainingJobs",
        "loss",
        {"TrainingJobName": job.training_job_name},
        "SampleCount",
        "Sum",
        "Minimum",
        "Maximum",
    )
    assert found == {"SampleCount": 3, "Sum": 1.75, "Minimum": 0.25, "Maximum": 1, "Unit": "None"}
    [final] = job.final_metric_data_list
    assert (final.metric_name, final.value) == ("loss", 0.25)


def test_get_metric_data_sees_them_too(job: TrainingJob) -> None:
    dimensions = [{"Name": "TrainingJobName", "Value": job.training_job_name}]
    metric = {"Namespace": "/aws/sagemaker/TrainingJobs", "MetricName": "loss", "Dimensions": dimensions}
    end = datetime.now(UTC) + timedelta(minutes=1)
    cloudwatch: Any = boto3.client("cloudwatch")
    [result] = cloudwatch.get_metric_data(
        MetricDataQueries=[{"Id": "m", "MetricStat": {"Metric": metric, "Period": 3600, "Stat": "Minimum"}}],
        StartTime=end - timedelta(hours=1),
        EndTime=end,
    )["MetricDataResults"]
    assert result["Values"] == [0.25]
    listed = cloudwatch.list_metrics(Namespace="/aws/sagemaker/TrainingJobs", Dimensions=dimensions)
    assert [each["MetricName"] for each in listed["Metrics"]] == ["loss"]


def test_executions_and_steps_of_pipelines_are_counted(outputs: Mapping[str, str]) -> None:
    """The demo has run the platform's pipeline once at least; nothing of it failed in its last hour."""
    name, namespace = outputs["FraudPipelineName"], "AWS/Sagemaker/ModelBuildingPipeline"
    started = statistics(namespace, "ExecutionStarted", {"PipelineName": name}, "Sum")
    succeeded = statistics(namespace, "ExecutionSucceeded", {"PipelineName": name}, "Sum")
    assert started["Unit"] == "Count"
    assert started["Sum"] >= succeeded["Sum"] >= 1
    lasted = statistics(namespace, "ExecutionDuration", {"PipelineName": name}, "Minimum")
    assert lasted["Unit"] == "Milliseconds"
    assert lasted["Minimum"] > 1000
    step = {"PipelineName": name, "StepName": "XGBModelTraining"}
    assert statistics(namespace, "StepSucceeded", step, "Sum")["Sum"] >= 1
    assert statistics(namespace, "StepDuration", step, "Minimum")["Unit"] == "Milliseconds"
    assert statistics(namespace, "ExecutionStarted", {}, "Sum")["Sum"] >= started["Sum"]


def test_invocations_of_an_endpoint_are_counted(outputs: Mapping[str, str], claim: dict[str, Any]) -> None:
    name = outputs["FraudEndpointName"]
    [variant] = boto3.client("sagemaker").describe_endpoint(EndpointName=name)["ProductionVariants"]
    place = {"EndpointName": name, "VariantName": variant["VariantName"]}
    names = ("Invocations", "Invocation4XXErrors", "Invocation5XXErrors", "InvocationModelErrors")

    def counted() -> Sequence[float]:
        return [statistics("AWS/SageMaker", each, place, "Sum").get("Sum", 0) for each in names]

    before = counted()
    runtime = boto3.client("sagemaker-runtime")
    for body in (json.dumps(claim), '{"claims": []}'):
        try:
            runtime.invoke_endpoint(EndpointName=name, ContentType="application/json", Body=body)
        except runtime.exceptions.ModelError:
            time.sleep(0)
    assert [after - earlier for after, earlier in zip(counted(), before, strict=True)] == [2, 1, 0, 1]
    latency = statistics("AWS/SageMaker", "ModelLatency", place, "Average")
    assert latency["Unit"] == "Microseconds"
    assert latency["Average"] > 0
