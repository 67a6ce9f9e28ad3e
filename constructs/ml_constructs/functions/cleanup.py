"""Custom resources that delete what CloudFormation cannot."""

from collections.abc import Mapping, Sequence
from typing import Literal

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct, IDependable

from ml_constructs.foundation.logs import LogSettings
from ml_constructs.functions.function import FunctionSettings, PythonFunction
from ml_constructs.functions.log_groups import grant_keep, group_arn

TIME_LIMIT = cdk.Duration.minutes(15)

Conditions = Mapping[str, Mapping[str, object]]


class _Cleaner(Construct):
    """One function that cleans up for one stack, and that may read that stack's state."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        kind: Literal["bucket", "registry", "endpoint", "network", "studio"],
        description: str,
        logs: LogSettings,
    ) -> None:
        super().__init__(scope, construct_id)
        self.stack = cdk.Stack.of(self)
        self.function = PythonFunction(
            self,
            "Cleaner",
            handler=f"cleanup.handler.on_{kind}",
            description=description,
            environment={},
            timeout=TIME_LIMIT,
            settings=FunctionSettings(logs=logs),
        )
        self.role = self.function.role
        self.allow(["cloudformation:DescribeStacks"], [self.stack.stack_id])

    def allow(self, actions: Sequence[str], resources: Sequence[str], conditions: Conditions | None = None) -> None:
        """Let the function do `actions`."""
        iam.Grant.add_to_principal(
            grantee=self.role, actions=list(actions), resource_arns=list(resources), conditions=conditions or {}
        )

    def resource(self, construct_id: str, *, kind: str, **properties: str) -> cdk.CustomResource:
        """Add the custom resource that cleans up for what its `properties` name when the stack goes."""
        return self.function.custom_resource(self, construct_id, kind=kind, properties=properties)

    def sagemaker_arn(self, resource: str, name: str) -> str:
        """Return an ARN of this account and region."""
        return self.stack.format_arn(service="sagemaker", resource=resource, resource_name=name)


class EmptiedBuckets(_Cleaner):
    """Empties buckets when their stack is deleted; for environments that leave nothing behind.

    S3 delivers access logs hours late, into the bucket that is named `receives_logs`: its policy, which lets S3 do so,
    goes before it is emptied. The policies of the others guard them until they are empty.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        buckets: Mapping[str, s3.Bucket],
        logs: LogSettings,
        receives_logs: str = "",
    ) -> None:
        super().__init__(scope, construct_id, kind="bucket", description="Empties buckets with their stack", logs=logs)
        for name, bucket in buckets.items():
            self.allow(["s3:ListBucketVersions"], [bucket.bucket_arn])
            self.allow(["s3:DeleteObject", "s3:DeleteObjectVersion"], [bucket.arn_for_objects("*")])
            emptied = self.resource(name, kind="EmptiedBucket", BucketName=bucket.bucket_name)
            if bucket.policy is not None and name == receives_logs:
                bucket.policy.node.add_dependency(emptied)
            elif bucket.policy is not None:
                emptied.node.add_dependency(bucket.policy)


class EmptiedRegistry(_Cleaner):
    """Deletes the versions of a model when their stack is deleted; for environments that leave nothing behind."""

    def __init__(
        self, scope: Construct, construct_id: str, *, group: sagemaker.CfnModelPackageGroup, logs: LogSettings
    ) -> None:
        super().__init__(
            scope, construct_id, kind="registry", description="Deletes a model's versions with their stack", logs=logs
        )
        name = group.model_package_group_name
        self.allow(["sagemaker:ListModelPackages"], ["*"])
        self.allow(["sagemaker:DeleteModelPackage"], [self.sagemaker_arn("model-package", f"{name}/*")])
        emptied = self.resource("Versions", kind="EmptiedRegistry", ModelPackageGroupName=name)
        emptied.node.add_dependency(group)


