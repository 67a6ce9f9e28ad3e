"""No role lacks a key that it needs, or has one unasked: without one of its rights, its work fails and names the right.

Each row does the shortest thing that a role's own work consists of, on the demo's cloud: a job runs again as it ran, a
pipeline as it was started, a function gets its event, somebody with a person's policies does what people do.
"""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest

from tests.systems.taken import Role, job_again, roles, said_by, without
from tests.systems.workplace import Workplace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
DENIED = "is not authorized to perform"


def rerun_job(here: Workplace, role: Role) -> str:
    """Run a job of the role as it ran in the demo."""
    start, reason = job_again(here.client("sagemaker"), role)
    return said_by(start) or reason()


def start_job(here: Workplace, role: Role) -> str:
    """Start that job as somebody who has no right on the key: the job's own role must have it."""
    allowed = {"Effect": "Allow", "Action": ["sagemaker:*", "iam:PassRole"], "Resource": "*"}
    start, reason = job_again(here.somebody(allowed).client("sagemaker"), role)
    return said_by(start) or reason()


def run_pipeline(here: Workplace, role: Role) -> str:
    """Run the pipeline of the role as it ran last."""
    sagemaker = here.client("sagemaker")
    names = [each["PipelineName"] for each in sagemaker.list_pipelines()["PipelineSummaries"]]
    (name,) = [each for each in names if sagemaker.describe_pipeline(PipelineName=each)["RoleArn"] == role.arn]
    last = sagemaker.list_pipeline_executions(PipelineName=name)["PipelineExecutionSummaries"][0]
    given = sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=last["PipelineExecutionArn"])
    started = sagemaker.start_pipeline_execution(PipelineName=name, PipelineParameters=given["PipelineParameters"])
    execution = {"PipelineExecutionArn": started["PipelineExecutionArn"]}
    while sagemaker.describe_pipeline_execution(**execution)["PipelineExecutionStatus"] == "Executing":
        time.sleep(0.2)
    steps = sagemaker.list_pipeline_execution_steps(**execution)["PipelineExecutionSteps"]
    return " ".join(each.get("FailureReason", "") for each in steps)


def make_endpoint(here: Workplace, role: Role) -> str:
    """Make another endpoint of the configuration that serves models of the role, and delete it."""
    sagemaker, name = here.client("sagemaker"), f"again-{uuid4().hex[:12]}"
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=configuration(here, role.arn))
    while (found := sagemaker.describe_endpoint(EndpointName=name))["EndpointStatus"] == "Creating":
        time.sleep(0.1)
    sagemaker.delete_endpoint(EndpointName=name)
    return str(found.get("FailureReason", ""))


def roll_out(here: Workplace, role: Role) -> str:
    """Ask for the endpoint that there is, with the rights of what rolls models out: rights come before its name."""
    name = role.description.rpartition(" ")[2]
    found = here.client("sagemaker").describe_endpoint(EndpointName=name)
    sagemaker = here.somebody_like("dev", role.description).client("sagemaker")
    request = {"EndpointName": name, "EndpointConfigName": found["EndpointConfigName"]}
    return said_by(lambda: sagemaker.create_endpoint(**request))


def configuration(here: Workplace, role: str) -> str:
    """Name of a configuration of an endpoint whose models have a role."""
    sagemaker = here.client("sagemaker")
    for each in sagemaker.list_endpoints()["Endpoints"]:
        name = sagemaker.describe_endpoint(EndpointName=each["EndpointName"])["EndpointConfigName"]
        model = sagemaker.describe_endpoint_config(EndpointConfigName=name)["ProductionVariants"][0]["ModelName"]
        if sagemaker.describe_model(ModelName=model)["ExecutionRoleArn"] == role:
            return str(name)
    raise LookupError(f"no endpoint serves models of {role}")


def make_group(here: Workplace, role: Role) -> str:
    """Make a feature group beside the one that the role writes, and delete it."""
    sagemaker, name = here.client("sagemaker"), f"again-{uuid4().hex[:12]}"
    members = sagemaker.meta.service_model.operation_model("CreateFeatureGroup").input_shape.members
    found = sagemaker.describe_feature_group(FeatureGroupName=role.description.rpartition(" ")[2])
    request = {member: value for member, value in found.items() if member in members} | {"FeatureGroupName": name}
    request["OfflineStoreConfig"]["S3StorageConfig"].pop("ResolvedOutputS3Uri")
    if said := said_by(lambda: sagemaker.create_feature_group(**request)):
        return said
    sagemaker.delete_feature_group(FeatureGroupName=name)
    return ""


def record_run(here: Workplace, role: Role) -> str:
    """Tell the recorder that the demo's pipeline has ended."""
    detail = {
        "pipelineExecutionArn": here.summary("fraud")["execution"],
        "currentPipelineExecutionStatus": "Succeeded",
    }
    return call_function(
        here, role, {"detail-type": "SageMaker Model Building Pipeline Execution Status Change", "detail": detail}
    )


def call_function(here: Workplace, role: Role, event: object) -> str:
    """Return the error of the function that has a role."""
    functions = here.client("lambda")
    pages = functions.get_paginator("list_functions").paginate()
    (name,) = [each["FunctionName"] for page in pages for each in page["Functions"] if each["Role"] == role.arn]
    answer = functions.invoke(FunctionName=name, Payload=json.dumps(event))
    return answer["Payload"].read().decode() if "FunctionError" in answer else ""


