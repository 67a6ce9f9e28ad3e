"""Roles that AWS services take on, each for one workload."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

SAGEMAKER = "sagemaker.amazonaws.com"


def service_role(
    scope: Construct,
    construct_id: str,
    *,
    service: str,
    description: str,
    source: str | None = None,
    tells_account: bool = True,
) -> iam.Role:
    """Return a role that `service` may take on only for this account, and only for `source` where the service tells it.

    `source` is the pattern of the ARN on whose behalf the service acts. A service that does not tell its account
    either (`tells_account`) could never take on a role with such a condition. Source: IAM user guide, "The confused
    deputy problem".
    """
    conditions: dict[str, dict[str, str]] = {}
    if tells_account:
        conditions["StringEquals"] = {"aws:SourceAccount": cdk.Stack.of(scope).account}
    if source is not None:
        conditions["ArnLike"] = {"aws:SourceArn": source}
    return iam.Role(
        scope,
        construct_id,
        assumed_by=iam.ServicePrincipal(service, conditions=conditions),
        description=description,
    )


def sagemaker_role(scope: Construct, construct_id: str, *, description: str) -> iam.Role:
    """Return a role for one SageMaker workload of this account and region."""
    return service_role(
        scope,
        construct_id,
        service=SAGEMAKER,
        description=description,
        source=cdk.Stack.of(scope).format_arn(
            service="sagemaker", resource="*", arn_format=cdk.ArnFormat.NO_RESOURCE_NAME
        ),
    )


def grant_pass(role: iam.IRole, grantee: iam.IGrantable, *, service: str = SAGEMAKER) -> iam.Grant:
    """Let `grantee` hand `role` to `service`, and to no other."""
    return iam.Grant.add_to_principal(
        grantee=grantee,
        actions=["iam:PassRole"],
        resource_arns=[role.role_arn],
        conditions={"StringEquals": {"iam:PassedToService": service}},
    )
