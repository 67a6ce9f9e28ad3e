"""The page of people who label, and what it asks."""

from collections.abc import Mapping, Sequence
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from constructs import Construct

from ml_constructs.foundation.acknowledgment import acknowledge
from ml_constructs.foundation.folder import Folder
from ml_constructs.functions.function import FunctionSettings, PythonFunction
from ml_constructs.functions.rest_api import (
    FUNCTION_LIMIT,
    INTEGRATION_LIMIT,
    JSON,
    add_errors,
    request_validator,
    rest_api,
)
from ml_constructs.labeling.site import FOLDER, page_code
from ml_constructs.labeling.task_store import TaskStore
from ml_constructs.labeling.workforce import Workforce

STAGE: Final = "portal"
BYTES: Final = "application/octet-stream"
"""What the page accepts where it asks for a file: API Gateway then hands it over byte for byte."""
RATE, BURST = 100, 300
CALLER: Final = {"caller": "$context.authorizer.claims.sub"}
ROUTES: Final[Sequence[tuple[str, str, str]]] = (
    ("GET", "tasks", ""),
    ("GET", "tasks/{task}", ""),
    ("GET", "tasks/{task}/media/{number}", ""),
    ("PUT", "tasks/{task}/draft", "draft"),
    ("POST", "tasks/{task}/heartbeat", "seconds"),
    ("POST", "tasks/{task}/answer", "answer"),
    ("POST", "tasks/{task}/decline", "reason"),
    ("POST", "tasks/{task}/question", "text"),
    ("POST", "jobs/{job}/tasks/next", ""),
    ("GET", "me/history", ""),
    ("POST", "me/history/{task}/reopen", ""),
    ("GET", "me/questions", ""),
    ("GET", "me/keys", ""),
    ("PUT", "me/keys", "keys"),
)
"""What people may ask of `worker.handler`, and what a body must have; nothing else."""
LEAD_ROUTES: Final[Sequence[tuple[str, str, str]]] = (
    ("GET", "lead/jobs", ""),
    ("GET", "lead/jobs/{job}", ""),
    ("GET", "lead/jobs/{job}/objects", ""),
    ("GET", "lead/jobs/{job}/objects/{object}", ""),
    ("GET", "lead/jobs/{job}/objects/{object}/media/{number}", ""),
    ("POST", "lead/jobs/{job}/objects/{object}/release", "worker"),
    ("POST", "lead/jobs/{job}/objects/{object}/reopen", "more"),
    ("POST", "lead/jobs/{job}/objects/{object}/send-back", "note"),
    ("GET", "lead/jobs/{job}/questions", ""),
    ("POST", "lead/jobs/{job}/questions/{question}/answer", "text"),
    ("POST", "lead/people/{worker}/pause", "reason"),
    ("POST", "lead/people/{worker}/resume", ""),
)
"""What who leads jobs may ask of `lead.handler`, which tells everybody else that there is no such thing."""
SIGN_IN_RATE, SIGN_IN_BURST = 10, 40
"""Steps of sign-ins a second, of which one takes two or three, and at once: when a shift begins."""
BEFORE_SIGN_IN: Final = (
    "Who signs in has no token yet: they are shown a page that is the same for everybody and has no data, and Cognito "
    "answers to proofs of a password, and locks out who fails."
)
NO_BODY: Final = "It takes no body: who asks, and for what, stands in the token and the path."


