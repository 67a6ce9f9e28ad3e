"""Settings of functions that Lambda refuses. Figures: Lambda developer guide, "Lambda quotas"."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.slow
Aws = Callable[..., Any]
Make = Callable[..., Any]
SENT = "arn:aws:sqs:eu-west-1:111111111111:letters"


def code() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("index.py", "def handler(event, context): return 1")
    return file.getvalue()


@pytest.fixture
def role(aws: Aws) -> Callable[..., str]:
    """ARN of a role that a service may assume, with these rights."""

    def make(name: str, service: str = "lambda", *actions: str) -> str:
        trust = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        made: str = aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
        if actions:
            allow = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
            rights = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
            aws("iam").put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=rights)
        return made

    return make


@pytest.fixture
def make(aws: Aws) -> Make:
    def made(name: str, role: str, **settings: Any) -> Any:
        archive = {"Runtime": "python3.13", "Handler": "index.handler", "Code": {"ZipFile": code()}}
        return aws("lambda").create_function(FunctionName=name, Role=role, **archive, **settings)

    return made


def test_numbers_at_their_limits_and_beyond(aws: Aws, make: Make, role: Callable[..., str]) -> None:
    arn = role("numbers")
    made = make("numbers", arn, Timeout=900, MemorySize=10240)
    assert (made["Timeout"], made["MemorySize"]) == (900, 10240)
    with pytest.raises(ClientError, match="Value '901' at 'timeout' failed to satisfy constraint"):
        make("numbers-2", arn, Timeout=901)
    with pytest.raises(ClientError, match="Value '10241' at 'memorySize' failed to satisfy constraint"):
        aws("lambda").update_function_configuration(FunctionName="numbers", MemorySize=10241)


def test_variables(make: Make, role: Callable[..., str]) -> None:
    arn, least = role("variables"), len('{"LONG":""}')
    make("variables", arn, Environment={"Variables": {"LONG": "x" * (4096 - least)}})
    with pytest.raises(ClientError, match="exceeded the 4KB limit"):
        make("variables-2", arn, Environment={"Variables": {"LONG": "x" * (4097 - least)}})
    with pytest.raises(ClientError, match="Reserved keys used in this request: AWS_REGION, LAMBDA_TASK_ROOT"):
        make("variables-3", arn, Environment={"Variables": {"AWS_REGION": "a", "LAMBDA_TASK_ROOT": "b", "OK": "c"}})


def test_a_role_that_lambda_may_not_assume(make: Make, role: Callable[..., str]) -> None:
    with pytest.raises(ClientError, match=r"The role defined for the function cannot be assumed by Lambda\."):
        make("untrusted", role("untrusted", "states"))


def test_what_the_role_must_be_allowed_to(aws: Aws, make: Make, role: Callable[..., str]) -> None:
    aws("sqs").create_queue(QueueName="letters")
    letters = {"TargetArn": SENT}
    with pytest.raises(ClientError, match="does not have permissions to call SendMessage on SQS"):
        make("letters", role("letters-no"), DeadLetterConfig=letters)
    make("letters", role("letters-yes", "lambda", "sqs:SendMessage"), DeadLetterConfig=letters)
    network = aws("ec2").create_vpc(CidrBlock="10.6.0.0/16")["Vpc"]["VpcId"]
    subnet = aws("ec2").create_subnet(VpcId=network, CidrBlock="10.6.0.0/24")["Subnet"]["SubnetId"]
    group = aws("ec2").create_security_group(GroupName="f", Description="f", VpcId=network)["GroupId"]
    place = {"SubnetIds": [subnet], "SecurityGroupIds": [group]}
    with pytest.raises(ClientError, match="does not have permissions to call CreateNetworkInterface on EC2"):
        make("inside", role("inside-no"), VpcConfig=place)
    with pytest.raises(ClientError, match="does not have permissions to call DeleteNetworkInterface on EC2"):
        make("inside", role("inside-some", "lambda", "ec2:Create*", "ec2:Describe*"), VpcConfig=place)
    inside = role("inside-yes", "lambda", "ec2:*NetworkInterface*")
    make("inside", inside, VpcConfig=place)
    with pytest.raises(ClientError, match="The subnet ID 'subnet-none' does not exist"):
        make("nowhere", inside, VpcConfig={**place, "SubnetIds": ["subnet-none"]})


def test_a_template(deploy: Callable[..., dict[str, Any]], role: Callable[..., str]) -> None:
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Role": role("of-a-template", "states"),
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Code": {"ZipFile": "def handler(event, context): return 1"},
        },
    }
    stack = deploy({"Function": function})
    assert stack["Failed"]["Function"] == "The role defined for the function cannot be assumed by Lambda."
