"""Faults of moto's port of the interpreter, each mended apart, so that one can go upstream and away from here.

Found by comparison with the interpreter that it was ported from, and by AWS's recorded answers. `apply` is called once,
by `localcloud.states.interpreter`, when everything of moto is imported.
"""

import json
import re
from typing import Any, Final

from botocore.exceptions import ClientError, UnknownServiceError
from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor import map_run_record
from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_lambda
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service,
    state_task_service_api_gateway,
    state_task_service_aws_sdk,
    state_task_service_dynamodb,
    state_task_service_glue,
    state_task_service_lambda,
    state_task_service_sfn,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import ResourceCondition
from moto.stepfunctions.parser.asl.eval import states, variable_store
from moto.stepfunctions.parser.asl.eval.callback import callback
from moto.stepfunctions.parser.asl.eval.event import event_manager
from moto.stepfunctions.parser.asl.jsonata import jsonata
from moto.stepfunctions.parser.asl.parse import preprocessor
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor
from moto.stepfunctions.parser.utils import camel_to_snake_case

from localsagemaker.kernel.requests import service_model

Service = state_task_service.StateTaskService
_VARIABLE: Final = re.compile(
    r"(?:/(?:\\.|[^\\/])*/[a-zA-Z]*)|(?:\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')"
    r"|(\$[A-Za-z0-9_$]+(?:\.[A-Za-z0-9_][A-Za-z0-9_$]*)*)"
)


def apply() -> None:
    """Mend all of them."""
    for mend in (
        scopes_of_a_definition,
        texts_of_a_definition,
        members_by_the_model,
        times_of_events,
        names_of_services,
        names_of_checksums,
        invocations_of_functions,
        errors_of_functions,
        errors_of_tables,
        nested_executions,
        calls_of_apis,
        jobs_of_glue,
        activities_that_nobody_takes,
        errors_that_are_passed_on,
        references_in_jsonata,
        texts_in_jsonata,
    ):
        mend()


def scopes_of_a_definition() -> None:
    """Give each definition scopes of its own, and compare a state's query language with the definition's.

    moto's share a list, which one that fails to parse spoils, and compare with the enclosing state's.
    """
    opened = Preprocessor._open_query_language_scope

    def begin(self: Any) -> None:  # noqa: ANN401 - moto's
        self._query_language_per_scope = []

    def enter(self: Any, parse_tree: Any) -> None:  # noqa: ANN401 - moto's
        scopes = self._query_language_per_scope
        self._query_language_per_scope = scopes[:1]
        opened(self, parse_tree)
        self._query_language_per_scope = [*scopes, self._query_language_per_scope[-1]]

    Preprocessor.__init__, Preprocessor._open_query_language_scope = begin, enter


def texts_of_a_definition() -> None:
    r"""Read texts of a definition as JSON: moto reads escapes as Python's, and leaves them in a text of `Assign`."""

    def text(parser_rule_context: Any) -> Any:  # noqa: ANN401 - moto's
        literal = parser_rule_context.getText()
        try:
            return json.loads(literal)
        except ValueError:
            return literal

    def assigned(_: Any, ctx: Any) -> Any:  # noqa: ANN401 - moto's
        return preprocessor.AssignTemplateValueTerminalLit(value=text(ctx.string_literal()))

    preprocessor.from_string_literal = text
    Preprocessor.visitAssign_template_value_terminal_string_literal = assigned


def members_by_the_model() -> None:
    """Name the members of requests and answers by the service's model: moto sends and returns them as they come.

    So `Input` is not the API's `input`, a nested execution has no `ExecutionArn`, an S3 body is a stream, and a binary
    secret is what Python prints of its bytes.
    """

    def request(self: Any, parameters: Any, boto_service_name: Any = None, service_action_name: Any = None) -> None:  # noqa: ANN401 - moto's
        shape = _operation(self, boto_service_name, service_action_name).input_shape
        if shape is not None and isinstance(parameters, dict):
            self._to_boto_request(parameters, shape)

    def response(self: Any, response: Any, boto_service_name: Any = None, service_action_name: Any = None) -> None:  # noqa: ANN401 - moto's
        shape = _operation(self, boto_service_name, service_action_name).output_shape
        if shape is not None:
            self._from_boto_response(response, shape)

    value = Service._from_boto_response_value
    Service._from_boto_response_value = staticmethod(lambda given: _text(value(given)))
    Service._normalise_parameters = request
    Service._normalise_response = response


