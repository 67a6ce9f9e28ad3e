"""What who leads jobs asks for, by real requests to the functions over a table, objects and people of a local cloud."""

import json
from typing import Any

import pytest

from labels.task import Hold, Stage, Terms
from lead import handler
from tests.lambda_.conftest import Logged
from tests.lambda_.labeling.portal.house import House
from tests.lambda_.labeling.portal.test_worker import Asked, answer

pytestmark = pytest.mark.slow
LEAD = {"sub": "lia", "cognito:groups": "leads", "cognito:username": "lia"}
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
OBJECTS = 8
SAID = {"ada": "cat", "bea": "cat", "cyd": "dog"}
"""What each says of every object but those that are dogs, of which all say so: cyd takes every cat for a dog."""


@pytest.fixture(scope="module")
def people(house: House) -> dict[str, Asked]:
    """Three people of a team, as the pool knows them."""
    for name in SAID:
        house.invite(name, "birders")
    return {name: Asked(house, {"sub": house.sub(name), "cognito:groups": "birders"}) for name in SAID}


@pytest.fixture(scope="module", autouse=True)
def birds(house: House, people: dict[str, Asked]) -> None:
    """A job that all have answered."""
    picture = house.put("labels/birds/one.png", PICTURE, "image/png")
    house.job("birds", "birders", [{"taskObject": picture, "n": number} for number in range(OBJECTS)], wanted=3)
    for name, asked in people.items():
        for _ in range(OBJECTS):
            [task] = asked.next("birds")
            number = task["input"]["n"]
            said = SAID[name] if number % 2 else "dog"
            asked.ok("POST", f"/tasks/{task['id']}/answer", answer(f"{name}-{number}-token") | {"answer": {
                "kind": {"label": said}}})  # fmt: skip


@pytest.fixture
def lia(house: House) -> Asked:
    return Asked(house, LEAD)


def everything(job: str, identity: str, worker: str, question: str) -> list[tuple[str, str, object]]:
    there = f"/lead/jobs/{job}/objects/{identity}"
    return [
        ("GET", "/lead/jobs", None),
        ("GET", f"/lead/jobs/{job}", None),
        ("GET", f"/lead/jobs/{job}/objects?stage=open", None),
        ("GET", there, None),
        ("GET", f"{there}/media/0", None),
        ("POST", f"{there}/release", {"worker": worker}),
        ("POST", f"{there}/reopen", {"more": 1}),
        ("POST", f"{there}/send-back", {"worker": worker, "note": "Look again."}),
        ("GET", f"/lead/jobs/{job}/questions", None),
        ("POST", f"/lead/jobs/{job}/questions/{question}/answer", {"text": "Yes."}),
        ("POST", f"/lead/people/{worker}/pause", {"reason": "Wait."}),
        ("POST", f"/lead/people/{worker}/resume", None),
        ("DELETE", f"/lead/jobs/{job}", None),
    ]


def test_to_everybody_else_nothing_of_it_is_there(house: House, people: dict[str, Asked]) -> None:
    strangers = (people["ada"], Asked(house, {"sub": "x"}), Asked(house, {"sub": "x", "cognito:groups": "leaders"}))
    for asked in strangers:
        for method, path, body in everything("birds", "0", house.sub("ada"), "x"):
            assert asked(method, path, body)[0] == 404, (method, path)
    assert "leads" not in people["ada"].ok("GET", "/tasks")


def test_what_there_is_not_is_not_there_for_a_lead_either(house: House, lia: Asked) -> None:
    for method, path, body in everything("none", "0", house.sub("ada"), "x")[1:-3]:
        assert lia(method, path, body)[0] == 404, (method, path)
    for method, path, body in everything("birds", "99", "nobody", "x")[3:-1]:
        if not path.endswith("/questions"):
            assert lia(method, path, body)[0] == 404, (method, path)
    assert lia.ok("GET", "/tasks")["leads"] is True


def test_a_lead_sees_who_is_wrong_about_what(house: House, lia: Asked) -> None:
    found = lia.ok("GET", "/lead/jobs/birds?rate=12")
    assert found["progress"]["answers"] == OBJECTS * 3
    assert found["progress"]["stages"] == {"answered": OBJECTS}
    people = {each["name"]: each for each in found["people"]}
    assert people["cyd"]["agreement"]["right"] < people["ada"]["agreement"]["right"]
    assert people["cyd"]["confusions"][0]["actual"] == "cat"
    assert people["cyd"]["confusions"][0]["said"] == "dog"
    assert people["ada"]["worker"] == house.sub("ada")
    assert {each["class"]: each["objects"] for each in found["classes"]}.keys() == {"cat", "dog"}
    assert found["disagreements"]
    for each in found["disagreements"]:
        assert each["answers"] == {"cat": 2, "dog": 1}
        assert found["sources"][each["object"]].endswith("one.png")
    assert found["usd_of_a_correct_label"] > 0
    assert lia.ok("GET", "/lead/jobs/birds")["usd_of_a_correct_label"] is None
    assert lia("GET", "/lead/jobs/birds?rate=much")[0] == 422


