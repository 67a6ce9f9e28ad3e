"""How each type of step is carried out, as the pipeline's role."""

import json
import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from localsagemaker.errors import ServiceError
from localsagemaker.jobs.kinds import JobKind, kind_of_step
from localsagemaker.kernel.host import Caller, Host, Scope
from localsagemaker.kernel.resources import Record
from localsagemaker.pipelines import conditions
from localsagemaker.pipelines.cache import cache_key
from localsagemaker.pipelines.definition import Step
from localsagemaker.pipelines.expressions import StepFailedError, Values, evaluate
from localsagemaker.pipelines.parameters import Parameter
from localsagemaker.pipelines.shapes import call_of

Properties = Mapping[str, Any]
Report = Callable[[Mapping[str, Any]], None]
_NAME_LENGTH = 63
_LAMBDA = Config(read_timeout=600, retries={"total_max_attempts": 1})
_RETRIED_CODES = {
    "ThrottlingException": "Step.THROTTLING",
    "InternalFailure": "Step.SERVICE_FAULT",
    "ServiceUnavailable": "Step.SERVICE_FAULT",
    "ResourceLimitExceeded": "SageMaker.RESOURCE_LIMIT",
}
_RETRIED_REASONS = {
    "InternalServerError": "SageMaker.JOB_INTERNAL_ERROR",
    "CapacityError": "SageMaker.CAPACITY_ERROR",
    "ResourceLimitExceeded": "SageMaker.RESOURCE_LIMIT",
}


