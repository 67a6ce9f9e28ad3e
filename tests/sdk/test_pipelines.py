"""Pipelines: the platform's own, started from a notebook, and one that a notebook makes."""

import uuid
from collections.abc import Iterator, Mapping

import boto3
import pytest
from botocore.exceptions import ClientError, WaiterError
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.processing import Processor
from sagemaker.core.resources import ModelPackage, ModelPackageGroup, PipelineExecution
from sagemaker.core.resources import Pipeline as PipelineResource
from sagemaker.core.training.configs import InputData
from sagemaker.core.workflow.conditions import ConditionGreaterThanOrEqualTo
from sagemaker.core.workflow.functions import Join
from sagemaker.core.workflow.parameters import ParameterFloat, ParameterInteger, ParameterString
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.steps import ProcessingStep, TrainingStep
from sagemaker.serve import ModelBuilder
from sagemaker.train import ModelTrainer

from tests.sdk.notebook import AUC, BUCKET, CHANNELS, PREPARE, SMALL, finished, from_folder, outputs_at

GROUP = "notebook-claims"


def test_pipelines_of_the_platform_are_listed(outputs: Mapping[str, str]) -> None:
    names = {pipeline.pipeline_name for pipeline in PipelineResource.get_all()}
    assert {outputs["FraudPipelineName"], outputs["KnnPipelineName"]} <= names


def test_a_pipeline_of_the_platform_runs_with_parameters_from_a_notebook(
    outputs: Mapping[str, str], session: Session, data_uri: str
) -> None:
    pipeline = Pipeline(name=outputs["FraudPipelineName"], sagemaker_session=session)
    execution = pipeline.start(
        parameters={"InputDataUri": data_uri, "RocAucThreshold": 0.6}, execution_display_name="from-a-notebook"
    )
    steps = finished(execution)
    assert {"XGBModelTraining", "XGBRegisterModel"} < set(steps)
    given = {item["Name"]: item["Value"] for item in execution.list_parameters()["PipelineParameters"]}
    assert (given["InputDataUri"], given["RocAucThreshold"]) == (data_uri, "0.6")
    shown = boto3.client("sagemaker").describe_pipeline_execution(PipelineExecutionArn=execution.arn)
    assert (shown["PipelineExecutionStatus"], shown["PipelineExecutionDisplayName"]) == ("Succeeded", "from-a-notebook")
    resource = PipelineExecution.get(pipeline_execution_arn=execution.arn)
    assert {step.step_name for step in resource.get_all_steps()} == set(steps)


def test_a_parameter_that_the_pipeline_lacks_is_named(outputs: Mapping[str, str]) -> None:
    with pytest.raises(ClientError, match=r"Unknown parameter \[Learning\]"):
        boto3.client("sagemaker").start_pipeline_execution(
            PipelineName=outputs["FraudPipelineName"],
            PipelineParameters=[{"Name": "Learning", "Value": "0.1"}],
            ClientRequestToken=uuid.uuid4().hex,
        )