def _text(value: Any) -> Any:  # noqa: ANN401 - of an answer
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _operation(task: Any, service: str | None, action: str | None) -> Any:  # noqa: ANN401 - moto's and botocore's
    model = _model(task._get_boto_service_name(service))
    wanted = camel_to_snake_case(task._get_boto_service_action(action))
    for name in model.operation_names:
        if camel_to_snake_case(name) == wanted:
            return model.operation_model(name)
    raise RuntimeError(f"No api action named '{wanted}' available for service '{model.service_name}'.")


def _model(service: str) -> Any:  # noqa: ANN401 - botocore's
    try:
        return service_model(service)
    except UnknownServiceError:
        raise RuntimeError(f"There is no service {service}.") from None


def times_of_events() -> None:
    """Keep times as times: moto writes texts, which no client can read."""
    for module in (event_manager, map_run_record):
        module.iso_8601_datetime_with_milliseconds = lambda time: time


def names_of_services() -> None:
    """Name errors of SDK integrations by the service's id: `SageMaker.SageMakerException`, not `sagemaker.…`."""
    sdk = state_task_service_aws_sdk.StateTaskServiceAwsSdk
    known = sdk._normalise_service_error_name

    def name(service: str) -> str:
        if service in {"dynamodb", "sfn"}:
            return str(known(service))
        try:
            return str(service_model(service).service_id).replace(" ", "")
        except UnknownServiceError:
            return service

    sdk._normalise_service_error_name = staticmethod(name)


def names_of_checksums() -> None:
    """Leave S3's checksums their names, such as `ChecksumCRC32`: AWS tells no `ChecksumCrc32`."""
    cased = Service._to_sfn_cased
    Service._to_sfn_cased = staticmethod(lambda name: name if name.startswith("Checksum") else cased(name))


def invocations_of_functions() -> None:
    """Let `lambda:invoke` say `InvocationType`."""
    state_task_service_lambda._SUPPORTED_API_PARAM_BINDINGS["invoke"].add("InvocationType")


def errors_of_functions() -> None:
    """Name an error of Lambda itself as its SDK does, also where a task names the function: moto has `Exception` there.

    One that is not in Lambda's model, such as a denied access, is `Lambda.AWSLambdaException`.
    Source: developer guide, "Handling errors in Step Functions workflows", transient Lambda service exceptions.
    """
    service, direct = state_task_service_lambda.StateTaskServiceLambda, state_task_lambda.StateTaskLambda
    invoked, failed = service._error_cause_from_client_error, direct._from_error

    def told(error: ClientError) -> tuple[str, str]:
        name, cause = invoked(error)
        modelled = {shape.name for shape in service_model("lambda").error_shapes}
        return (name if error.response["Error"]["Code"] in modelled else "Lambda.AWSLambdaException"), cause

    def fail(self: Any, env: Any, ex: Exception) -> Any:  # noqa: ANN401 - moto's
        if not isinstance(ex, ClientError):
            return failed(self, env, ex)
        error, cause = told(ex)
        details = state_task_lambda.LambdaFunctionFailedEventDetails(error=error, cause=cause)
        return FailureEvent(
            env=env,
            error_name=CustomErrorName(error),
            event_type=HistoryEventType.LambdaFunctionFailed,
            event_details=state_task_lambda.EventDetails(lambdaFunctionFailedEventDetails=details),
        )

    service._error_cause_from_client_error, direct._from_error = staticmethod(told), fail


