"""Who may publish notices, what they are made of, and which events they hear."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Match, Template

from ml_constructs.foundation.logs import LogSettings
from ml_constructs.functions.function import FunctionSettings
from ml_constructs.monitoring.notices import Notices
from notices.settings import Settings


@pytest.fixture
def template(stack: cdk.Stack, logs: LogSettings) -> Template:
    Notices(
        stack,
        "Notices",
        environment="dev",
        systems={"fraud": "fraud", "serving": "fraud"},
        addresses=["ml@example.com"],
        builds="builder",
        key=kms.Key(stack, "OwnKey"),
        functions=FunctionSettings(logs=logs),
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    return Template.from_stack(stack)


def test_the_function_understands_its_environment(template: Template) -> None:
    (function,) = template.find_resources("AWS::Lambda::Function").values()
    variables = function["Properties"]["Environment"]["Variables"]
    given = {name: value if isinstance(value, str) else "token" for name, value in variables.items()}
    settings = Settings.of(given | {"AWS_REGION": "eu-west-1"})
    assert (settings.environment, settings.system_of("dev-serving-Fraud"), settings.system_of("dev-fraud")) == (
        "dev",
        "fraud",
        "fraud",
    )


def test_the_owners_address_is_subscribed_to_a_topic_with_a_key(template: Template) -> None:
    template.has_resource_properties("AWS::SNS::Topic", {"KmsMasterKeyId": Match.any_value()})
    template.has_resource_properties("AWS::SNS::Subscription", {"Protocol": "email", "Endpoint": "ml@example.com"})


def test_nobody_but_the_function_and_cloudwatch_publishes_and_nobody_without_tls(template: Template) -> None:
    (policy,) = template.find_resources("AWS::SNS::TopicPolicy").values()
    statements = {each["Sid"]: each for each in policy["Properties"]["PolicyDocument"]["Statement"]}
    alarms = statements["Alarms"]
    assert (alarms["Effect"], alarms["Principal"]) == ("Allow", {"Service": "cloudwatch.amazonaws.com"})
    assert alarms["Condition"]["ArnLike"]["aws:SourceArn"].endswith(":alarm:dev-*")
    closed = statements["NobodyElse"]
    assert (closed["Effect"], closed["Action"]) == ("Deny", "sns:Publish")
    assert closed["Condition"].keys() == {"ArnNotEquals", "Bool"}
    assert any(each["Condition"] == {"Bool": {"aws:SecureTransport": "false"}} for each in statements.values())


def test_dead_letters_of_the_notices_themselves_are_told_by_cloudwatch(template: Template) -> None:
    template.has_resource_properties("AWS::CloudWatch::Alarm", {"AlarmActions": [Match.any_value()]})


def rules(template: Template) -> dict[str, Any]:
    found = template.find_resources("AWS::Events::Rule").values()
    return {
        each["Properties"]["EventPattern"]["source"][0]
        + "/"
        + each["Properties"]["EventPattern"]["detail-type"][0]: each["Properties"]["EventPattern"]["detail"]
        for each in found
        if "EventPattern" in each["Properties"]
    }


def test_it_hears_of_what_is_the_environments_by_name_and_of_nothing_else(template: Template) -> None:
    heard = rules(template)
    prefixes = [
        heard["aws.sagemaker/SageMaker Model Building Pipeline Execution Status Change"]["pipelineArn"][0]["prefix"],
        heard["aws.states/Step Functions Execution Status Change"]["stateMachineArn"][0]["prefix"],
        heard["lambda/Lambda Function Invocation Result - Success"]["requestContext"]["functionArn"][0]["prefix"],
        heard["aws.cloudwatch/CloudWatch Alarm State Change"]["alarmName"][0]["prefix"],
    ]
    assert [each.rpartition(":")[2].rpartition("/")[2] for each in prefixes] == ["dev-", "dev-", "dev-", "dev-"]
    assert heard["aws.codebuild/CodeBuild Build State Change"]["project-name"] == ["builder"]
    assert json.dumps(heard).count("Failed") == 5  # of a pipeline's execution, and of four kinds of jobs