class EndpointEnd(_Cleaner):
    """Deletes an endpoint, its configurations and models when their stack is deleted, so that none goes on costing.

    Makes the endpoint's log group, with a key and an end: SageMaker would make one without. It goes with the endpoint,
    where log groups go with their stack.
    """

    def __init__(self, scope: Construct, construct_id: str, *, endpoint_name: str, logs: LogSettings) -> None:
        logs_go = logs.removal_policy == cdk.RemovalPolicy.DESTROY
        what = "Deletes the endpoint and its logs" if logs_go else "Deletes the endpoint"
        super().__init__(scope, construct_id, kind="endpoint", description=f"{what} with the stack", logs=logs)
        self.allow(
            ["sagemaker:DeleteEndpoint", "sagemaker:DescribeEndpoint"], [self.sagemaker_arn("endpoint", endpoint_name)]
        )
        versions = f"{endpoint_name}-v*"
        self.allow(["sagemaker:DeleteEndpointConfig"], [self.sagemaker_arn("endpoint-config", versions)])
        self.allow(["sagemaker:DeleteModel"], [self.sagemaker_arn("model", versions)])
        self.allow(["sagemaker:ListEndpointConfigs", "sagemaker:ListModels"], ["*"])
        self.allow(
            ["application-autoscaling:DeregisterScalableTarget"],
            [self.stack.format_arn(service="application-autoscaling", resource="scalable-target", resource_name="*")],
            {"StringEquals": {"application-autoscaling:service-namespace": "sagemaker"}},
        )
        self.allow(
            ["cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms"],  # in whose name scaling deletes its alarms
            [
                self.stack.format_arn(
                    service="cloudwatch",
                    resource="alarm",
                    resource_name=f"TargetTracking-endpoint/{endpoint_name}/*",
                    arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
                )
            ],
        )
        group = f"/aws/sagemaker/Endpoints/{endpoint_name}"
        grant_keep(self.role, self.stack, [group])
        if logs_go:
            self.allow(["logs:DeleteLogGroup"], [group_arn(self.stack, group)])
        self.end = self.resource(
            "End",
            kind="EndpointEnd",
            EndpointName=endpoint_name,
            LogGroupName=group,
            LogGroupGoes=str(logs_go).lower(),
            KeyArn=logs.key.key_arn,
            RetentionInDays=str(logs.days(self.function.log_group)),
        )


class InterfacesEnd(_Cleaner):
    """Waits, when their stack is deleted, until no network interface is left in security groups and in `subnets`.

    SageMaker's outlive jobs and endpoints by minutes, and neither a group nor a subnet is deleted before.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        groups: Mapping[str, ec2.ISecurityGroup],
        subnets: Sequence[ec2.ISubnet],
        logs: LogSettings,
    ) -> None:
        super().__init__(
            scope, construct_id, kind="network", description="Waits for the network interfaces of SageMaker", logs=logs
        )
        self.allow(["ec2:DescribeNetworkInterfaces"], ["*"])
        for name, group in groups.items():
            end = self.resource(name, kind="InterfacesEnd", SecurityGroupId=group.security_group_id)
            end.node.add_dependency(*subnets)


class StudioEnd(_Cleaner):
    """Ends the apps of a Studio domain when its stack is deleted, and deletes it with all that people made in it.

    With `keeps_files` spaces and domain stay, since a space takes its volume with it. `holds` is what the stack itself
    has in the domain: it goes after the apps. Waits until no network interface is left in the security group, if any.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        domain_id: str,
        security_group_id: str | None,
        keeps_files: bool,
        holds: Sequence[IDependable],
        logs: LogSettings,
    ) -> None:
        what = "Ends the apps of Studio" if keeps_files else "Deletes the Studio domain and all that is in it"
        super().__init__(scope, construct_id, kind="studio", description=f"{what} with their stack", logs=logs)
        inside = f"{domain_id}/*"
        self.allow(["sagemaker:ListApps", "sagemaker:ListSpaces", "sagemaker:ListUserProfiles"], ["*"])
        if security_group_id:
            self.allow(["ec2:DescribeNetworkInterfaces"], ["*"])
        self.allow(["sagemaker:DeleteApp"], [self.sagemaker_arn("app", inside)])
        if not keeps_files:
            self.allow(["sagemaker:DeleteSpace"], [self.sagemaker_arn("space", inside)])
            self.allow(["sagemaker:DeleteUserProfile"], [self.sagemaker_arn("user-profile", inside)])
            domain = self.sagemaker_arn("domain", domain_id)
            self.allow(["sagemaker:DeleteDomain", "sagemaker:DescribeDomain"], [domain])
        end = self.resource(
            "End",
            kind="StudioEnd",
            DomainId=domain_id,
            **({"SecurityGroupId": security_group_id} if security_group_id else {}),
            KeepsFiles=str(keeps_files).lower(),
        )
        end.node.add_dependency(*holds)
