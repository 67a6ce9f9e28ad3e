"""Human loops from their requests to their ends, carried on as the table's stream would have it."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from human_loop_course.course import UNRENDERED
from human_loops.operations import OperationError
from labels.objects import DataObject
from labels.task import Answer, Decline, Open, RefusedError, Terms, Undo
from task_store.jobs import Job, State
from task_store.reviews import Step
from tests.lambda_.labeling.reviews.conftest import DAY, FLOW, ISSUER, PAGE, SHOWN, Reviews

pytestmark = pytest.mark.slow


def validated(service: str, operation: str, answer: Any) -> Any:
    """Hold an answer against AWS's own model."""
    model = botocore.session.get_session().get_service_model(service).operation_model(operation)
    if model.output_shape:
        report = ParamValidator().validate(dict(answer), model.output_shape)
        assert not report.has_errors(), report.generate_report()
    return answer


def test_a_loop_from_its_start_to_its_output(reviews: Reviews) -> None:
    reviews.start()
    assert reviews.status() == "InProgress"
    assert reviews.carry_on().step is Step.ASKED
    (job,) = reviews.store().jobs_of_team("birders")
    assert (job.name, job.title) == ("reviews_birds", "What is it?")
    reviews.answer("ada", "carp")
    assert reviews.carry_on().step is Step.ASKED
    assert reviews.keys("labeling/reviews/") == [], "A2I writes nothing before all have answered"
    reviews.answer("bea", "pike")
    assert reviews.carry_on().step is Step.ENDED
    found = validated(
        "sagemaker-a2i-runtime", "DescribeHumanLoop", reviews.do("DescribeHumanLoop", HumanLoopName="one")
    )
    assert found["HumanLoopStatus"] == "Completed"
    assert found["HumanLoopArn"] == "arn:aws:sagemaker:eu-west-1:111122223333:human-loop/one"
    uri, said = reviews.output()
    # created at 2026-03-01T12:34:56Z, and where a2i-output-data says
    assert uri == f"s3://{reviews.workshop.name}/labeling/reviews/birds/2026/03/01/12/34/56/one/output.json"
    assert list(said) == ["flowDefinitionArn", "humanAnswers", "humanLoopName", "inputContent"]
    assert (said["flowDefinitionArn"], said["humanLoopName"], said["inputContent"]) == (FLOW, "one", SHOWN)
    first, second = said["humanAnswers"]
    assert first["answerContent"] == {"kind": {"label": "carp"}}
    assert second["answerContent"] == {"kind": {"label": "pike"}}, "a class that nobody had offered"
    assert (first["acceptanceTime"], first["submissionTime"]) == (
        "2026-03-01T12:34:56.000Z",
        "2026-03-01T12:35:26.000Z",
    )
    assert first["timeSpentInSeconds"] == 9
    assert first["workerMetadata"]["identityData"] == {
        "identityProviderType": "Cognito",
        "issuer": ISSUER,
        "sub": "ada",
    }
    assert reviews.carry_on().step is Step.ENDED, "told again, nothing is done"


def test_the_same_name_twice_is_one_loop_and_another_input_is_a_conflict(reviews: Reviews) -> None:
    reviews.start()
    reviews.start()
    reviews.carry_on()
    reviews.start()
    assert len(reviews.do("ListHumanLoops", FlowDefinitionArn=FLOW)["HumanLoopSummaries"]) == 1
    assert reviews.given("ada") == ["one"]
    with pytest.raises(OperationError, match="Another human loop is called one") as found:
        reviews.start(content={"taskObject": "another"})
    assert found.value.kind == "ConflictException"


