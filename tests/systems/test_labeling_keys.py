"""No role of labeling lacks a key that it needs, or has one unasked, as `tests/systems/test_keys.py` has it of others.

Each function gets an event that it gets; what the portal hands out says of no failure why it failed, so its work is
done by what it is made of, in the name of somebody with its rights.
"""

import json
import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest

from labels.task import Draft, Stage
from lead.desk import LeadDesk
from lead.people import Names
from task_store.contents import LARGE
from task_store.table import TaskTable
from tests.checks.upgrade.conftest import Platform
from tests.environments import DEV
from tests.systems import work
from tests.systems.taken import DECRYPT, GENERATE, Role, Row, judge, roles
from tests.systems.test_labeling import Labeling, told
from tests.systems.test_labeling import labeling as labeling  # noqa: PLC0414 - a fixture
from tests.systems.workplace import Workplace
from worker.desk import Desk
from worker.member import Member

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
MEMBER = Member("ada", frozenset({"birds"}))
STACK = "dev-labeling"
LINE = {"source": "a text"}


def list_jobs(here: Workplace, role: Role) -> str:
    """Have the service list jobs."""
    return work.call_function(here, role, {"operation": "ListLabelingJobs"})


def create_job(here: Workplace, role: Role) -> str:
    """Have the service make a job, whose template and manifest it copies."""
    return work.call_function(here, role, {"operation": "CreateLabelingJob", "body": request(here)})


