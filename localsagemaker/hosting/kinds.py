"""The kinds of resources that serve a model."""

from localsagemaker.kernel.kinds import Kind, Template

_ABSENT = 'Could not find {words} "{arn}".'

MODEL = Kind(
    "Model",
    "model",
    "ModelName",
    absent=_ABSENT,
    template=Template(
        reference="arn",
        replacing=(
            "ModelName",
            "Containers",
            "PrimaryContainer",
            "ExecutionRoleArn",
            "InferenceExecutionConfig",
            "VpcConfig",
            "EnableNetworkIsolation",
        ),
        attributes=("ModelName",),
    ),
)
ENDPOINT_CONFIG = Kind(
    "EndpointConfig",
    "endpoint-config",
    "EndpointConfigName",
    absent=_ABSENT,
    template=Template(
        reference="arn",
        replacing=(
            "EndpointConfigName",
            "ProductionVariants",
            "ShadowProductionVariants",
            "DataCaptureConfig",
            "AsyncInferenceConfig",
            "ExplainerConfig",
            "KmsKeyId",
            "ExecutionRoleArn",
            "VpcConfig",
            "EnableNetworkIsolation",
        ),
        attributes=("EndpointConfigName",),
    ),
)
ENDPOINT = Kind(
    "Endpoint",
    "endpoint",
    "EndpointName",
    absent=_ABSENT,
    ignores_case=True,
    template=Template(
        reference="arn",
        replacing=("EndpointName",),
        attributes=("EndpointName",),
        update=(
            "EndpointConfigName",
            "DeploymentConfig",
            "RetainAllVariantProperties",
            "ExcludeRetainedVariantProperties",
            "RetainDeploymentConfig",
        ),
    ),
)
KINDS = (MODEL, ENDPOINT_CONFIG, ENDPOINT)
