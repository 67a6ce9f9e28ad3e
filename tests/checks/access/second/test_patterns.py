"""What patterns of policies stand for: IAM user guide, "IAM JSON policy elements" (Action, Resource, Variables)."""

import pytest

from checks.access.second.patterns import is_action, is_arn, is_arn_part_by_part, resolve


@pytest.mark.parametrize(
    ("pattern", "action", "is_meant"),
    [
        ("s3:GetObject", "s3:GetObject", True),
        ("S3:getobject", "s3:GetObject", True),  # "The prefix and the action name are case insensitive."
        ("s3:Get*", "s3:GetObjectVersion", True),
        ("iam:*AccessKey*", "iam:CreateAccessKey", True),
        ("s3:Get?bject", "s3:GetObject", True),
        ("*", "kms:Decrypt", True),
        ("s3:GetObject", "s3:GetObjectVersion", False),
        ("s3.GetObject", "s3:GetObject", False),  # a dot is a dot
    ],
)
def test_actions(pattern: str, action: str, *, is_meant: bool) -> None:
    assert is_action(pattern, action) == is_meant


QUEUE = "arn:aws:sqs:us-east-2:111122223333:queue1"


@pytest.mark.parametrize(
    ("pattern", "arn", "is_meant"),
    [
        # Resource, "Using wildcards in resource ARNs": the guide's own examples
        ("arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1/test/object.jpg", True),
        ("arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1/2/test/3/object.jpg", True),
        ("arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1-test/object.jpg", False),
        ("arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/test/object.jpg", False),
        # "If the * wildcard is the last character of a resource ARN segment, it can expand to match beyond the colon"
        ("arn:aws:sqs:*", QUEUE, True),
        ("arn:aws:sqs:us-east-2:*", QUEUE, True),
        ("arn:aws:sqs:us-*-2:111122223333:queue1", QUEUE, True),
        ("arn:aws:sqs:us-*t:111122223333:queue1", QUEUE, False),
        ("arn:aws:sqs:us-east-?:111122223333:queue1", QUEUE, True),
        ("*", QUEUE, True),
        (QUEUE.replace("queue1", "Queue1"), QUEUE, False),  # names are case-sensitive
        ("arn:aws:logs:r:a:log-group:g:*", "arn:aws:logs:r:a:log-group:g:log-stream:s", True),
        # Lambda's own policy, AWSLambdaVPCAccessExecutionRole: a wildcard in the type
        ("arn:aws:ec2:r:a:*/*", "arn:aws:ec2:r:a:network-interface/eni-1", True),
        ("arn:aws:ec2:r:a:*/*", "arn:aws:ec2:r:b:network-interface/eni-1", False),
        ("arn:aws:ec2:r:a:*/*", "*", False),
    ],
)
def test_resources(pattern: str, arn: str, *, is_meant: bool) -> None:
    assert is_arn(pattern, arn) == is_meant


@pytest.mark.parametrize(
    ("pattern", "arn", "is_like"),
    [
        ("arn:aws:budgets::1:*", "arn:aws:budgets::1:budget/b", True),
        ("arn:aws:events:*:1:rule/*", "arn:aws:events:r:1:rule/x", True),
        ("arn:aws:events:*:rule/*", "arn:aws:events:r:1:rule/x", False),  # "Each of the six colon-delimited components"
    ],
)
def test_arns_of_conditions_are_compared_part_by_part(pattern: str, arn: str, *, is_like: bool) -> None:
    assert is_arn_part_by_part(pattern, arn) == is_like


@pytest.mark.parametrize(
    ("pattern", "resolved"),
    [
        ("home/${aws:username}/*", "home/ann/*"),
        ("home/${AWS:UserName}", "home/ann"),
        ("${aws:PrincipalTag/team, 'yellow'}", "yellow"),
        ("home/${aws:PrincipalTag/team}", None),  # a key that is missing matches nothing
        ("a${*}b", "a\\*b"),
        ("a${?}b${$}", "a\\?b$"),
        ("${tricky}", "\\*"),  # a value's own star is no wildcard
    ],
)
def test_variables(pattern: str, resolved: str | None) -> None:
    assert resolve(pattern, {"aws:username": "ann", "tricky": "*"}) == resolved


def test_what_a_variable_brings_is_no_wildcard() -> None:
    resolved = resolve("arn:aws:s3:::b/${aws:username}/*", {"aws:username": "*"})
    assert resolved is not None
    assert is_arn(resolved, "arn:aws:s3:::b/*/x")
    assert not is_arn(resolved, "arn:aws:s3:::b/ann/x")
