"""Endpoint configurations."""

from tests.localcloud.answers.case import PRESENT, Call, Case, answers, call, refuses, shows
from tests.localcloud.answers.hosting import REFUSED, configuration, model, variant
from tests.localcloud.answers.sources import (
    ACK,
    BOTOCORE,
    TERRAFORM,
)


def capture(percentage: int) -> Call:
    settings = {
        "InitialSamplingPercentage": percentage,
        "DestinationS3Uri": "s3://<bucket>/capture",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    return configuration(DataCaptureConfig=settings)


def serverless(memory: int, concurrency: int) -> Call:
    return configuration(variant(ServerlessConfig={"MemorySizeInMB": memory, "MaxConcurrency": concurrency}))


CONFIGURATIONS = (
    refuses(
        "describe a configuration that is not there",
        ACK + "EndpointConfig 404 message_prefix 'Could not find endpoint configuration'",
        REFUSED,
        "^Could not find endpoint configuration",
        call("sagemaker.DescribeEndpointConfig", EndpointConfigName="<id>"),
    ),
    refuses(
        "the missing configuration is named by its ARN",
        'aws/amazon-sagemaker-examples#2339: Could not find endpoint configuration "arn:aws:sagemaker:…".',
        REFUSED,
        r'^Could not find endpoint configuration "arn:aws:sagemaker:[a-z0-9-]+:\d{12}:endpoint-config/<id>"\.$',
        call("sagemaker.DescribeEndpointConfig", EndpointConfigName="<id>"),
    ),
    refuses(
        "delete a configuration that is not there",
        TERRAFORM + "endpoint_configuration.go: DeleteEndpointConfig, ValidationException "
        "'Could not find endpoint configuration'",
        REFUSED,
        "Could not find endpoint configuration",
        call("sagemaker.DeleteEndpointConfig", EndpointConfigName="<id>"),
    ),
    refuses(
        "create a configuration twice",
        "awslabs/spot-tagging-bot-for-digital-assets#2: Cannot create already existing endpoint configuration "
        '"arn:aws-cn:sagemaker:…:endpoint-config/bert-sentiment-config".',
        REFUSED,
        r'^Cannot create already existing endpoint configuration "arn:aws:sagemaker:.*:endpoint-config/<id>"\.$',
        model(),
        configuration(),
        configuration(),
    ),
    refuses(
        "model name of a variant with spaces",
        "aws/amazon-sagemaker-examples#2236: Value 'ENTER MODEL NAME' at 'productionVariants.1.member.modelName' "
        "failed to satisfy constraint: Member must satisfy regular expression pattern",
        REFUSED,
        "1 validation error detected: Value 'ENTER MODEL NAME' at 'productionVariants.1.member.modelName' "
        "failed to satisfy constraint: Member must satisfy regular expression pattern",
        configuration(variant(ModelName="ENTER MODEL NAME")),
    ),
    refuses(
        "a configuration without variants",
        BOTOCORE + "ProductionVariantList min 1",
        REFUSED,
        "at 'productionVariants' failed to satisfy constraint: Member must have length greater than or equal to 1",
        call("sagemaker.CreateEndpointConfig", EndpointConfigName="<id>", ProductionVariants=[]),
    ),
    refuses(
        "eleven variants",
        BOTOCORE + "ProductionVariantList max 10",
        REFUSED,
        "at 'productionVariants' failed to satisfy constraint: Member must have length less than or equal to 10",
        model(),
        configuration(*(variant(VariantName=f"v{n}") for n in range(11))),
    ),
    answers(
        "ten variants",
        BOTOCORE + "ProductionVariantList max 10",
        model(),
        configuration(*(variant(VariantName=f"v{n}") for n in range(10))),
        EndpointConfigArn=PRESENT,
    ),
    refuses(
        "an instance type that no endpoint has",
        BOTOCORE + "ProductionVariantInstanceType enum; aws-samples/aws-sagemaker-heart-disease-prediction#1 (words)",
        REFUSED,
        r"Value 'ml\.none\.large' at 'productionVariants\.1\.member\.instanceType' failed to satisfy constraint: "
        r"Member must satisfy enum value set: \[",
        model(),
        configuration(variant(InstanceType="ml.none.large")),
    ),
    shows(
        "a variant's weight is 1 by default",
        BOTOCORE + "ProductionVariant InitialVariantWeight: If unspecified, it defaults to 1.0",
        {"ProductionVariants[0].InitialVariantWeight": 1.0},
        model(),
        configuration(),
        call("sagemaker.DescribeEndpointConfig", EndpointConfigName="<id>"),
    ),
    answers(
        "a serverless variant of 1024 MB and 200 at once",
        BOTOCORE + "ServerlessMemorySizeInMB min 1024, ServerlessMaxConcurrency max 200",
        model(),
        serverless(1024, 200),
        EndpointConfigArn=PRESENT,
    ),
    refuses(
        "a serverless variant of 1000 MB",
        BOTOCORE + "ServerlessMemorySizeInMB min 1024",
        REFUSED,
        "memorySizeInMB' failed to satisfy constraint: Member must have value greater than or equal to 1024",
        model(),
        serverless(1000, 5),
    ),
    refuses(
        "a serverless variant of 1500 MB",
        BOTOCORE + "ProductionVariantServerlessConfig MemorySizeInMB: Valid values are in 1 GB increments",
        REFUSED,
        "",
        model(),
        serverless(1500, 5),
    ),
    refuses(
        "a serverless variant for 201 at once",
        BOTOCORE + "ServerlessMaxConcurrency max 200",
        REFUSED,
        "maxConcurrency' failed to satisfy constraint: Member must have value less than or equal to 200",
        model(),
        serverless(1024, 201),
    ),
    answers(
        "capture of every request",
        BOTOCORE + "SamplingPercentage max 100",
        model(),
        capture(100),
        EndpointConfigArn=PRESENT,
    ),
    refuses(
        "capture of 101 percent",
        BOTOCORE + "SamplingPercentage max 100",
        REFUSED,
        "at 'dataCaptureConfig.initialSamplingPercentage' failed to satisfy constraint: "
        "Member must have value less than or equal to 100",
        model(),
        capture(101),
    ),
    shows(
        "configurations are listed newest first",
        BOTOCORE + "ListEndpointConfigsInput SortOrder: The default is Descending",
        {"EndpointConfigs[].EndpointConfigName": ["<id>-a", "<id>-b"]},
        model(),
        configuration(name="<id>-b"),
        configuration(name="<id>-a"),
        call("sagemaker.ListEndpointConfigs", NameContains="<id>"),
    ),
)


CASES: tuple[Case, ...] = CONFIGURATIONS
