"""Errors in the service's own codes: those of botocore's models, and of each API's page of common errors."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.parsers import create_parser

from localcloud.faults import wire
from localcloud.faults.kinds import Kind, said
from localcloud.faults.operations import Asked, model_of

CALLER = "arn:aws:sts::111111111111:assumed-role/worker/one"
SAID = {
    # common errors of SageMaker's reference: https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html
    ("sagemaker", "CreateTrainingJob", Kind.THROTTLE): ("ThrottlingException", 400),
    ("sagemaker", "CreateTrainingJob", Kind.DENY): ("AccessDeniedException", 400),
    ("sagemaker", "CreateTrainingJob", Kind.ERROR): ("InternalFailure", 500),
    ("sagemaker", "CreateTrainingJob", Kind.UNAVAILABLE): ("ServiceUnavailable", 503),
    ("sagemaker", "InvokeEndpoint", Kind.UNAVAILABLE): ("ServiceUnavailable", 503),
    # https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    ("s3", "PutObject", Kind.THROTTLE): ("SlowDown", 503),
    ("s3", "PutObject", Kind.DENY): ("AccessDenied", 403),
    ("s3", "PutObject", Kind.ERROR): ("InternalError", 500),
    # the errors of Invoke in Lambda's reference
    ("lambda", "Invoke", Kind.THROTTLE): ("TooManyRequestsException", 429),
    ("lambda", "Invoke", Kind.ERROR): ("ServiceException", 500),
    # https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
    ("iam", "GetRole", Kind.THROTTLE): ("Throttling", 400),
    ("iam", "GetRole", Kind.ERROR): ("ServiceFailure", 500),
    ("sns", "Publish", Kind.DENY): ("AuthorizationError", 403),
    ("sqs", "SendMessage", Kind.THROTTLE): ("RequestThrottled", 400),
    ("dynamodb", "PutItem", Kind.ERROR): ("InternalServerError", 500),
    ("logs", "PutLogEvents", Kind.UNAVAILABLE): ("ServiceUnavailableException", 503),
    ("ec2", "DescribeSubnets", Kind.THROTTLE): ("RequestLimitExceeded", 503),
    ("ec2", "DescribeSubnets", Kind.DENY): ("UnauthorizedOperation", 403),
}


def parsed_by(protocol: str, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read an answer as a client does."""
    parser: Any = create_parser(protocol)
    parsed: Mapping[str, Any] = parser.parse(answer, None)
    return parsed


@pytest.mark.parametrize(("service", "operation", "kind"), SAID)
def test_an_error_has_its_services_code_and_status_where_a_client_reads_them(
    service: str, operation: str, kind: Kind
) -> None:
    model = model_of(service, operation)
    assert model is not None
    protocol = model.service_model.protocol
    headers = {
        "json": {"x-amz-target": f"{model.service_model.metadata.get('targetPrefix')}.{operation}"},
        "query": {"content-type": "application/x-www-form-urlencoded; charset=utf-8"},
        "ec2": {"content-type": "application/x-www-form-urlencoded; charset=utf-8"},
    }
    found = said(kind, service, operation, model, CALLER)
    status, answered, body = wire.answer(found, Asked("POST", "/", {}, headers.get(protocol, {})), model)
    parsed = parsed_by(protocol, {"status_code": status, "headers": answered, "body": body})
    assert (parsed["Error"]["Code"], status) == SAID[service, operation, kind]
    assert parsed["Error"]["Message"] == found.message


def test_a_denial_names_caller_and_action() -> None:
    words = f"User: {CALLER} is not authorized to perform: s3:PutObject because no identity-based policy allows"
    assert said(Kind.DENY, "s3", "PutObject", model_of("s3", "PutObject"), CALLER).message.startswith(words)


def test_an_error_is_read_in_cbor() -> None:
    model = model_of("monitoring", "PutMetricData")
    request = Asked("POST", "/service/x/operation/PutMetricData", {}, {"smithy-protocol": "rpc-v2-cbor"})
    status, headers, body = wire.answer(said(Kind.THROTTLE, "monitoring", "PutMetricData", model, ""), request, model)
    parsed = parsed_by("smithy-rpc-v2-cbor", {"status_code": status, "headers": headers, "body": body})
    assert parsed["Error"] == {"Code": "ThrottlingException", "Message": "Rate exceeded"}


def test_who_speaks_a_query_to_a_service_of_json_is_answered_in_xml_with_its_old_code() -> None:
    """SQS and CloudWatch took queries before; clients of then still do."""
    model = model_of("sqs", "SendMessage")
    request = Asked("POST", "/", {}, {"content-type": "application/x-www-form-urlencoded"})
    status, headers, body = wire.answer(said(Kind.THROTTLE, "sqs", "SendMessage", model, ""), request, model)
    parsed = parsed_by("query", {"status_code": status, "headers": headers, "body": body})
    assert parsed["Error"]["Code"] == "RequestThrottled"