class Service(Protocol):
    """What steps need of the service that they belong to."""

    def call(self, operation: str, parameters: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Run an operation as a caller."""

    def wait_for_job(self, kind: JobKind, scope: Scope, name: str) -> Record:
        """Wait until a job has ended, and return its record."""

    def stop_job(self, kind: JobKind, scope: Scope, name: str) -> None:
        """Ask a job to end; nothing when it has."""

    def label(self, arn: str, tags: Mapping[str, str]) -> None:
        """Tag a resource as the service itself."""


@dataclass(frozen=True)
class Context:
    """One attempt at one step: who runs it, for which execution, with which values, and under which job name."""

    service: Service
    host: Host
    caller: Caller
    role_arn: str
    execution_arn: str
    job_name: str
    values: Values
    report: Report


def job_name(execution_id: str, step: Step) -> str:
    """Name a step's job or model: `pipelines-<execution>-<step>-<random>`, or with the step's own prefix."""
    called = call_of(step.type)
    filled = called.name if called else None
    given = step.arguments.get(filled) if filled else None
    suffix = random_id(10)
    front = f"{given}-{execution_id}" if isinstance(given, str) else f"pipelines-{execution_id}-{step.name}"
    return f"{front[: _NAME_LENGTH - len(suffix) - 1].rstrip('-_')}-{suffix}".replace("_", "-")


def random_id(length: int) -> str:
    """Letters and digits that nothing else has."""
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(length))


def cache_key_of(step: Step, values: Values) -> str | None:
    """Return what a run of a step is known by to the cache; None for a step whose result is never used again."""
    kind = kind_of_step(step.type)
    if kind is None and step.type != "Lambda":
        return None
    arguments = evaluate(dict(step.arguments), values)
    if kind is None:
        return cache_key({**arguments, "FunctionArn": evaluate(step.function, values)}, ())
    return cache_key(arguments, kind.cached)


def run(step: Step, context: Context) -> Properties:
    """Carry out a step and return its properties; `StepFailedError` when it fails."""
    if kind := kind_of_step(step.type):
        return _job(step, context, kind)
    return _RUNNERS[step.type](step, context)


def stop(step: Step, service: Service, scope: Scope, name: str) -> None:
    """End what a running step has started, where that can be ended."""
    if kind := kind_of_step(step.type):
        service.stop_job(kind, scope, name)


def _call(context: Context, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return context.service.call(operation, parameters, context.caller)
    except ServiceError as error:
        raise StepFailedError(
            f"ClientError: Failed to invoke sagemaker:{operation}. Error Details: {error.code}: {error}",
            _RETRIED_CODES.get(error.code),
        ) from error


def _job(step: Step, context: Context, kind: JobKind) -> Properties:
    arguments = evaluate(dict(step.arguments), context.values)
    answer = _call(context, f"Create{kind.name}", {**arguments, kind.key: context.job_name})
    arn = answer[kind.arn_member]
    context.service.label(
        arn, {"sagemaker:pipeline-execution-arn": context.execution_arn, "sagemaker:pipeline-step-name": step.name}
    )
    context.report({kind.name: {"Arn": arn}})
    record = context.service.wait_for_job(kind, context.caller.scope, context.job_name)
    status = record[kind.status]
    if status != "Completed":
        reason = record.get("FailureReason") or f"The job {context.job_name} ended as {_ending(record, status)}."
        raise StepFailedError(reason, _RETRIED_REASONS.get(reason.partition(":")[0]))
    return _call(context, f"Describe{kind.name}", {kind.key: context.job_name})


def _ending(record: Record, status: str) -> str:
    """Say how a job ended that gave no reason: why it was stopped, where that is known."""
    if "ExitMessage" in record:
        return f"{status}: {str(record['ExitMessage']).rstrip('.')}"
    secondary = record.get("SecondaryStatus", status)
    return status if secondary == status else f"{status} ({secondary})"


def _model(step: Step, context: Context) -> Properties:
    arguments = evaluate(dict(step.arguments), context.values)
    answer = _call(context, "CreateModel", {**arguments, "ModelName": context.job_name})
    context.report({"Model": {"Arn": answer["ModelArn"]}})
    return _call(context, "DescribeModel", {"ModelName": context.job_name})


def _register(step: Step, context: Context) -> Properties:
    arguments = evaluate(dict(step.arguments), context.values)
    origin = {"GeneratedBy": context.execution_arn, **arguments.get("MetadataProperties", {})}
    answer = _call(context, "CreateModelPackage", {**arguments, "MetadataProperties": origin})
    context.report({"RegisterModel": {"Arn": answer["ModelPackageArn"]}})
    return _call(context, "DescribeModelPackage", {"ModelPackageName": answer["ModelPackageArn"]})


def _condition(step: Step, context: Context) -> Properties:
    outcome = all(conditions.holds(item, context.values) for item in step.arguments["Conditions"])
    context.report({"Condition": {"Outcome": str(outcome)}})
    return {"Outcome": str(outcome)}


def _fail(step: Step, context: Context) -> Properties:
    message = str(evaluate(step.arguments["ErrorMessage"], context.values))
    context.report({"Fail": {"ErrorMessage": message}})
    raise StepFailedError(message)


def _lambda(step: Step, context: Context) -> Properties:
    function = str(evaluate(step.function, context.values))
    payload = evaluate(dict(step.arguments), context.values)
    session = context.host.session(context.caller.scope, context.role_arn)
    context.report({"Lambda": {"Arn": function}})
    try:
        answer = session.client("lambda", config=_LAMBDA).invoke(
            FunctionName=function, Payload=json.dumps(payload).encode()
        )
    except (BotoCoreError, ClientError) as error:
        raise StepFailedError(f"ClientError: Failed to invoke lambda:InvokeFunction. Error Details: {error}") from error
    content = answer["Payload"].read()
    if answer.get("FunctionError"):
        raise StepFailedError(f"Lambda function {function} failed: {_error_message(content)}")
    values = _outputs(step, function, content)
    context.report({"Lambda": {"Arn": function, "OutputParameters": [_text(item) for item in values.items()]}})
    return {"OutputParameters": values}


def _error_message(content: bytes) -> str:
    try:
        return str(json.loads(content)["errorMessage"])
    except (KeyError, TypeError, ValueError):
        return content.decode(errors="replace")


def _outputs(step: Step, function: str, content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content or b"null")
    except ValueError as error:
        raise StepFailedError(f"Lambda function {function} answered something that is not JSON.") from error
    if step.outputs and not isinstance(answer, Mapping):
        raise StepFailedError(f"Lambda function {function} must answer an object with {', '.join(step.outputs)}.")
    values = {}
    for name, kind in step.outputs.items():
        if name not in answer:
            raise StepFailedError(f"Lambda function {function} answered no {name}, which the step declares.")
        if not Parameter(name, kind).accepts(answer[name]):
            raise StepFailedError(f"Lambda function {function} answered {name} as {answer[name]!r}, not a {kind}.")
        values[name] = answer[name]
    return values


def _text(item: tuple[str, Any]) -> dict[str, str]:
    name, value = item
    return {"Name": name, "Value": value if isinstance(value, str) else json.dumps(value)}


_RUNNERS: Mapping[str, Callable[[Step, Context], Properties]] = {
    "Model": _model,
    "RegisterModel": _register,
    "Condition": _condition,
    "Fail": _fail,
    "Lambda": _lambda,
}
