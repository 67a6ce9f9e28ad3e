"""Signatures of requests to MiniStack: whether one is right, and how each service refuses one that is not."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, quote

from ministack import app
from ministack.core import iam_actions, iam_evaluator, router, sigv4
from ministack.services import s3

from localcloud.hooks.requests.services import Answer

MISSING: Final = "MissingAuthenticationToken"
_ASK_THE_RESOURCE: Final = ("execute-api:Invoke", "lambda:InvokeFunctionUrl")
_VERSIONS: Final = {
    "2010-03-31": "sns",
    "2010-05-08": "iam",
    "2010-05-15": "cloudformation",
    "2010-08-01": "monitoring",
    "2010-12-01": "ses",
    "2011-01-01": "autoscaling",
    "2011-06-15": "sts",
    "2014-10-31": "rds",
    "2015-02-02": "elasticache",
    "2015-12-01": "elasticloadbalancing",
    "2016-11-15": "ec2",
}
"""Services of the query protocol by the version of their API, which every request names."""
_NO_S3_PATHS: Final = ("/v20180820/", "/iceberg", "/v2/")


@dataclass(frozen=True)
class Request:
    """The head of an HTTP request. `headers` are by lower-case name, `raw` as they came, `path` is decoded."""

    method: str
    path: str
    raw_path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    raw: Sequence[tuple[bytes, bytes]]

    @property
    def signed(self) -> bool:
        """Return whether it says that it is signed, rightly or not."""
        self.pin()
        return iam_evaluator._signed_request.get() is not None

    def service(self, body: bytes = b"") -> str:
        """Return the service that MiniStack would ask."""
        parameters = app._routing_params(self.method, self.path, self.headers, body, self.query)
        return str(router.detect_service(self.method, self.path, self.headers, parameters))

    def bucket(self) -> tuple[str, str] | None:
        """Return bucket and key of a request that S3 would answer, if there is such a bucket."""
        if self.path.startswith(_NO_S3_PATHS) or self.service() != "s3":
            return None
        target: tuple[str, str] | None = app._s3_cors_target(self.headers.get("host", ""), self.path)
        return target

    def pin(self) -> None:
        """Let MiniStack's evaluator look at this request."""
        iam_evaluator.pin_signed_request(self.method, self.raw_path, self.query, self.raw)


def leave_nobody_a_name() -> None:
    """Take a request without an access key for nobody's, which MiniStack takes for the root's.

    S3, stages of APIs and function URLs ask the resource's own policy or authorizer instead.
    """
    enforce, check = iam_evaluator.enforce, iam_evaluator.check_credentials

    def enforced(key: str, action: str, service: str, *rest: Any, **keys: Any) -> Any:  # noqa: ANN401 - MiniStack's
        asks = service == "s3" or action in _ASK_THE_RESOURCE or iam_evaluator._served_unsigned(service, action)
        if key or asks:
            return enforce(key, action, service, *rest, **keys)
        message = iam_actions.anonymous_denial_message(service, action, keys.get("resource_arn", "*"))
        return iam_evaluator.AuthError(MISSING, message)

    def checked(key: str, service: str | None = None) -> Any:  # noqa: ANN401 - MiniStack's
        return check(key, service) if key else iam_evaluator.AuthError(MISSING, "Missing Authentication Token")

    iam_evaluator.enforce, iam_evaluator.check_credentials = enforced, checked


def take_loopback_for_tls() -> None:
    """Let IAM's `aws:SecureTransport` be true: what does not leave the machine need not be encrypted."""
    pin = iam_evaluator.pin_request_origin
    app.pin_request_origin = lambda address, _secure: pin(address, secure_transport=True)


def refusal(request: Request, body: bytes) -> Answer | None:
    """Return what AWS says to a signature that is not right; none to one that is."""
    request.pin()
    iam_evaluator.pin_signed_body(body)
    pinned = iam_evaluator._signed_request.get()
    if pinned is None:
        return missing(request, body)
    if pinned.s3_scoped and request.service(body) == "s3":
        answer: Answer | None = s3._verify_presigned_sigv4(request.method, request.path, request.headers, request.query)
        return answer
    try:
        account = iam_evaluator.find_iam_access_key_account(pinned.access_key_id) or pinned.access_key_id
    except iam_evaluator.AmbiguousAccessKeyError:
        account = ""
    failed = iam_evaluator._s3_scope_failure(request.service(body)) or iam_evaluator.authenticate(
        pinned.access_key_id, account
    )
    return _worded(request, body, failed) if isinstance(failed, iam_evaluator.AuthError) else None


