"""Serving: endpoints, their roll-out, and the API in front of them: what could be done, and who may."""

from collections.abc import Iterator, Sequence

from checks.access.operation import JOB_LOGS, SAGEMAKER, Operation, keeping_logs, log_owners
from checks.access.reviews import writes_predictions
from checks.access.rights import FUNCTION, KEPT_LOGS, KEY, LEND, OWN_LOG, READ, SEEN, TRACED, job, reads
from checks.access.trained import Trained
from checks.access.training import roles
from checks.access.workload import Workload, workload

TARGET = "arn:aws:application-autoscaling:{region}:{account}:scalable-target/0123"
SCALING = {"application-autoscaling:service-namespace": "sagemaker"}
SCALING_SERVICE = "sagemaker.application-autoscaling.amazonaws.com"
GATEWAY_LOGS = {"read logs of TrainingJobs", "write the flow logs", "read the flow logs", "list log groups", OWN_LOG}
"""API Gateway refuses a role that cannot read and write every log group: beside these, those of jobs and endpoints."""


def operations(systems: Sequence[Trained]) -> Iterator[Operation]:
    """Yield what could be done to the endpoints of these systems."""
    for system in systems:
        yield from _endpoint(system)
        yield from roles(system.name, "the endpoint", f"{{{system.name}_model_role}}")
    yield Operation("list endpoint configurations", "sagemaker:ListEndpointConfigs", "*")
    yield Operation("scale endpoints", "application-autoscaling:RegisterScalableTarget", TARGET, SCALING)
    yield Operation("end the scaling of endpoints", "application-autoscaling:DeregisterScalableTarget", TARGET, SCALING)
    yield Operation(
        "let scaling manage endpoints",
        "iam:CreateServiceLinkedRole",
        f"arn:aws:iam::{{account}}:role/aws-service-role/{SCALING_SERVICE}/"
        "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
        {"iam:AWSServiceName": SCALING_SERVICE},
    )


def _endpoint(system: Trained) -> Iterator[Operation]:
    name = f"{{environment}}-{system.name}"
    endpoint = f"{SAGEMAKER}:endpoint/{name}"
    config, model = f"{SAGEMAKER}:endpoint-config/{name}-v1-0a1b2c3d", f"{SAGEMAKER}:model/{name}-v1-0a1b2c3d"
    for verb, action in (("create", "Create"), ("see", "Describe"), ("update", "Update"), ("delete", "Delete")):
        yield Operation(f"{verb} the endpoint of {system.name}", f"sagemaker:{action}Endpoint", endpoint)
    yield Operation(f"see endpoint configurations of {system.name}", "sagemaker:DescribeEndpointConfig", config)
    for verb, action in (("create", "Create"), ("delete", "Delete")):
        yield Operation(f"{verb} endpoint configurations of {system.name}", f"sagemaker:{action}EndpointConfig", config)
        yield Operation(f"{verb} models of {system.name}", f"sagemaker:{action}Model", model)
    yield Operation(f"ask the endpoint of {system.name}", "sagemaker:InvokeEndpoint", endpoint)
    yield from keeping_logs(f"the endpoint of {system.name}", f"{JOB_LOGS}/Endpoints/{name}")
    alarm = f"arn:aws:cloudwatch:{{region}}:{{account}}:alarm:TargetTracking-endpoint/{name}/variant/AllTraffic"
    yield Operation(f"make the scaling alarms of {system.name}", "cloudwatch:PutMetricAlarm", alarm)
    yield Operation(f"delete the scaling alarms of {system.name}", "cloudwatch:DeleteAlarms", alarm)
    guard = f"{{{system.name}_alarm}}"
    yield Operation(f"see the roll-back alarm of {system.name}", "cloudwatch:DescribeAlarms", guard)
    yield Operation(f"silence the roll-back alarm of {system.name}", "cloudwatch:DeleteAlarms", guard)
    yield Operation(f"send to the dead-letter queue of {system.name}", "sqs:SendMessage", f"{{{system.name}_letters}}")


def workloads(systems: Sequence[Trained], *, has_api: bool, reviewed: Sequence[str] = ()) -> Iterator[Workload]:
    """Yield the rows of models, of what rolls them out, of what ends their endpoints, and of the API.

    `reviewed` are systems whose predictions people review.
    """
    for system in systems:
        yield from _workloads_of(system)
    if not has_api:
        return
    for system in systems:
        asks = {f"ask the endpoint of {system.name}"}
        if system.name in reviewed:
            asks |= writes_predictions(system.name)
        yield workload("api", f"Asks the {system.name} model", FUNCTION | TRACED, asks, inside=True)
    yield workload(
        "api", "Writes the logs of API Gateway", GATEWAY_LOGS, {f"write logs of {kind}" for kind in log_owners()}
    )


def _workloads_of(system: Trained) -> Iterator[Workload]:
    name = system.name
    yield workload(
        system.serving,
        f"Models behind the endpoint {{environment}}-{name}",
        (job("Endpoints", system.image) - KEY) | READ | {"see the data key"} | LEND,
        reads(system, [*system.prepared, *system.results]) | {f"read the checkpoints of {name}"},
        inside=True,
        bound=False,
    )
    yield workload(
        system.serving,
        f"Rolls approved models out to the endpoint {{environment}}-{name}",
        {f"{verb} the endpoint of {name}" for verb in ("create", "see", "update", "delete")},
        {f"{verb} endpoint configurations of {name}" for verb in ("create", "see", "delete")},
        {f"create models of {name}", f"see a version of {name}"},
        {f"{verb} the scaling alarms of {name}" for verb in ("make", "delete")},
        {f"see the roll-back alarm of {name}"},
        {f"send to the dead-letter queue of {name}", f"give SageMaker the role of the endpoint of {name}"},
        {"put events on the account's bus"},
        {"scale endpoints", "end the scaling of endpoints", "let scaling manage endpoints"},
        {"list endpoint configurations", "list versions", "see the data key"} | LEND | FUNCTION | SEEN,
        inside=True,
    )
    gone = ("the endpoint", "endpoint configurations", "models", "the scaling alarms")
    ends = {f"delete {what} of {name}" for what in gone}
    for what, logs in (("endpoint", set()), ("endpoint and its logs", {f"delete the logs of the endpoint of {name}"})):
        yield workload(
            system.serving,
            f"Deletes the {what} with the stack",
            ends | logs | {"list log groups"} | {f"{verb} the logs of the endpoint of {name}" for verb in KEPT_LOGS},
            {f"see the endpoint of {name}", "list endpoint configurations", "end the scaling of endpoints"},
            {f"see the state of the stack {system.serving}"} | TRACED,
            passing=True,
        )
