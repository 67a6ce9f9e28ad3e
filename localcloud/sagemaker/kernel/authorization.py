"""What permission each operation needs: action, resources and condition keys of the Service Authorization Reference.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemakerai.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.sagemaker.kernel.errors import ServiceError
from localcloud.sagemaker.kernel.host import Context, Host, Scope
from localcloud.sagemaker.kernel.requests import Request
from localcloud.sagemaker.kernel.resources import KINDS, Resources
from localcloud.sagemaker.studio import access

_OWN_KIND = {kind.name: kind for kind in KINDS}
# Operations on more than the resource that they are named after: path in the ARN, and the parameter that completes it.
_RESOURCES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "AddTags": (("", "ResourceArn"),),
    "ListTags": (("", "ResourceArn"),),
    "DeleteTags": (("", "ResourceArn"),),
    "CreateEndpoint": (("endpoint", "EndpointName"), ("endpoint-config", "EndpointConfigName")),
    "UpdateEndpoint": (("endpoint", "EndpointName"), ("endpoint-config", "EndpointConfigName")),
    "UpdateEndpointWeightsAndCapacities": (("endpoint", "EndpointName"),),
    "InvokeEndpoint": (("endpoint", "EndpointName"),),
    **dict.fromkeys(
        ("PutModelPackageGroupPolicy", "GetModelPackageGroupPolicy", "DeleteModelPackageGroupPolicy"),
        (("model-package-group", "ModelPackageGroupName"),),
    ),
    **dict.fromkeys(
        ("DescribeFeatureMetadata", "UpdateFeatureMetadata", "PutRecord", "GetRecord", "DeleteRecord", "ListRecords"),
        (("feature-group", "FeatureGroupName"),),
    ),
    **dict.fromkeys(
        ("DescribeMlflowApp", "UpdateMlflowApp", "DeleteMlflowApp", "CreatePresignedMlflowAppUrl"), (("", "Arn"),)
    ),
    **dict.fromkeys(
        ("StartNotebookInstance", "CreatePresignedNotebookInstanceUrl"),
        (("notebook-instance", "NotebookInstanceName"),),
    ),
    "UpdateModelPackage": (("model-package", "ModelPackageArn"),),
    "StartPipelineExecution": (("pipeline", "PipelineName"),),
    "ListPipelineExecutions": (("pipeline", "PipelineName"),),
    "ListPipelineVersions": (("pipeline", "PipelineName"),),
    "UpdatePipelineVersion": (("pipeline", "PipelineArn"),),
    "DescribePipelineExecution": (("", "PipelineExecutionArn"),),
    "DescribePipelineDefinitionForExecution": (("", "PipelineExecutionArn"),),
    "ListPipelineExecutionSteps": (("", "PipelineExecutionArn"),),
    "ListPipelineParametersForExecution": (("", "PipelineExecutionArn"),),
    "UpdatePipelineExecution": (("", "PipelineExecutionArn"),),
    "StopPipelineExecution": (("", "PipelineExecutionArn"),),
    "RetryPipelineExecution": (("", "PipelineExecutionArn"),),
}
_VERBS = ("Create", "Describe", "Update", "Delete", "Stop")


def authorize(host: Host, request: Request, resources: Resources) -> None:
    """Let a request pass, or raise `AccessDeniedException` naming the action and resource that IAM refuses."""
    given = {**_conditions(request.parameters), **access.conditions(request, resources)}
    for resource in _resources(request):
        context = {**given, **_tags(resource, resources)}
        host.authorize(request.caller, f"sagemaker:{request.operation}", resource, context)
        if request.parameters.get("Tags") and request.operation.startswith("Create"):
            tagging = {**context, "sagemaker:TaggingAction": request.operation}
            host.authorize(request.caller, "sagemaker:AddTags", resource, tagging)
    for role in request.roles:
        host.authorize(request.caller, "iam:PassRole", role, {"iam:PassedToService": "sagemaker.amazonaws.com"})


def arn(scope: Scope, path: str, identifier: str) -> str:
    """Return an ARN from a name, or the ARN that was given instead of one."""
    if identifier.startswith("arn:"):
        return identifier
    return f"arn:aws:sagemaker:{scope.region}:{scope.account}:{path}/{identifier}"


def _resources(request: Request) -> Iterator[str]:
    scope, parameters = request.scope, request.parameters
    if request.operation == "BatchDescribeModelPackage":
        yield from parameters["ModelPackageArnList"]
    elif request.operation in {"BatchGetRecord", "BatchWriteRecord"}:
        wanted = parameters.get("Identifiers") or parameters["Entries"]
        yield from dict.fromkeys(arn(scope, "feature-group", each["FeatureGroupName"]) for each in wanted)
    elif request.operation == "CreateMlflowApp":
        yield arn(scope, "mlflow-app", "*")  # its id is not known yet
    elif request.operation == "CreateDomain":
        yield arn(scope, "domain", "*")
    elif request.operation == "CreateModelPackage":
        yield from _new_package(scope, parameters)
    elif inside := access.resource(request):
        yield inside
    elif request.operation in _RESOURCES:
        for path, parameter in _RESOURCES[request.operation]:
            if parameter in parameters:
                yield arn(scope, path, parameters[parameter])
    else:
        verb = next((verb for verb in _VERBS if request.operation.startswith(verb)), "")
        kind = _OWN_KIND.get(request.operation.removeprefix(verb)) if verb else None
        yield kind.arn(scope, kind.name_of(parameters[kind.key])) if kind else "*"


def _tags(resource: str, resources: Resources) -> dict[str, Context]:
    """Return the condition keys of the tags that a resource has."""
    try:
        tags = resources.tags(resource)
    except ServiceError:  # there is no such resource yet
        return {}
    return {f"{prefix}:ResourceTag/{key}": value for prefix in ("aws", "sagemaker") for key, value in tags.items()}


def _new_package(scope: Scope, parameters: Mapping[str, Any]) -> Iterator[str]:
    group = parameters.get("ModelPackageGroupName")
    if group:
        name = group.rsplit("/", 1)[-1]
        yield arn(scope, "model-package-group", group)
        yield arn(scope, "model-package", f"{name}/*")
    else:
        yield arn(scope, "model-package", parameters.get("ModelPackageName", "*"))


def _conditions(parameters: Mapping[str, Any]) -> dict[str, Context]:
    """Condition keys with one value each; those with several (subnets, instance types) are Studio's own only."""
    keys: dict[str, Context] = {f"aws:RequestTag/{tag['Key']}": tag["Value"] for tag in parameters.get("Tags", ())}
    keys |= {
        f"sagemaker:CustomerMetadataProperties/{name}": value
        for name, value in (parameters.get("CustomerMetadataProperties") or {}).items()
    }
    network = parameters.get("NetworkConfig", parameters)
    resources = parameters.get("ResourceConfig") or parameters.get("ProcessingResources", {}).get("ClusterConfig", {})
    outputs = parameters.get("OutputDataConfig") or parameters.get("ProcessingOutputConfig", {})
    values = {
        "sagemaker:ModelApprovalStatus": parameters.get("ModelApprovalStatus"),
        "sagemaker:NetworkIsolation": network.get("EnableNetworkIsolation"),
        "sagemaker:InterContainerTrafficEncryption": network.get("EnableInterContainerTrafficEncryption"),
        "sagemaker:VolumeKmsKey": resources.get("VolumeKmsKeyId") or parameters.get("KmsKeyId"),
        "sagemaker:OutputKmsKey": outputs.get("KmsKeyId"),
    }
    keys |= {key: str(value).lower() if isinstance(value, bool) else value for key, value in values.items() if value}
    return keys
