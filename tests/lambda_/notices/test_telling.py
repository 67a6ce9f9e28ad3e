"""People are told once, in words that SNS takes, and a burst does not flood them."""

import string
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from notices.notice import Kind, Notice
from notices.telling import MOST, State, tell

NOW = datetime(2026, 11, 29, 18, 30, tzinfo=UTC)


class FakeLedger:
    """A ledger in memory."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self.counts: dict[tuple[str, str, str], int] = {}

    def claim(self, notice: Notice, now: datetime) -> bool:
        assert now
        if notice.id in self.states:
            return False
        self.states[notice.id] = "claimed"
        return True

    def count(self, notice: Notice, now: datetime) -> int:
        key = (notice.kind.value, notice.system, f"{now:%Y-%m-%dT%H}")
        self.counts[key] = self.counts.get(key, 0) + 1
        return self.counts[key]

    def close(self, notice: Notice, state: str) -> None:
        self.states[notice.id] = state


def notice(
    id_: str = "run/1", *, system: str = "fraud", kind: Kind = Kind.RUN, title: str = "a training run failed"
) -> Notice:
    return Notice(
        id=id_,
        kind=kind,
        environment="dev",
        system=system,
        title=title,
        what="The execution 1 of the pipeline dev-fraud failed.",
        reason="no such column",
        commands=("mdlc pipeline status fraud 1 -e dev", "mdlc pipeline start fraud -e dev"),
    )


def deliver(notices: list[Notice], now: datetime = NOW) -> tuple[list[str], FakeLedger]:
    ledger, sent = FakeLedger(), list[str]()
    for each in notices:
        tell(each, ledger, lambda subject, body, _: sent.append(f"{subject}\n{body}"), now)
    return sent, ledger


def test_the_whole_message() -> None:
    assert notice().subject == "dev fraud: a training run failed"
    assert notice().body == (
        "The execution 1 of the pipeline dev-fraud failed.\n\nEnvironment: dev\nSystem: fraud\nReason: no such column\n"
        "\nGo on with:\n  mdlc pipeline status fraud 1 -e dev\n  mdlc pipeline start fraud -e dev"
    )


@given(st.text(max_size=400))
def test_every_subject_is_one_line_of_ascii_below_100_characters(title: str) -> None:
    """Amazon SNS API reference, `Subject` of Publish: no line breaks or control characters, less than 100 long."""
    subject = notice(title=title).subject
    assert len(subject) < 100
    assert set(subject) <= set(string.printable) - set("\n\r\t\x0b\x0c")
    assert subject.startswith("dev fraud:")


@given(st.text(max_size=4000))
def test_no_reason_changes_the_form_of_a_message(reason: str) -> None:
    body = Notice(**{**vars(notice()), "reason": reason}).body
    assert not any(letter < " " and letter not in "\n\t" for letter in body)
    assert body.endswith("Go on with:\n  mdlc pipeline status fraud 1 -e dev\n  mdlc pipeline start fraud -e dev")
    assert len(body) < 2000


IDS = st.lists(st.sampled_from([f"run/{number}" for number in range(12)]), max_size=40)


@given(IDS)
def test_of_any_deliveries_in_any_order_each_notice_is_told_once_at_most(ids: list[str]) -> None:
    sent, ledger = deliver([notice(id_) for id_ in ids])
    assert len(ledger.states) == len(set(ids))
    assert len(sent) == min(len(set(ids)), MOST + 1)
    assert set(ledger.states.values()) <= {State.TOLD.value, State.COUNTED.value}


def test_a_burst_is_five_messages_and_one_that_says_so() -> None:
    sent, ledger = deliver([notice(f"run/{number}") for number in range(40)])
    assert len(sent) == 6
    assert sent[5].splitlines()[0] == "dev fraud: more of the kind 'failed run' than 5 in this hour"
    assert "mdlc notices -e dev" in sent[5]
    assert list(ledger.states.values()).count("counted") == 35


def test_a_burst_of_one_system_or_kind_hides_no_other_and_ends_with_the_hour() -> None:
    ledger, sent = FakeLedger(), list[str]()
    burst = [notice(f"run/{number}") for number in range(20)]
    for each in [*burst, notice("run/k", system="knn"), notice("job/1", kind=Kind.JOB)]:
        tell(each, ledger, lambda subject, _body, _notice: sent.append(subject), NOW)
    assert len(sent) == 8
    tell(notice("run/next"), ledger, lambda subject, _body, _notice: sent.append(subject), NOW + timedelta(hours=1))
    assert len(sent) == 9