def missing(request: Request, body: bytes = b"") -> Answer:
    """Return what AWS says to a request that is not signed."""
    answer = _failure(request, body, iam_evaluator.AuthError(MISSING, "Missing Authentication Token"))
    if _spoken(request, body) == "s3" and request.bucket() is None:  # S3 is MiniStack's guess: tell others as well
        answer[1]["x-amzn-errortype"] = "MissingAuthenticationTokenException"
    return answer


def denied(request: Request, message: str) -> Answer:
    """Return an access denied, in the form of the service that was asked."""
    service = _spoken(request, b"")
    answer: Answer = iam_actions.access_denied_response(
        service, "", "", _id(), error_code="AccessDenied", message=message, headers=request.headers
    )
    return answer


def public(request: Request) -> bool:
    """Return whether S3 may answer an unsigned request: grants of the bucket, a form with a signed policy, or CORS.

    Forms and preflights are judged by S3 itself.
    """
    target = request.bucket()
    if target is None:
        return False
    bucket, key = target
    form = request.method == "POST" and not key and request.headers.get("content-type", "").startswith("multipart/")
    if request.method == "OPTIONS" or (form and not request.query):
        return True
    owner = s3._bucket_owner_account(bucket)
    return bool(s3._foreign_bucket_allows(owner, bucket, key, request.method, request.query, "", request.headers))


def cors_allows(request: Request) -> bool:
    """Return whether a bucket's own CORS configuration lets the page in; it answers a preflight itself."""
    target = request.bucket()
    if target is None:
        return False
    return request.method == "OPTIONS" or bool(s3.cors_response_headers(target[0], request.method, request.headers))


def confirms_subscription(request: Request) -> bool:
    """Return whether it is the link in a message of SNS."""
    asked = request.method == "GET" and request.path == "/" and "x-amz-target" not in request.headers
    return asked and request.query.get("Action") == ["ConfirmSubscription"] and request.service() == "sns"


def is_registry(path: str) -> bool:
    """Return whether a path is one of the image registry's, which speaks Docker's protocol and needs no signature."""
    return bool(app._is_ecr_registry_path(path))


def unsigned_operations(service: str) -> frozenset[str]:
    """Operations that AWS's own model of a service sends without a signature."""
    operations: frozenset[str] = iam_actions.unsigned_operations(service)
    return operations


def _worded(request: Request, body: bytes, failed: Any) -> Answer:  # noqa: ANN401 - MiniStack's
    if request.service(body) == "s3":
        request.pin()
        iam_evaluator.pin_signed_body(body)
        target = request.bucket()
        path = "/" + "/".join(target) if target else request.path
        told: Answer | None = s3.validate_object_request(request.method, path, request.headers, request.query)
        if told is not None:
            return told
    return _failure(request, body, failed)


def _failure(request: Request, body: bytes, failed: Any) -> Answer:  # noqa: ANN401 - MiniStack's
    answer: Answer = app._credential_failure(_spoken(request, body), "", _id(), failed, request.headers)
    return answer


def _spoken(request: Request, body: bytes) -> str:
    """Return the service whose form an answer takes, also where a request without a signature does not name it."""
    service = request.service(body)
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        version = parse_qs(body.decode(errors="replace")).get("Version", [""])[0]
        return _VERSIONS.get(version, service)
    guessed = service == "s3" and "json" in request.headers.get("content-type", "")
    return "sagemaker" if guessed else service


def _id() -> str:
    return str(uuid.uuid4())


def raw_path(scope: Mapping[str, Any]) -> str:
    """Return the path as the client wrote it."""
    return (scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1")


def query(scope: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    """Return the parameters in the path of a request."""
    return parse_qs(scope.get("query_string", b"").decode("utf-8", "replace"), keep_blank_values=True)


def headers(raw: Sequence[tuple[bytes, bytes]]) -> Mapping[str, str]:
    """Return headers by lower-case name, as MiniStack joins what came on several lines."""
    joined: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), sigv4.decode_header_value(value)
        joined[key] = f"{joined[key]}, {text}" if key in joined else text
    return joined
