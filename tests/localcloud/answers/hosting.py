"""Requests that several kinds of cases about serving begin with: a model, a variant, an endpoint configuration."""

from typing import Any

from tests.localcloud.answers.case import Call, call

REFUSED = "ValidationException"


def model(name: str = "<id>", **more: Any) -> Call:
    container = {"Image": "<image>", **more.pop("container", {})}
    return call("sagemaker.CreateModel", ModelName=name, ExecutionRoleArn="<role>", PrimaryContainer=container, **more)


def variant(**more: Any) -> dict[str, Any]:
    sizes = {} if "ServerlessConfig" in more else {"InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    return {"VariantName": "one", "ModelName": "<id>", **sizes, **more}


def configuration(*variants: dict[str, Any], name: str = "<id>", **more: Any) -> Call:
    return call(
        "sagemaker.CreateEndpointConfig",
        EndpointConfigName=name,
        ProductionVariants=list(variants or (variant(),)),
        **more,
    )
