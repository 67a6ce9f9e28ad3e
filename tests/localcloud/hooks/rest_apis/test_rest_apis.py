"""REST APIs as API Gateway has them: what is refused, changed and told.

Sources: API reference of API Gateway (CreateRestApi, EndpointConfiguration, PatchOperation and the page of patch
operations, DocumentationPartLocation, CreateVpcLink); developer guide, "Set up API resources" (one variable path part
among siblings, none below a greedy one), "Import a REST API", "Use API Gateway console to test a REST API method".
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.keyed import fresh, refusal

pytestmark = pytest.mark.slow
AUTHORIZER = "Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer"
DOCUMENT = {
    "openapi": "3.0.1",
    "info": {"title": "pets", "version": "2"},
    "components": {"schemas": {"Pet": {"type": "object"}}},
    "paths": {
        "/pets/{id}": {
            "x-amazon-apigateway-any-method": {
                "operationId": "anyPet",
                "parameters": [{"name": "id", "in": "path", "required": True}],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}
                },
                "x-amazon-apigateway-integration": {
                    "type": "mock",
                    "passthroughBehavior": "never",
                    "requestTemplates": {"application/json": '{"statusCode": 200}'},
                    "responses": {
                        "default": {
                            "statusCode": "200",
                            "responseTemplates": {"application/json": '{"id": "$input.params(\'id\')"}'},
                        }
                    },
                },
            }
        }
    },
    "x-amazon-apigateway-documentation": {
        "documentationParts": [{"location": {"type": "METHOD", "method": "GET"}, "properties": {"description": "d"}}]
    },
}
Api = dict[str, Any]


@pytest.fixture
def gateway(aws: Callable[..., Any]) -> Any:
    return aws("apigateway")


@pytest.fixture
def api(gateway: Any) -> Api:
    made: Api = gateway.create_rest_api(name=fresh("api"))
    return made


def method(gateway: Any, api: Api, **parameters: Any) -> dict[str, Any]:
    where = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    gateway.put_method(**where, authorizationType="NONE", **parameters)
    return where


def test_an_api_is_told_as_it_is_set(gateway: Any, api: Api) -> None:
    assert api["endpointConfiguration"] == {"types": ["EDGE"], "ipAddressType": "ipv4"}
    assert not {"description", "version", "policy", "binaryMediaTypes", "minimumCompressionSize"} & api.keys()
    names = {model["name"] for model in gateway.get_models(restApiId=api["id"])["items"]}
    assert names == {"Empty", "Error"}
    where = method(gateway, api)
    told = gateway.get_method(**where)
    told.pop("ResponseMetadata")
    assert told == {"httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": False}


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"description": ""}, "BadRequestException.*Description cannot be an empty string"),
        ({"minimumCompressionSize": 10485761}, "BadRequestException.*must be between 0 and 10485760"),
        ({"apiKeySource": "QUERY"}, "ValidationException.*'createRestApiInput.apiKeySource'.*HEADER, AUTHORIZER"),
        ({"endpointConfiguration": {"types": ["EDGE", "REGIONAL"]}}, "BadRequestException.*multiple Endpoint Types"),
        (
            {"endpointConfiguration": {"types": ["PRIVATE"], "ipAddressType": "ipv4"}},
            "BadRequestException.*Only dualstack",
        ),
    ],
)
def test_an_api_that_is_refused(gateway: Any, parameters: dict[str, Any], said: str) -> None:
    with pytest.raises(ClientError, match=said):
        gateway.create_rest_api(name="refused", **parameters)


def test_paths_that_are_refused(gateway: Any, api: Api) -> None:
    where = {"restApiId": api["id"], "parentId": api["rootResourceId"]}
    greedy = gateway.create_resource(**where, pathPart="{proxy+}")["id"]
    assert "only one is allowed" in refusal(gateway.create_resource, **where, pathPart="{id}")
    below = {"restApiId": api["id"], "parentId": greedy, "pathPart": "x"}
    assert "greedy path variable" in refusal(gateway.create_resource, **below)
    assert "path part only allow" in refusal(gateway.create_resource, **where, pathPart="a b")


def test_a_resource_goes_with_what_is_below_it(gateway: Any, api: Api) -> None:
    where = {"restApiId": api["id"]}
    above = gateway.create_resource(**where, parentId=api["rootResourceId"], pathPart="a")["id"]
    below = gateway.create_resource(**where, parentId=above, pathPart="b")["id"]
    cyclical = [{"op": "replace", "path": "/parentId", "value": below}]
    assert "cyclical" in refusal(gateway.update_resource, **where, resourceId=above, patchOperations=cyclical)
    gateway.delete_resource(**where, resourceId=above)
    assert "Invalid Resource identifier" in refusal(gateway.get_resource, **where, resourceId=below)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"authorizationType": "CUSTOM"}, AUTHORIZER),
        ({"authorizationType": "NONE", "requestValidatorId": "none"}, "Invalid Request Validator identifier"),
        ({"authorizationType": "NONE", "requestModels": {"application/json": "None"}}, "Invalid model identifier"),
        ({"authorizationType": "NONE", "httpMethod": "FETCH"}, "Invalid HttpMethod specified"),
    ],
)
def test_a_method_that_is_refused(gateway: Any, api: Api, parameters: dict[str, Any], said: str) -> None:
    where = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    assert said in refusal(gateway.put_method, **{**where, **parameters})


def test_a_method_and_what_it_answers_are_patched(gateway: Any, api: Api) -> None:
    where = method(gateway, api)
    name = "method.request.querystring.q"
    changed = gateway.update_method(
        **where,
        patchOperations=[
            {"op": "add", "path": f"/requestParameters/{name}", "value": "true"},
            {"op": "add", "path": "/requestModels/application~1json", "value": "Empty"},
            {"op": "replace", "path": "/apiKeyRequired", "value": "true"},
        ],
    )
    assert (changed["requestParameters"], changed["apiKeyRequired"]) == ({name: True}, True)
    assert changed["requestModels"] == {"application/json": "Empty"}
    refused = [{"op": "add", "path": "/operationName", "value": "x"}]
    assert "Must be one of: [replace]" in refusal(gateway.update_method, **where, patchOperations=refused)
    gateway.put_method_response(**where, statusCode="200")
    absent = [{"op": "remove", "path": "/responseModels/application~1json"}]
    said = refusal(gateway.update_method_response, **where, statusCode="200", patchOperations=absent)
    assert "Content-Type specified was not found" in said


def test_a_model_that_is_used_stays(gateway: Any, api: Api) -> None:
    model = {"restApiId": api["id"], "contentType": "application/json"}
    gateway.create_model(**model, name="Pet", schema='{"type": "object"}')
    assert "Model name already exists" in refusal(gateway.create_model, **model, name="Pet", schema="{}")
    assert "must have at least 1 property" in refusal(gateway.create_model, **model, name="Other", schema="")
    method(gateway, api, requestModels={"application/json": "Pet"})
    said = refusal(gateway.delete_model, restApiId=api["id"], modelName="Pet")
    assert "is referenced in method request: //GET" in said


def test_what_cannot_be_deployed(gateway: Any, api: Api) -> None:
    where = {"restApiId": api["id"]}
    assert "doesn't contain any methods" in refusal(gateway.create_deployment, **where)
    place = method(gateway, api)
    assert "No integration defined for method" in refusal(gateway.create_deployment, **where)
    gateway.put_integration(**place, type="MOCK")
    deployment = gateway.create_deployment(**where, stageName="v1")["id"]
    assert "Active stages" in refusal(gateway.delete_deployment, **where, deploymentId=deployment)
    again = {"stageName": "v1", "deploymentId": deployment}
    assert "Stage already exists" in refusal(gateway.create_stage, **where, **again)
    empty = [{"op": "replace", "path": "/accessLogSettings/format", "value": ""}]
    said = refusal(gateway.update_stage, **where, stageName="v1", patchOperations=empty)
    assert "Access Log value must not be empty" in said


def test_an_answer_of_the_gateway_is_changed_and_taken_back(gateway: Any, api: Api) -> None:
    where = {"restApiId": api["id"], "responseType": "DEFAULT_5XX"}
    assert "not defined on api" in refusal(gateway.delete_gateway_response, **where)
    changed = gateway.update_gateway_response(
        **where, patchOperations=[{"op": "replace", "path": "/statusCode", "value": "599"}]
    )
    assert (changed["statusCode"], changed["defaultResponse"]) == ("599", False)
    listed = gateway.get_gateway_responses(restApiId=api["id"])["items"]
    inherited = next(each for each in listed if each["responseType"] == "INTEGRATION_TIMEOUT")
    assert inherited["statusCode"] == "599"


def test_a_document_is_imported_as_a_whole_and_tried(gateway: Any) -> None:
    api = gateway.import_rest_api(body=json.dumps(DOCUMENT).encode())
    assert (api["name"], api["version"]) == ("pets", "2")
    resource = next(
        each
        for each in gateway.get_resources(restApiId=api["id"], embed=["methods"])["items"]
        if each["path"] == "/pets/{id}"
    )
    imported = resource["resourceMethods"]["ANY"]
    assert imported["requestParameters"] == {"method.request.path.id": True}
    assert imported["methodResponses"]["200"]["responseModels"] == {"application/json": "Pet"}
    assert imported["methodIntegration"]["passthroughBehavior"] == "NEVER"
    parts = gateway.get_documentation_parts(restApiId=api["id"])["items"]
    assert parts[0]["location"] == {"type": "METHOD", "method": "GET", "path": "/"}
    tried = gateway.test_invoke_method(
        restApiId=api["id"], resourceId=resource["id"], httpMethod="GET", pathWithQueryString="/pets/7?q=1"
    )
    assert (tried["status"], json.loads(tried["body"])) == (200, {"id": "7"})
    assert "Method request query string: {q=1}" in tried["log"]
    assert "Unable to build importer" in refusal(gateway.import_rest_api, body=b"no: document")


def test_a_link_to_a_network_is_kept(gateway: Any) -> None:
    arn = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/net/lb/50dc6c495c0c9188"
    link = gateway.create_vpc_link(name="link", targetArns=[arn])
    assert link["status"] == "PENDING"
    assert gateway.get_vpc_link(vpcLinkId=link["id"])["status"] == "AVAILABLE"
    assert "not well formed" in refusal(gateway.create_vpc_link, name="link", targetArns=["lb"])
    gateway.delete_vpc_link(vpcLinkId=link["id"])
    assert "Invalid Vpc Link identifier" in refusal(gateway.get_vpc_link, vpcLinkId=link["id"])


def test_a_deployment_of_a_template_waits_for_its_methods(deploy: Callable[..., Any]) -> None:
    """Source: template reference, "AWS::ApiGateway::Deployment": a deployment depends on the API's methods."""
    stack = deploy(
        {
            "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "empty"}},
            "Deployment": {"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": {"Ref": "Api"}}},
        }
    )
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "The REST API doesn't contain any methods" in str(stack["Failed"])
