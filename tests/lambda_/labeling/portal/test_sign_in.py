"""Signing in: by proof alone, by real requests to Cognito of the local cloud."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

import sign_in.handler
from mdlc.client import srp
from tests.lambda_.conftest import Logged
from tests.lambda_.labeling.portal.house import PASSWORD, House

pytestmark = pytest.mark.slow


def send(house: House, body: object) -> tuple[int, Any]:
    answer = house.ask("POST", "/auth", body)
    return answer["statusCode"], json.loads(answer["body"])


@pytest.fixture(scope="module", autouse=True)
def people(house: House) -> None:
    house.invite("ada", "birders")
    house.invite("new", "birders", known=False)


def signed(house: House, name: str, password: str = PASSWORD) -> tuple[list[Any], Mapping[str, Any]]:
    sent: list[Any] = []

    def step(body: Mapping[str, Any]) -> Mapping[str, Any]:
        status, said = send(house, body)
        sent.append((body, status))
        assert isinstance(said, dict)
        return said

    return sent, srp.sign_in(step, name, password)


def test_a_token_with_the_teams_for_who_proves_the_password(house: House, logged: Logged) -> None:
    lines = logged(sign_in.handler.logger)
    sent, said = signed(house, "ada")
    result = said["AuthenticationResult"]
    assert set(result) == {"IdToken", "RefreshToken", "ExpiresIn"}
    claims = house.claims_of(result["IdToken"])
    assert claims
    assert claims["cognito:groups"] == "birders"
    assert PASSWORD not in json.dumps(sent)
    assert not any(word in json.dumps(lines()) for word in ("ada", result["IdToken"], "SRP_A"))


def test_a_session_begins_anew_without_a_password(house: House) -> None:
    _, said = signed(house, "ada")
    again = {"REFRESH_TOKEN": said["AuthenticationResult"]["RefreshToken"]}
    status, said = send(house, {"operation": "InitiateAuth", "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": again})
    assert status == 200
    assert house.claims_of(said["AuthenticationResult"]["IdToken"])


@pytest.mark.parametrize(("name", "password"), [("ada", "Wrong-horse-7-battery"), ("nobody", PASSWORD)])
def test_nobody_learns_which_of_name_and_password_is_wrong(name: str, password: str, house: House) -> None:
    sent, said = signed(house, name, password)
    assert [status for _, status in sent] == [200, 401]
    assert said["error"]["message"] == "Name or password is wrong."


def test_who_was_invited_chooses_a_password_of_their_own(house: House) -> None:
    _, said = signed(house, "new")
    assert said["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    own = "Another-horse-8-staple"
    answer = {
        "operation": "RespondToAuthChallenge",
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "ChallengeResponses": {"USERNAME": said["ChallengeParameters"]["USER_ID_FOR_SRP"], "NEW_PASSWORD": own},
        "Session": said["Session"],
    }
    status, said = send(house, answer)
    assert status == 200
    assert said["AuthenticationResult"]["IdToken"]
    _, said = signed(house, "new", own)
    assert said["AuthenticationResult"]["IdToken"]


UNKNOWN = (
    "The body has 'ClientId': it may have operation, AuthFlow, AuthParameters, ChallengeName, ChallengeResponses, "
    "Session."
)
SRP = {"USERNAME": "ada", "SRP_A": "2"}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("[]", "The body is no JSON object: send one."),
        ("{", "The body is no valid JSON: send one object."),
        ({"operation": "SignUp"}, '"operation" must be InitiateAuth or RespondToAuthChallenge.'),
        (
            {"operation": "InitiateAuth", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"PASSWORD": "x"}},
            '"AuthFlow" must be one of USER_SRP_AUTH, REFRESH_TOKEN_AUTH.',
        ),
        (
            {"operation": "InitiateAuth", "AuthFlow": "USER_SRP_AUTH", "AuthParameters": SRP | {"PASSWORD": "x"}},
            '"AuthParameters" of USER_SRP_AUTH must have SRP_A, USERNAME, and nothing else.',
        ),
        (
            {"operation": "InitiateAuth", "AuthFlow": "USER_SRP_AUTH", "AuthParameters": SRP, "ClientId": "x"},
            UNKNOWN,
        ),
        (
            {"operation": "RespondToAuthChallenge", "ChallengeName": "CUSTOM_CHALLENGE", "ChallengeResponses": {}},
            '"ChallengeName" must be one of PASSWORD_VERIFIER, NEW_PASSWORD_REQUIRED, SOFTWARE_TOKEN_MFA.',
        ),
        ("x" * 40_000, "The body has 40,000 bytes: 32,768 are the most."),
    ],
)
def test_what_is_no_sign_in_is_refused(body: Any, sentence: str, house: House) -> None:
    status, said = send(house, body)
    assert (status, said["error"]["message"]) == (422, sentence)
