"""TrainingPipeline: preprocessing, training, evaluation and comparison as a Step Functions state machine.

Its execution input is what varies from run to run: data and script versions, parameters, hyperparameters, names. None
of it needs a deployment. Steps are those of the AWS example "Automate machine learning workflows with Step Functions".
"""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.roles import service_role
from ml_constructs.functions.function import FunctionSettings, PythonFunction
from ml_constructs.jobs.capacity import Capacity
from ml_constructs.jobs.job import Instances, JobSettings, Located
from ml_constructs.jobs.processing import ProcessingInput, ProcessingJob, ProcessingOutput
from ml_constructs.jobs.training import TrainingJob
from ml_constructs.machines.algorithm import Algorithm
from ml_constructs.machines.expressions import Path
from ml_constructs.machines.job_task import Backoff, JobTask
from ml_constructs.machines.registration import RegistrationTask, Registry
from ml_constructs.machines.runs_table import RunsTable
from ml_constructs.registry.registration import Report

CODE = "/opt/ml/processing/input/code"
TRAINING_CODE = "/opt/ml/input/data/code"
EVALUATION = "evaluation.json"
COMPARED = ("ExperimentName", "TrainingJobName", "OutputPrefix", "DataVersion", "ScriptVersion", "Comment")
LINEAGE = ("ExperimentName", "TrainingJobName", "DataVersion", "ScriptVersion")
FUNCTION_TIMEOUT = cdk.Duration.seconds(60)
# Source: Step Functions developer guide, "Handle transient Lambda service exceptions".
LAMBDA_BACKOFF = Backoff(
    errors=(
        "Lambda.ClientExecutionTimeoutException",
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
        "TransactionConflict",
    ),
    interval=cdk.Duration.seconds(2),
    rate=2,
    attempts=6,
)


@dataclass(frozen=True)
class TrainingMachine:
    """What a training job runs on: an image with its settings, and the type of the instance."""

    settings: JobSettings
    instance_type: str


