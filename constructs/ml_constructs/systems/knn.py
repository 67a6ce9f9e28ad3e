"""A SageMaker pipeline that trains a classifier on a labelled table, and registers it where it is good enough.

The request is the one that the built-in algorithm k-NN takes, so that its image and ours are interchangeable. The gate
is the accuracy on the test channel, which both report as the metric `test:accuracy`; our own image also evaluates the
model in a step of its own, whose report goes to the registry.
"""

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from ml_constructs.foundation.folder import Folder
from ml_constructs.jobs.capacity import Capacity
from ml_constructs.jobs.job import Instances, JobSettings, Located
from ml_constructs.jobs.processing import ProcessingInput, ProcessingJob, ProcessingOutput
from ml_constructs.jobs.training import NUMBER, TrainingJob
from ml_constructs.pipelines import Comparison, ExecutionVariable, Join, Parameter, Pipeline
from ml_constructs.pipelines.decision import ConditionStep, FailStep
from ml_constructs.pipelines.deployment import INSTANCE_TYPES, Deployment
from ml_constructs.pipelines.processing import ProcessingStep
from ml_constructs.pipelines.register_model import RegisterModelStep
from ml_constructs.pipelines.training import TrainingStep
from ml_constructs.registry.registration import UNAPPROVED, Inference, Registration, Report, Reports

if TYPE_CHECKING:
    from ml_constructs.pipelines.step import Step

ENTRYPOINT = ("python", "-m", "knn")
CSV = "text/csv;label_size=1"
ACCURACY = "test:accuracy"
METRICS = (
    (ACCURACY, rf"#test_score \(algo-1\) : \('accuracy', {NUMBER}\)"),
    ("test:macro_f1", rf"#test_score \(algo-1\) : \('macro_f_1\.000', {NUMBER}\)"),
)
REQUEST_TYPES = ("text/csv", "application/json", "application/jsonlines")
RESPONSE_TYPES = ("application/json", "application/jsonlines")
EVALUATION = "evaluation.json"
TRAINING_LIMIT = cdk.Duration.minutes(30)
BUILT_IN_WAIT = cdk.Duration.hours(1).minus(TRAINING_LIMIT)
"""SageMaker lets its own algorithms wait and run for an hour where they keep no checkpoints, as k-NN does not."""


class KnnPipeline(Construct):
    """Split, train, evaluate; at or above the gate: registration.

    `settings` have the image that trains and serves, `own` our image, which splits the table and evaluates. They may be
    the same; where they are not, the model is in the built-in algorithm's format and only its own metric judges it.
    `deployment` is where a model goes when it is approved. With `spot_wait` training runs on spot instances and may
    wait so long for them; it is one step without checkpoints.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        group: sagemaker.CfnModelPackageGroup,
        settings: JobSettings,
        own: JobSettings,
        data: Folder,
        artifacts: Folder,
        deployment: Deployment,
        spot_wait: cdk.Duration | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        execution = artifacts / ExecutionVariable("PipelineExecutionId")
        is_own = settings.image is own.image

        input_data = Parameter.string("InputDataUri")
        processing_instance = Parameter.string("ProcessingInstanceType", "ml.m5.large")
        training_instance = Parameter.string("TrainingInstanceType", "ml.m5.large")
        input_mode = Parameter.string("TrainingInputMode", "File", allowed=("File", "FastFile", "Pipe"))
        approval = Parameter.string("ModelApprovalStatus", UNAPPROVED[0], allowed=UNAPPROVED)
        gate = Parameter.number("AccuracyThreshold", 0.9)
        test_fraction = Parameter.number("TestFraction", 0.25)
        seed = Parameter.integer("Seed", 0)
        feature_dim = Parameter.integer("FeatureDim", 4)
        neighbours = Parameter.integer("K", 1)
        sample_size = Parameter.integer("SampleSize", 1000)

        prepare = ProcessingStep(
            self,
            "KnnDataSplit",
            job=ProcessingJob(
                settings=own,
                entrypoint=ENTRYPOINT,
                command=["prepare", "--seed", seed.text, "--test-fraction", test_fraction.text],
                instances=Instances(type=processing_instance, limit=cdk.Duration.minutes(30)),
                inputs=[ProcessingInput("data", Located(input_data, data))],
                outputs=[ProcessingOutput(part, execution / "prepared" / part) for part in ("train", "test")],
            ),
        )
        train = TrainingStep(
            self,
            "KnnTraining",
            job=TrainingJob(
                settings=settings,
                instances=Instances(type=training_instance, limit=TRAINING_LIMIT),
                channels={part: prepare.output(part) for part in ("train", "test")},
                content_type=CSV,
                input_mode=input_mode,
                hyperparameters={
                    "predictor_type": "classifier",
                    "feature_dim": feature_dim,
                    "k": neighbours,
                    "sample_size": sample_size,
                },
                output=execution / "model",
                metrics=METRICS if is_own else (),
                capacity=Capacity.waiting(_wait(spot_wait, is_own=is_own), TRAINING_LIMIT),
            ),
        )
        steps: list[Step] = [prepare, train]
        reports = Reports()
        if is_own:
            evaluate = ProcessingStep(
                self,
                "KnnEvaluation",
                job=ProcessingJob(
                    settings=own,
                    entrypoint=ENTRYPOINT,
                    command=["evaluate"],
                    instances=Instances(type=processing_instance, limit=cdk.Duration.minutes(30)),
                    inputs=[ProcessingInput("model", train.model), ProcessingInput("test", prepare.output("test"))],
                    outputs=[ProcessingOutput("evaluation", execution / "evaluation")],
                ),
            )
            steps.append(evaluate)
            reports = Reports(quality=Report(evaluate.output("evaluation"), EVALUATION))
        register = RegisterModelStep(
            self,
            "KnnRegisterModel",
            registration=Registration(
                group=group,
                image=settings.image,
                model=train.model,
                inference=Inference(
                    content_types=REQUEST_TYPES, response_types=RESPONSE_TYPES, instance_types=INSTANCE_TYPES
                ),
                approval=approval,
                reports=reports,
                description=Join(["Nearest-neighbour model of execution ", ExecutionVariable("PipelineExecutionId")]),
                metadata=deployment.metadata,
            ),
        )
        accuracy = train.get(f"FinalMetricDataList['{ACCURACY}'].Value")
        reject = FailStep(
            self,
            "KnnModelRejected",
            message=Join(["accuracy ", accuracy, " is below the gate ", gate, ": nothing was registered"]),
        )
        steps.append(
            ConditionStep(
                self,
                "KnnAccuracyCheck",
                conditions=[Comparison(accuracy, "GreaterThanOrEqualTo", gate)],
                if_steps=[register],
                else_steps=[reject],
            )
        )
        self.pipeline = Pipeline(
            self,
            "Pipeline",
            name=name,
            description="Splits a labelled table, indexes, scores and registers nearest neighbours",
            parameters=[
                input_data,
                processing_instance,
                training_instance,
                input_mode,
                *deployment.parameters,
                approval,
                gate,
                test_fraction,
                seed,
                feature_dim,
                neighbours,
                sample_size,
            ],
            steps=steps,
        )


def _wait(wanted: cdk.Duration | None, *, is_own: bool) -> cdk.Duration | None:
    """Return how long training may wait for spot instances."""
    if wanted is None or is_own:
        return wanted
    return min(wanted, BUILT_IN_WAIT, key=cdk.Duration.to_seconds)
