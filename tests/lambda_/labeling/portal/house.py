"""A portal for tests: its real functions, asked as API Gateway asks them, over a local cloud."""

import base64
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import boto3
import pytest

import lead.handler
import page.handler
import sign_in.handler
import worker.handler
from labels.objects import DataObject
from labels.task import Open, Terms
from localcloud.console import Running
from task_store.contents import PREFIX
from task_store.jobs import Job, State
from task_store.store import Store
from tests.lambda_.labeling.conftest import Workshop

TERMS = Terms(limit=3600, patience=600, available=36_000)
PASSWORD = "Correct-horse-7-battery"
REQUEST_ID = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
LOADER = '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>'
TEMPLATE = f"""{LOADER}<crowd-form><crowd-image-classifier name="kind" categories="['cat', 'dog']"
    header="{{{{ task.input.question }}}}" src="{{{{ task.input.taskObject | grant_read_access }}}}">
    <short-instructions>Choose what you see.</short-instructions></crowd-image-classifier></crowd-form>"""

CACHES: tuple[Any, ...] = (
    *(worker.handler.desk, lead.handler.desk),
    *(sign_in.handler.sign_in, page.handler.files),
)


@dataclass
class House:
    """One environment's portal."""

    workshop: Workshop
    pool: str = ""
    client: str = ""
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    down: bool = False
    calls: list[tuple[str, str, bytes]] = field(default_factory=list)

    @property
    def store(self) -> Store:
        made = self.workshop.store()
        made._clock = lambda: int(time.time())  # noqa: SLF001 - that of the functions
        return made

    def job(self, name: str, team: str, inputs: list[Any], terms: Terms = TERMS, wanted: int = 1, **more: Any) -> Job:
        """Make a job whose objects are open."""
        key = f"{PREFIX}{name}/template.liquid.html"
        self.workshop.client("s3").put_object(Bucket=self.workshop.name, Key=key, Body=TEMPLATE.encode())
        uri = f"s3://{self.workshop.name}/{key}"
        job = Job(name, terms, wanted, "{}", team=team, title=f"Title of {name}", description="Which animal?",
                  template=uri, categories=("cat", "dog"), state=State.IN_PROGRESS,
                  objects=len(inputs), **more)  # fmt: skip
        store = self.store
        assert store.create(job)
        for number, each in enumerate(inputs):
            line = {"source-ref": each["taskObject"]} if "taskObject" in each else {"source": "x"}
            store.add(job, DataObject(str(number), line), each)
            store.change(job, str(number), Open())
        return store.job(name)

    def put(self, key: str, content: bytes, kind: str = "") -> str:
        """Write an object, and return its URI."""
        more = {"ContentType": kind} if kind else {}
        self.workshop.client("s3").put_object(Bucket=self.workshop.name, Key=key, Body=content, **more)
        return f"s3://{self.workshop.name}/{key}"

    def people(self) -> None:
        """Make a user pool as the stack makes it: no domain, and a client that speaks SRP alone."""
        cognito = self.workshop.client("cognito-idp")
        self.pool = cognito.create_user_pool(
            PoolName=self.workshop.name, AdminCreateUserConfig={"AllowAdminCreateUserOnly": True}
        )["UserPool"]["Id"]
        self.client = cognito.create_user_pool_client(
            UserPoolId=self.pool,
            ClientName="portal",
            ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            PreventUserExistenceErrors="ENABLED",
        )["UserPoolClient"]["ClientId"]

    def invite(self, name: str, *teams: str, known: bool = True) -> None:
        """Let somebody in, who has a password of their own or, unless `known`, one to begin with."""
        cognito = self.workshop.client("cognito-idp")
        cognito.admin_create_user(
            UserPoolId=self.pool, Username=name, TemporaryPassword=PASSWORD, MessageAction="SUPPRESS"
        )
        if known:
            cognito.admin_set_user_password(UserPoolId=self.pool, Username=name, Password=PASSWORD, Permanent=True)
        for team in teams:
            groups = {each["GroupName"] for each in cognito.list_groups(UserPoolId=self.pool)["Groups"]}
            if team not in groups:
                cognito.create_group(UserPoolId=self.pool, GroupName=team)
            cognito.admin_add_user_to_group(UserPoolId=self.pool, Username=name, GroupName=team)

    def sub(self, name: str) -> str:
        """Return somebody's id in the pool."""
        user = self.workshop.client("cognito-idp").admin_get_user(UserPoolId=self.pool, Username=name)
        return next(str(each["Value"]) for each in user["UserAttributes"] if each["Name"] == "sub")

    def end_sessions(self) -> None:
        """Let every token end, and those that begin sessions anew."""
        self.ended |= set(self.tokens)
        cognito = self.workshop.client("cognito-idp")
        for user in cognito.list_users(UserPoolId=self.pool)["Users"]:
            cognito.admin_user_global_sign_out(UserPoolId=self.pool, Username=user["Username"])

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        claims: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Ask a function as API Gateway does; a text is a body as it is."""
        text = body if isinstance(body, str) or body is None else json.dumps(body)
        event = proxy_event(method, path, text, claims, headers)
        name = event["path"]
        api = name == "/auth" or name.split("/")[1] in {"tasks", "jobs", "me"}
        handler: Any = sign_in if name == "/auth" else worker if api else page
        if name.split("/")[1] == "lead":
            handler = lead
        answer: dict[str, Any] = handler.handler.handler(event, _Context())
        answer["headers"] = answer.get("headers") or {
            name: values[0] for name, values in answer.get("multiValueHeaders", {}).items()
        }
        return answer

    def claims_of(self, token: str) -> dict[str, Any] | None:
        """Return the claims of a token, as the authorizer hands them over; None where it lets nobody in."""
        if token in self.ended:
            return None
        try:
            part = token.split(".")[1]
            claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        except (IndexError, ValueError):
            return None
        self.tokens[token] = claims
        if claims["exp"] < time.time() or claims["token_use"] != "id":
            return None
        groups = claims.get("cognito:groups", [])
        return claims | {"cognito:groups": ",".join(groups)}

    @contextmanager
    def opened(self) -> Iterator[str]:
        """Serve the portal on this machine; yield the address of its page."""
        with ThreadingHTTPServer(("127.0.0.1", 0), _handler(self)) as server:
            server.daemon_threads = True
            thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
            thread.start()
            yield f"http://127.0.0.1:{server.server_port}/portal/"
            server.shutdown()
            thread.join()


class _Context:
    function_name = "function"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:function"
    aws_request_id = "52fdfc07-2182-454f-963f-5f0f9a621d72"

    def get_remaining_time_in_millis(self) -> int:
        return 20_000


def proxy_event(
    method: str,
    path: str,
    body: str | None = None,
    claims: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return a REST API's proxy event, as API Gateway documents it ("Set up Lambda proxy integrations")."""
    url = urlsplit(path)
    query = dict(parse_qsl(url.query))
    return {
        "resource": "/{proxy+}",
        "path": url.path,
        "httpMethod": method,
        "headers": dict(headers or {}),
        "multiValueHeaders": {name: [value] for name, value in (headers or {}).items()},
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} or None,
        "pathParameters": {"proxy": unquote(url.path.lstrip("/"))},
        "stageVariables": None,
        "requestContext": {
            "resourcePath": "/{proxy+}",
            "httpMethod": method,
            "path": f"/portal{url.path}",
            "accountId": "111122223333",
            "protocol": "HTTP/1.1",
            "stage": "portal",
            "requestTimeEpoch": 1772368496000,
            "requestId": REQUEST_ID,
            "identity": {"sourceIp": "10.0.0.7"},
            "apiId": "1234567890",
            **({"authorizer": {"claims": dict(claims)}} if claims else {}),
        },
        "body": body,
        "isBase64Encoded": False,
    }


