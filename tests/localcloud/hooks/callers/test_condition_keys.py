"""A topic that one role alone may publish to. Source: IAM user guide, "AWS global condition context keys"."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localcloud.console import Running
from tests.localcloud.keyed import Aws, fresh

pytestmark = pytest.mark.slow
PUBLISHING = {"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}


def test_a_condition_knows_the_role_of_a_session_and_that_no_service_asks(
    aws: Aws, running: Running, user: Callable[..., Any]
) -> None:
    name = fresh("teller")
    trust = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    allowed = json.dumps({"Version": "2012-10-17", "Statement": [PUBLISHING]})
    aws("iam").put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=allowed)
    topic = aws("sns").create_topic(Name=name)["TopicArn"]
    denied = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": role}, "Bool": {"aws:PrincipalIsAWSService": "false"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    aws("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)

    assuming = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role}
    session = user(assuming).client("sts").assume_role(RoleArn=role, RoleSessionName="teller")["Credentials"]
    keys = (session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
    teller = boto3.Session(*keys, region_name=running.region).client("sns", endpoint_url=running.endpoint)
    assert teller.publish(TopicArn=topic, Message="m")["MessageId"]
    with pytest.raises(ClientError, match="AuthorizationError"):
        user(PUBLISHING).client("sns").publish(TopicArn=topic, Message="m")
