"""Values that the service of a resource does not take fail the resource.

Source: API reference of IAM, CreateRole: MaxSessionDuration is 3600 at least; of EventBridge, PutTargets: an Id has
letters, digits and `.-_`.
"""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def test_a_value_fails_its_resource(deploy: Callable[..., Any]) -> None:
    rule = {"EventPattern": {"source": ["a"]}, "Targets": [{"Id": "a b", "Arn": "arn:aws:sqs:eu-west-1:1:q"}]}
    stack = deploy({"Rule": {"Type": "AWS::Events::Rule", "Properties": rule}})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "Value 'a b' at 'targets.1.member.id' failed to satisfy constraint" in stack["Failed"]["Rule"]
    assert "HandlerErrorCode: InvalidRequest" in stack["Failed"]["Rule"]
