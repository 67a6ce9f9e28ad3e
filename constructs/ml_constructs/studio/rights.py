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
from ml_constructs.labeling.service import LabelingService
from ml_constructs.studio.persona import Persona

PUBLISHED = "versions"
LISTS = ("ListModelPackageGroups", "ListModelPackages", "ListPipelines")
EXECUTIONS = (
    "DescribePipeline",
    "DescribePipelineDefinitionForExecution",
    "DescribePipelineExecution",
    "ListPipelineExecutionSteps",
    "ListPipelineExecutions",
    "ListPipelineParametersForExecution",
)
FEATURES = ("BatchGetRecord", "DescribeFeatureGroup", "DescribeFeatureMetadata", "GetRecord", "PutRecord")
DECISIONS: Mapping[str, Mapping[str, object]] = {
    "StringEquals": {"sagemaker:ModelApprovalStatus": ["Approved", "Rejected"]},
    "Null": {
        "sagemaker:CustomerMetadataPropertiesToRemove": "true",
        "sagemaker:ModelLifeCycle:Stage": "true",
        "sagemaker:ModelLifeCycle:StageStatus": "true",
    },
}
"""Of a change of a version: it decides, and changes nothing else for which SageMaker has a condition key."""
MACHINES = {"stateMachine": "", "execution": ":*"}
LABELING = "labeling"
HOMES = "studio"
Conditions = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, kw_only=True)
class Workplace:
    """What somebody of an environment works with; names of things in it begin with its own and a hyphen.

    `systems` are theirs: the folders of data and runs, and with the environment's name pipelines and machines, versions
    and endpoints. `scripted` are those of them whose scripts people publish, `served` those whose models are registered
    and, in an environment that `serves`, behind endpoints. `run_tables` are how names of tables begin that know the
    best run of an experiment. `access_logs` is what auditors read.
    """

    environment: str
    data: s3.IBucket
    artifacts: s3.IBucket
    access_logs: s3.IBucket
    systems: Sequence[str] = ()
    scripted: Sequence[str] = ()
    served: Sequence[str] = ()
    run_tables: Sequence[str] = ()
    serves: bool = False
    has_features: bool = False
    mlflow: MlflowApp | None = None
    labeling: LabelingService | None = None


