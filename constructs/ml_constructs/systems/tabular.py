"""A SageMaker pipeline that trains boosted trees on tables, and registers them where they are good enough.

Steps and names are those of the AWS hands-on "Automate machine learning workflows"; bias and explanations come from the
tabular image instead of the closed Clarify, every parameter is used, and a model below the gate fails the execution.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from ml_constructs.foundation.folder import Folder
from ml_constructs.jobs.capacity import Capacity
from ml_constructs.jobs.job import Instances, JobSettings, Located
from ml_constructs.jobs.processing import ProcessingInput, ProcessingJob, ProcessingOutput
from ml_constructs.jobs.training import TrainingJob, metric
from ml_constructs.pipelines import Comparison, ExecutionVariable, Join, Parameter, Pipeline, Value
from ml_constructs.pipelines.decision import ConditionStep, FailStep
from ml_constructs.pipelines.deployment import INSTANCE_TYPES, Deployment
from ml_constructs.pipelines.processing import ProcessingStep
from ml_constructs.pipelines.register_model import RegisterModelStep
from ml_constructs.pipelines.step import PropertyFile
from ml_constructs.pipelines.training import TrainingStep
from ml_constructs.registry.registration import UNAPPROVED, Inference, Registration, Report, Reports

ENTRYPOINT = ("python", "-m", "tabular")
CONTENT_TYPES = ("text/csv", "application/json", "application/jsonlines")
PREPARED = ("train", "validation", "test", "baseline", "features")
EVALUATION = "evaluation.json"
ANALYSIS = "analysis.json"
TRAINING_LIMIT = cdk.Duration.hours(1)


@dataclass(frozen=True, kw_only=True)
class Objective:
    """What a model predicts: how XGBoost learns it, and which figure of its evaluation is the gate.

    `xgboost` is the learning objective, `loss` the figure that training reports of each set. `metric` is the figure at
    `path` of evaluation.json, better when higher; below `gate`, or what the parameter `parameter` of an execution says,
    a model is not registered. No model has less than `least`.
    """

    xgboost: str
    loss: str
    metric: str
    path: str
    parameter: str
    gate: float
    least: float = 0.0


BINARY = Objective(
    xgboost="binary:logistic",
    loss="auc",
    metric="roc_auc",
    path="classification_metrics.roc_auc.value",
    parameter="RocAucThreshold",
    gate=0.7,
)
"""One of two: the score is the probability of the positive one."""
MULTICLASS = Objective(
    xgboost="multi:softprob",
    loss="mlogloss",
    metric="macro_f1",
    path="multiclass_classification_metrics.macro_f1.value",
    parameter="MacroF1Threshold",
    gate=0.5,
)
"""One of several: the score is the probability of the most probable one."""
REGRESSION = Objective(
    xgboost="reg:squarederror",
    loss="rmse",
    metric="r2",
    path="regression_metrics.r2.value",
    parameter="R2Threshold",
    gate=0.3,
    least=-math.inf,
)
"""A number; the gate is the share of its variance that the model explains."""


@dataclass(frozen=True, kw_only=True)
class Steps:
    """Names of the steps that say which system they are of."""

    check: str = "CheckModelEvaluation"
    rejected: str = "ModelRejected"


class TabularPipeline(Construct):
    """Prepare, train, evaluate; at or above the gate: bias, explanations, registration.

    `data` holds the versions of the data set, each with its recipe unless the image has one called `recipe`; `bias`
    says which groups are compared, where the recipe does not. `artifacts` gets a folder for each execution. `gate` is
    the least figure that is registered, if not the objective's own. `deployment` is where an approved model goes.
    With `spot_wait` training runs on spot instances and may wait so long for them; either way a retry goes on from its
    checkpoints.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        system: str,
        objective: Objective = BINARY,
        gate: float | None = None,
        description: str = "",
        recipe: str = "",
        bias: Sequence[str] = (),
        steps: Steps | None = None,
        group: sagemaker.CfnModelPackageGroup,
        settings: JobSettings,
        data: Folder,
        artifacts: Folder,
        deployment: Deployment,
        spot_wait: cdk.Duration | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        names = steps or Steps()
        self._settings = settings
        self._execution = artifacts / ExecutionVariable("PipelineExecutionId")

        input_data = Parameter.string("InputDataUri")
        processing_instance = Parameter.string("ProcessingInstanceType", "ml.c5.xlarge")
        training_instance = Parameter.string("TrainingInstanceType", "ml.m5.xlarge")
        training_count = Parameter.integer("TrainingInstanceCount", 1)
        analysis_instance = Parameter.string("AnalysisInstanceType", "ml.m5.xlarge")
        approval = Parameter.string("ModelApprovalStatus", UNAPPROVED[0], allowed=UNAPPROVED)
        threshold = Parameter.number(objective.parameter, objective.gate if gate is None else gate)
        seed = Parameter.integer("Seed", 42)
        hyperparameters = {
            "num_round": Parameter.integer("NumRound", 300),
            "max_depth": Parameter.integer("MaxDepth", 2),
            "eta": Parameter.number("Eta", 0.1),
            "subsample": Parameter.number("Subsample", 0.75),
            "colsample_bytree": Parameter.number("ColsampleBytree", 0.75),
        }

        prepare = self._processing(
            "DataProcessing",
            command=["prepare", *(["--recipe", recipe] if recipe else []), "--seed", seed.text],
            instance_type=processing_instance,
            inputs=[ProcessingInput("data", Located(input_data, data))],
            outputs=[ProcessingOutput(part, self._execution / "prepared" / part) for part in PREPARED],
        )
        train = TrainingStep(
            self,
            "XGBModelTraining",
            job=TrainingJob(
                settings=settings,
                instances=Instances(type=training_instance, count=training_count, limit=TRAINING_LIMIT),
                channels={part: prepare.output(part) for part in ("train", "validation", "features")},
                hyperparameters={**hyperparameters, "objective": objective.xgboost, "seed": seed},
                output=self._execution / "model",
                metrics=[metric(f"{part}-{objective.loss}") for part in ("train", "validation")],
                capacity=Capacity.waiting(spot_wait, TRAINING_LIMIT, self._execution / "checkpoints"),
            ),
        )
        model = ProcessingInput("model", train.model)
        test = ProcessingInput("test", prepare.output("test"))
        evaluate = self._processing(
            "XGBModelEvaluate",
            command=["evaluate"],
            instance_type=processing_instance,
            inputs=[model, test],
            outputs=[ProcessingOutput("evaluation", self._execution / "evaluation")],
            property_files=[PropertyFile("EvaluationReport", "evaluation", EVALUATION)],
        )
        compare = self._processing(
            "ModelBiasCheck",
            command=["bias", *bias],
            instance_type=analysis_instance,
            inputs=[model, test],
            outputs=[ProcessingOutput("bias", self._execution / "bias")],
        )
        explain = self._processing(
            "ModelExplainabilityCheck",
            command=["explain"],
            instance_type=analysis_instance,
            inputs=[model, test],
            outputs=[ProcessingOutput("explanations", self._execution / "explanations")],
        )
        register = RegisterModelStep(
            self,
            "XGBRegisterModel",
            registration=Registration(
                group=group,
                image=settings.image,
                model=train.model,
                inference=Inference(
                    content_types=CONTENT_TYPES, response_types=CONTENT_TYPES, instance_types=INSTANCE_TYPES
                ),
                approval=approval,
                reports=Reports(
                    quality=Report(evaluate.output("evaluation"), EVALUATION),
                    bias=Report(compare.output("bias"), ANALYSIS),
                    explainability=Report(explain.output("explanations"), ANALYSIS),
                ),
                description=Join(
                    [f"{system.capitalize()} model of execution ", ExecutionVariable("PipelineExecutionId")]
                ),
                metadata=deployment.metadata,
            ),
        )
        figure = evaluate.json("EvaluationReport", objective.path)
        reject = FailStep(
            self,
            names.rejected,
            message=Join(
                [f"{objective.metric} ", figure, " is below the gate ", threshold, ": nothing was registered"]
            ),
        )
        check = ConditionStep(
            self,
            names.check,
            conditions=[Comparison(figure, "GreaterThanOrEqualTo", threshold)],
            if_steps=[compare, explain, register],
            else_steps=[reject],
        )
        self.pipeline = Pipeline(
            self,
            "Pipeline",
            name=name,
            description=description or f"Prepares tables, trains, evaluates, explains and registers a {system} model",
            parameters=[
                input_data,
                processing_instance,
                training_instance,
                training_count,
                analysis_instance,
                *deployment.parameters,
                approval,
                threshold,
                *hyperparameters.values(),
                seed,
            ],
            steps=[prepare, train, evaluate, check],
        )

    def _processing(
        self,
        construct_id: str,
        *,
        command: Sequence[Value],
        instance_type: Parameter,
        inputs: Sequence[ProcessingInput],
        outputs: Sequence[ProcessingOutput],
        property_files: Sequence[PropertyFile] = (),
    ) -> ProcessingStep:
        return ProcessingStep(
            self,
            construct_id,
            job=ProcessingJob(
                settings=self._settings,
                entrypoint=ENTRYPOINT,
                command=command,
                instances=Instances(type=instance_type, limit=cdk.Duration.minutes(30)),
                inputs=inputs,
                outputs=outputs,
            ),
            property_files=property_files,
        )
