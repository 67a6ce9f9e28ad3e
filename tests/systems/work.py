"""The shortest thing that the work of each kind of role consists of, on a cloud where the demos have run.

Each returns what is said where it is refused, and "" where it is done.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import uuid4

from botocore.exceptions import ClientError

from tests.systems.taken import Role
from tests.systems.workplace import Workplace

MACHINES: Final = {"dev-steps": "census", "dev-vision": "images"}


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


def tell_people(here: Workplace, role: Role) -> str:
    """Tell the notices of an execution that failed, and of which nobody was told before."""
    machine = "arn:aws:states:eu-west-1:111111111111:{}:dev-census"
    detail = {
        "executionArn": f"{machine.format('execution')}:{uuid4().hex}",
        "stateMachineArn": machine.format("stateMachine"),
        "status": "FAILED",
    }
    return call_function(here, role, {"detail-type": "Step Functions Execution Status Change", "detail": detail})


def call_function(here: Workplace, role: Role, event: object) -> str:
    """Return the error of the function that has a role."""
    answer = here.client("lambda").invoke(FunctionName=function(here, role), Payload=json.dumps(event))
    return answer["Payload"].read().decode() if "FunctionError" in answer else ""


def function(here: Workplace, role: Role) -> str:
    """Name of the function that has a role."""
    pages = here.client("lambda").get_paginator("list_functions").paginate()
    (name,) = [each["FunctionName"] for page in pages for each in page["Functions"] if each["Role"] == role.arn]
    return str(name)


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


def said_by(call: Callable[[], object]) -> str:
    """Words of the refusal of a call; "" for one that is done."""
    try:
        call()
    except ClientError as error:
        return str(error)
    return ""


def job_again(sagemaker: Any, role: Role) -> tuple[Callable[[], None], Callable[[], str]]:
    """Return what starts a job of a role anew, as it ran last, and what waits for its end and says why it failed."""
    for kind in ("Processing", "Training"):
        described = getattr(sagemaker, f"describe_{kind.lower()}_job")
        pages = sagemaker.get_paginator(f"list_{kind.lower()}_jobs").paginate(StatusEquals="Completed")
        for name in [each[f"{kind}JobName"] for page in pages for each in page[f"{kind}JobSummaries"]]:
            ran = described(**{f"{kind}JobName": name})
            if ran["RoleArn"] == role.arn:
                return _again(sagemaker, kind, ran)
    raise LookupError(f"no job has run as {role.description} ({role.name})")


def _again(sagemaker: Any, kind: str, ran: Mapping[str, Any]) -> tuple[Callable[[], None], Callable[[], str]]:
    members = sagemaker.meta.service_model.operation_model(f"Create{kind}Job").input_shape.members
    name = f"again-{uuid4().hex[:12]}"
    request = {**{member: value for member, value in ran.items() if member in members}, f"{kind}JobName": name}

    def start() -> None:
        getattr(sagemaker, f"create_{kind.lower()}_job")(**request)

    def reason() -> str:
        while True:
            found = getattr(sagemaker, f"describe_{kind.lower()}_job")(**{f"{kind}JobName": name})
            if found[f"{kind}JobStatus"] in {"Completed", "Failed", "Stopped"}:
                return str(found.get("FailureReason", ""))
            time.sleep(0.1)

    return start, reason


def run_machine(here: Workplace, role: Role) -> str:
    """Start a state machine as people do, and wait until it has ended."""
    system = MACHINES[role.stack]
    started = here.done("steps", "start", system)
    ended = here.mdlc("steps", "wait", system, started["execution_id"])
    history = here.client("stepfunctions").get_execution_history(
        executionArn=ended.answer["execution"], reverseOrder=True
    )
    return "" if ended.code == 0 else json.dumps(history["events"], default=str).replace('\\"', '"')


def call_task(here: Workplace, role: Role) -> str:
    """Give the function of a task the event that it had in the last run of its machine that succeeded."""
    machines = here.client("stepfunctions")
    name = function(here, role)
    for machine in machines.list_state_machines()["stateMachines"]:
        found = machines.list_executions(stateMachineArn=machine["stateMachineArn"], statusFilter="SUCCEEDED")
        for execution in found["executions"][:1]:
            pages = machines.get_paginator("get_execution_history").paginate(executionArn=execution["executionArn"])
            for event in (event for page in pages for event in page["events"]):
                given = event.get("lambdaFunctionScheduledEventDetails", {})
                if name in given.get("resource", ""):
                    return call_function(here, role, json.loads(given["input"]))
    raise LookupError(f"no run had {name} called")
