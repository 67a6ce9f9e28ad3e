"""Models."""

from tests.localcloud.answers.case import PRESENT, Case, answers, call, refuses, shows
from tests.localcloud.answers.hosting import REFUSED, model
from tests.localcloud.answers.sources import (
    ACK,
    BOTOCORE,
    TERRAFORM,
)

MODELS = (
    refuses(
        "describe a model that is not there",
        ACK + "Model 404 code ValidationException, message_prefix 'Could not find model'",
        REFUSED,
        "^Could not find model",
        call("sagemaker.DescribeModel", ModelName="<id>"),
    ),
    refuses(
        "create a model twice",
        'astronomer/astronomer-providers#1055: Cannot create already existing model "arn:aws:sagemaker:…".',
        REFUSED,
        r'^Cannot create already existing model "arn:aws:sagemaker:[a-z0-9-]+:\d{12}:model/<id>"\.$',
        model(),
        model(),
    ),
    refuses(
        "model name with an underscore",
        "aws-samples/sagemaker-ml-workflow-with-apache-airflow#3: Value '…' at 'modelName' failed to satisfy "
        "constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9](-*[a-zA-Z0-9])*",
        REFUSED,
        r"Value '<id>_b' at 'modelName' failed to satisfy constraint: Member must satisfy regular expression pattern",
        model("<id>_b"),
    ),
    refuses(
        "model name of 64 characters",
        "aws-samples/sagemaker-ml-workflow-with-apache-airflow#3: Value '…' at 'modelName' failed to satisfy "
        "constraint: Member must have length less than or equal to 63",
        REFUSED,
        "at 'modelName' failed to satisfy constraint: Member must have length less than or equal to 63",
        model("m" * 64),
    ),
    answers(
        "model name of 63 characters",
        BOTOCORE + "ModelName max 63",
        model("<id>" + "m" * 53),
        ModelArn=PRESENT,
    ),
    shows(
        "network isolation of a model is false by default",
        ACK + "Model EnableNetworkIsolation late_initialize (the service fills it in)",
        {"EnableNetworkIsolation": False},
        model(),
        call("sagemaker.DescribeModel", ModelName="<id>"),
    ),
    shows(
        "a container's mode is SingleModel by default",
        TERRAFORM + "model.go: primary_container mode Default SingleModel",
        {"PrimaryContainer.Mode": "SingleModel"},
        model(),
        call("sagemaker.DescribeModel", ModelName="<id>"),
    ),
    refuses(
        "sixteen containers",
        BOTOCORE + "ContainerDefinitionList max 15",
        REFUSED,
        "at 'containers' failed to satisfy constraint: Member must have length less than or equal to 15",
        call(
            "sagemaker.CreateModel",
            ModelName="<id>",
            ExecutionRoleArn="<role>",
            Containers=[{"Image": "<image>", "ContainerHostname": f"c{n}"} for n in range(16)],
        ),
    ),
    answers(
        "fifteen containers",
        BOTOCORE + "ContainerDefinitionList max 15",
        call(
            "sagemaker.CreateModel",
            ModelName="<id>",
            ExecutionRoleArn="<role>",
            Containers=[{"Image": "<image>", "ContainerHostname": f"c{n}"} for n in range(15)],
        ),
        ModelArn=PRESENT,
    ),
    refuses(
        "a hundred and one environment variables",
        BOTOCORE + "EnvironmentMap max 100",
        REFUSED,
        "Member must have length less than or equal to 100",
        model(container={"Environment": {f"K{n}": "v" for n in range(101)}}),
    ),
    shows(
        "models are listed newest first",
        BOTOCORE + "ListModelsInput SortOrder: The default is Descending; SortBy: The default is CreationTime",
        {"Models[].ModelName": ["<id>-a", "<id>-b"]},
        model("<id>-b"),
        model("<id>-a"),
        call("sagemaker.ListModels", NameContains="<id>"),
    ),
    shows(
        "models in order of their names",
        BOTOCORE + "ListModelsInput SortBy Name, SortOrder Ascending",
        {"Models[].ModelName": ["<id>-a", "<id>-b"], "NextToken": None},
        model("<id>-a"),
        model("<id>-b"),
        call("sagemaker.ListModels", NameContains="<id>", SortBy="Name", SortOrder="Ascending"),
    ),
    shows(
        "a page of models and the token of the next",
        BOTOCORE + "ListModelsOutput NextToken: If the response is truncated, SageMaker returns this token",
        {"length(Models)": 1, "NextToken": PRESENT},
        model("<id>-a"),
        model("<id>-b"),
        call("sagemaker.ListModels", NameContains="<id>", MaxResults=1),
    ),
    shows(
        "the second page of models",
        BOTOCORE + "ListModelsInput NextToken: to retrieve the next set of models, use the token in the next request",
        {"Models[].ModelName": ["<id>-a"], "NextToken": None},
        model("<id>-a"),
        model("<id>-b"),
        call("sagemaker.ListModels", NameContains="<id>", MaxResults=1),
        call("sagemaker.ListModels", NameContains="<id>", MaxResults=1, NextToken="<2.NextToken>"),
    ),
    refuses(
        "more than a hundred models on a page",
        BOTOCORE + "MaxResults max 100",
        REFUSED,
        "Value '101' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100",
        call("sagemaker.ListModels", MaxResults=101),
    ),
    answers(
        "a hundred models on a page",
        BOTOCORE + "MaxResults max 100",
        call("sagemaker.ListModels", MaxResults=100),
        Models=PRESENT,
    ),
    refuses(
        "no models on a page",
        BOTOCORE + "MaxResults min 1",
        REFUSED,
        "at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1",
        call("sagemaker.ListModels", MaxResults=0),
    ),
)


CASES: tuple[Case, ...] = MODELS
