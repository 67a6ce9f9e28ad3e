"""What each persona may do, derived from their part in the life of a model.

Nobody creates a job, model or endpoint by hand: what runs is a pipeline's or a state machine's, which names network,
key and isolation itself. Nobody passes a role, or changes rights or the network.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from ml_constructs.experiments.tracking import MlflowApp
from ml_constructs.foundation.folder import Folder
from ml_constructs.jobs.kinds import KINDS, NAMED_BY_SAGEMAKER
from ml_constructs.studio.persona import Persona

PUBLISHED = "versions"
LISTS = ("ListModelPackageGroups", "ListModelPackages", "ListPipelines")
EXECUTIONS = (
    "DescribePipelineDefinitionForExecution",
    "DescribePipelineExecution",
    "ListPipelineExecutionSteps",
    "ListPipelineParametersForExecution",
)
FEATURES = ("BatchGetRecord", "DescribeFeatureGroup", "DescribeFeatureMetadata", "GetRecord", "PutRecord")
LABELING = "labeling"
HOMES = "studio"
Conditions = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, kw_only=True)
class Workplace:
    """What the people of an environment work with; names of things in it begin with its own and a hyphen.

    `systems` are the folders of data and runs; `scripted` those whose scripts people publish.
    """

    environment: str
    data: s3.IBucket
    artifacts: s3.IBucket
    systems: Sequence[str] = ()
    scripted: Sequence[str] = ()
    serves: bool = False
    has_features: bool = False
    mlflow: MlflowApp | None = None


def grant(workplace: Workplace, role: iam.IRole, persona: Persona, *, home: str) -> None:
    """Let `role` do what `persona` does in `workplace`, and keep files of its own in the folder `home`."""
    rights = _Rights(workplace, role)
    match persona:
        case Persona.DATA_SCIENTIST:
            rights.experiment()
        case Persona.ML_ENGINEER:
            rights.experiment()
            rights.operate()
        case Persona.ANNOTATION_LEAD:
            rights.label()
        case Persona.AUDITOR:
            rights.audit()
    if persona is not Persona.AUDITOR:
        Folder(workplace.artifacts, [HOMES, home]).grant_synchronize(
            role, listing=persona is not Persona.ANNOTATION_LEAD
        )


class _Rights:
    """Grants to one role."""

    def __init__(self, workplace: Workplace, role: iam.IRole) -> None:
        self._at = workplace
        self._role = role
        self._stack = cdk.Stack.of(role)

    def experiment(self) -> None:
        """Publish data and scripts, read what is published, start and follow runs, read what they made, and ask it."""
        self._allow(["s3:GetObject"], [self._at.data.arn_for_objects("*")])
        self._allow(["s3:ListBucket"], [self._at.data.bucket_arn])
        for system in self._at.systems:
            Folder(self._at.artifacts, [system]).grant_read(self._role)
            Folder(self._at.data, [system, PUBLISHED]).grant_write(self._role)
        for system in self._at.scripted:
            Folder(self._at.data, [system, "scripts", PUBLISHED]).grant_write(self._role)
        self._see_runs()
        self._start_runs()
        self._ask_endpoints()
        self._use_features()
        self._use_experiments()

    def operate(self) -> None:
        """Approve and reject versions of models, see endpoints, and interrupt jobs."""
        if not self._at.systems:
            return
        decided = {"StringEquals": {"sagemaker:ModelApprovalStatus": ["Approved", "Rejected"]}}
        self._allow(["sagemaker:UpdateModelPackage"], [self._sagemaker("model-package", "*/*")], decided)
        self._allow([f"sagemaker:Stop{kind.name}" for kind in KINDS], self._jobs)
        self._see_endpoints()

    def label(self) -> None:
        """Keep the data that is to be labeled and its labels."""
        Folder(self._at.data, [LABELING]).grant_synchronize(self._role, listing=False)

    def audit(self) -> None:
        """Read templates, logs, definitions and what ran; no object, record or experiment."""
        self._see_runs()
        self._see_endpoints()
        self._allow(["cloudformation:DescribeStackResources", "cloudformation:GetTemplate"], [self._stacks])
        self._read_logs(f"{self._at.environment}-*")
        self._allow(["logs:DescribeLogGroups"], ["*"])
        if self._at.systems:
            self._allow(["states:GetExecutionHistory"], [self._states("execution", "*:*")])

    def _see_runs(self) -> None:
        """See stacks' outputs, pipelines, machines, their jobs with logs, and versions of models."""
        self._allow(["cloudformation:DescribeStacks", "cloudformation:ListStackResources"], [self._stacks])
        if not self._at.systems:
            return
        pipelines = self._sagemaker("pipeline", "*")  # and their executions
        self._allow([f"sagemaker:{name}" for name in ("DescribePipeline", "ListPipelineExecutions")], [pipelines])
        self._allow([f"sagemaker:{name}" for name in EXECUTIONS], [pipelines])
        machines, runs = self._states("stateMachine", "*"), self._states("execution", "*:*")
        self._allow(["states:DescribeStateMachine", "states:ListExecutions"], [machines])
        self._allow(["states:DescribeExecution"], [runs])
        self._allow([f"sagemaker:Describe{kind.name}" for kind in KINDS], self._jobs)
        self._read_logs(*(kind.log_group for kind in KINDS))
        self._allow(["sagemaker:DescribeModelPackage"], [self._sagemaker("model-package", "*/*")])
        self._allow([f"sagemaker:{name}" for name in (*LISTS, *(kind.list_operation for kind in KINDS))], ["*"])

    def _start_runs(self) -> None:
        """Start what a stack defines, with data and parameters of one's own, and stop it."""
        if not self._at.systems:
            return
        executions = [self._sagemaker("pipeline", "*")]
        self._allow(["sagemaker:StartPipelineExecution", "sagemaker:StopPipelineExecution"], executions)
        self._allow(["states:StartExecution"], [self._states("stateMachine", "*")])
        self._allow(["states:StopExecution"], [self._states("execution", "*:*")])
        self._allow(["dynamodb:GetItem"], [self._arn("dynamodb", "table", "*")])  # which run of a machine is the best

    def _ask_endpoints(self) -> None:
        """Get predictions of what is served, from inside the network: the address of the API is a public one."""
        if self._at.serves:
            self._allow(["sagemaker:InvokeEndpoint"], [self._sagemaker("endpoint", "*")])

    def _see_endpoints(self) -> None:
        if self._at.serves:
            self._allow(["sagemaker:DescribeEndpoint"], [self._sagemaker("endpoint", "*")])
            configs = [self._sagemaker("endpoint-config", "*")]
            self._allow(["sagemaker:DescribeEndpointConfig", "sagemaker:ListTags"], configs)
            self._allow(["sagemaker:ListEndpointConfigs", "sagemaker:ListEndpoints"], ["*"])

    def _use_features(self) -> None:
        """Write and read records of the feature store; their history is among the data."""
        if self._at.has_features:
            groups = [self._sagemaker("feature-group", "*")]
            self._allow([f"sagemaker:{action}" for action in FEATURES], groups)
            self._allow(["sagemaker:ListFeatureGroups"], ["*"])

    def _use_experiments(self) -> None:
        if app := self._at.mlflow:
            app.grant_call(self._role)
            app.grant_open(self._role)
            Folder(self._at.artifacts, ["mlflow"]).grant_read(self._role)

    def _read_logs(self, *groups: str) -> None:
        form = cdk.ArnFormat.COLON_RESOURCE_NAME
        arns = [
            self._stack.format_arn(service="logs", resource="log-group", resource_name=g, arn_format=form)
            for g in groups
        ]
        actions = ["logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents"]
        self._allow(actions, [*arns, *(f"{arn}:*" for arn in arns)])

    @property
    def _stacks(self) -> str:
        return self._arn("cloudformation", "stack", "*/*")

    @property
    def _jobs(self) -> list[str]:
        """Return the ARNs of the jobs of state machines, and of pipelines, which SageMaker names."""
        own = [self._sagemaker(kind.resource, "*") for kind in KINDS]
        return [*own, *(kind.arn(self._stack, NAMED_BY_SAGEMAKER) for kind in KINDS)]

    def _sagemaker(self, resource: str, name: str) -> str:
        return self._arn("sagemaker", resource, name)

    def _states(self, resource: str, name: str) -> str:
        return self._arn("states", resource, name, cdk.ArnFormat.COLON_RESOURCE_NAME)

    def _arn(
        self, service: str, resource: str, name: str, form: cdk.ArnFormat = cdk.ArnFormat.SLASH_RESOURCE_NAME
    ) -> str:
        """Return the ARN of something that bears the environment's name."""
        full = f"{self._at.environment}-{name}"
        return self._stack.format_arn(service=service, resource=resource, resource_name=full, arn_format=form)

    def _allow(self, actions: Sequence[str], resources: Sequence[str], conditions: Conditions | None = None) -> None:
        iam.Grant.add_to_principal(
            grantee=self._role, actions=list(actions), resource_arns=list(resources), conditions=conditions or {}
        )