def test_figures_are_as_new_as_the_last_answer(house: House, lia: Asked, people: dict[str, Asked]) -> None:
    house.job("fresh", "birders", [{}, {}], wanted=1)
    assert lia.ok("GET", "/lead/jobs/fresh")["progress"]["answers"] == 0
    [task] = people["ada"].next("fresh")
    assert lia.ok("GET", "/lead/jobs/fresh")["progress"]["held"] == 1
    people["ada"].ok("POST", f"/tasks/{task['id']}/answer", answer("fresh-token"))
    progress = lia.ok("GET", "/lead/jobs/fresh")["progress"]
    assert (progress["answers"], progress["missing"], progress["held"]) == (1, 1, 0)


def test_objects_say_what_keeps_them_and_who_has_them_and_can_be_taken(
    house: House, lia: Asked, people: dict[str, Asked]
) -> None:
    house.job("held", "birders", [{}], wanted=1)
    [task] = people["ada"].next("held")
    [found] = lia.ok("GET", "/lead/jobs/held/objects?stage=open")["objects"]
    assert "ada works on it until" in found["why"]
    [holder] = found["holders"]
    assert (holder["name"], holder["worker"]) == ("ada", house.sub("ada"))
    after = lia.ok("POST", "/lead/jobs/held/objects/0/release", {"worker": holder["worker"]})
    assert after["holders"] == []
    assert "1 place is free" in after["why"]
    assert people["ada"]("PUT", f"/tasks/{task['id']}/draft", {"draft": []})[0] == 409
    assert lia("POST", "/lead/jobs/held/objects/0/release", {"worker": holder["worker"]})[0] == 409, "nobody has it"
    assert [each["id"] for each in people["bea"].next("held")] == [task["id"]]
    assert lia("GET", "/lead/jobs/held/objects?stage=none")[0] == 422


def test_pages_of_objects_follow_each_other(house: House, lia: Asked) -> None:
    house.job("many", "birders", [{}] * 53)
    first = lia.ok("GET", "/lead/jobs/many/objects?stage=open")
    rest = lia.ok("GET", f"/lead/jobs/many/objects?stage=open&after={first['more']}")
    assert (len(first["objects"]), len(rest["objects"]), rest["more"]) == (50, 3, "")
    assert len({each["object"] for each in (*first["objects"], *rest["objects"])}) == 53


def test_an_object_shows_what_people_answered_and_its_picture(lia: Asked) -> None:
    found = lia.ok("GET", "/lead/jobs/birds")["disagreements"][0]["object"]
    shown = lia.ok("GET", f"/lead/jobs/birds/objects/{found}")
    assert {each["name"]: each["answer"]["kind"]["label"] for each in shown["answers"]} == SAID
    assert shown["media"] == 1
    piece = lia.raw("GET", f"/lead/jobs/birds/objects/{found}/media/0")
    assert (piece["statusCode"], piece["headers"]["Content-Type"]) == (206, "image/png")
    assert lia("GET", f"/lead/jobs/birds/objects/{found}/media/1")[0] == 404


def test_an_answer_that_is_sent_back_comes_with_its_note(house: House, lia: Asked, people: dict[str, Asked]) -> None:
    house.job("back", "birders", [{}], wanted=1)
    cyd = people["cyd"]
    [task] = cyd.next("back")
    cyd.ok("POST", f"/tasks/{task['id']}/answer", answer("back-token", draft=[["dog"]]))
    there = "/lead/jobs/back/objects/0/send-back"
    lia.ok("POST", there, {"worker": house.sub("cyd"), "note": "That is a cat, look at the tail."})
    [again] = cyd.next("back")
    assert (again["id"], again["note"]) == (task["id"], "That is a cat, look at the tail.")
    assert again["draft"] == [["dog"]]
    status, said = lia("POST", there, {"worker": house.sub("cyd"), "note": "Once more."})
    assert (status, said["error"]["message"]) == (409, "There is no answer of yours to take back.") or status == 409
    assert lia("POST", there, {"worker": house.sub("cyd")})[0] == 422


def test_more_people_are_asked_while_the_job_goes_on(house: House, lia: Asked, people: dict[str, Asked]) -> None:
    house.job("again", "birders", [{}], wanted=1)
    [task] = people["ada"].next("again")
    people["ada"].ok("POST", f"/tasks/{task['id']}/answer", answer("again-token"))
    version = house.store.job("again").version
    shown = lia.ok("POST", "/lead/jobs/again/objects/0/reopen", {"more": 2})
    assert shown["stage"] == Stage.OPEN
    assert house.store.job("again").version > version, "who ends the job now has read it as it was"
    assert house.store.now(house.store.job("again"), ["0"])["0"].wanted == 3
    for more in (0, 10, True, "1"):
        assert lia("POST", "/lead/jobs/again/objects/0/reopen", {"more": more})[0] == 422
    house.job("over", "birders", [{}], wanted=1, labeled=1)
    store = house.store
    store.update(store.job("over"), state=type(store.job("over").state)("Completed"))
    status, said = lia("POST", "/lead/jobs/over/objects/0/reopen", {"more": 1})
    assert (status, said["error"]["message"]) == (
        409,
        "over is Completed: a new job of the object's line asks about it again.",
    )


