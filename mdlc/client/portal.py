"""The portal of those who label, as their page uses it: signed in by proof alone, then tasks and answers."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, Self

from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from mdlc.client import srp
from mdlc.client.aws import sentence
from mdlc.errors import CommandError

JSON: Final = "application/json"
_TIMEOUT: Final = 30
"""Seconds: API Gateway gives up before."""


class Portal:
    """What one person asks of the portal at `url`, its stage as `Cloud.api_url` has it.

    What the portal refuses, and no answer at all, is a `CommandError`.
    """

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._http = URLLib3Session(proxies=get_environ_proxies(url), timeout=_TIMEOUT)
        self._token = ""

    def __enter__(self) -> Self:
        """Return the portal."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self._http.close()

    def sign_in(self, name: str, password: str, chosen: str = "") -> None:
        """Sign in; who was invited and has no password of their own yet gets the `chosen` one."""
        said = srp.sign_in(self._ask_sign_in, name, password)
        if said.get("ChallengeName") == "NEW_PASSWORD_REQUIRED":
            if not chosen:
                raise CommandError(f"{name} has to choose a password first: sign in at {self._url}.")
            own = {"USERNAME": said["ChallengeParameters"]["USER_ID_FOR_SRP"], "NEW_PASSWORD": chosen}
            self._ask_sign_in(
                {
                    "operation": "RespondToAuthChallenge",
                    "ChallengeName": "NEW_PASSWORD_REQUIRED",
                    "ChallengeResponses": own,
                    "Session": said["Session"],
                }
            )
            said = srp.sign_in(self._ask_sign_in, name, chosen)
        self._token = str(said["AuthenticationResult"]["IdToken"])

    def jobs(self) -> list[str]:
        """Return the names of the jobs that wait for the person."""
        return [each["name"] for each in self._ask("GET", "tasks")["jobs"]]

    def next(self, job: str, count: int) -> list[dict[str, Any]]:
        """Return up to `count` tasks that the person is to do now, with `id`, `template`, `input` and `media`."""
        return list(self._ask("POST", f"jobs/{job}/tasks/next?count={count}")["tasks"])

    def answer(self, task: str, token: str, content: Mapping[str, Any], seconds: float) -> None:
        """Submit what the person answers; an answer that is sent twice with one `token` counts once."""
        self._ask("POST", f"tasks/{task}/answer", {"token": token, "answer": content, "seconds": seconds})

    def _ask_sign_in(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._ask("POST", "auth", body)

    def _ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        headers = {"Content-Type": JSON, "Accept": JSON, **({"Authorization": self._token} if self._token else {})}
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        request = AWSRequest(method, f"{self._url}/{path}", headers=headers, data=content)
        try:
            answer = self._http.send(request.prepare())
        except BotoCoreError as error:
            raise CommandError(f"{method} {self._url}/{path} got no answer: {sentence(error)}") from error
        try:
            said = json.loads(answer.content)
        except ValueError:
            said = None
        if answer.status_code != HTTPStatus.OK or not isinstance(said, dict):
            problem = said.get("error", {}).get("message", "") if isinstance(said, dict) else ""
            raise CommandError(f"The portal refuses {method} {path.partition('?')[0]}: {problem or answer.status_code}")
        return said
