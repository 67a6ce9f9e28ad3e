"""What people who label ask for, by real requests to the function over a table and objects of a local cloud."""

import base64
import json
from typing import Any

import pytest

from labels.task import Expire, Hold, Terms
from task_store.contents import PREFIX
from tests.lambda_.conftest import Logged
from tests.lambda_.labeling.portal.house import TEMPLATE, House
from worker import handler
from worker.task_id import parts, task_id

pytestmark = pytest.mark.slow
ADA = {"sub": "ada", "cognito:groups": "birders,owls"}
BEA = {"sub": "bea", "cognito:groups": "birders"}
EVE = {"sub": "eve", "cognito:groups": "others"}
NOBODY = {"sub": "nil"}
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20_000
"""5,120,008 bytes."""


class Asked:
    """The portal as one person asks it."""

    def __init__(self, house: House, claims: dict[str, str]) -> None:
        self.house, self.claims = house, claims

    def raw(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
        return self.house.ask(method, path, body, self.claims, headers)

    def __call__(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        answer = self.raw(method, path, body)
        assert answer["headers"]["Cache-Control"] == "no-store"
        return answer["statusCode"], json.loads(answer["body"])

    def ok(self, method: str, path: str, body: object = None) -> Any:
        status, said = self(method, path, body)
        assert status == 200, said
        return said

    def next(self, job: str, count: int = 1, after: str = "") -> list[Any]:
        tasks: list[Any] = self.ok("POST", f"/jobs/{job}/tasks/next?count={count}&after={after}")["tasks"]
        return tasks


@pytest.fixture(scope="module", autouse=True)
def jobs(house: House) -> None:
    picture = house.put("labels/birds/one.png", PICTURE)
    secret = house.put("labels/birds/secret.png", b"secret")
    own = house.put(f"{PREFIX}birds/0/eve/answer.json", b"{}")
    inputs = [
        {"taskObject": picture, "question": f"Which is {number}?", "more": [picture, own, "s3://elsewhere/x.png"]}
        for number in range(6)
    ]
    house.job("birds", "birders", inputs)
    house.job("owls", "owls", [{"taskObject": secret}])
    house.job("others", "others", [{"taskObject": secret}] * 2)


@pytest.fixture
def ada(house: House) -> Asked:
    return Asked(house, ADA)


def answer(token: str = "token-one", **more: object) -> dict[str, object]:
    return {"token": token, "answer": {"kind": {"label": "cat"}}, "seconds": 3, **more}


def test_people_see_the_jobs_of_their_teams_and_why_there_is_none(house: House) -> None:
    assert [each["name"] for each in Asked(house, ADA).ok("GET", "/tasks")["jobs"]] == ["birds", "owls"]
    said = Asked(house, BEA).ok("GET", "/tasks")
    assert said["jobs"] == [
        {"name": "birds", "title": "Title of birds", "description": "Which animal?", "team": "birders", "barred": ""}
    ]
    assert Asked(house, NOBODY).ok("GET", "/tasks") == {
        "jobs": [],
        "why": "You are in no team yet: ask who invited you.",
    }
    said = Asked(house, {"sub": "x", "cognito:groups": "idle"}).ok("GET", "/tasks")
    assert said["why"] == "No job waits for idle now: look again later."


def test_a_task_has_what_its_page_needs(house: House, ada: Asked) -> None:
    [task] = ada.next("birds")
    assert task["template"] == TEMPLATE
    assert task["input"]["question"].startswith("Which is ")
    assert task["categories"] == ["cat", "dog"]
    assert task["media"] == [{"n": 0, "uri": f"s3://{house.workshop.name}/labels/birds/one.png"}]
    assert task["draft"] is None
    assert task["heartbeat"] == 30
    assert ada.ok("GET", f"/tasks/{task['id']}") == task
    assert [each["id"] for each in ada.next("birds")] == [task["id"]], "what is held comes first"


def test_two_at_once_are_two(ada: Asked) -> None:
    first, second = ada.next("birds", 2)
    assert first["id"] != second["id"]


def test_a_picture_comes_in_pieces(ada: Asked) -> None:
    [task] = ada.next("birds")
    path = f"/tasks/{task['id']}/media/0"
    first = ada.raw("GET", path)
    assert (first["statusCode"], first["isBase64Encoded"]) == (206, True)
    assert first["headers"]["Content-Range"] == f"bytes 0-3999999/{len(PICTURE)}"
    assert first["headers"]["Content-Type"] == "image/png"
    rest = ada.raw("GET", path, headers={"Range": "bytes=4000000-"})
    assert rest["headers"]["Content-Range"] == f"bytes 4000000-{len(PICTURE) - 1}/{len(PICTURE)}"
    assert base64.b64decode(first["body"]) + base64.b64decode(rest["body"]) == PICTURE
    assert ada.raw("GET", path, headers={"Range": f"bytes={len(PICTURE)}-"})["statusCode"] == 416
    assert ada.raw("GET", path, headers={"Range": "lines=1-2"})["statusCode"] == 422


def test_media_that_the_task_does_not_name_are_not_there(ada: Asked) -> None:
    [task] = ada.next("birds")
    for number in ("1", "2", "-1", "x", "99", "%2e%2e"):
        assert ada("GET", f"/tasks/{task['id']}/media/{number}")[0] == 404


def test_what_is_others_is_not_there(house: House, ada: Asked) -> None:
    [task] = ada.next("birds")
    [theirs] = Asked(house, EVE).next("others")
    claimed_by_nobody = task_id("others", "1")
    for asked in (Asked(house, EVE), Asked(house, NOBODY)):
        for method, path, body in everything(task["id"], "birds"):
            assert asked(method, path, body)[0] == 404, (method, path)
    for name in (theirs["id"], claimed_by_nobody, "birds.OTk", "nothing.MA", "birds", "birds.%20", "birds.MB"):
        for method, path, body in everything(name, "others"):
            assert ada(method, path, body)[0] == 404, (method, path)
    same_team = Asked(house, BEA)
    for method, path, body in everything(task["id"], "none"):
        assert same_team(method, path, body)[0] == 404, "a task is one person's"


def everything(name: str, job: str) -> list[tuple[str, str, object]]:
    return [
        ("POST", f"/jobs/{job}/tasks/next", None),
        ("GET", f"/tasks/{name}", None),
        ("GET", f"/tasks/{name}/media/0", None),
        ("PUT", f"/tasks/{name}/draft", {"draft": [], "seconds": 1}),
        ("POST", f"/tasks/{name}/heartbeat", {"seconds": 1}),
        ("POST", f"/tasks/{name}/answer", answer()),
        ("POST", f"/tasks/{name}/decline", {"reason": "unclear"}),
        ("POST", f"/tasks/{name}/question", {"text": "?"}),
        ("POST", f"/me/history/{name}/reopen", None),
        ("DELETE", f"/tasks/{name}", None),
    ]


def test_what_was_entered_is_there_again(ada: Asked) -> None:
    [task] = ada.next("birds")
    entered = [[{"label": "dog"}, "a word"]]
    assert ada.ok("PUT", f"/tasks/{task['id']}/draft", {"draft": entered, "seconds": 2}) == {}
    assert ada.ok("GET", f"/tasks/{task['id']}")["draft"] == entered
    assert ada.next("birds")[0]["draft"] == entered
    assert ada.ok("POST", f"/tasks/{task['id']}/heartbeat", {"seconds": 1.4}) == {}


def test_an_answer_counts_once_and_can_be_taken_back(house: House, ada: Asked) -> None:
    [task] = ada.next("birds")
    path = f"/tasks/{task['id']}/answer"
    given = answer(f"once-{task['id']}"[:40].replace(".", "-"), draft=[[{"label": "cat"}]])
    assert ada.ok("POST", path, given) == {}
    assert ada.ok("POST", path, given) == {}, "a request that is sent again"
    status, said = ada("POST", path, answer("another-one"))
    assert (status, said["error"]["code"]) == (409, "done")
    job, identity = parts(task["id"])
    [(who, lease)] = house.store.leases(job, identity)
    assert (who, lease.state, json.loads(lease.answer)) == ("ada", Hold.SUBMITTED, {"kind": {"label": "cat"}})
    history = ada.ok("GET", "/me/history")["tasks"]
    assert history[0]["id"] == task["id"]
    again = ada.ok("POST", f"/me/history/{task['id']}/reopen")
    assert (again["id"], again["draft"]) == (task["id"], [[{"label": "cat"}]])
    assert ada.ok("POST", f"/me/history/{task['id']}/reopen") == again, "a request that is sent again"
    ada.ok("POST", path, answer("another-one"))


def test_a_task_goes_back_for_a_reason_and_is_no_answer(house: House, ada: Asked) -> None:
    [task] = ada.next("birds")
    status, said = ada("POST", f"/tasks/{task['id']}/decline", {"reason": "boring"})
    assert (status, said["error"]["message"]) == (422, '"reason" must be one of unclear, broken, not-mine.')
    for _ in range(2):
        assert ada.ok("POST", f"/tasks/{task['id']}/decline", {"reason": "broken"}) == {}
    assert task["id"] not in [each["id"] for each in ada.next("birds", 5)]
    [(_, lease)] = house.store.leases(*parts(task["id"]))
    assert (lease.state, lease.reason) == (Hold.DECLINED, "broken")


def test_who_is_too_late_is_told_and_what_they_wrote_is_kept(house: House) -> None:
    house.job("late", "birders", [{}], terms=Terms(limit=1, patience=1, available=36_000))
    slow, quick = Asked(house, {**BEA, "sub": "slow"}), Asked(house, BEA)
    [task] = slow.next("late")
    store = house.store
    store._clock = lambda: 9_999_999_999  # noqa: SLF001 - long after
    store.act(store.job("late"), "0", "slow", Expire())
    [theirs] = quick.next("late")
    quick.ok("POST", f"/tasks/{theirs['id']}/answer", answer("quick-one"))
    status, said = slow("POST", f"/tasks/{task['id']}/answer", answer("slow-one"))
    assert (status, said["error"]["code"]) == (409, "late")
    assert "your answer is kept" in said["error"]["message"]
    kept = house.workshop.client("s3").get_object(
        Bucket=house.workshop.name, Key=f"{PREFIX}late/0/late/slow/slow-one.json"
    )
    assert json.loads(kept["Body"].read()) == {"kind": {"label": "cat"}}
    assert slow("PUT", f"/tasks/{task['id']}/draft", {"draft": []})[0] == 409


def test_who_is_paused_is_told_why(house: House) -> None:
    paused = Asked(house, {**BEA, "sub": "paused"})
    house.store.bar("paused", "Your last answers are looked at.")
    assert paused.ok("POST", "/jobs/birds/tasks/next") == {"tasks": [], "why": "Your last answers are looked at."}


def test_questions_and_keys_are_kept(house: House, ada: Asked) -> None:
    [task] = ada.next("birds")
    assert ada.ok("POST", f"/tasks/{task['id']}/question", {"text": "Is a kitten a cat?"}) == {}
    found = house.workshop.client("dynamodb").query(
        TableName=house.workshop.name,
        KeyConditionExpression="PK = :job",
        ExpressionAttributeValues={":job": {"S": "QUESTIONS#birds"}},
    )["Items"]
    assert [(each["Asker"]["S"], each["Text"]["S"]) for each in found] == [("ada", "Is a kitten a cat?")]
    assert ada.ok("GET", "/me/keys") == {"keys": {}}
    ada.ok("PUT", "/me/keys", {"keys": {"duplicate": ["x", "Control+d"]}})
    assert ada.ok("GET", "/me/keys") == {"keys": {"duplicate": ["x", "Control+d"]}}
    assert Asked(house, BEA).ok("GET", "/me/keys") == {"keys": {}}


TOKEN = '"token" must be 8 to 64 letters, digits and hyphens, another for each answer.'
CONTENT = '"answer" must be an object, with what the template\'s elements submit under their names.'
UNKNOWN = "The body has 'worker': it may have token, answer, seconds, draft."


@pytest.mark.parametrize(
    ("method", "path", "body", "sentence"),
    [
        ("POST", "answer", "", "The body is no valid JSON: send one object."),
        ("POST", "answer", '{"answer": NaN}', "The body is no valid JSON: send one object."),
        ("POST", "answer", '{"answer": "\\ud800"}', "The body is no valid JSON: send one object."),
        ("POST", "answer", "[" * 100_000, "The body is no valid JSON: send one object."),
        ("POST", "answer", "x" * 2_000_001, "The body has 2,000,001 bytes: 2,000,000 are the most."),
        ("POST", "answer", answer("short"), TOKEN),
        ("POST", "answer", answer() | {"answer": []}, CONTENT),
        ("POST", "answer", answer() | {"answer": {}}, CONTENT),
        ("POST", "answer", answer() | {"seconds": -1}, '"seconds" must be a number that is not negative.'),
        ("POST", "answer", answer() | {"worker": "eve"}, UNKNOWN),
        ("PUT", "draft", {"draft": {}}, '"draft" must be a list: what the frame of the task has handed over.'),
        ("POST", "question", {"text": " "}, '"text" must be a text of 1 to 2,000 characters.'),
        ("POST", "question", {"text": "x" * 2_001}, '"text" must be a text of 1 to 2,000 characters.'),
    ],
)
def test_bad_input_is_refused_with_a_sentence(method: str, path: str, body: object, sentence: str, ada: Asked) -> None:
    [task] = ada.next("birds")
    status, said = ada(method, f"/tasks/{task['id']}/{path}", body)
    assert (status, said["error"]["message"]) == (422, sentence)


@pytest.mark.parametrize("body", [{"keys": []}, {"keys": {"a b": []}}, {"keys": {"undo": "x"}}, {"keys": {"u": [""]}}])
def test_bad_keys_are_refused(body: object, ada: Asked) -> None:
    assert ada("PUT", "/me/keys", body)[0] == 422


def test_bad_counts_are_refused(ada: Asked) -> None:
    assert ada("POST", "/jobs/birds/tasks/next?count=0")[0] == 422


def test_the_log_has_no_content(ada: Asked, logged: Logged) -> None:
    lines = logged(handler.logger)
    [task] = ada.next("birds")
    ada("POST", f"/tasks/{task['id']}/question", {"text": "My secret name", "more": 1})
    ada("PUT", f"/tasks/{task['id']}/draft", {"draft": "My secret name"})
    assert [line["status"] for line in lines()] == [422, 422]
    assert "secret" not in json.dumps(lines())