def grant(workplace: Workplace, role: iam.IRole, persona: Persona, *, home: str) -> None:
    """Let `role` do what `persona` does in `workplace`, and keep files of its own in the folder `home`."""
    rights = _Rights(workplace, role)
    match persona:
        case Persona.DATA_SCIENTIST:
            rights.work()
            rights.experiment()
        case Persona.ML_ENGINEER:
            rights.work()
            rights.operate()
        case Persona.ANNOTATION_LEAD:
            rights.label()
        case Persona.AUDITOR:
            rights.audit()
    rights.grant_own()
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
        self._own: set[str] = set()

    def work(self) -> None:
        """Read what is published of one's systems, follow and stop their runs, read what these made, and ask it."""
        for system in self._at.systems:
            Folder(self._at.data, [system]).grant_read(self._role)
            Folder(self._at.artifacts, [system]).grant_read(self._role)
        self._see_runs()
        self._see_inside_runs()
        self._own |= {"sagemaker:StopPipelineExecution", "states:StopExecution"}
        self._own |= {"sagemaker:InvokeEndpoint"} if self._at.serves else set()
        self._use_experiments()

    def experiment(self) -> None:
        """Publish data and scripts, start runs, and use features: whoever does approves no model."""
        for system in self._at.systems:
            Folder(self._at.data, [system, PUBLISHED]).grant_write(self._role)
        for system in self._at.scripted:
            Folder(self._at.data, [system, "scripts", PUBLISHED]).grant_write(self._role)
        self._own |= {"sagemaker:StartPipelineExecution", "states:StartExecution"}
        self._use_features()

    def operate(self) -> None:
        """Approve and reject versions of models, see endpoints, and interrupt jobs."""
        self._allow(["sagemaker:UpdateModelPackage"], self._of_served("model-package", "/*"), DECISIONS)
        self._own |= {f"sagemaker:Stop{kind.name}" for kind in KINDS}
        self._see_endpoints()

    def label(self) -> None:
        """Keep the data that is to be labeled and its labels, and have jobs made of it."""
        Folder(self._at.data, [LABELING]).grant_synchronize(self._role, listing=False)
        if self._at.labeling:
            self._at.labeling.grant_call(self._role)
            self._allow(["cloudformation:DescribeStacks"], [self._stacks])  # which tells how it is called

    def audit(self) -> None:
        """Read templates, definitions, what ran and who reached the buckets; nothing that runs were given or made."""
        self._see_runs()
        self._see_endpoints()
        self._allow(["cloudformation:DescribeStackResources", "cloudformation:GetTemplate"], [self._stacks])
        self._read_logs(f"{self._at.environment}-*")
        self._allow(["logs:DescribeLogGroups"], ["*"])
        self._allow(["s3:ListBucket"], [self._at.access_logs.bucket_arn])
        self._allow(["s3:GetObject"], [self._at.access_logs.arn_for_objects("*")])

    def grant_own(self) -> None:
        """Allow what was collected on all that is of one's systems: each action is of one type of resource."""
        for service, resources in (("sagemaker", self._of_sagemaker), ("states", self._of_machines)):
            if actions := sorted(each for each in self._own if each.startswith(f"{service}:")):
                self._allow(actions, resources)

    def _see_runs(self) -> None:
        """See stacks' outputs, pipelines and machines with their runs, jobs, and versions of models."""
        self._allow(["cloudformation:DescribeStacks", "cloudformation:ListStackResources"], [self._stacks])
        if self._at.systems:
            names = (*EXECUTIONS, "DescribeModelPackage", *(f"Describe{kind.name}" for kind in KINDS))
            self._own |= {f"sagemaker:{name}" for name in names}
            self._own |= {"states:DescribeStateMachine", "states:ListExecutions"}
            listed = (*LISTS, *(kind.list_operation for kind in KINDS))
            self._allow([f"sagemaker:{name}" for name in listed], ["*"])

    def _see_inside_runs(self) -> None:
        """See what machines' runs were given and made, which is the best, and what jobs wrote into their logs."""
        if self._at.systems:
            self._read_logs(*(kind.log_group for kind in KINDS))
        self._own |= {"states:DescribeExecution"}
        if self._at.scripted:
            tables = [self._arn("dynamodb", "table", f"{name}*") for name in self._at.run_tables]
            self._allow(["dynamodb:GetItem"], tables)

    def _see_endpoints(self) -> None:
        if self._at.serves:
            self._own |= {"sagemaker:DescribeEndpoint"}
            configs = self._of_served("endpoint-config", "-v*")
            self._allow(["sagemaker:DescribeEndpointConfig", "sagemaker:ListTags"], configs)
            self._allow(["sagemaker:ListEndpointConfigs", "sagemaker:ListEndpoints"], ["*"])

    def _use_features(self) -> None:
        """Write and read records of the feature store, and read their history."""
        if self._at.has_features:
            groups = [self._arn("sagemaker", "feature-group", "*")]
            self._allow([f"sagemaker:{action}" for action in FEATURES], groups)
            self._allow(["sagemaker:ListFeatureGroups"], ["*"])
            Folder(self._at.data, ["features"]).grant_read(self._role)

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
        self._allow(actions, [f"{arn}:*" for arn in arns])

    @property
    def _stacks(self) -> str:
        return self._arn("cloudformation", "stack", "*/*")

    @property
    def _of_sagemaker(self) -> list[str]:
        """Return the ARNs of pipelines with their executions, of jobs, versions and endpoints.

        Jobs of state machines bear the system's name, those of pipelines one that SageMaker gives.
        """
        pipelines = [system for system in self._at.systems if system not in self._at.scripted]
        found = [
            self._arn("sagemaker", "pipeline", f"{name}{rest}") for name in pipelines for rest in ("", "/execution/*")
        ]
        found += [self._arn("sagemaker", kind.resource, f"{name}-*") for kind in KINDS for name in self._at.scripted]
        found += [kind.arn(self._stack, NAMED_BY_SAGEMAKER) for kind in KINDS if pipelines]
        return [*found, *self._of_served("model-package", "/*"), *self._of_served("endpoint", "")]

    @property
    def _of_machines(self) -> list[str]:
        form = cdk.ArnFormat.COLON_RESOURCE_NAME
        named = [(kind, f"{name}{rest}") for name in self._at.scripted for kind, rest in MACHINES.items()]
        return [self._arn("states", kind, name, form) for kind, name in named]

    def _of_served(self, resource: str, rest: str) -> list[str]:
        return [self._arn("sagemaker", resource, f"{system}{rest}") for system in self._at.served]

    def _arn(
        self, service: str, resource: str, name: str, form: cdk.ArnFormat = cdk.ArnFormat.SLASH_RESOURCE_NAME
    ) -> str:
        """Return the ARN of something that bears the environment's name."""
        full = f"{self._at.environment}-{name}"
        return self._stack.format_arn(service=service, resource=resource, resource_name=full, arn_format=form)

    def _allow(self, actions: Sequence[str], resources: Sequence[str], conditions: Conditions | None = None) -> None:
        """Allow actions on resources; nothing where there are none."""
        if not resources:
            return
        iam.Grant.add_to_principal(
            grantee=self._role, actions=list(actions), resource_arns=list(resources), conditions=conditions or {}
        )
