"""Streams of templates: template references of Kinesis, Firehose and API Gateway's stages."""

from collections.abc import Callable
from typing import Any

import pytest

from localcloud.lifecycle import LocalCloud
from tests.localcloud.conftest import Deploy

pytestmark = pytest.mark.slow
KEY = {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}


def became(cloud: LocalCloud, stack: str) -> dict[str, str]:
    """What became of the properties of a stack of one resource, by their places."""
    (line,) = (line for line in cloud.resources() if line["stack"] == stack)
    return {each["path"]: each["status"] for each in line["properties"]}


def test_a_stream_is_encrypted_until_its_template_says_so_no_more(
    aws: Callable[..., Any], deploy: Deploy, cloud: LocalCloud
) -> None:
    """Source: template reference, "AWS::Kinesis::Stream StreamEncryption"."""
    plain = {"Name": "events", "ShardCount": 1}
    stream = {"Type": "AWS::Kinesis::Stream", "Properties": plain}
    encrypted = {**stream, "Properties": {**plain, "StreamEncryption": KEY}}
    name = deploy({"Stream": encrypted}, "test-stream")["StackName"]
    told = aws("kinesis").describe_stream_summary(StreamName="events")["StreamDescriptionSummary"]
    assert {key: told[key] for key in KEY} == KEY
    assert became(cloud, name)["/StreamEncryption/KeyId"] == "recorded"
    deploy({"Stream": stream}, name)
    told = aws("kinesis").describe_stream_summary(StreamName="events")["StreamDescriptionSummary"]
    assert told["EncryptionType"] == "NONE"


def test_a_delivery_stream_is_encrypted(aws: Callable[..., Any], deploy: Deploy, role: Callable[..., Any]) -> None:
    """Source: template reference, "AWS::KinesisFirehose::DeliveryStream DeliveryStreamEncryptionConfigurationInput"."""
    arn = {"Fn::GetAtt": ["Role", "Arn"]}
    delivery = {
        "DeliveryStreamName": "deliveries",
        "DeliveryStreamEncryptionConfigurationInput": {"KeyType": "AWS_OWNED_CMK"},
        "ExtendedS3DestinationConfiguration": {"BucketARN": {"Fn::GetAtt": ["Bucket", "Arn"]}, "RoleARN": arn},
    }
    stack = deploy(
        {
            "Role": role("firehose.amazonaws.com", ("s3:PutObject", "*")),
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Delivery": {"Type": "AWS::KinesisFirehose::DeliveryStream", "Properties": delivery},
        }
    )
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    told = aws("firehose").describe_delivery_stream(DeliveryStreamName="deliveries")["DeliveryStreamDescription"]
    assert told["DeliveryStreamEncryptionConfiguration"]["KeyType"] == "AWS_OWNED_CMK"


def test_a_stage_keeps_the_settings_of_its_routes(aws: Callable[..., Any], deploy: Deploy) -> None:
    """Source: template reference, "AWS::ApiGatewayV2::Stage RouteSettings"."""
    settings = {"DataTraceEnabled": False, "DetailedMetricsEnabled": True, "LoggingLevel": "ERROR"}
    api = {"Name": "chat", "ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"}
    stage = {"ApiId": {"Ref": "Api"}, "StageName": "prod", "DefaultRouteSettings": settings}
    stack = deploy(
        {
            "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": api},
            "Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": stage},
        },
        Api={"Ref": "Api"},
    )
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    told = aws("apigatewayv2").get_stage(ApiId=stack["Outputs"]["Api"], StageName="prod")
    assert told["DefaultRouteSettings"] == settings
