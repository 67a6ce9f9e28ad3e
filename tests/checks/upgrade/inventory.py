"""What is in an account, to see what a destroyed environment leaves."""

from typing import Any

from mdlc.client.aws import Cloud

LISTED = (
    ("apigateway", "get_rest_apis", "items", "name"),
    ("cloudformation", "describe_stacks", "Stacks", "StackName"),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("codebuild", "list_projects", "projects", ""),
    ("dynamodb", "list_tables", "TableNames", ""),
    ("ec2", "describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
    ("ec2", "describe_security_groups", "SecurityGroups", "GroupName"),
    ("ec2", "describe_vpc_endpoints", "VpcEndpoints", "ServiceName"),
    ("ec2", "describe_vpcs", "Vpcs", "VpcId"),
    ("ecr", "describe_repositories", "repositories", "repositoryName"),
    ("efs", "describe_file_systems", "FileSystems", "FileSystemId"),
    ("events", "list_rules", "Rules", "Name"),
    ("iam", "list_policies", "Policies", "PolicyName"),
    ("iam", "list_roles", "Roles", "RoleName"),
    ("lambda", "list_functions", "Functions", "FunctionName"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("s3", "list_buckets", "Buckets", "Name"),
    ("sagemaker", "list_domains", "Domains", "DomainName"),
    ("sagemaker", "list_endpoint_configs", "EndpointConfigs", "EndpointConfigName"),
    ("sagemaker", "list_endpoints", "Endpoints", "EndpointName"),
    ("sagemaker", "list_feature_groups", "FeatureGroupSummaries", "FeatureGroupName"),
    ("sagemaker", "list_mlflow_apps", "Summaries", "Name"),
    ("sagemaker", "list_model_package_groups", "ModelPackageGroupSummaryList", "ModelPackageGroupName"),
    ("sagemaker", "list_model_packages", "ModelPackageSummaryList", "ModelPackageArn"),
    ("sagemaker", "list_models", "Models", "ModelName"),
    ("sagemaker", "list_pipelines", "PipelineSummaries", "PipelineName"),
    ("sagemaker", "list_spaces", "Spaces", "SpaceName"),
    ("sagemaker", "list_studio_lifecycle_configs", "StudioLifecycleConfigs", "StudioLifecycleConfigName"),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("sqs", "list_queues", "QueueUrls", ""),
    ("stepfunctions", "list_state_machines", "stateMachines", "name"),
)
"""Service, operation, the member of its answer that lists, and what names an item (nothing: the item itself)."""


def inventory(cloud: Cloud) -> dict[str, list[str]]:
    """Return the names of everything that the account has, by service and operation."""
    found = {}
    for service, operation, listed, name in LISTED:
        client: Any = cloud.session.client(service, endpoint_url=cloud.endpoint)  # type: ignore[call-overload]
        items = getattr(client, operation)().get(listed, [])
        found[f"{service} {operation}"] = sorted(item[name] if name else item for item in items)
    return found