def prepare_large(here: Workplace, role: Role) -> str:
    """Have an object prepared whose line has few enough characters, and too many bytes for an item."""
    large = dict.fromkeys(("source", "before"), "語" * (LARGE // 5))
    return tell(here, role, new_job(here, large))


def tell_of_job(here: Workplace, role: Role) -> str:
    """Tell a function of a job."""
    return tell(here, role, new_job(here))


def end_job(here: Workplace, role: Role) -> str:
    """Have a job ended that was stopped."""
    name = open_job(here)
    operate(here, "StopLabelingJob", {"LabelingJobName": name})
    return tell(here, role, name)


def sweep(here: Workplace, role: Role) -> str:
    """Look for what nobody labels."""
    return work.call_function(here, role, {})


def show_jobs(here: Workplace, role: Role) -> str:
    """Show a member of a team its jobs."""
    return work.said_by(lambda: desk(here, role).jobs(MEMBER))


def keep_draft(here: Workplace, role: Role) -> str:
    """Keep what a member of a team has so far where that is too large for an item."""
    name, theirs = open_job(here), desk(here, role)
    (task,) = theirs.next(MEMBER, name, 1, "")["tasks"]
    return work.said_by(lambda: theirs.act(MEMBER, task["id"], Draft(json.dumps("x" * LARGE))))


def take_in(here: Workplace, role: Role) -> str:
    """Have an object taken in, as from a dead letter that is put back."""
    return take(here, role, "a text")


def take_in_large(here: Workplace, role: Role) -> str:
    """Have an object taken in whose line has too many bytes for an item."""
    return take(here, role, "語" * (LARGE // 5), before="語" * (LARGE // 5))


def lead(here: Workplace, role: Role) -> LeadDesk:
    """Return what who leads jobs is served from, with the rights of a role."""
    somebody = here.somebody_like("dev", role.description)
    table = TaskTable(somebody.client("dynamodb"), here.output(STACK, "LabelingTableName"))
    names = Names(somebody.client("cognito-idp"), here.output(STACK, "LabelingUserPoolId"), lambda: int(time.time()))
    return LeadDesk(table, somebody.client("s3"), of(here).bucket, names, lambda: int(time.time()))


def list_all_jobs(here: Workplace, role: Role) -> str:
    """Show who leads jobs what there is."""
    return work.said_by(lead(here, role).jobs)


def look_at_job(here: Workplace, role: Role) -> str:
    """Show how a job goes; what was read of it is kept."""
    name = open_job(here)
    return work.said_by(lambda: lead(here, role).job(name, None))


ARRIVALS = "Takes in objects of streaming labeling jobs"
JOBS, PREPARE, FINISH = "Creates, describes, lists .*", "Makes tasks of the objects .*", "Carries labeling jobs on, .*"
SWEEP, WORKER = "Takes back what nobody labels", "Hands out tasks of labeling jobs, .*"
LEAD = "Shows who leads labeling jobs .*"
ROWS = (
    Row(JOBS, DECRYPT, list_jobs),
    Row(JOBS, GENERATE, create_job),
    Row(PREPARE, DECRYPT, tell_of_job),
    Row(PREPARE, GENERATE, prepare_large),
    Row(ARRIVALS, DECRYPT, take_in),
    Row(ARRIVALS, GENERATE, take_in_large),
    Row(FINISH, DECRYPT, tell_of_job),
    Row(FINISH, GENERATE, end_job),
    Row(SWEEP, DECRYPT, sweep),
    Row(WORKER, DECRYPT, show_jobs),
    Row(WORKER, GENERATE, keep_draft),
    Row(LEAD, DECRYPT, list_all_jobs),
    Row(LEAD, GENERATE, look_at_job),
)
UNASKED = {(SWEEP, GENERATE): "as in tests/systems/test_keys.py: it uses a table, and writes no file"}


def of(here: Workplace) -> Labeling:
    """Return the labeling of a workplace."""
    return Labeling(Platform(here.folder))


def request(here: Workplace, line: Mapping[str, str] = LINE) -> dict[str, Any]:
    """Return the request of a job about one text, whose files are there."""
    name = f"key-{uuid4().hex[:12]}"
    made = of(here).request(name, 1, "TextMultiClass", "TextMultiClass", "kind")
    manifest = of(here).put(f"labeling/{name}.manifest", json.dumps(line, ensure_ascii=False))
    return made | {"InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": manifest}}}}


def operate(here: Workplace, operation: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return what the service answers."""
    name = here.output(STACK, "LabelingFunctionName")
    answer = here.client("lambda").invoke(
        FunctionName=name, Payload=json.dumps({"operation": operation, "body": body}).encode()
    )
    said = json.loads(answer["Payload"].read())
    assert "answer" in said, said
    return dict(said["answer"])


def new_job(here: Workplace, line: Mapping[str, str] = LINE) -> str:
    """Make a job and return its name."""
    body = request(here, line)
    operate(here, "CreateLabelingJob", body)
    return str(body["LabelingJobName"])


def open_job(here: Workplace) -> str:
    """Make a job whose object people can be asked about, and return its name."""
    name, platform = new_job(here), of(here)
    platform.until(lambda: platform.store.stages(name)[Stage.OPEN] > 0)
    return name


def take(here: Workplace, role: Role, text: str, **members: str) -> str:
    """Make a streaming job, and have its function take a message in."""
    topic = f"arn:aws:sns:{DEV.region}:{DEV.account}:dev-birds-input"
    body = request(here) | {"InputConfig": {"DataSource": {"SnsDataSource": {"SnsTopicArn": topic}}}}
    operate(here, "CreateLabelingJob", body)
    line = json.dumps({"source": text, **members}, ensure_ascii=False)
    letter = {"Type": "Notification", "TopicArn": topic, "MessageId": uuid4().hex, "Message": line}
    said = work.call_function(here, role, letter)
    operate(here, "StopLabelingJob", {"LabelingJobName": body["LabelingJobName"]})
    return said


def tell(here: Workplace, role: Role, name: str) -> str:
    """Tell a function of a job, as the table does."""
    return work.call_function(here, role, told(name))


def desk(here: Workplace, role: Role) -> Desk:
    """Return what the portal's people are served from, with the rights of a role."""
    somebody = here.somebody_like("dev", role.description)
    table = TaskTable(somebody.client("dynamodb"), here.output(STACK, "LabelingTableName"))
    return Desk(table, somebody.client("s3"), of(here).bucket, lambda: int(time.time()))


@pytest.fixture(scope="module")
def every(labeling: Labeling) -> list[Role]:
    """Roles of labeling that have rights on keys."""
    return [role for role in roles(labeling.here) if role.actions and role.stack == STACK]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_work_without_a_right_fails_and_names_it(labeling: Labeling, every: list[Role], row: Row) -> None:
    judge(labeling.here, every, row)
