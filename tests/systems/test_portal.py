"""The portal on the local cloud: somebody is invited, signs in over HTTP by proof alone, labels, and the job ends."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from localcloud.console import execute_api_url
from mdlc.client import srp
from tests.systems.test_labeling import Labeling
from tests.systems.test_labeling import labeling as labeling  # noqa: PLC0414 - a fixture

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
Call = Callable[..., tuple[int, Any]]


def calls(address: str, token: str = "") -> Call:
    """Return a way to ask the portal, as a browser does."""

    def ask(method: str, path: str, body: object = None) -> tuple[int, Any]:
        content = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": token, "Content-Type": "application/json"}
        request = urllib.request.Request(address + path, content, headers, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                text = answer.read().decode()
                return answer.status, json.loads(text) if answer.headers["Content-Type"] == "application/json" else text
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    return ask


def signed_in(address: str, name: str, first: str) -> str:
    """Sign in for the first time, with a password of one's own from then on; return the token."""
    ask = calls(address)

    def step(body: Mapping[str, Any]) -> Mapping[str, Any]:
        status, said = ask("POST", "auth", body)
        assert status == 200, said
        assert isinstance(said, dict)
        return said

    said = srp.sign_in(step, name, first)
    assert said["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    own = {"USERNAME": said["ChallengeParameters"]["USER_ID_FOR_SRP"], "NEW_PASSWORD": "Another-horse-8-staple"}
    step(
        {
            "operation": "RespondToAuthChallenge",
            "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "ChallengeResponses": own,
            "Session": said["Session"],
        }
    )
    return str(srp.sign_in(step, name, "Another-horse-8-staple")["AuthenticationResult"]["IdToken"])


@pytest.mark.end_to_end
def test_somebody_is_invited_signs_in_and_labels(labeling: Labeling, tmp_path: Path) -> None:
    request = labeling.request("portal", 2, "TextMultiClass", "TextMultiClass", "kind")
    request["HumanTaskConfig"] |= {"NumberOfHumanWorkersPerDataObject": 1}
    name = labeling.create(tmp_path, request)
    invited = labeling.here.done("workteam", "invite", "ada", "--team", "birds")
    outsider = labeling.here.done("workteam", "invite", "eve", "--team", "annotators")
    assert labeling.here.done("workteam", "list")["teams"]["birds"] == {"ada": "invited"}
    address = execute_api_url(invited["portal"], labeling.here.cloud.endpoint or "")
    status, page = calls(address)("GET", "")
    assert (status, "<title>Labeling</title>" in page) == (200, True)
    assert calls(address)("GET", "tasks")[0] == 401
    ask = calls(address, signed_in(address, "ada", invited["password"]))
    assert [each["name"] for each in ask("GET", "tasks")[1]["jobs"]] == [name]
    status, said = ask("POST", f"jobs/{name}/tasks/next?count=2")
    assert status == 200
    assert sorted(each["input"]["taskObject"] for each in said["tasks"]) == ["text 0", "text 1"]
    other = calls(address, signed_in(address, "eve", outsider["password"]))
    assert other("GET", "tasks")[1]["jobs"] == []
    for task in said["tasks"]:
        assert other("GET", f"tasks/{task['id']}")[0] == 404
        path = f"tasks/{task['id']}"
        assert ask("PUT", f"{path}/draft", {"draft": [[{"label": "sad"}]], "seconds": 1}) == (200, {})
        given = {"token": f"token-{task['input']['taskObject'][-1]}-0", "answer": {"kind": {"label": "happy"}}}
        assert ask("POST", f"{path}/answer", given) == (200, {})
    found = labeling.here.done("labels", "wait", name, "--timeout", "120")
    assert (found["LabelingJobStatus"], found["LabelCounters"]["HumanLabeled"]) == ("Completed", 2)
    labeling.here.done("workteam", "remove", "ada")
    assert labeling.here.done("workteam", "list")["teams"] == {
        "annotators": {"eve": "works"},
        "birds": {},
        "leads": {},
    }


@pytest.mark.end_to_end
def test_a_lead_sees_a_job_and_answers_who_asks(labeling: Labeling, tmp_path: Path) -> None:
    request = labeling.request("led", 2, "TextMultiClass", "TextMultiClass", "kind")
    request["HumanTaskConfig"] |= {"NumberOfHumanWorkersPerDataObject": 1}
    name = labeling.create(tmp_path, request)
    found = labeling.here.done("local", "portal")
    assert found["teams"] == ["annotators", "birds", "leads"]
    tokens = srp.sign_in(lambda body: calls(found["portal"])("POST", "auth", body)[1], found["name"], found["password"])
    ask = calls(found["portal"], str(tokens["AuthenticationResult"]["IdToken"]))
    task = ask("POST", f"jobs/{name}/tasks/next")[1]["tasks"][0]
    assert ask("POST", f"tasks/{task['id']}/question", {"text": "Happy, too?"}) == (200, {})
    assert (
        ask("POST", f"tasks/{task['id']}/answer", {"token": "token-one", "answer": {"kind": {"label": "happy"}}})[0]
        == 200
    )
    (asked,) = labeling.here.done("labels", "questions", name)["questions"]
    labeling.here.done("labels", "answer", name, asked["QuestionId"], "Yes, too.")
    assert [each["answer"] for each in ask("GET", "me/questions")[1]["questions"]] == ["Yes, too."]
    status, figures = ask("GET", f"lead/jobs/{name}")
    assert (status, figures["progress"]["answers"], figures["people"][0]["name"]) == (200, 1, found["name"])
    identity = "0" if task["input"]["taskObject"].endswith("0") else "1"
    assert ask("POST", f"lead/jobs/{name}/objects/{identity}/reopen", {"more": 1})[0] == 200
    assert labeling.stages(name)["open"] == 2
    labeling.here.done("labels", "stop", name)
    labeling.here.done("workteam", "remove", found["name"])
