"""Functions whose source stands in a template answer CloudFormation with the module that Lambda gives them."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from localcloud.cloudformation import cfnresponse

pytestmark = pytest.mark.slow
SOURCE = """\
import cfnresponse

def handler(event, context):
    if event["ResourceProperties"].get("Fail"):
        cfnresponse.send(event, context, cfnresponse.FAILED, {}, reason="as it was asked to")
        return
    data = {"Doubled": int(event["ResourceProperties"].get("Number", 0)) * 2}
    cfnresponse.send(event, context, cfnresponse.SUCCESS, data, "the-" + event["LogicalResourceId"])
"""


def test_its_interface_is_the_documented_one() -> None:
    """Source: CloudFormation user guide, "cfn-response module"."""
    assert list(inspect.signature(cfnresponse.send).parameters) == [
        "event",
        "context",
        "responseStatus",
        "responseData",
        "physicalResourceId",
        "noEcho",
        "reason",
    ]
    assert (cfnresponse.SUCCESS, cfnresponse.FAILED) == ("SUCCESS", "FAILED")


def test_a_custom_resource_of_an_inline_function(
    deploy: Callable[..., Any], role: Callable[..., Any], function: Callable[..., Any]
) -> None:
    token = {"Fn::GetAtt": ["Fn", "Arn"]}
    base = {"Role": role("lambda.amazonaws.com"), "Fn": function(SOURCE, "Role")}
    own = {"Type": "Custom::Doubled", "Properties": {"ServiceToken": token, "Number": 21}}
    stack = deploy({**base, "Own": own}, Doubled={"Fn::GetAtt": ["Own", "Doubled"]}, Id={"Ref": "Own"})
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    assert stack["Outputs"] == {"Doubled": "42", "Id": "the-Own"}
    failing = {"Type": "Custom::Doubled", "Properties": {"ServiceToken": token, "Fail": "yes"}}
    assert "as it was asked to" in deploy({**base, "Bad": failing})["Failed"]["Bad"]