def test_who_is_paused_is_told_why_until_that_ends(house: House, lia: Asked, people: dict[str, Asked]) -> None:
    house.job("pause", "birders", [{}], wanted=1)
    sub = house.sub("bea")
    assert lia.ok("POST", f"/lead/people/{sub}/pause", {"reason": "Please read the instructions."})["name"] == "bea"
    assert people["bea"].ok("POST", "/jobs/pause/tasks/next")["why"] == "Please read the instructions."
    shown = {each["name"]: each["barred"] for each in lia.ok("GET", "/lead/jobs/birds")["people"]}
    assert shown == {"ada": "", "bea": "Please read the instructions.", "cyd": ""}
    lia.ok("POST", f"/lead/people/{sub}/resume")
    assert len(people["bea"].next("pause")) == 1
    assert lia("POST", f"/lead/people/{sub}/pause", {"reason": " "})[0] == 422


def test_a_question_is_answered_where_it_was_asked(house: House, lia: Asked, people: dict[str, Asked]) -> None:
    house.job("asked", "birders", [{}], wanted=1)
    ada = people["ada"]
    [task] = ada.next("asked")
    ada.ok("POST", f"/tasks/{task['id']}/question", {"text": "Is a kitten a cat?"})
    [mine] = [each for each in ada.ok("GET", "/me/questions")["questions"] if each["task"] == task["id"]]
    assert (mine["text"], mine["answer"], mine["title"]) == ("Is a kitten a cat?", "", "Title of asked")
    assert {each["name"]: each["questions"] for each in lia.ok("GET", "/lead/jobs")["jobs"]}["asked"] == 1
    [shown] = lia.ok("GET", "/lead/jobs/asked/questions")["questions"]
    assert (shown["name"], shown["object"], shown["text"]) == ("ada", "0", "Is a kitten a cat?")
    lia.ok("POST", f"/lead/jobs/asked/questions/{shown['id']}/answer", {"text": "Yes, it is."})
    [mine] = [each for each in ada.ok("GET", "/me/questions")["questions"] if each["task"] == task["id"]]
    assert mine["answer"] == "Yes, it is."
    assert people["bea"].ok("GET", "/me/questions") == {"questions": []}, "a question is one person's"
    assert {each["name"]: each["questions"] for each in lia.ok("GET", "/lead/jobs")["jobs"]}["asked"] == 0
    assert lia("POST", f"/lead/jobs/asked/questions/{shown['id']}/answer", {"text": ""})[0] == 422
    assert lia("POST", "/lead/jobs/asked/questions/none/answer", {"text": "Yes."})[0] == 404


def test_who_has_left_the_pool_has_no_name_any_more(house: House, lia: Asked) -> None:
    house.invite("gone", "birders")
    sub = house.sub("gone")
    house.job("left", "birders", [{}], terms=Terms(3600, 600, 36_000), wanted=1)
    gone = Asked(house, {"sub": sub, "cognito:groups": "birders"})
    [task] = gone.next("left")
    gone.ok("POST", f"/tasks/{task['id']}/answer", answer("left-token"))
    house.workshop.client("cognito-idp").admin_delete_user(UserPoolId=house.pool, Username="gone")
    handler.desk.cache_clear()
    [person] = lia.ok("GET", "/lead/jobs/left")["people"]
    assert person["name"] == f"somebody ({sub[:8]})"
    [(_, lease)] = house.store.leases("left", "0")
    assert lease.state is Hold.SUBMITTED, "their answers stay"


def test_the_log_has_no_content(house: House, lia: Asked, logged: Logged) -> None:
    lines = logged(handler.logger)
    lia("POST", f"/lead/people/{house.sub('ada')}/pause", {"reason": "My secret reason", "more": 1})
    lia("POST", "/lead/jobs/birds/objects/0/send-back", {"worker": "x", "note": "My secret note"})
    assert [line["status"] for line in lines()] == [422, 404]
    assert "secret" not in json.dumps(lines())


def bodies_that_are_refused() -> list[tuple[str, Any]]:
    there = "/lead/jobs/birds/objects/0"
    return [
        (f"{there}/release", {"worker": 1}),
        (f"{there}/release", {"who": "ada"}),
        (f"{there}/send-back", {"worker": "ada", "note": "x" * 2_001}),
        (f"{there}/reopen", "no json"),
        (f"{there}/reopen", {"more": 1.5}),
    ]


@pytest.mark.parametrize(("path", "body"), bodies_that_are_refused())
def test_bad_input_is_refused_with_a_sentence(path: str, body: object, lia: Asked) -> None:
    status, said = lia("POST", path, body)
    assert status == 422
    assert said["error"]["message"].endswith(".")