def test_a_loop_whose_time_is_over_is_stopped_with_what_was_answered(reviews: Reviews) -> None:
    reviews.start()
    reviews.start("two")
    reviews.carry_on()
    reviews.carry_on("two")
    reviews.answer("ada", "carp")
    reviews.workshop.now += DAY
    assert reviews.store().sweep()["object"] == 2
    assert [reviews.carry_on(name).status for name in ("one", "two")] == ["Stopped", "Stopped"]
    assert [each["answerContent"]["kind"]["label"] for each in reviews.output()[1]["humanAnswers"]] == ["carp"]
    assert "HumanLoopOutput" not in reviews.do("DescribeHumanLoop", HumanLoopName="two")
    assert reviews.given("bea") == []


def test_who_has_begun_may_finish_a_loop_that_is_stopped(reviews: Reviews) -> None:
    reviews.start()
    reviews.carry_on()
    assert reviews.given("ada") == ["one"]
    reviews.do("StopHumanLoop", HumanLoopName="one")
    assert reviews.status() == "Stopping"
    assert reviews.carry_on().step is Step.ASKED
    assert reviews.given("bea") == [], "nobody new is asked"
    reviews.answer("ada", "carp")
    assert reviews.carry_on().status == "Stopped"
    assert len(reviews.output()[1]["humanAnswers"]) == 1
    reviews.do("StopHumanLoop", HumanLoopName="one")  # a second time is the first one
    assert reviews.status() == "Stopped"


def test_a_stopped_loop_that_is_let_go_is_given_to_nobody(reviews: Reviews) -> None:
    reviews.start()
    reviews.carry_on()
    assert reviews.given("ada") == ["one"]
    reviews.do("StopHumanLoop", HumanLoopName="one")
    reviews.carry_on()
    reviews.workshop.now += 61
    reviews.store().sweep()  # the lease is over,
    assert reviews.given("bea") == []
    reviews.store().sweep()  # and so is the object's time
    assert reviews.carry_on().status == "Stopped"


def test_a_loop_that_nobody_works_on_stops_at_once(reviews: Reviews) -> None:
    reviews.start()
    reviews.do("StopHumanLoop", HumanLoopName="one")
    assert reviews.carry_on().status == "Stopped"
    assert reviews.given("ada") == []


def test_a_template_that_cannot_be_rendered_fails_the_loop_and_says_so(reviews: Reviews) -> None:
    reviews.start()
    reviews.carry_on()
    assert reviews.given("ada") == ["one"]
    store = reviews.store()
    store.act(store.flow("birds"), "one", "ada", Decline(UNRENDERED))
    assert reviews.carry_on().status == "Failed"
    found = reviews.do("DescribeHumanLoop", HumanLoopName="one")
    assert found["FailureReason"].startswith("The worker template cannot be rendered with this input")
    assert found["FailureCode"] == "ValidationError"
    assert "HumanLoopOutput" not in found


def test_a_task_that_is_given_back_goes_to_somebody_else(reviews: Reviews) -> None:
    reviews.start()
    reviews.carry_on()
    assert reviews.given("ada") == ["one"]
    store = reviews.store()
    store.act(store.flow("birds"), "one", "ada", Decline("broken"))
    assert reviews.carry_on().step is Step.ASKED
    assert (reviews.given("ada"), reviews.given("bea")) == ([], ["one"])


def test_nobody_reviews_what_they_labeled_where_the_flow_says_so(empty: Reviews) -> None:
    body = empty.flow() | {"Tags": [{"Key": "mdlc:others-only", "Value": "true"}]}
    empty.do("CreateFlowDefinition", **body)
    store = empty.store()
    job = Job("labeling", Terms(300, 60, 3600), 2, "{}", team="birders", state=State.IN_PROGRESS)
    assert store.create(job)
    store.add(job, DataObject("0", {"source-ref": SHOWN["taskObject"]}), {})
    store.change(job, "0", Open())
    for person in ("ada", "bea"):
        assert store.next(job, person) == ["0"]
    store.act(job, "0", "ada", Answer("token-0", '{"kind": {"label": "carp"}}', 1))
    empty.start()
    empty.carry_on()
    assert empty.given("ada") == [], "she labeled it"
    assert empty.given("bea") == ["one"], "she has not answered"
    empty.start("other", {"taskObject": "s3://data/labeling/2.jpg"})
    empty.carry_on("other")
    assert empty.given("ada") == ["other"]


