"""Actions that no column asks for: each goes with one that a column does, or tells names alone; any other is wrong."""

from collections.abc import Collection, Iterator
from typing import Final

from checks.access.operation import job_kinds
from checks.access.policies import Role

GOES_WITH: Final = {
    "application-autoscaling:PutScalingPolicy": "application-autoscaling:RegisterScalableTarget",
    "cloudformation:DescribeStackResources": "cloudformation:DescribeStacks",
    "codeartifact:GetRepositoryEndpoint": "codeartifact:ReadFromRepository",
    "codebuild:BatchGetBuilds": "codebuild:StartBuild",
    "ec2:DeleteNetworkInterfacePermission": "ec2:CreateNetworkInterfacePermission",
    "ec2:DescribeDhcpOptions": "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups": "ec2:DescribeSubnets",
    "ec2:DescribeVpcs": "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses": "ec2:AssignPrivateIpAddresses",
    "ecr:BatchCheckLayerAvailability": "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload": "ecr:PutImage",
    "ecr:DescribeImages": "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer": "ecr:BatchGetImage",
    "ecr:InitiateLayerUpload": "ecr:PutImage",
    "ecr:UploadLayerPart": "ecr:PutImage",
    "events:DescribeRule": "events:PutRule",
    "events:PutTargets": "events:PutRule",
    "kms:Encrypt": "kms:GenerateDataKey",
    "logs:CreateLogGroup": "logs:PutLogEvents",
    "logs:CreateLogStream": "logs:PutLogEvents",
    "logs:DeleteLogDelivery": "logs:CreateLogDelivery",
    "logs:DescribeResourcePolicies": "logs:CreateLogDelivery",
    "logs:FilterLogEvents": "logs:GetLogEvents",
    "logs:GetLogDelivery": "logs:CreateLogDelivery",
    "logs:ListLogDeliveries": "logs:CreateLogDelivery",
    "logs:PutResourcePolicy": "logs:CreateLogDelivery",
    "logs:UpdateLogDelivery": "logs:CreateLogDelivery",
    "s3:AbortMultipartUpload": "s3:PutObject",
    "s3:GetObjectVersion": "s3:GetObject",
    "s3:ListMultipartUploadParts": "s3:PutObject",
    "s3:PutObjectAcl": "s3:PutObject",
    "sagemaker:BatchGetRecord": "sagemaker:PutRecord",
    "sagemaker:DescribeApp": "sagemaker:CreateApp",
    "sagemaker:DescribeFeatureGroup": "sagemaker:PutRecord",
    "sagemaker:DescribeMlflowApp": "sagemaker:CallMlflowAppApi",
    "sagemaker:DescribePipeline": "sagemaker:DescribePipelineExecution",
    "sagemaker:DescribePipelineDefinitionForExecution": "sagemaker:DescribePipelineExecution",
    "sagemaker:DescribeUserProfile": "sagemaker:DescribeSpace",
    "sagemaker:GetRecord": "sagemaker:PutRecord",
    "sagemaker:ListPipelineExecutionSteps": "sagemaker:DescribePipelineExecution",
    "sagemaker:ListPipelineParametersForExecution": "sagemaker:DescribePipelineExecution",
    "sagemaker:UpdateEndpointWeightsAndCapacities": "sagemaker:UpdateEndpoint",
    "states:DescribeStateMachine": "states:ListExecutions",
    "xray:GetSamplingRules": "xray:PutTraceSegments",
    "xray:GetSamplingTargets": "xray:PutTraceSegments",
    "xray:PutTelemetryRecords": "xray:PutTraceSegments",
}
"""Actions that say or change no more than one that a column asks for: who may do the second may do the first."""
TELLS_NAMES: Final = frozenset(
    {
        *("cloudformation:ListStackResources", "logs:DescribeLogStreams", "sagemaker:DescribeFeatureMetadata"),
        *("sagemaker:DescribeModel", "sagemaker:ListDomains", "sagemaker:ListEndpoints", "sagemaker:ListFeatureGroups"),
        *("sagemaker:ListModelPackageGroups", "sagemaker:ListModels", "sagemaker:ListPipelineExecutions"),
        *("sagemaker:ListPipelines", "sagemaker:ListSpaces", "sagemaker:ListTags", "sagemaker:ListUserProfiles"),
    }
)
"""Actions that tell what there is and how it is called, and nothing of what is in it: anybody may."""


def unasked_actions(role: Role, asked: Collection[str]) -> Iterator[str]:
    """Yield the actions of a role that no column asks for, where `asked` are those of the columns."""
    held = {action for statement in role.statements for action in _actions(statement["Action"])}
    names = TELLS_NAMES | {f"sagemaker:{kind.list_operation}" for kind in job_kinds().values()}
    for action in sorted(held - set(asked) - names):
        if "*" in action or GOES_WITH.get(action) not in held:
            yield action


def _actions(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
