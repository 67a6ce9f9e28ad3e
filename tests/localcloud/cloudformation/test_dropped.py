"""What a function is made of has to be there."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ({"S3Bucket": "code-of-nobody", "S3Key": "a.zip"}, "NoSuchBucket. S3 Error Message: The specified bucket"),
        ({"S3Bucket": {"Ref": "Bucket"}, "S3Key": "a.zip"}, "NoSuchKey. S3 Error Message: The specified key"),
    ],
)
def test_a_function_without_its_archive_fails_in_the_words_of_aws(
    deploy: Callable[..., Any], role: Callable[..., Any], place: dict[str, Any], words: str
) -> None:
    """Words of AWS: aws-solutions/aws-waf-security-automations#135, dynamic-image-transformation…#115."""
    function = {"Runtime": "python3.13", "Handler": "index.handler", "Code": place}
    resources = {
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Role": role("lambda.amazonaws.com"),
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {**function, "Role": {"Fn::GetAtt": ["Role", "Arn"]}},
        },
        "Layer": {"Type": "AWS::Lambda::LayerVersion", "DependsOn": "Function", "Properties": {"Content": place}},
    }
    stack = deploy(resources)
    assert f"Error occurred while GetObject. S3 Error Code: {words} does not exist." in stack["Failed"]["Function"]