def keep_file(here: Workplace, role: Role) -> str:
    """Write a file of one's own, and read it."""
    person = re.search(r"Studio user ([\w-]+),", role.description)
    assert person
    where = {"Bucket": here.output("dev-storage", "ArtifactBucketName"), "Key": f"studio/{person[1]}/again"}
    s3 = here.somebody_like("dev", role.description).client("s3")
    return said_by(lambda: s3.put_object(**where, Body=b"x")) or said_by(lambda: s3.get_object(**where))


def open_app(here: Workplace, role: Role) -> str:
    """Start an app of a person, and end it."""
    sagemaker = here.client("sagemaker")
    person = re.search(r"Studio user ([\w-]+),", role.description)
    assert person
    domain = here.output("dev-studio", "StudioDomainId")
    app = {"DomainId": domain, "UserProfileName": person[1], "AppType": "JupyterServer", "AppName": "default"}
    if said := said_by(lambda: sagemaker.create_app(**app)):
        return said
    while sagemaker.describe_app(**app)["Status"] == "Pending":
        time.sleep(0.1)
    sagemaker.delete_app(**app)
    return ""


@dataclass(frozen=True)
class Row:
    """Roles of one kind by their description, an action, and their work that needs it; `beside` lose it with them."""

    roles: str
    action: str
    work: Callable[[Workplace, Role], str]
    beside: str = ""

    def __str__(self) -> str:
        """What a report calls it."""
        return f"{self.roles.rstrip('.*').strip()} {self.action}"


JOBS, PIPELINES, PEOPLE = "Jobs of the step .*", "Executions of the pipeline .*", "Studio user .*"
DECRYPT, GENERATE, GRANT = "kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant"
ROWS = (
    Row(JOBS, DECRYPT, rerun_job),
    Row(JOBS, GENERATE, rerun_job),
    Row(JOBS, GRANT, start_job),
    Row(PIPELINES, DECRYPT, run_pipeline),
    Row(PIPELINES, GRANT, run_pipeline, beside=JOBS),  # it is the job's role, or who starts it
    Row("Models behind the endpoint .*", DECRYPT, make_endpoint),
    Row("Rolls approved models out to .*", GRANT, roll_out),
    Row("Writes the offline store of .*", GENERATE, make_group),
    Row("Records in MLflow what was trained", DECRYPT, record_run),
    Row(PEOPLE, DECRYPT, keep_file),
    Row(PEOPLE, GENERATE, keep_file),
    Row(PEOPLE, GRANT, open_app),
)
UNASKED = {
    ("Models behind the endpoint .*", GRANT): "SageMaker asks who makes the endpoint (API permissions reference); the "
    "role it needs to take its grants back: DeleteEndpoint says not to revoke its permissions before",
    ("Writes the offline store of .*", DECRYPT): "S3 asks for it where a file goes in parts, which 10 MB make it",
    ("(Refuses execution|Decides whether|Records in MLflow) .*", GENERATE): "DynamoDB names it among what it requires "
    "of who uses a table; what it does at a request is to decrypt",
    ("MLflow app .*", DECRYPT): "the local app lists artifacts, and clients bring them to S3 themselves",
    ("MLflow app .*", GENERATE): "the local app lists artifacts, and clients bring them to S3 themselves",
    ("Builds and pushes container images", DECRYPT): "CodeBuild uses the project's key for what a build leaves; "
    "these leave nothing but images",
    ("Builds and pushes container images", GENERATE): "as above",
}
"""What a role has by AWS's documents, and nothing on this machine asks for."""


@pytest.fixture(scope="module")
def there(demo: Workplace) -> list[Role]:
    """Roles that have rights on keys; those of state machines are tried with the machines."""
    return [role for role in roles(demo) if role.actions and role.stack not in {"dev-steps", "dev-vision"}]


def test_every_right_on_a_key_has_work_that_needs_it_or_a_reason(there: list[Role]) -> None:
    rights = [(role.description, action) for role in there for action in sorted(role.actions)]
    known = [(row.roles, row.action) for row in ROWS] + list(UNASKED)
    assert [right for right in rights if sum(fits(*right, *each) for each in known) != 1] == []
    assert [each for each in known if not any(fits(*right, *each) for right in rights)] == []


def fits(description: str, action: str, pattern: str, of: str) -> bool:
    return action == of and re.fullmatch(pattern, description) is not None


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_work_without_a_right_fails_and_names_it(demo: Workplace, there: list[Role], row: Row) -> None:
    concerned = [role for role in there if fits(role.description, row.action, row.roles, row.action)]
    concerned = [role for role in concerned if row.action in role.actions]
    assert concerned
    for role in concerned:
        beside = [each for each in there if each.stack == role.stack and re.fullmatch(row.beside, each.description)]
        with without(demo, row.action, role, *beside):
            said = row.work(demo, role)
        assert re.search(rf"{DENIED}: {row.action} on resource: arn:aws:kms:", said), f"{role.description}: {said}"
    assert DENIED not in row.work(demo, concerned[0]), "with the right it is done"
