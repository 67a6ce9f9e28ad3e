"""One step of signing in: which requests Cognito is asked, and nothing else of what it offers.

The password is proven by Secure Remote Password, so it is in no request. The one that a person chooses at their first
sign-in is: Cognito knows no other way to set it.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from botocore.exceptions import ClientError

from portal.body import Body
from portal.problem import ProblemError, bad

LONGEST: Final = 8_192
"""Characters of a parameter; the longest is a token that begins a session anew."""
FLOWS: Final = {"USER_SRP_AUTH": {"USERNAME", "SRP_A"}, "REFRESH_TOKEN_AUTH": {"REFRESH_TOKEN"}}
CHALLENGES: Final = {
    "PASSWORD_VERIFIER": {"USERNAME", "PASSWORD_CLAIM_SECRET_BLOCK", "PASSWORD_CLAIM_SIGNATURE", "TIMESTAMP"},
    "NEW_PASSWORD_REQUIRED": {"USERNAME", "NEW_PASSWORD"},
    "SOFTWARE_TOKEN_MFA": {"USERNAME", "SOFTWARE_TOKEN_MFA_CODE"},
}
"""What each flow and each challenge takes: exactly these parameters."""
MEMBERS: Final = ("operation", "AuthFlow", "AuthParameters", "ChallengeName", "ChallengeResponses", "Session")
TOLD: Final = ("ChallengeName", "ChallengeParameters", "Session")
TOKENS: Final = ("IdToken", "RefreshToken", "ExpiresIn")
"""What the page gets; the access token, with which people could change their account, is not among it."""
_UNKNOWN: Final = ProblemError(HTTPStatus.UNAUTHORIZED, "not_signed_in", "Name or password is wrong.")
_BUSY: Final = ProblemError(HTTPStatus.TOO_MANY_REQUESTS, "throttled", "Too many people sign in: try again soon.")
_REFUSALS: Final = {
    "NotAuthorizedException": _UNKNOWN,
    "UserNotFoundException": _UNKNOWN,
    "UserNotConfirmedException": _UNKNOWN,
    "PasswordResetRequiredException": ProblemError(
        HTTPStatus.UNAUTHORIZED, "not_signed_in", "Your password must be set anew: ask who invited you."
    ),
    "CodeMismatchException": ProblemError(
        HTTPStatus.UNAUTHORIZED, "not_signed_in", "The code is not that of your app now: try the next."
    ),
    "InvalidPasswordException": bad(
        "The password is too simple: use 12 characters or more, with capital and small letters, digits and signs."
    ),
    "InvalidParameterException": bad("The sign-in does not know one of these parameters: begin it anew."),
    "TooManyRequestsException": _BUSY,
    "LimitExceededException": _BUSY,
}


class SignIn:
    """The people of one user pool, who come by one client."""

    def __init__(self, cognito: Any, pool: str, client: str) -> None:  # noqa: ANN401 - a client of boto3
        self._cognito, self._pool, self._client = cognito, pool, client

    def step(self, body: Body) -> Mapping[str, Any]:
        """Do one step, and return what the page needs for the next. Raises ProblemError."""
        match body.get("operation"):
            case "InitiateAuth":
                return self._begin(body)
            case "RespondToAuthChallenge":
                return self._go_on(body)
        raise bad('"operation" must be InitiateAuth or RespondToAuthChallenge.')

    def _begin(self, body: Body) -> Mapping[str, Any]:
        flow, parameters = _parameters(body, "AuthFlow", "AuthParameters", FLOWS)
        return self._answer(
            lambda: self._cognito.admin_initiate_auth(
                UserPoolId=self._pool,
                ClientId=self._client,
                AuthFlow=flow,
                AuthParameters=parameters,
            )
        )

    def _go_on(self, body: Body) -> Mapping[str, Any]:
        name, parameters = _parameters(body, "ChallengeName", "ChallengeResponses", CHALLENGES)
        session = body.get("Session", "")
        if not isinstance(session, str) or len(session) > LONGEST:
            raise bad('"Session" must be what the step before returned.')
        return self._answer(
            lambda: self._cognito.admin_respond_to_auth_challenge(
                UserPoolId=self._pool,
                ClientId=self._client,
                ChallengeName=name,
                ChallengeResponses=parameters,
                **({"Session": session} if session else {}),
            )
        )

    def _answer(self, ask: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
        try:
            said = ask()
        except ClientError as error:
            if problem := _REFUSALS.get(error.response["Error"]["Code"]):
                raise problem from None  # without Cognito's own words, which tell names that there are from others
            raise
        told = {name: said[name] for name in TOLD if said.get(name)}
        if result := said.get("AuthenticationResult"):
            told["AuthenticationResult"] = {name: result[name] for name in TOKENS if name in result}
        return told | {"pool": self._pool.partition("_")[2]}


def _parameters(body: Body, kind: str, name: str, known: Mapping[str, set[str]]) -> tuple[str, dict[str, str]]:
    """Return which of `known` a body asks for, and its parameters. Raises ProblemError."""
    chosen, given = body.get(kind), body.get(name)
    if not isinstance(chosen, str) or chosen not in known:
        raise bad(f'"{kind}" must be one of {", ".join(known)}.')
    wanted = known[chosen]
    if not isinstance(given, dict) or given.keys() != wanted:
        raise bad(f'"{name}" of {chosen} must have {", ".join(sorted(wanted))}, and nothing else.')
    if not all(isinstance(value, str) and 0 < len(value) <= LONGEST for value in given.values()):
        raise bad(f'"{name}" must have texts of 1 to {LONGEST:,} characters.')
    return chosen, given