@contextmanager
def built(running: Running, site: Path) -> Iterator[House]:
    """Build a house in a local cloud, whose functions serve the page of a folder."""
    workshop = Workshop(running, "").fresh(uuid.uuid4().hex[:8])
    house = House(workshop)
    house.people()
    variables = {
        **running.environment(),
        "TASKS_TABLE": workshop.name,
        "DATA_BUCKET": workshop.name,
        "USER_POOL_ID": house.pool,
        "CLIENT_ID": house.client,
        "LAMBDA_TASK_ROOT": str(site.parent),
        "PAGE_FOLDER": site.name,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        for each in CACHES:
            each.cache_clear()
        yield house
    for each in CACHES:
        each.cache_clear()


def _handler(house: House) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - one class
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if house.down:
                self.close_connection = True
                self.connection.close()
                return
            path = self.path.removeprefix("/portal") or "/"
            house.calls.append((self.command, path, body))
            first = urlsplit(path).path.split("/")[1]
            claims = None
            if first in {"tasks", "jobs", "me", "lead"}:
                claims = house.claims_of(self.headers.get("Authorization", ""))
                if claims is None:
                    self.say({"statusCode": 401, "headers": {"Content-Type": "application/json"},
                              "body": '{"error": {"code": "not_signed_in", "message": "The incoming token has expired"}}'})  # fmt: skip  # noqa: E501
                    return
            self.say(house.ask(self.command, path, body.decode() or None, claims, dict(self.headers)))

        do_GET = do_POST = do_PUT = answer  # noqa: N815 - the base class calls them so

        def say(self, answer: dict[str, Any]) -> None:
            content = answer["body"].encode()
            if answer.get("isBase64Encoded"):
                content = base64.b64decode(content)
            self.send_response(answer["statusCode"])
            for name, value in {**answer["headers"], "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def handle(self) -> None:
            try:
                super().handle()
            except (OSError, ValueError):
                self.close_connection = True

        def finish(self) -> None:
            try:
                super().finish()
            except (OSError, ValueError):
                self.close_connection = True

    return Handler
