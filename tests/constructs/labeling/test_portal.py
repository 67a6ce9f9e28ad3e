"""The portal's API and the people's pool: who gets in, by what, and who does not."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Match, Template

from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.logs import LogSettings
from ml_constructs.functions.function import FunctionSettings
from ml_constructs.labeling.portal import LEAD_ROUTES, ROUTES, WorkerPortal
from ml_constructs.labeling.site import VENDOR, copy_page
from ml_constructs.labeling.task_store import TaskStore
from ml_constructs.labeling.workforce import Workforce
from ml_constructs.network.closed_network import Placement

OPEN = {("POST", "auth"), ("GET", "{file+}"), ("GET", "")}
"""What everybody may ask: the steps of a sign-in, and the files of the page."""


@pytest.fixture
def template(stack: cdk.Stack, placement: Placement, logs: LogSettings, folder: Folder, key: kms.IKey) -> Template:
    keep = cdk.RemovalPolicy.RETAIN
    store = TaskStore(stack, "Store", data=folder.bucket, key=key, removal_policy=keep)
    workforce = Workforce(stack, "Workforce", teams=["birds"], removal_policy=keep)
    functions = FunctionSettings(logs=logs, placement=placement)
    WorkerPortal(stack, "Portal", workforce=workforce, store=store, media=[folder], functions=functions)
    return Template.from_stack(stack)


def test_all_but_the_page_and_the_sign_in_asks_for_a_token(template: Template) -> None:
    resources = template.find_resources("AWS::ApiGateway::Resource")
    names = {name: each["Properties"] for name, each in resources.items()}

    def path(properties: dict[str, Any]) -> str:
        if "Fn::GetAtt" in properties:
            return ""
        found = names[properties["Ref"]]
        return f"{path(found['ParentId'])}/{found['PathPart']}".lstrip("/")

    methods = [each["Properties"] for each in template.find_resources("AWS::ApiGateway::Method").values()]
    asked = {(each["HttpMethod"], path(each["ResourceId"])): each for each in methods}
    assert set(asked) == {(method, where) for method, where, _ in (*ROUTES, *LEAD_ROUTES)} | OPEN
    for route, method in asked.items():
        assert method["AuthorizationType"] == ("NONE" if route in OPEN else "COGNITO_USER_POOLS"), route
        assert ("AuthorizerId" in method) is (route not in OPEN)


def test_people_come_by_invitation_and_proof_alone(template: Template) -> None:
    template.has_resource_properties(
        "AWS::Cognito::UserPool",
        {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}, "DeletionProtection": "ACTIVE"},
    )
    template.has_resource_properties(
        "AWS::Cognito::UserPoolClient",
        {
            "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            "GenerateSecret": False,
            "AllowedOAuthFlowsUserPoolClient": False,
        },
    )
    template.resource_count_is("AWS::Cognito::UserPoolDomain", 0)  # with one no closed network could use the pool
    template.has_resource_properties("AWS::Cognito::UserPoolGroup", {"GroupName": "birds", "RoleArn": Match.absent()})


def test_the_log_of_the_api_has_no_content(template: Template) -> None:
    (stage,) = template.find_resources("AWS::ApiGateway::Stage").values()
    form = json.loads(stage["Properties"]["AccessLogSetting"]["Format"])
    assert form["caller"] == "$context.authorizer.claims.sub"
    assert not any("body" in value or "header" in value for value in form.values())
    settings = {each["ResourcePath"]: each for each in stage["Properties"]["MethodSettings"]}
    assert settings.keys() == {"/*", "/~1auth"}  # "~1" is the slash of a path: API Gateway API, "MethodSetting"
    assert not any(each["DataTraceEnabled"] for each in settings.values())


def test_who_tries_passwords_keeps_nobody_from_working(template: Template) -> None:
    (stage,) = template.find_resources("AWS::ApiGateway::Stage").values()
    every, sign_in = stage["Properties"]["MethodSettings"]
    assert (sign_in["HttpMethod"], sign_in["ThrottlingRateLimit"]) == ("POST", 10)
    assert sign_in["ThrottlingRateLimit"] < every["ThrottlingRateLimit"]
    assert sign_in["LoggingLevel"] == every["LoggingLevel"]


def test_a_page_that_lacks_its_libraries_is_refused(monkeypatch: pytest.MonkeyPatch, stack: cdk.Stack) -> None:
    monkeypatch.setitem(VENDOR, "liquid.js", VENDOR["liquid.js"] / "none")
    with pytest.raises(ValueError, match="make setup"):
        copy_page(VENDOR["json5.js"].parent / stack.stack_name)