def test_without_the_tag_everybody_reviews_everything(reviews: Reviews) -> None:
    store = reviews.store()
    job = Job("labeling", Terms(300, 60, 3600), 1, "{}", team="birders", state=State.IN_PROGRESS)
    store.create(job)
    store.add(job, DataObject("0", {"source-ref": SHOWN["taskObject"]}), {})
    store.change(job, "0", Open())
    store.next(job, "ada")
    store.act(job, "0", "ada", Answer("token-0", '{"kind": {"label": "carp"}}', 1))
    reviews.start()
    reviews.carry_on()
    assert reviews.given("ada") == ["one"]


@pytest.mark.parametrize("moment", [8, 10])
def test_an_answer_that_is_taken_back_at_the_last_moment_keeps_the_loop_open(reviews: Reviews, moment: int) -> None:
    reviews.start()
    reviews.carry_on()
    reviews.answer("ada", "carp")
    reviews.answer("bea", "carp")
    store, calls = reviews.store(), iter(range(10_000))

    def meddle() -> None:
        if next(calls) == moment:
            store.act(store.flow("birds"), "one", "bea", Undo())

    assert reviews.carry_on(before=meddle).step is Step.ASKED
    reviews.answer("bea", "bream")
    assert reviews.carry_on().status == "Completed"
    labels = [each["answerContent"]["kind"]["label"] for each in reviews.output()[1]["humanAnswers"]]
    assert labels == ["carp", "bream"]
    with pytest.raises(RefusedError):
        store.act(store.flow("birds"), "one", "bea", Undo())


def test_a_function_that_is_killed_anywhere_loses_nothing(reviews: Reviews) -> None:
    """Every call to AWS is once the last that a function does; the table tells of the same loop again."""

    class Killed(BaseException):
        pass

    def killed(after: int) -> Callable[[], None]:
        left = iter(range(after))

        def before() -> None:
            if next(left, None) is None:
                raise Killed

        return before

    def until_done(step: Callable[[Callable[[], None]], Any]) -> Any:
        for after in range(200):
            try:
                return step(killed(after))
            except Killed:
                continue
        raise AssertionError("it never ends")

    text = json.dumps(SHOWN)
    body = {"HumanLoopName": "one", "FlowDefinitionArn": FLOW, "HumanLoopInput": {"InputContent": text}}
    until_done(lambda before: reviews.operations(before).do("StartHumanLoop", body, "token"))
    assert until_done(lambda before: reviews.carry_on(before=before)).step is Step.ASKED
    reviews.answer("ada", "carp")
    reviews.answer("bea", "carp")
    ended = until_done(lambda before: reviews.carry_on(before=before))
    assert (ended.step, ended.status, ended.tokens) == (Step.ENDED, "Completed", ("token",))
    assert len(reviews.output()[1]["humanAnswers"]) == 2
    assert len(reviews.keys("labeling/reviews/")) == 1


def test_a_loop_that_nobody_carries_on_is_looked_at_again(reviews: Reviews) -> None:
    reviews.start()
    store = reviews.store()
    assert store.look_at_loops() == []
    reviews.workshop.now += 301
    assert store.look_at_loops() == ["one"]
    assert store.look_at_loops() == [], "it has been touched"
    reviews.carry_on()
    reviews.workshop.now += 301
    assert store.look_at_loops() == [], "it waits for people"
    reviews.workshop.now += 3600
    assert store.look_at_loops() == ["one"]
    reviews.do("StopHumanLoop", HumanLoopName="one")
    reviews.carry_on()
    reviews.workshop.now += DAY
    assert store.look_at_loops() == []