class TrainingPipeline(Construct):
    """Validate, preprocess, train, evaluate, compare and, with a `registry`, register a model that is the best so far.

    `data` and `scripts` hold versions, `runs` gets a folder for each run. The scripts `prepare.py`, `train.py` and
    `evaluate.py` of a version run in the image, with what it has, on instances of `instance_type`; `training` are image
    and instance type of the training job where they differ. `name` begins the names of all jobs. With `spot_wait`
    training runs on spot instances and may wait so long for them; its checkpoints lie in the folder of the run. The
    functions that validate and compare are at `functions`, from which DynamoDB, S3 and SageMaker's API must be reached,
    or without it outside of any network.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        settings: JobSettings,
        data: Folder,
        scripts: Folder,
        runs: Folder,
        algorithm: Algorithm,
        instance_type: str,
        training: TrainingMachine | None = None,
        registry: Registry | None = None,
        functions: FunctionSettings,
        removal_policy: cdk.RemovalPolicy,
        spot_wait: cdk.Duration | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.name = name
        self._settings = settings
        self._functions = functions
        self._spot_wait = spot_wait
        self._prefix = f"{name}-"
        self._algorithm = algorithm
        self._instance_type = instance_type
        self._training_machine = training or TrainingMachine(settings, instance_type)
        self._data = Located((data / Path("$.DataVersion")).uri, data)
        self._code = Located((scripts / Path("$.ScriptVersion")).uri, scripts)
        self._run = runs / Path("$.OutputPrefix")
        self.evaluations = self._run / "evaluation"
        self.runs = RunsTable(self, "Runs", key=settings.key, removal_policy=removal_policy)

        jobs = [self._preprocessing(), self._training(), self._evaluation()]
        self._kinds = tuple(dict.fromkeys(task.job.kind for task in jobs))
        validation = self._validation(data, scripts, runs)
        comparison = self._comparison(runs)
        registration = self._registration(registry) if registry else None
        refused = sfn.Fail(self, "InputRefused", error_path="$.Failure.Error", cause_path="$.Failure.Cause")
        failed = sfn.Fail(self, "RunFailed", error_path="$.Failure.Error", cause_path="$.Failure.Cause")
        validation.add_catch(refused, errors=["States.ALL"], result_path="$.Failure")
        chain = sfn.Chain.start(validation)
        for job in jobs:
            job.state.add_catch(failed, errors=["States.ALL"], result_path="$.Failure")
            chain = chain.next(job.state)
        comparison.add_catch(failed, errors=["States.ALL"], result_path="$.Failure")
        chain = chain.next(comparison)
        if registration:
            registration.state.add_catch(failed, errors=["States.ALL"], result_path="$.Failure")
            best = sfn.Condition.boolean_equals("$.Comparison.is_best", value=True)
            chain = chain.next(
                sfn.Choice(self, "BestSoFar").when(best, registration.state).otherwise(sfn.Succeed(self, "NotBetter"))
            )

        role = service_role(
            self,
            "Role",
            service="states.amazonaws.com",
            description=f"State machine {name}",
            source=cdk.Stack.of(self).format_arn(
                service="states",
                resource="stateMachine",
                resource_name=name,
                arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
            ),
        )
        for job in jobs:
            job.grant_run(role)
        if registration:
            registration.grant_run(role)
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_name=name,
            comment="Preprocesses, trains, evaluates, and compares the model with the best one so far",
            definition_body=sfn.DefinitionBody.from_chainable(chain),
            logs=sfn.LogOptions(destination=functions.logs.group(self, "Log"), level=sfn.LogLevel.ALL),
            role=role,
            tracing_enabled=True,
        )

    def _prepared_data(self, part: str) -> Located:
        """Return what prepare.py wrote of one part, and nothing beside it."""
        folder = self._run / "prepared" / part
        return Located(folder.uri, folder)

    def _preprocessing(self) -> JobTask:
        job = ProcessingJob(
            settings=self._settings,
            entrypoint=("python", f"{CODE}/prepare.py"),
            instances=Instances(type=self._instance_type, limit=cdk.Duration.minutes(30)),
            inputs=[ProcessingInput("data", self._data), ProcessingInput("code", self._code)],
            outputs=[ProcessingOutput(part, self._run / "prepared" / part) for part in self._algorithm.prepared],
        )
        return JobTask(
            self,
            "Preprocessing",
            job=job,
            name=Path("$.PreprocessingJobName"),
            prefix=self._prefix,
            result={"JobArn": Path("$.ProcessingJobArn")},
            overrides={"AppSpecification": {"ContainerArguments": Path("$.PreprocessingArguments")}},
        )

    def _training(self) -> JobTask:
        limit = cdk.Duration.hours(1)
        capacity = Capacity.waiting(self._spot_wait, limit, self._run / "checkpoints")
        prepared = {part: self._prepared_data(part) for part in self._algorithm.channels}
        machine = self._training_machine
        job = TrainingJob(
            settings=machine.settings,
            instances=Instances(type=machine.instance_type, limit=limit),
            channels={**prepared, "code": self._code},
            hyperparameters={},
            output=self._run / "model",
            metrics=self._algorithm.metrics,
            capacity=capacity,
        )
        return JobTask(
            self,
            "Training",
            job=job,
            name=Path("$.TrainingJobName"),
            prefix=self._prefix,
            result={"JobArn": Path("$.TrainingJobArn"), "Model": Path("$.ModelArtifacts.S3ModelArtifacts")},
            overrides={
                "AlgorithmSpecification": {"ContainerEntrypoint": ["python", f"{TRAINING_CODE}/train.py"]},
                "HyperParameters": Path("$.Hyperparameters"),
            },
        )

    def _evaluation(self) -> JobTask:
        job = ProcessingJob(
            settings=self._settings,
            entrypoint=("python", f"{CODE}/evaluate.py"),
            instances=Instances(type=self._instance_type, limit=cdk.Duration.minutes(30)),
            inputs=[
                ProcessingInput("model", Located(Path("$.Training.Model"), self._run / "model")),
                ProcessingInput("test", self._prepared_data("test")),
                ProcessingInput("code", self._code),
            ],
            outputs=[ProcessingOutput("evaluation", self.evaluations)],
        )
        return JobTask(
            self,
            "Evaluation",
            job=job,
            name=Path("$.EvaluationJobName"),
            prefix=self._prefix,
            result={"JobArn": Path("$.ProcessingJobArn")},
        )

    def _registration(self, registry: Registry) -> RegistrationTask:
        evaluation = self._run / "evaluation"
        return RegistrationTask(
            self,
            "Registration",
            registry=registry,
            model=Located(Path("$.Training.Model"), self._run / "model"),
            report=Report(Located(evaluation.uri, evaluation), EVALUATION),
            lineage=LINEAGE,
        )

    def _validation(self, data: Folder, scripts: Folder, runs: Folder) -> tasks.LambdaInvoke:
        function = PythonFunction(
            self,
            "Validation",
            handler="run_validation.handler.handler",
            description="Refuses execution inputs that could not become a run",
            environment={
                "DATA_URI": str(data.uri),
                "SCRIPTS_URI": str(scripts.uri),
                "RUNS_URI": str(runs.uri),
                "JOB_PREFIX": self._prefix,
                "TABLE_NAME": self.runs.table.table_name,
            },
            timeout=FUNCTION_TIMEOUT,
            settings=self._functions,
            powertools=True,
        )
        self.runs.grant(function.role, "PutItem")
        iam.Grant.add_to_principal(
            grantee=function.role,
            actions=["s3:ListBucket"],
            resource_arns=[folder.bucket.bucket_arn for folder in (data, runs)],
        )
        for kind in self._kinds:
            iam.Grant.add_to_principal(
                grantee=function.role,
                actions=[f"sagemaker:Describe{kind.name}"],
                resource_arns=[kind.arn(cdk.Stack.of(self), f"{self._prefix}*")],
            )
        payload = {
            "Execution": sfn.JsonPath.string_at("$$.Execution.Id"),
            "Input": sfn.JsonPath.object_at("$"),
        }
        return self._invocation("Validate", function, sfn.TaskInput.from_object(payload), "$")

    def _comparison(self, runs: Folder) -> tasks.LambdaInvoke:
        function = PythonFunction(
            self,
            "Comparison",
            handler="run_comparison.handler.handler",
            description="Decides whether a run is the best so far",
            environment={
                "RUNS_URI": str(runs.uri),
                "METRIC": self._algorithm.objective,
                "EVALUATION": EVALUATION,
                "TABLE_NAME": self.runs.table.table_name,
            },
            timeout=FUNCTION_TIMEOUT,
            settings=self._functions,
            powertools=True,
        )
        self.runs.grant(function.role, "GetItem", "UpdateItem")
        self.evaluations.grant_read(function.role)
        payload = {
            "Execution": sfn.JsonPath.string_at("$$.Execution.Id"),
            "Model": sfn.JsonPath.string_at("$.Training.Model"),
            **{name: sfn.JsonPath.string_at(f"$.{name}") for name in COMPARED},
        }
        return self._invocation("Compare", function, sfn.TaskInput.from_object(payload), "$.Comparison")

    def _invocation(
        self, construct_id: str, function: PythonFunction, payload: sfn.TaskInput, result_path: str
    ) -> tasks.LambdaInvoke:
        task = tasks.LambdaInvoke(
            self,
            construct_id,
            lambda_function=function.function,
            payload=payload,
            payload_response_only=True,
            result_path=result_path,
            retry_on_service_exceptions=False,
            task_timeout=sfn.Timeout.duration(FUNCTION_TIMEOUT.plus(cdk.Duration.seconds(15))),
        )
        LAMBDA_BACKOFF.apply(task)
        return task
