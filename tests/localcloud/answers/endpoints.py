"""Endpoints and their invocation."""

from typing import Any

from tests.localcloud.answers.case import Call, Case, call, refuses, shows, until
from tests.localcloud.answers.hosting import REFUSED, configuration, model
from tests.localcloud.answers.sources import (
    ACK,
    BOTOCORE,
    RUNTIME,
    TERRAFORM,
)

ENDPOINT = call("sagemaker.CreateEndpoint", EndpointName="<id>", EndpointConfigName="<id>")

IN_SERVICE = until(call("sagemaker.DescribeEndpoint", EndpointName="<id>"), EndpointStatus="InService")

SERVING = (model(), configuration(), ENDPOINT, IN_SERVICE)


def invoke(**more: Any) -> Call:
    return call(
        "sagemaker-runtime.InvokeEndpoint", EndpointName="<id>", Body=b"{}", ContentType="application/json", **more
    )


ENDPOINTS = (
    refuses(
        "describe an endpoint that is not there",
        ACK + "Endpoint 404 message_prefix 'Could not find endpoint'",
        REFUSED,
        "^Could not find endpoint",
        call("sagemaker.DescribeEndpoint", EndpointName="<id>"),
    ),
    refuses(
        "delete an endpoint that is not there",
        TERRAFORM + "endpoint.go: DeleteEndpoint, ValidationException 'Could not find endpoint'",
        REFUSED,
        "Could not find endpoint",
        call("sagemaker.DeleteEndpoint", EndpointName="<id>"),
    ),
    refuses(
        "an endpoint from a configuration that is not there",
        'hashicorp/terraform-provider-aws#40048: ValidationException: Could not find endpoint configuration "<arn>".',
        REFUSED,
        r'^Could not find endpoint configuration "arn:aws:sagemaker:.*"\.$',
        ENDPOINT,
    ),
    refuses(
        "an endpoint whose model is gone",
        'aws/sagemaker-python-sdk#2112: CreateEndpoint: Could not find model "arn:aws:sagemaker:…:model/…".',
        REFUSED,
        r'^Could not find model "arn:aws:sagemaker:[a-z0-9-]+:\d{12}:model/<id>"\.$',
        model(),
        configuration(),
        call("sagemaker.DeleteModel", ModelName="<id>"),
        ENDPOINT,
    ),
    refuses(
        "create an endpoint twice",
        'aws/amazon-sagemaker-examples#2491: Cannot create already existing endpoint "arn:aws:sagemaker:…".',
        REFUSED,
        r'^Cannot create already existing endpoint "arn:aws:sagemaker:[a-z0-9-]+:\d{12}:endpoint/<id>"\.$',
        *SERVING,
        ENDPOINT,
    ),
    shows(
        "an endpoint is Creating at first",
        BOTOCORE + "CreateEndpoint: When SageMaker receives the request, it sets the endpoint status to Creating",
        {"EndpointStatus": "Creating"},
        model(),
        configuration(),
        ENDPOINT,
        call("sagemaker.DescribeEndpoint", EndpointName="<id>"),
    ),
    shows(
        "an endpoint in service says its variants' weights and counts",
        BOTOCORE + "ProductionVariantSummary CurrentWeight, DesiredWeight, CurrentInstanceCount, DesiredInstanceCount",
        {
            "ProductionVariants[0].VariantName": "one",
            "ProductionVariants[0].CurrentWeight": 1.0,
            "ProductionVariants[0].DesiredWeight": 1.0,
            "ProductionVariants[0].CurrentInstanceCount": 1,
            "ProductionVariants[0].DesiredInstanceCount": 1,
        },
        *SERVING,
        call("sagemaker.DescribeEndpoint", EndpointName="<id>"),
    ),
    shows(
        "endpoints by their status",
        BOTOCORE + "ListEndpointsInput StatusEquals: A filter that returns only endpoints with the specified status",
        {"Endpoints": []},
        *SERVING,
        call("sagemaker.ListEndpoints", NameContains="<id>", StatusEquals="Failed"),
    ),
)

INVOCATIONS = (
    refuses(
        "invoke an endpoint that is not there",
        "aws/amazon-sagemaker-examples#559: (ValidationError) … Endpoint driving-endpoint of account 127310796078 "
        "not found.",
        "ValidationError",
        "^Endpoint <id> of account <account> not found.$",
        invoke(),
    ),
    shows(
        "an answer names the variant that gave it",
        RUNTIME + "InvokeEndpointOutput InvokedProductionVariant: Identifies the production variant that was invoked",
        {"InvokedProductionVariant": "one"},
        *SERVING,
        invoke(),
    ),
    refuses(
        "a target model at an endpoint of one model",
        RUNTIME + "InvokeEndpointInput TargetModel: The model to "
        "request for inference when invoking a multi-model endpoint",
        "ValidationError",
        "",
        *SERVING,
        invoke(TargetModel="other.tar.gz"),
    ),
    refuses(
        "custom attributes of 1025 characters",
        RUNTIME + "CustomAttributesHeader max 1024",
        "ValidationError",
        "",
        *SERVING,
        invoke(CustomAttributes="c" * 1025),
    ),
    refuses(
        "a target variant that the endpoint lacks",
        RUNTIME + "InvokeEndpointInput TargetVariant: Specify the "
        "production variant to send the inference request to when invoking an endpoint",
        "ValidationError",
        "two",
        *SERVING,
        invoke(TargetVariant="two"),
    ),
)


CASES: tuple[Case, ...] = (*ENDPOINTS, *INVOCATIONS)
