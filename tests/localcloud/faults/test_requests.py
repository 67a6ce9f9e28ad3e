"""How often, how long, and whose requests fail."""

import pytest

from localcloud.faults.kinds import Kind
from localcloud.faults.requests import RequestFaults, read
from localsagemaker.errors import ServiceError

WORKER = "arn:aws:sts::111111111111:assumed-role/worker/one"


class Clock:
    """Time that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def faults(clock: Clock) -> RequestFaults:
    return RequestFaults(lambda: {"sagemaker", "s3"}, clock)


def test_the_next_requests_fail_and_then_none(faults: RequestFaults) -> None:
    faults.fail("s3:PutObject", Kind.DENY, times=2)
    taken = [faults.take("s3", name, WORKER) for name in ("PutObject", "GetObject", "PutObject", "PutObject")]
    assert taken == [Kind.DENY, None, Kind.DENY, None]
    assert faults.listing() == []


def test_without_a_number_and_a_time_it_is_one(faults: RequestFaults) -> None:
    faults.fail("ListModels", Kind.ERROR)
    assert [faults.take("sagemaker", "ListModels", "") for _ in range(2)] == [Kind.ERROR, None]


def test_for_a_time_all_fail(faults: RequestFaults, clock: Clock) -> None:
    faults.fail("s3", Kind.THROTTLE, seconds=10)
    assert [faults.take("s3", name, "") for name in ("A", "B", "")] == [Kind.THROTTLE] * 3
    clock.now = 4.0
    line = {"what": "s3:*", "with": "throttle", "times": None, "seconds": 6.0, "by": ""}
    assert faults.listing() == [line]
    clock.now = 10.0
    assert faults.take("s3", "A", "") is None
    assert faults.services == frozenset()


def test_a_number_ends_with_its_time(faults: RequestFaults, clock: Clock) -> None:
    faults.fail("s3", Kind.THROTTLE, times=5, seconds=10)
    assert faults.take("s3", "A", "") is Kind.THROTTLE
    clock.now = 11.0
    assert faults.take("s3", "A", "") is None


def test_only_requests_of_a_caller_fail(faults: RequestFaults) -> None:
    faults.fail("s3:PutObject", Kind.DENY, times=1, by="assumed-role/worker/")
    assert faults.take("s3", "PutObject", "arn:aws:iam::111111111111:root") is None
    assert faults.take("s3", "PutObject", WORKER) is Kind.DENY


def test_what_is_said_again_counts(faults: RequestFaults) -> None:
    faults.fail("s3:PutObject", Kind.DENY, times=9)
    faults.fail("s3:PutObject", Kind.ERROR, times=1)
    assert [faults.take("s3", "PutObject", "") for _ in range(2)] == [Kind.ERROR, None]


def test_what_does_not_answer_is_left_to_the_wire(faults: RequestFaults) -> None:
    faults.fail("ListModels", Kind.TIMEOUT, times=1)
    faults.pass_or_refuse("ListModels", WORKER)
    assert faults.take("sagemaker", "ListModels", WORKER, silent=True) is Kind.TIMEOUT


def test_sagemaker_itself_refuses_in_its_own_words(faults: RequestFaults) -> None:
    faults.fail("CreateEndpoint", Kind.DENY)
    with pytest.raises(ServiceError, match="is not authorized to perform: sagemaker:CreateEndpoint") as refused:
        faults.pass_or_refuse("CreateEndpoint", WORKER)
    assert (refused.value.code, refused.value.status) == ("AccessDeniedException", 400)
    faults.pass_or_refuse("CreateEndpoint", WORKER)


def test_all_is_cleared(faults: RequestFaults) -> None:
    faults.fail("s3", Kind.THROTTLE, times=5)
    faults.clear()
    assert faults.take("s3", "A", "") is None


@pytest.mark.parametrize(("times", "seconds"), [(0, None), (-1, None), (1_000_000, None), (None, 0.0), (1, -1.0)])
def test_what_is_no_number_or_time_is_refused(times: int | None, seconds: float | None, faults: RequestFaults) -> None:
    with pytest.raises(ServiceError, match="is no"):
        faults.fail("s3", Kind.DENY, times=times, seconds=seconds)


def test_a_kind_that_is_none_is_refused_with_those_there_are() -> None:
    with pytest.raises(ServiceError, match="'late' is no way to fail: throttle, deny, error,"):
        read({"what": "s3", "with": "late"})