class WorkerPortal(Construct):
    """A REST API that serves the page, signs people in, and hands them the tasks of their teams.

    All but the page and the sign-in asks for a token of the workforce. `media` are folders with what tasks name.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        workforce: Workforce,
        store: TaskStore,
        media: Sequence[Folder],
        functions: FunctionSettings,
    ) -> None:
        super().__init__(scope, construct_id)
        self._functions = functions
        self.api = rest_api(
            self,
            name=cdk.Stack.of(self).stack_name,
            description="The portal of those who label",
            stage=STAGE,
            logs=functions.logs,
            rate=RATE,
            burst=BURST,
            binary=[BYTES],
            caller=CALLER,
            limits={"/auth/POST": (SIGN_IN_RATE, SIGN_IN_BURST)},
        )
        add_errors(
            self.api,
            {
                "NotSignedIn": (apigateway.ResponseType.UNAUTHORIZED, "not_signed_in"),
                "Expired": (apigateway.ResponseType.EXPIRED_TOKEN, "not_signed_in"),
            },
        )
        self._validator, self._models = request_validator(self.api), dict[str, apigateway.Model]()
        self.worker = self._function(
            "Worker",
            handler="worker.handler.handler",
            description="Hands out tasks of labeling jobs, and takes what people do with them",
            variables=store.variables,
            memory=1024,
        )
        self.lead = self._function(
            "Lead",
            handler="lead.handler.handler",
            description="Shows who leads labeling jobs how they go, and does what they decide",
            variables={**store.variables, "USER_POOL_ID": workforce.pool.user_pool_id},
            memory=1769,
        )
        for function in (self.worker, self.lead):
            store.grant_act(function.role)
            store.grant_keep(function.role)
            iam.Grant.add_to_principal(
                grantee=function.role,
                actions=["s3:GetObject"],  # the key is granted with the store, which is in the same bucket
                resource_arns=[folder.objects for folder in media],
            )
        workforce.grant_list(self.lead.role)
        self.sign_in = self._function(
            "SignIn",
            handler="sign_in.handler.handler",
            description="Signs in people who label",
            variables={"USER_POOL_ID": workforce.pool.user_pool_id, "CLIENT_ID": workforce.client.user_pool_client_id},
        )
        workforce.grant_sign_in(self.sign_in.role)
        page = PythonFunction(
            self,
            "Page",
            handler="page.handler.handler",
            description="Serves the page of people who label",
            environment={"PAGE_FOLDER": FOLDER},
            timeout=FUNCTION_LIMIT,
            settings=functions,
            memory=512,
            code=page_code(),
        )
        self._routes(workforce, page)

    @property
    def url(self) -> str:
        """Where people find the page."""
        return self.api.url

    def _function(
        self,
        construct_id: str,
        *,
        handler: str,
        description: str,
        variables: Mapping[str, str],
        memory: int = 512,
    ) -> PythonFunction:
        return PythonFunction(
            self,
            construct_id,
            handler=handler,
            description=description,
            environment=dict(variables),
            timeout=FUNCTION_LIMIT,
            settings=self._functions,
            memory=memory,
            powertools=True,
        )

    def _body(self, member: str) -> apigateway.Model:
        """Return the schema of an object that has `member`; the function says what else is wrong in it."""
        if member not in self._models:
            self._models[member] = self.api.add_model(
                member.capitalize(),
                content_type=JSON,
                description=f"An object with {member}",
                schema=apigateway.JsonSchema(
                    schema=apigateway.JsonSchemaVersion.DRAFT4,
                    title=member,
                    type=apigateway.JsonSchemaType.OBJECT,
                    required=[member],
                ),
            )
        return self._models[member]

    def _routes(self, workforce: Workforce, page: PythonFunction) -> None:
        authorizer = apigateway.CognitoUserPoolsAuthorizer(
            self, "Workforce", cognito_user_pools=[workforce.pool], results_cache_ttl=cdk.Duration.seconds(60)
        )
        routes = [*((self.worker, *each) for each in ROUTES), *((self.lead, *each) for each in LEAD_ROUTES)]
        for function, method, path, member in routes:
            named = {f"method.request.path.{part[1:-1]}": True for part in path.split("/") if part.startswith("{")}
            made = self.api.root.resource_for_path(path).add_method(
                method,
                _calls(function),
                authorization_type=apigateway.AuthorizationType.COGNITO,
                authorizer=authorizer,
                request_models={JSON: self._body(member)} if member else None,
                request_parameters=named or None,
                request_validator=self._validator,
            )
            if method == "POST" and not member:
                acknowledge(made, requests_validated=NO_BODY)
        sign_in = self.api.root.add_resource("auth").add_method(
            "POST",
            _calls(self.sign_in),
            authorization_type=apigateway.AuthorizationType.NONE,
            request_models={JSON: self._body("operation")},
            request_validator=self._validator,
        )
        files = self.api.root.add_resource("{file+}").add_method(
            "GET",
            _calls(page),
            authorization_type=apigateway.AuthorizationType.NONE,
            request_parameters={"method.request.path.file": True},
            request_validator=self._validator,
        )
        index = self.api.root.add_method(
            "GET",
            _calls(page),
            authorization_type=apigateway.AuthorizationType.NONE,
            request_validator=self._validator,
        )
        for method_ in (sign_in, files, index):
            acknowledge(method_, APIG4=BEFORE_SIGN_IN, COG4=BEFORE_SIGN_IN, function_door=BEFORE_SIGN_IN)
        acknowledge(
            self.api,
            APIGWAssociatedWithWAF="All but the sign-in and the page's files ask for a token of invited people, and "
            "all is throttled, the sign-in by itself.",
            APIGWCacheEnabledAndEncrypted="An answer to one person is never another's, so nothing is cached.",
            APIGWSSLEnabled="The stage calls a function through Lambda's API, which takes no client certificate.",
        )


def _calls(function: PythonFunction) -> apigateway.LambdaIntegration:
    return apigateway.LambdaIntegration(
        function.function, allow_test_invoke=False, proxy=True, timeout=INTEGRATION_LIMIT
    )
