"""FraudDetectXGBPipeline: from a version of the claims data to a registered model, or to the reason why not.

Steps and names are those of the AWS hands-on "Automate machine learning workflows"; bias and explanations come from the
tabular image instead of the closed Clarify, every parameter is used, and a model below the gate fails the execution.
"""

from collections.abc import Sequence

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
from ml_constructs.registry.registration import Inference, Registration, Report, Reports

ENTRYPOINT = ("python", "-m", "tabular")
CONTENT_TYPES = ("text/csv", "application/json", "application/jsonlines")
PREPARED = ("train", "validation", "test", "baseline", "features")
EVALUATION = "evaluation.json"
ANALYSIS = "analysis.json"
TRAINING_LIMIT = cdk.Duration.hours(1)
ROC_AUC = "classification_metrics.roc_auc.value"


class FraudPipeline(Construct):
    """Prepare, train, evaluate; at or above the gate: bias, explanations, registration.

    `data` holds the versions of the data set, `artifacts` gets a folder for each execution. `deployment` is where a
    model goes when it is approved. With `spot_wait` training runs on spot instances and may wait so long for them;
    either way a retry goes on from its checkpoints.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        group: sagemaker.CfnModelPackageGroup,
        settings: JobSettings,
        data: Folder,
        artifacts: Folder,
        deployment: Deployment,
        spot_wait: cdk.Duration | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        self._execution = artifacts / ExecutionVariable("PipelineExecutionId")

        input_data = Parameter.string("InputDataUri")
        processing_instance = Parameter.string("ProcessingInstanceType", "ml.c5.xlarge")
        training_instance = Parameter.string("TrainingInstanceType", "ml.m5.xlarge")
        training_count = Parameter.integer("TrainingInstanceCount", 1)
        analysis_instance = Parameter.string("AnalysisInstanceType", "ml.m5.xlarge")
        approval = Parameter.string(
            "ModelApprovalStatus",
            "PendingManualApproval",
            allowed=("Approved", "PendingManualApproval", "Rejected"),
        )
        gate = Parameter.number("RocAucThreshold", 0.7)
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
            command=["prepare", "--recipe", "fraud", "--seed", seed.text],
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
                hyperparameters={**hyperparameters, "objective": "binary:logistic", "seed": seed},
                output=self._execution / "model",
                metrics=[metric("train-auc"), metric("validation-auc")],
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
        bias = self._processing(
            "ModelBiasCheck",
            command=["bias", "--facet", "customer_gender_female", "--facet-value", "1", "--label", "fraud"],
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
                    bias=Report(bias.output("bias"), ANALYSIS),
                    explainability=Report(explain.output("explanations"), ANALYSIS),
                ),
                description=Join(["Fraud model of execution ", ExecutionVariable("PipelineExecutionId")]),
                metadata=deployment.metadata,
            ),
        )
        roc_auc = evaluate.json("EvaluationReport", ROC_AUC)
        reject = FailStep(
            self,
            "FraudModelRejected",
            message=Join(["roc_auc ", roc_auc, " is below the gate ", gate, ": nothing was registered"]),
        )
        check = ConditionStep(
            self,
            "CheckFraudDetXGBEvaluation",
            conditions=[Comparison(roc_auc, "GreaterThanOrEqualTo", gate)],
            if_steps=[bias, explain, register],
            else_steps=[reject],
        )
        self.pipeline = Pipeline(
            self,
            "Pipeline",
            name=name,
            description="Prepares claims, trains, evaluates, explains and registers a fraud model",
            parameters=[
                input_data,
                processing_instance,
                training_instance,
                training_count,
                analysis_instance,
                *deployment.parameters,
                approval,
                gate,
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