def test_flow_definitions_and_templates_are_described_listed_and_deleted(reviews: Reviews) -> None:
    found = validated(
        "sagemaker", "DescribeFlowDefinition", reviews.do("DescribeFlowDefinition", FlowDefinitionName="birds")
    )
    assert found["FlowDefinitionArn"] == FLOW
    assert found["HumanLoopConfig"]["TaskCount"] == 2
    page = validated("sagemaker", "DescribeHumanTaskUi", reviews.do("DescribeHumanTaskUi", HumanTaskUiName="page"))
    assert page["HumanTaskUiStatus"] == "Active"
    listed = validated("sagemaker", "ListHumanTaskUis", reviews.do("ListHumanTaskUis"))
    assert [each["HumanTaskUiName"] for each in listed["HumanTaskUiSummaries"]] == ["page"]
    reviews.do("DeleteHumanTaskUi", HumanTaskUiName="page")
    assert reviews.do("ListHumanTaskUis")["HumanTaskUiSummaries"] == []
    reviews.start()
    with pytest.raises(OperationError, match="birds has 1 human loops that go on: stop them first") as refused:
        reviews.do("DeleteFlowDefinition", FlowDefinitionName="birds")
    assert refused.value.kind == "ResourceInUse"
    reviews.do("StopHumanLoop", HumanLoopName="one")
    reviews.carry_on()
    validated("sagemaker", "ListFlowDefinitions", reviews.do("ListFlowDefinitions"))
    reviews.do("DeleteFlowDefinition", FlowDefinitionName="birds")
    assert reviews.do("ListFlowDefinitions")["FlowDefinitionSummaries"] == []
    assert reviews.store().jobs_of_team("birders") == []
    reviews.do("CreateFlowDefinition", **reviews.flow(TaskTitle="Again"))
    assert [job.title for job in reviews.store().jobs_of_team("birders")] == ["Again"]


def test_labeling_jobs_know_nothing_of_reviews(reviews: Reviews) -> None:
    reviews.start()
    reviews.carry_on()
    assert list(reviews.store().jobs()) == []


def test_loops_are_listed_page_by_page_the_newest_first(reviews: Reviews) -> None:
    for name in ("one", "two", "three"):
        reviews.start(name)
        reviews.workshop.now += 10
    first = validated(
        "sagemaker-a2i-runtime", "ListHumanLoops", reviews.do("ListHumanLoops", FlowDefinitionArn=FLOW, MaxResults=2)
    )
    assert [each["HumanLoopName"] for each in first["HumanLoopSummaries"]] == ["three", "two"]
    rest = reviews.do("ListHumanLoops", FlowDefinitionArn=FLOW, MaxResults=2, NextToken=first["NextToken"])
    assert [each["HumanLoopName"] for each in rest["HumanLoopSummaries"]] == ["one"]
    assert "NextToken" not in rest
    since = reviews.workshop.now - 15
    late = reviews.do("ListHumanLoops", FlowDefinitionArn=FLOW, CreationTimeAfter=since)["HumanLoopSummaries"]
    assert [each["HumanLoopName"] for each in late] == ["three"]


EMPTY = {"HumanLoopInput": {"InputContent": "{}"}, "HumanLoopName": "x"}
EVIL = {"Content": '<script src="https://evil.example.com/x.js"></script>'}
OTHER = {"Content": PAGE + " "}
INVALID, MISSING = "ValidationException", "ResourceNotFoundException"
ELSEWHERE = FLOW.replace("1111", "2222")


