"""Log groups that SageMaker would make itself: who makes them first, and what they get."""

import dataclasses

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from aws_cdk.aws_logs import RetentionDays

from ml_constructs.foundation.logs import LogSettings
from ml_constructs.functions.log_groups import SharedLogGroups

GROUPS = ["/aws/sagemaker/TrainingJobs", "/aws/sagemaker/studio"]


def test_groups_get_the_key_and_the_end_of_the_environment(stack: cdk.Stack, logs: LogSettings) -> None:
    SharedLogGroups(stack, "Shared", names=GROUPS, logs=logs)
    template = Template.from_stack(stack)
    (kept,) = template.find_resources("Custom::LogGroups").values()
    (own,) = template.find_resources("AWS::Logs::LogGroup").values()
    assert kept["Properties"]["Names"].split(",") == GROUPS
    assert kept["Properties"]["KeyArn"] == own["Properties"]["KmsKeyId"]
    assert kept["Properties"]["RetentionInDays"] == str(own["Properties"]["RetentionInDays"])


def test_logs_that_never_end_are_refused(stack: cdk.Stack, logs: LogSettings) -> None:
    with pytest.raises(ValueError, match="Log groups have an end"):
        SharedLogGroups(stack, "Shared", names=GROUPS, logs=dataclasses.replace(logs, retention=RetentionDays.INFINITE))
