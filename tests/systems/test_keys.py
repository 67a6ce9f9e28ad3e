"""No role lacks a key that it needs, or has one unasked: without one of its rights, its work fails and names the right.

Each row does the shortest thing that a role's own work consists of, on the demo's cloud: a job runs again as it ran, a
pipeline as it was started, a function gets its event, somebody with a person's policies does what people do.
"""

import pytest

from tests.systems import work
from tests.systems.taken import DECRYPT, GENERATE, GRANT, Role, Row, judge, roles
from tests.systems.workplace import Workplace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
JOBS, PIPELINES, PEOPLE = "Jobs of the step .*", "Executions of the pipeline .*", "Studio user .*"
ROWS = (
    Row(JOBS, DECRYPT, work.rerun_job),
    Row(JOBS, GENERATE, work.rerun_job),
    Row(JOBS, GRANT, work.start_job),
    Row("Executions of the pipeline dev-fraud", DECRYPT, work.run_pipeline),
    Row(PIPELINES, GRANT, work.run_pipeline, beside=JOBS),  # it is the job's role, or who starts it
    Row("Models behind the endpoint .*", DECRYPT, work.make_endpoint),
    Row("Rolls approved models out to .*", GRANT, work.roll_out),
    Row("Writes the offline store of .*", GENERATE, work.make_group),
    Row("Records in MLflow what was trained", DECRYPT, work.record_run),
    Row("Tells people what failed", DECRYPT, work.tell_people),
    Row("Tells people what failed", GENERATE, work.tell_people),
    Row(PEOPLE, DECRYPT, work.keep_file),
    Row(PEOPLE, GENERATE, work.keep_file),
    Row(PEOPLE, GRANT, work.open_app),
)
UNASKED = {
    (
        "Executions of the pipeline dev-knn",
        DECRYPT,
    ): "it registers a model that SageMaker looks up in its name; no step of it reads a file",
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


@pytest.fixture(scope="module")
def every(demo: Workplace) -> list[Role]:
    """Roles that have rights on keys; those of state machines are tried with the machines."""
    return [role for role in roles(demo) if role.actions and role.stack not in {"dev-steps", "dev-vision"}]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_work_without_a_right_fails_and_names_it(demo: Workplace, every: list[Role], row: Row) -> None:
    judge(demo, every, row)


def test_an_endpoint_has_its_grant_and_a_job_that_has_ended_none(demo: Workplace, every: list[Role]) -> None:
    sagemaker = demo.client("sagemaker")
    (config, *_) = sagemaker.list_endpoint_configs()["EndpointConfigs"]
    key = sagemaker.describe_endpoint_config(EndpointConfigName=config["EndpointConfigName"])["KmsKeyId"]
    grants = demo.client("kms").list_grants(KeyId=key)["Grants"]
    serving = {role.arn for role in every if role.description.startswith("Models behind the endpoint ")}
    assert {grant["GranteePrincipal"] for grant in grants} == serving
    assert all(list(grant["Constraints"]["EncryptionContextEquals"]) == ["aws:ebs:id"] for grant in grants)
