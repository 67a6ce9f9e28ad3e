"""What comes in unsigned brings no credentials to nobody: web identities, identity pools, routes that ask for IAM."""

import base64
import io
import json
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from localcloud.lifecycle import Running

pytestmark = pytest.mark.slow
Nobody = Callable[[str], Any]


@pytest.fixture
def nobody(running: Running) -> Nobody:
    """Clients that do not sign."""
    config = Config(signature_version=UNSIGNED)
    connect: Any = boto3.client
    return lambda service: connect(service, running.region, endpoint_url=running.endpoint, config=config)


def trust(principal: dict[str, str], action: str) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def forged(**claims: Any) -> str:
    parts = ({"alg": "RS256", "typ": "JWT"}, {**claims, "exp": int(time.time()) + 600})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + ".eA"


@pytest.mark.parametrize(
    ("issuer", "principal"),
    [
        ("https://token.example", "arn:aws:iam::111111111111:oidc-provider/token.example"),
        ("https://cognito-identity.amazonaws.com", "cognito-identity.amazonaws.com"),
    ],
)
def test_a_token_that_nobody_signed_assumes_no_role(
    aws: Callable[..., Any], nobody: Nobody, issuer: str, principal: str
) -> None:
    """Source: API reference of AssumeRoleWithWebIdentity, InvalidIdentityToken."""
    name = f"r{uuid4().hex}"
    policy = trust({"Federated": principal}, "sts:AssumeRoleWithWebIdentity")
    role = aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=policy)["Role"]["Arn"]
    for token in (forged(iss=issuer, sub="x", aud="sts.amazonaws.com"), "not-a-token"):
        with pytest.raises(ClientError, match="InvalidIdentityToken"):
            nobody("sts").assume_role_with_web_identity(RoleArn=role, RoleSessionName="abc", WebIdentityToken=token)


def test_an_identity_pool_gives_what_it_is_set_to(aws: Callable[..., Any], nobody: Nobody) -> None:
    """Source: API reference of GetId and GetCredentialsForIdentity."""
    pools, identities = aws("cognito-identity"), nobody("cognito-identity")
    closed = pools.create_identity_pool(IdentityPoolName="closed", AllowUnauthenticatedIdentities=False)
    with pytest.raises(ClientError, match="Unauthenticated access is not supported for this identity pool"):
        identities.get_id(IdentityPoolId=closed["IdentityPoolId"])
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        identities.get_credentials_for_identity(IdentityId="eu-west-1:00000000-0000-0000-0000-000000000000")
    guests = pools.create_identity_pool(IdentityPoolName="open", AllowUnauthenticatedIdentities=True)["IdentityPoolId"]
    guest = identities.get_id(IdentityPoolId=guests)["IdentityId"]
    with pytest.raises(ClientError, match="InvalidIdentityPoolConfigurationException"):
        identities.get_credentials_for_identity(IdentityId=guest)
    policy = trust({"Federated": "cognito-identity.amazonaws.com"}, "sts:AssumeRoleWithWebIdentity")
    role = aws("iam").create_role(RoleName=f"g{uuid4().hex}", AssumeRolePolicyDocument=policy)["Role"]["Arn"]
    pools.set_identity_pool_roles(IdentityPoolId=guests, Roles={"unauthenticated": role})
    assert identities.get_credentials_for_identity(IdentityId=guest)["Credentials"]["AccessKeyId"].startswith("ASIA")
    token = identities.get_open_id_token(IdentityId=guest)["Token"]
    assumed = nobody("sts").assume_role_with_web_identity(RoleArn=role, RoleSessionName="abc", WebIdentityToken=token)
    assert assumed["AssumedRoleUser"]["Arn"].endswith("/abc")


def test_a_user_of_a_pool_is_known_by_its_own_token(aws: Callable[..., Any], nobody: Nobody) -> None:
    pool = aws("cognito-idp").create_user_pool(PoolName="people")["UserPool"]["Id"]
    aws("cognito-idp").admin_create_user(UserPoolId=pool, Username="ada", MessageAction="SUPPRESS")
    issuer = f"https://cognito-idp.eu-west-1.amazonaws.com/{pool}"
    token = forged(iss=issuer, username="ada", token_use="access")
    for call in (nobody("cognito-idp").get_user, nobody("cognito-idp").delete_user):
        with pytest.raises(ClientError, match="NotAuthorizedException"):
            call(AccessToken=token)


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer x"}, {"Authorization": "Basic eDp5"}])
def test_routes_and_urls_that_ask_for_iam(running: Running, header: dict[str, str], iam_paths: list[str]) -> None:
    for path in iam_paths:
        asked = urllib.request.Request(f"{running.endpoint}{path}", headers=header)
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(asked, timeout=30)


@pytest.fixture(scope="module")
def iam_paths(aws: Callable[..., Any]) -> list[str]:
    """Paths of a function URL and of a route of an HTTP API, both with IAM."""
    policy = trust({"Service": "lambda.amazonaws.com"}, "sts:AssumeRole")
    role = aws("iam").create_role(RoleName=f"f{uuid4().hex}", AssumeRolePolicyDocument=policy)["Role"]["Arn"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr("index.py", "def handler(event, context): return {'statusCode': 200, 'body': 'in'}")
    code = {"ZipFile": archive.getvalue()}
    settings = {"Runtime": "python3.13", "Handler": "index.handler", "Role": role, "Code": code}
    name = f"f{uuid4().hex}"
    function = aws("lambda").create_function(FunctionName=name, **settings)["FunctionArn"]
    url = aws("lambda").create_function_url_config(FunctionName=name, AuthType="AWS_IAM")["FunctionUrl"]
    apis = aws("apigatewayv2")
    api = apis.create_api(Name="http", ProtocolType="HTTP")["ApiId"]
    proxy = {"IntegrationType": "AWS_PROXY", "IntegrationUri": function, "PayloadFormatVersion": "2.0"}
    integration = apis.create_integration(ApiId=api, **proxy)["IntegrationId"]
    target = f"integrations/{integration}"
    apis.create_route(ApiId=api, RouteKey="GET /iam", Target=target, AuthorizationType="AWS_IAM")
    apis.create_stage(ApiId=api, StageName="s", AutoDeploy=True)
    identifier = url.split("//")[1].split(".")[0]
    return [f"/_aws/execute-api/{api}/s/iam", f"/_aws/lambda-url/{identifier}/"]