@pytest.mark.parametrize(
    ("operation", "body", "kind", "says"),
    [
        ("StartHumanLoop", {**EMPTY, "FlowDefinitionArn": FLOW + "s"}, INVALID, "There is no flow definition birdss"),
        ("StartHumanLoop", {**EMPTY, "FlowDefinitionArn": ELSEWHERE}, INVALID, "is none of this environment"),
        ("StartHumanLoop", {"FlowDefinitionArn": FLOW}, INVALID, "HumanLoopName"),
        ("DescribeHumanLoop", {"HumanLoopName": "none"}, MISSING, "There is no human loop none"),
        ("StopHumanLoop", {"HumanLoopName": "none"}, MISSING, "There is no human loop none"),
        ("ListHumanLoops", {"FlowDefinitionArn": FLOW, "NextToken": "x"}, INVALID, "NextToken is none"),
        ("DescribeFlowDefinition", {"FlowDefinitionName": "none"}, "ResourceNotFound", "no flow definition none"),
        ("DeleteHumanTaskUi", {"HumanTaskUiName": "none"}, "ResourceNotFound", "There is no human task UI none"),
        ("CreateHumanTaskUi", {"HumanTaskUiName": "evil", "UiTemplate": EVIL}, INVALID, "from evil.example.com"),
        ("CreateHumanTaskUi", {"HumanTaskUiName": "page", "UiTemplate": OTHER}, "ResourceInUse", "UI page already"),
        ("DeleteHumanLoop", {"HumanLoopName": "one"}, "UnknownOperationException", "no operation DeleteHumanLoop"),
    ],
)
def test_what_is_asked_wrongly_has_awss_name_and_one_sentence(
    reviews: Reviews, operation: str, body: dict[str, Any], kind: str, says: str
) -> None:
    with pytest.raises(OperationError, match=says) as found:
        reviews.do(operation, **body)
    assert found.value.kind == kind


@pytest.mark.parametrize(
    ("people", "members", "says"),
    [
        (
            {"WorkteamArn": "arn:aws:sagemaker:eu-west-1:111122223333:workteam/private-crowd/x"},
            {},
            "names x: the teams",
        ),
        (
            {"HumanTaskUiArn": "arn:aws:sagemaker:eu-west-1:111122223333:human-task-ui/none"},
            {},
            "no human task UI none",
        ),
        ({}, {"OutputConfig": {"S3OutputPath": "s3://elsewhere/out"}}, "S3OutputPath is s3://elsewhere/out/"),
        ({"TaskCount": 9}, {}, "TaskCount is more than 3"),
    ],
)
def test_a_flow_definition_that_nobody_can_keep_is_refused(
    empty: Reviews, people: dict[str, Any], members: dict[str, Any], says: str
) -> None:
    with pytest.raises(OperationError, match=says):
        empty.do("CreateFlowDefinition", **empty.flow(**people) | members)
    assert empty.do("ListFlowDefinitions")["FlowDefinitionSummaries"] == []


def test_a_state_machine_more_may_wait_for_a_loop(reviews: Reviews) -> None:
    reviews.start(token="first")
    reviews.start(token="second")
    reviews.start(token="first")
    assert reviews.store().loop("one").tokens == ("first", "second")
    with pytest.raises(OperationError, match="Nobody waits for StopHumanLoop"):
        reviews.do("StopHumanLoop", "token", HumanLoopName="one")


def test_a_key_of_the_flows_own_is_refused(empty: Reviews) -> None:
    body = empty.flow()
    with pytest.raises(OperationError, match="KmsKeyId is not kept"):
        empty.do("CreateFlowDefinition", **body | {"OutputConfig": {**body["OutputConfig"], "KmsKeyId": "alias/own"}})


def test_a_loop_that_begins_before_its_turn_begins_once(reviews: Reviews) -> None:
    """Two functions that are told of the same new loop: the second finds it begun."""
    reviews.start()
    store, calls = reviews.store(), iter(range(10_000))

    def meddle() -> None:
        if next(calls) == 20:
            reviews.carry_on()

    reviews.carry_on(before=meddle)
    assert store.loop("one").step is Step.ASKED
    assert replace(store.loop("one"), version=0).people == 2
    assert reviews.given("ada") == ["one"]
