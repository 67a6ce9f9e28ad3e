"""A kind of job is one row of the table and one module: here transform jobs, which the library does not have yet."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import aws_cdk as cdk
import botocore.session
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from ml_constructs.foundation.folder import Folder
from ml_constructs.jobs.job import Instances, Job, JobSettings
from ml_constructs.jobs.kinds import KINDS, Kind
from ml_constructs.machines.expressions import Path, StateError
from ml_constructs.machines.job_task import JobTask
from ml_constructs.pipelines import Pipeline, PipelineError
from ml_constructs.pipelines.job_step import JobStep
from ml_constructs.studio import rights
from ml_constructs.studio.persona import Persona
from ml_rules.access.identity import WITHOUT_RESOURCE
from ml_rules.catalogue import findings
from ml_rules.templates import Templates

TRANSFORM = Kind(
    name="TransformJob",
    resource="transform-job",
    plural="TransformJobs",
    step="Transform",
    rule="StepFunctionsGetEventsForSageMakerTransformJobsRule",
)
JOBS = "arn:aws:sagemaker:eu-west-1:111122223333:transform-job"


@dataclass(frozen=True, kw_only=True)
class TransformJob(Job):
    """Predictions of a model for a folder."""

    kind = TRANSFORM
    data: Folder

    def check(self, name: str) -> None:
        """Refuse nothing."""

    def grant_data(self, role: iam.IRole, name: str) -> None:
        """Let `role` read the data."""
        del name
        self.data.grant_read(role)

    def request(self, name: str, role: iam.IRole) -> Mapping[str, object]:
        """`CreateTransformJob`."""
        del name, role  # a transform job acts as its model
        return {"TransformInput": {"DataSource": {"S3DataSource": {"S3Uri": self.data.uri}}}}


@pytest.fixture
def job(settings: JobSettings, folder: Folder) -> TransformJob:
    """Something to run."""
    instances = Instances(type="ml.m5.large", limit=cdk.Duration.minutes(20))
    return TransformJob(settings=settings, instances=instances, data=folder)


def allowed(stack: cdk.Stack, role: iam.IRole) -> dict[str, set[str]]:
    """Actions of a role, and the resources of each."""
    logical_id = stack.get_logical_id(role.node.default_child)  # type: ignore[arg-type] # a role's own resource
    found: dict[str, set[str]] = {}
    for policy in Template.from_stack(stack).find_resources("AWS::IAM::Policy").values():
        if {"Ref": logical_id} in policy["Properties"]["Roles"]:
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
                for action in _listed(statement["Action"]):
                    found.setdefault(action, set()).update(str(each) for each in _listed(statement["Resource"]))
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_a_pipeline_runs_it(stack: cdk.Stack, job: TransformJob) -> None:
    step = JobStep(stack, "Score", job=job)
    pipeline = Pipeline(stack, "Pipeline", name="p", description="d", parameters=[], steps=[step])
    declared = json.loads(json.dumps(step.declaration()))
    assert (declared["Name"], declared["Type"]) == ("Score", "Transform")
    assert declared["Arguments"]["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"] == "s3://data/fraud/versions"
    may = allowed(stack, pipeline.role)
    for operation in ("AddTags", "CreateTransformJob", "DescribeTransformJob", "StopTransformJob"):
        assert may[f"sagemaker:{operation}"] == {f"{JOBS}/pipelines-*"}
    assert "iam:PassRole" in may
    own = allowed(stack, step.role)
    assert own["logs:PutLogEvents"] == {"arn:aws:logs:eu-west-1:111122223333:log-group:/aws/sagemaker/TransformJobs*"}
    assert own["s3:GetObject"] == {"arn:aws:s3:::data/fraud/versions/*"}


def test_a_state_machine_runs_it(stack: cdk.Stack, job: TransformJob) -> None:
    task = JobTask(
        stack,
        "Scoring",
        job=job,
        name=Path("$.ScoringJobName"),
        prefix="dev-",
        result={"Arn": Path("$.TransformJobArn")},
    )
    role = iam.Role(stack, "Machine", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
    task.grant_run(role)
    state = task.state.to_state_json()
    assert state["Resource"] == "arn:aws:states:::sagemaker:createTransformJob.sync"
    assert state["Parameters"]["TransformJobName.$"] == "$.ScoringJobName"
    assert state["TimeoutSeconds"] == (20 + 10) * 60
    may = allowed(stack, role)
    assert may["sagemaker:StopTransformJob"] == {f"{JOBS}/dev-*"}
    assert may["events:PutRule"] == {
        "arn:aws:events:eu-west-1:111122223333:rule/StepFunctionsGetEventsForSageMakerTransformJobsRule"
    }


def test_people_see_and_stop_it(stack: cdk.Stack, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights, "KINDS", (*KINDS, TRANSFORM))
    role = iam.Role(stack, "Person", assumed_by=iam.AccountRootPrincipal())
    bucket = folder.bucket
    workplace = rights.Workplace(
        environment="dev",
        data=bucket,
        artifacts=bucket,
        access_logs=bucket,
        systems=("fraud", "census"),
        scripted=("census",),
    )
    rights.grant(workplace, role, Persona.ML_ENGINEER, home="ada")
    may = allowed(stack, role)
    both = {f"{JOBS}/dev-census-*", f"{JOBS}/pipelines-*"}
    assert both <= may["sagemaker:DescribeTransformJob"]
    assert both <= may["sagemaker:StopTransformJob"]
    assert "sagemaker:ListTransformJobs" in may
    templates = Templates({"dev-studio": Template.from_stack(stack).to_json()})
    assert [finding.message for finding in findings(templates) if finding.rule == "star-resource"] == []
    assert any("log-group:/aws/sagemaker/TransformJobs" in arn for arn in may["logs:GetLogEvents"])


def test_what_has_no_step_or_no_managed_rule_is_refused(
    stack: cdk.Stack, job: TransformJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TransformJob, "kind", replace(TRANSFORM, step=None, rule=None))
    with pytest.raises(PipelineError, match="Score cannot run a TransformJob: SageMaker Pipelines has no step for it"):
        JobStep(stack, "Score", job=job)
    with pytest.raises(StateError, match=r"Scoring cannot wait for a TransformJob: Step Functions has no \.sync"):
        JobTask(stack, "Scoring", job=job, name=Path("$.Name"), prefix="dev-", result={})


def test_listing_jobs_of_any_kind_names_no_resource() -> None:
    """Service Authorization Reference, "Actions defined by Amazon SageMaker AI": of these, only exports have one."""
    operations = botocore.session.get_session().get_service_model("sagemaker").operation_names
    listing = {name for name in operations if name.startswith("List") and name.endswith("Jobs")}
    assert {f"sagemaker:{name}" for name in listing - {"ListModelCardExportJobs"}} <= WITHOUT_RESOURCE


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_table_names_what_sagemaker_has(kind: Kind) -> None:
    """The operations of every kind are in AWS's own service model."""
    operations = botocore.session.get_session().get_service_model("sagemaker").operation_names
    assert {*kind.run_operations, kind.list_operation} <= set(operations)