def errors_of_tables() -> None:
    """Name an error of DynamoDB's that is not in its model as its SDK does: `DynamoDB.AmazonDynamoDBException`."""
    table = state_task_service_dynamodb.StateTaskServiceDynamoDB
    named = table._error_cause_from_client_error

    def told(error: ClientError) -> tuple[str, str]:
        name, cause = named(error)
        modelled = {shape.name for shape in service_model("dynamodb").error_shapes}
        return (name if error.response["Error"]["Code"] in modelled else "DynamoDB.AmazonDynamoDBException"), cause

    table._error_cause_from_client_error = staticmethod(told)


def nested_executions() -> None:
    """Leave out of the result of a nested execution what only the API tells: whether it can be redriven."""
    nested = state_task_service_sfn.StateTaskServiceSfn
    normalise = nested._normalise_response

    def answer(self: Any, response: Any, boto_service_name: Any = None, service_action_name: Any = None) -> None:  # noqa: ANN401 - moto's
        for name in [name for name in response if name.lower().startswith("redrive")]:
            del response[name]
        normalise(self, response, boto_service_name, service_action_name)

    nested._normalise_response = answer


def calls_of_apis() -> None:
    """Let `apigateway:invoke` have all its parameters, and report a failure.

    Each is a `TypeError` with moto.
    """
    gateway = state_task_service_api_gateway
    parameters = gateway.TaskParameters
    task = gateway.StateTaskServiceApiGateway
    task._SUPPORTED_API_PARAM_BINDINGS["invoke"] = {*parameters.__required_keys__, *parameters.__optional_keys__}
    headers_of = task._headers_of

    def fail(self: Any, env: Any, ex: Any) -> Any:  # noqa: ANN401 - moto's
        refused = isinstance(ex, gateway.SfnGatewayException)
        error = f"ApiGateway.{ex.response.status_code if refused else type(ex).__name__}"
        details = gateway.TaskFailedEventDetails(
            error=error,
            cause=ex.response.text if refused else str(ex),
            resource=self._get_sfn_resource(),
            resourceType=self._get_sfn_resource_type(),
        )
        return FailureEvent(
            env=env,
            error_name=CustomErrorName(error),
            event_type=HistoryEventType.TaskFailed,
            event_details=gateway.EventDetails(taskFailedEventDetails=details),
        )

    def headers(parameters: Any) -> Any:  # noqa: ANN401 - moto's
        joined = {
            key: f"[{','.join(value)}]" if isinstance(value, list) else value
            for key, value in (parameters.get("Headers") or {}).items()
        }
        return headers_of({**parameters, "Headers": joined})

    task._from_error, task._headers_of = fail, staticmethod(headers)


def jobs_of_glue() -> None:
    """Give a job of Glue the endpoint that is told at its end (moto asks None for it)."""
    state_task_service_glue._SUPPORTED_INTEGRATION_PATTERNS.add(ResourceCondition.WaitForTaskToken)


def activities_that_nobody_takes() -> None:
    """Let a task of an activity time out before a worker took it: moto has no outcome until then."""
    callback.ActivityTaskStartEndpoint._outcome = None


def errors_that_are_passed_on() -> None:
    """Let a Fail state pass on an error of the service (`"ErrorPath": "$.Error"`); moto refuses `States.` names."""
    CustomErrorName.__init__ = ErrorName.__init__


def references_in_jsonata() -> None:
    """Take `$` in a predicate (`[$ > 1]`) for JSONata's context and not for a variable, which AWS allows."""
    jsonata._PATTERN_VARIABLE_REFERENCE = _VARIABLE


def texts_in_jsonata() -> None:
    """Quote texts that are given to JSONata: one with a quotation mark in it ends the expression."""

    def declare(bindings: dict[str, Any]) -> str:
        return "".join(f"{name}:={json.dumps(value, default=str)};" for name, value in bindings.items())

    jsonata.encode_jsonata_variable_declarations = declare
    states.encode_jsonata_variable_declarations = declare
    variable_store.encode_jsonata_variable_declarations = declare
