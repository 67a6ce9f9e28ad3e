"""How many people are asked, by what they are checked, and who is paused: as the tags of a request say."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from labeling_finish import carrying_on
from labeling_finish.telling import KIND, SOURCE, TellError, tell_end
from labeling_jobs.operations import OperationError
from labels.task import Answer, Decline, Stage
from task_store.jobs import State
from task_store.store import Store
from tests.lambda_.labeling.service.conftest import WHEN, Service

pytestmark = pytest.mark.slow
TEXTS: list[dict[str, Any]] = [{"source": f"text {number}", "id": number} for number in range(12)]
KNOWN: list[dict[str, Any]] = [
    {"source": f"known {number}", "truth": 0, "truth-metadata": {"class-name": "sad" if number % 2 else "happy"}}
    for number in range(6)
]


def tagged(service: Service, lines: list[dict[str, Any]], workers: int = 5, **tags: Any) -> dict[str, Any]:
    """Return a request with tags, `adaptive` standing for `mdlc:adaptive`."""
    found = [{"Key": f"mdlc:{name}", "Value": value} for name, value in tags.items()]
    return service.request(lines, NumberOfHumanWorkersPerDataObject=workers) | {"Tags": found}


def begin(service: Service, body: dict[str, Any]) -> None:
    service.do("CreateLabelingJob", **body)
    service.prepare()
    service.carry_on()


def says(identity: str) -> str:
    return "happy" if int(identity) % 3 else "sad"


def test_two_who_agree_are_enough_and_a_third_is_asked_where_they_do_not(service: Service) -> None:
    begin(service, tagged(service, TEXTS, adaptive="0.9"))
    torn = {"2", "5"}
    assert service.answer("ada", says) == 12
    assert service.answer("bea", lambda each: "sad" if each in torn else says(each)) == 12
    assert service.answer("cyd", says) == 0, "two are asked at first"
    assert service.carry_on() is State.IN_PROGRESS
    open_ = set(service.store().at("birds", Stage.OPEN))
    assert torn <= open_
    assert service.answer("ada", says) == 0, "nobody is asked twice"
    while service.carry_on() is State.IN_PROGRESS:
        assert sum(service.answer(person, says) for person in ("cyd", "dan", "eve")), "somebody is asked"
    assert service.store().job("birds").state is State.COMPLETED
    assert [line["kind-metadata"]["class-name"] for line in service.lines()] == [says(str(n)) for n in range(12)]
    counts = {identity: thing.answers for identity, thing, _ in service.store().objects("birds")}
    assert all(counts[each] > 2 for each in torn)
    assert max(counts.values()) <= 5, "NumberOfHumanWorkersPerDataObject is the most"
    assert sum(counts.values()) < 12 * 3


def test_answers_are_looked_at_while_people_work_but_not_at_each(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    from labeling_finish import asking  # noqa: PLC0415 - beside what is watched of it

    looks: list[str] = []
    look = asking._look  # noqa: SLF001

    def seen(*given: Any) -> list[str]:
        looks.append(given[1].name)
        return look(*given)

    monkeypatch.setattr(asking, "_look", seen)
    begin(service, tagged(service, TEXTS, adaptive="0.9"))
    service.answer("ada", says)
    assert service.answer("bea", says, most=6) == 6
    for _ in range(5):
        service.carry_on()
    assert looks == ["birds"], "once in half a minute, though it was told five times"


def test_known_objects_check_people_first_and_are_no_more_than_half(service: Service) -> None:
    begin(service, tagged(service, [*TEXTS, *KNOWN], workers=3, known="truth"))
    store = service.store()
    job = store.job("birds")
    assert job.known == tuple(str(number) for number in range(12, 18))
    given: list[str] = []
    for _ in range(12):
        [identity] = store.next(job, "ada")
        given.append(identity)
        store.act(job, identity, "ada", Answer(f"token-{identity}", json.dumps({"kind": {"label": "happy"}}), 2))
    assert [each in job.known for each in given] == [True, False] * 6, "labels.redundancy: every second of the first 20"
    assert set(given[::2]) == set(job.known)


def test_a_known_object_that_is_full_checks_nobody_more(service: Service) -> None:
    begin(service, tagged(service, [*TEXTS, KNOWN[0]], workers=1, known="truth"))
    store = service.store()
    job = store.job("birds")
    assert store.next(job, "ada") == ["12"]
    assert store.next(job, "bea")[0] != "12", "its one place is taken"


def test_who_guesses_is_paused_once_with_the_reason(service: Service) -> None:
    lines = [{"source": f"more {number}"} for number in range(30)]
    begin(service, tagged(service, lines, workers=4, pause="guessers"))
    for person in ("ada", "bea", "cyd"):
        service.answer(person, lambda each: "happy" if int(each) % 2 else "sad")
    store = service.store()
    job = store.job("birds")
    for _ in range(29):
        [identity] = store.next(job, "spammer")
        store.act(job, identity, "spammer", Answer(f"t-{identity}", json.dumps({"kind": {"label": "happy"}}), 1))
    assert service.carry_on() is State.IN_PROGRESS
    with pytest.raises(Exception, match="29 of 29 answers are happy, whatever was shown"):
        store.next(job, "spammer")
    [last] = store.next(job, "dan")
    store.act(job, last, "dan", Decline("broken"))
    store.bar("spammer", "")
    service.workshop.now += 60
    store.turns.take("birds", store.turns.last("birds"), looked=0, answered=0)
    service.carry_on()
    assert store.next(job, "spammer"), "whoever ended the pause trusts them"


@pytest.mark.parametrize(
    ("tags", "sentence"),
    [
        ({"adaptive": "2"}, "The tag mdlc:adaptive must be a probability, such as 0.95: 2.0 is no probability"),
        ({"adaptive": "yes"}, "The tag mdlc:adaptive must be a probability, such as 0.95: 'yes' is no number."),
        ({"pause": "all"}, "The tag mdlc:pause is 'all': it pauses guessers, or is left out."),
        ({"known": ""}, "The tag mdlc:known is empty: name the attribute of the lines whose label is known."),
        ({"known": "kind"}, "The tag mdlc:known names kind, which gets the labels"),
        ({"known": "gold"}, "No line of the manifest has the attribute gold, which the tag mdlc:known names."),
    ],
)
def test_tags_that_cannot_be_kept_are_refused(service: Service, tags: dict[str, str], sentence: str) -> None:
    with pytest.raises(OperationError, match=sentence.replace("(", r"\(")):
        service.do("CreateLabelingJob", **tagged(service, TEXTS, 5, **tags))


def test_known_labels_are_classes_of_the_job_and_few(service: Service) -> None:
    wrong = {"source": "x", "truth": 1, "truth-metadata": {"class-name": "bored"}}
    with pytest.raises(OperationError, match="Line 13 of the manifest has 'bored' as truth-metadata"):
        service.do("CreateLabelingJob", **tagged(service, [*TEXTS, wrong], known="truth"))
    many = [{**KNOWN[0], "source": str(number)} for number in range(101)]
    with pytest.raises(OperationError, match="101 lines have the attribute truth: 100 known ones are the most"):
        service.do("CreateLabelingJob", **tagged(service, many, known="truth"))


def test_only_jobs_of_one_class_ask_until_they_are_sure(service: Service) -> None:
    several = "TextMultiClassMultiLabel"
    body = service.request(TEXTS, several, several) | {"Tags": [{"Key": "mdlc:adaptive", "Value": "0.9"}]}
    with pytest.raises(OperationError, match="The tag mdlc:adaptive is for jobs of one class"):
        service.do("CreateLabelingJob", **body)


class Behind(Store):
    """A store whose indexes know only of what was there when somebody asked first."""

    def at(self, job: str, stage: Stage) -> Iterator[str]:
        seen: dict[Stage, list[str]] = vars(self).setdefault("seen", {})
        if stage not in seen:
            seen[stage] = list(super().at(job, stage))
        yield from seen[stage]


def test_two_who_carry_a_job_on_at_once_ask_about_no_more_objects_than_the_request_says(service: Service) -> None:
    body = service.request(TEXTS, MaxConcurrentTaskCount=3, NumberOfHumanWorkersPerDataObject=1)
    service.do("CreateLabelingJob", **body)
    service.prepare()
    late = Behind(service.store()._table, service.store()._contents, lambda: service.workshop.now)  # noqa: SLF001
    list(late.at("birds", Stage.OPEN))  # there is none yet
    service.carry_on()
    assert service.store().stages("birds")[Stage.OPEN] == 3
    carry(late)
    assert service.store().stages("birds")[Stage.OPEN] == 3
    assert service.answer("ada", says) == 3
    assert service.carry_on() is State.IN_PROGRESS
    assert service.store().stages("birds")[Stage.OPEN] == 3, "what is answered makes room"


def carry(store: Store) -> None:
    """Carry the job on with a store of its own."""

    def ending(*_: object) -> Any:
        raise AssertionError("nothing ends here")

    carrying_on.carry_on(store, "birds", ending, WHEN)


class Bus:
    """A bus that keeps what it takes, or takes nothing."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.full = False

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        if self.full:
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException", "ErrorMessage": "slow"}]}
        self.taken += Entries
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}


def test_the_end_of_a_job_is_told_once_in_sagemakers_form(service: Service) -> None:
    bus: Any = Bus()
    begin(service, service.request(TEXTS[:2], NumberOfHumanWorkersPerDataObject=1))
    tell: Callable[[State], bool] = lambda state: tell_end(service.store(), bus, service.settings, "birds", state)  # noqa: E731
    assert not tell(State.IN_PROGRESS)
    service.answer("ada", says)
    bus.full = True
    with pytest.raises(TellError, match="The end of birds was not taken: slow"):
        tell(service.carry_on())
    bus.full = False
    assert tell(service.carry_on()), "whoever is told again tells it"
    assert not tell(service.carry_on())
    [entry] = bus.taken
    assert (entry["Source"], entry["DetailType"]) == (SOURCE, KIND)
    assert entry["Resources"] == ["arn:aws:sagemaker:eu-west-1:111122223333:labeling-job/birds"]
    assert json.loads(entry["Detail"]) == {"LabelingJobStatus": "Completed"}
