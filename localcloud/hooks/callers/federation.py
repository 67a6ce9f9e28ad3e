"""Who comes with a token of another issuer: STS and Cognito of MiniStack take what nobody has signed.

The error codes and their sentences are those of AWS's APIs; a token is right when this cloud itself has signed it,
because no other issuer's keys can be fetched from this machine.
"""

import json
import time
from collections.abc import Mapping
from typing import Any, Final

from ministack import app
from ministack.core import router
from ministack.services import apigateway_v1, cognito, sts

from localcloud.hooks.requests.services import Answer

UNVERIFIED: Final = "Couldn't retrieve verification key from your identity provider"
EXPIRED: Final = "Token expired: current date/time must be before the expiration date/time"


def verify_web_identities() -> None:
    """Refuse a web identity token that this cloud's Cognito has not signed, or that has expired."""
    denied = sts._web_identity_trust_denied

    def verified(role_arn: str, parameters: Mapping[str, Any], use_json: bool) -> Any:  # noqa: ANN401, FBT001 - MiniStack's
        token = sts._p(parameters, "WebIdentityToken")
        claims = cognito._token_claims(token)
        if token.count(".") != 2 or not claims or not cognito._signature_valid(token):  # noqa: PLR2004 - parts of a JWT
            return _refused("InvalidIdentityToken", UNVERIFIED, use_json=use_json)
        if float(claims.get("exp", 0)) < time.time():
            return _refused("ExpiredTokenException", EXPIRED, use_json=use_json)
        return denied(role_arn, parameters, use_json)

    sts._web_identity_trust_denied = verified


def close_identity_pools() -> None:
    """Give no identity to who has not signed in where the pool wants that, and no credentials to an unknown one."""
    get_id, credentials = cognito._get_id, cognito._get_credentials_for_identity

    def identified(request: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        pool = cognito._identity_pools.get(request.get("IdentityPoolId"))
        if pool and not request.get("Logins") and not pool.get("AllowUnauthenticatedIdentities"):
            message = "Unauthenticated access is not supported for this identity pool."
            return cognito.error_response_json("NotAuthorizedException", message, 400)
        return get_id(request)

    def credited(request: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        identity = request.get("IdentityId")
        pool = next(
            (pool for pool in cognito._identity_pools.values() if identity in pool.get("_identities", {})), None
        )
        if pool is None:
            return cognito.error_response_json("ResourceNotFoundException", f"Identity '{identity}' not found.", 400)
        if not pool.get("_roles"):
            message = "Invalid identity pool configuration. Check assigned IAM roles for this pool."
            return cognito.error_response_json("InvalidIdentityPoolConfigurationException", message, 400)
        return credentials(request)

    cognito._get_id, cognito._get_credentials_for_identity = identified, credited


def ask_http_apis_for_signatures() -> None:
    """Refuse another kind of Authorization header on a route of an HTTP API that asks for IAM."""
    enforce = app._enforce_execute_api

    def enforced(*call: Any, **keys: Any) -> Any:  # noqa: ANN401 - MiniStack's
        answer = enforce(*call, **keys)
        api, stage, method, path, headers, query, *_ = call
        if answer or router.extract_access_key_id(headers, query) or apigateway_v1.find_api_scope(api) is not None:
            return answer
        if app._execute_api_authorization_type(api, stage, method, path) != "AWS_IAM":
            return None
        return 403, {"Content-Type": "application/json"}, json.dumps({"message": "Forbidden"}).encode()

    app._enforce_execute_api = enforced


def _refused(code: str, message: str, *, use_json: bool) -> Answer:
    make = sts.error_response_json if use_json else sts._error
    answer: Answer = make(code, message, 400) if use_json else make(400, code, message, ns="sts")
    return answer