@pytest.fixture(scope="module")
def pipeline(image: str, role: str, data_uri: str, session: Session) -> Iterator[Pipeline]:
    """Prepare, train, and register what is good enough: as the SDK's own examples build one."""
    bucket, key = data_uri.removeprefix("s3://").split("/", 1)
    for name in ("claims.csv", "customers.csv"):
        boto3.client("s3").copy({"Bucket": bucket, "Key": f"{key}/{name}"}, session.default_bucket(), f"claims/{name}")
    noted = PipelineSession(default_bucket=BUCKET)
    data = ParameterString(name="Data", default_value=f"s3://{BUCKET}/claims")
    rounds = ParameterInteger(name="Rounds", default_value=20)
    gate = ParameterFloat(name="Gate", default_value=0.5)
    processor = Processor(
        role=role,
        image_uri=image,
        entrypoint=["python", "-m", "tabular"],
        instance_count=1,
        instance_type="ml.m5.large",
        sagemaker_session=noted,
    )
    prepare = ProcessingStep(
        name="Prepare",
        step_args=processor.run(
            inputs=[from_folder(data)], outputs=outputs_at(f"s3://{BUCKET}/pipeline"), arguments=PREPARE
        ),
    )
    trainer = ModelTrainer(
        training_image=image,
        role=role,
        sagemaker_session=noted,
        base_job_name="pipeline",
        hyperparameters={"num_round": rounds.to_string(), "nfold": 2},
        compute=SMALL,
    ).with_metric_definitions([AUC])
    written = prepare.properties.ProcessingOutputConfig.Outputs
    train = TrainingStep(
        name="Train",
        step_args=trainer.train(
            input_data_config=[
                InputData(channel_name=channel, data_source=written[channel].S3Output.S3Uri) for channel in CHANNELS
            ]
        ),
    )
    builder = ModelBuilder(
        image_uri=image,
        s3_model_data_url=train.properties.ModelArtifacts.S3ModelArtifacts,
        role_arn=role,
        sagemaker_session=noted,
    )
    register = ModelStep(
        name="Register",
        step_args=builder.register(
            model_package_group_name=GROUP,
            content_types=["application/json"],
            response_types=["application/json"],
            inference_instances=["ml.m5.large"],
            approval_status="PendingManualApproval",
        ),
    )
    auc = train.properties.FinalMetricDataList["validation:auc"].Value
    refuse = FailStep(name="TooWeak", error_message=Join(on=" ", values=["the model misses the gate of", gate]))
    check = ConditionStep(
        name="Check",
        conditions=[ConditionGreaterThanOrEqualTo(left=auc, right=gate)],
        if_steps=[register],
        else_steps=[refuse],
    )
    pipeline = Pipeline(
        name="notebook", parameters=[data, rounds, gate], steps=[prepare, train, check], sagemaker_session=noted
    )
    ModelPackageGroup.create(model_package_group_name=GROUP)
    pipeline.upsert(role_arn=role, tags=[{"Key": "team", "Value": "risk"}])
    yield pipeline
    pipeline.delete()


def test_a_pipeline_of_the_sdk_trains_checks_and_registers(pipeline: Pipeline, image: str) -> None:
    execution = pipeline.start(parameters={"Rounds": 10})
    steps = finished(execution)
    assert steps["Check"]["Metadata"]["Condition"]["Outcome"] == "True"
    [package] = ModelPackage.get_all(model_package_group_name=GROUP)
    assert package.model_approval_status == "PendingManualApproval"
    [container] = package.inference_specification.containers
    assert container.image == image
    job = steps["Train"]["Metadata"]["TrainingJob"]["Arn"].rpartition("/")[2]
    assert boto3.client("sagemaker").describe_training_job(TrainingJobName=job)["HyperParameters"]["num_round"] == "10"


def test_a_model_below_the_gate_ends_the_pipeline_with_a_sentence(pipeline: Pipeline) -> None:
    execution = pipeline.start(parameters={"Gate": 1.5})
    with pytest.raises(WaiterError, match="Failed"):
        execution.wait(delay=1, max_attempts=300)
    steps = {step["StepName"]: step for step in execution.list_steps()}
    assert steps["TooWeak"]["FailureReason"] == "the model misses the gate of 1.5"
    assert not any(name.startswith("Register") for name in steps)


def test_an_update_makes_a_version_and_the_first_can_still_be_started(pipeline: Pipeline, role: str) -> None:
    assert pipeline.latest_pipeline_version_id == 1
    pipeline.parameters[1].default_value = 5
    assert pipeline.upsert(role_arn=role)["PipelineVersionId"] == 2
    versions = pipeline.list_pipeline_versions()["PipelineVersionSummaries"]
    assert [item["PipelineVersionId"] for item in versions] == [2, 1]
    execution = pipeline.start(pipeline_version_id=1)
    finished(execution)
    assert execution.describe()["PipelineVersionId"] == 1
    given = {item["Name"]: item["Value"] for item in execution.list_parameters()["PipelineParameters"]}
    assert given["Rounds"] == "20"


def test_the_pipeline_keeps_its_tags(pipeline: Pipeline) -> None:
    arn = pipeline.describe()["PipelineArn"]
    assert boto3.client("sagemaker").list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "risk"}]
