"""Which resources fail, when, and how often."""

import pytest

from localcloud.faults.resources import Moment, ResourceFaults, read
from localsagemaker.errors import ServiceError

BUCKET, QUEUE = "AWS::S3::Bucket", "AWS::SQS::Queue"


@pytest.fixture
def faults() -> ResourceFaults:
    return ResourceFaults(lambda: {BUCKET, QUEUE})


@pytest.mark.parametrize(
    ("what", "stack", "logical_id", "kind", "fails"),
    [
        ("dev-storage/Data", "dev-storage", "Data", BUCKET, True),
        ("dev-storage/Data", "dev-storage", "Data0A1B2C3D", BUCKET, True),
        ("dev-storage/Data", "dev-storage", "DataBucket0A1B2C3D", BUCKET, False),
        ("dev-storage/Data", "prod-storage", "Data", BUCKET, False),
        (f"dev-storage/{BUCKET}", "dev-storage", "Any", BUCKET, True),
        (f"dev-storage/{BUCKET}", "dev-storage", "Any", QUEUE, False),
        (BUCKET, "any", "Any", BUCKET, True),
        ("Custom::Emptied", "any", "Any", "Custom::Emptied", True),
        ("dev-storage", "dev-storage", "Data", BUCKET, False),
    ],
)
def test_a_resource_is_meant_by_stack_name_and_type(  # noqa: PLR0913 - a table
    what: str, stack: str, logical_id: str, kind: str, *, fails: bool, faults: ResourceFaults
) -> None:
    faults.fail(what, Moment.CREATE)
    assert not faults.take(stack, logical_id, kind, Moment.DELETE)
    assert faults.take(stack, logical_id, kind, Moment.CREATE) == fails
    assert not faults.take(stack, logical_id, kind, Moment.CREATE)


def test_the_end_of_a_stack_fails_as_often_as_it_is_told(faults: ResourceFaults) -> None:
    faults.fail("dev-storage", Moment.CREATE, 2)
    assert faults.listing() == [{"what": "dev-storage", "with": "create", "times": 2, "seconds": None, "by": ""}]
    ends = [faults.take_end(name, Moment.CREATE) for name in ("dev-data", *["dev-storage"] * 3)]
    assert ends == [False, True, True, False]


def test_none_fails_when_all_is_cleared(faults: ResourceFaults) -> None:
    faults.fail(BUCKET, Moment.UPDATE)
    faults.clear()
    assert not faults.take("any", "Any", BUCKET, Moment.UPDATE)


@pytest.mark.parametrize(
    ("what", "at", "times", "words"),
    [
        ("AWS::S3::Buckets", "create", 1, "The local cloud has no type 'AWS::S3::Buckets'; near: AWS::S3::Bucket"),
        ("dev_storage/Data", "create", 1, "'dev_storage/Data' names no resource"),
        ("dev/storage/Data", "create", 1, "'dev/storage/Data' names no resource"),
        ("dev-storage", "delete", 1, "Name a resource of dev-storage"),
        (BUCKET, "create", -1, "-1 is no number of times"),
        (BUCKET, "later", 1, "'later' is no moment: create, update, delete."),
    ],
)
def test_what_names_no_resource_is_refused(what: str, at: str, times: int, words: str, faults: ResourceFaults) -> None:
    with pytest.raises(ServiceError) as refused:
        faults.fail(**read({"what": what, "at": at, "times": times}))
    assert str(refused.value).startswith(words)
