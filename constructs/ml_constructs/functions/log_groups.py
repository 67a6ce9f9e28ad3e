"""Log groups that SageMaker makes for itself unless they are there: without a key, and without an end."""

from collections.abc import Sequence
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from ml_constructs.foundation.logs import LogSettings
from ml_constructs.functions.function import FunctionSettings, PythonFunction

STUDIO: Final = "/aws/sagemaker/studio"
NOTEBOOKS: Final = "/aws/sagemaker/NotebookInstances"
"""Source: SageMaker developer guide, "CloudWatch Logs for Amazon SageMaker AI"."""
TIME_LIMIT: Final = cdk.Duration.minutes(5)


def grant_keep(grantee: iam.IGrantable, stack: cdk.Stack, names: Sequence[str]) -> None:
    """Let `grantee` make the log groups, and give them a key and an end."""
    iam.Grant.add_to_principal(grantee=grantee, actions=["logs:DescribeLogGroups"], resource_arns=["*"])
    iam.Grant.add_to_principal(
        grantee=grantee,
        actions=["logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:PutRetentionPolicy"],
        resource_arns=[group_arn(stack, name) for name in names],
    )


def group_arn(stack: cdk.Stack, name: str) -> str:
    """Return the ARN that policies name a log group by, which ends with `:*` for all actions but those on tags.

    Source: CloudWatch Logs user guide, "Overview of managing access permissions".
    """
    return stack.format_arn(
        service="logs",
        resource="log-group",
        resource_name=f"{name}:*",
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )


class SharedLogGroups(Construct):
    """Makes or finds log groups that all environments of an account share, and gives them a key and an end.

    The first environment's key stays, and the latest end. The groups stay when the stack goes, without its key.
    """

    def __init__(self, scope: Construct, construct_id: str, *, names: Sequence[str], logs: LogSettings) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        keeper = PythonFunction(
            self,
            "Keeper",
            handler="log_groups.handler.on_event",
            description="Gives the log groups of SageMaker a key and an end",
            environment={},
            timeout=TIME_LIMIT,
            settings=FunctionSettings(logs=logs),
        )
        grant_keep(keeper.role, stack, names)
        iam.Grant.add_to_principal(
            grantee=keeper.role,
            actions=["logs:DisassociateKmsKey"],
            resource_arns=[group_arn(stack, name) for name in names],
        )
        keeper.custom_resource(
            self,
            "Groups",
            kind="LogGroups",
            properties={
                "Names": ",".join(names),
                "KeyArn": logs.key.key_arn,
                "RetentionInDays": str(logs.days(keeper.log_group)),
            },
        )
