"""No role of reviews lacks a key that it needs, or has one unasked, as `tests/systems/test_keys.py` has it."""

import json
from uuid import uuid4

import pytest

from predictions.request import PredictionRequest
from predictions.reviews import capture_line
from task_store.contents import LARGE
from task_store.reviews import LOOPS
from tests.checks.upgrade.conftest import Platform
from tests.systems import work
from tests.systems.taken import DECRYPT, GENERATE, Role, Row, judge, roles
from tests.systems.test_reviews import PAGE, Reviews, flow_request, picture
from tests.systems.test_reviews import reviews as reviews  # noqa: PLC0414 - a fixture
from tests.systems.workplace import Workplace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
STACKS = {"dev-labeling", "dev-api"}


def list_flows(here: Workplace, role: Role) -> str:
    """Have the service list flow definitions."""
    return work.call_function(here, role, {"operation": "ListFlowDefinitions"})


def create_page(here: Workplace, role: Role) -> str:
    """Have the service keep a worker template."""
    body = {"HumanTaskUiName": f"key-{uuid4().hex[:12]}", "UiTemplate": {"Content": PAGE}}
    return work.call_function(here, role, {"operation": "CreateHumanTaskUi", "body": body})


def tell_of_loop(here: Workplace, role: Role) -> str:
    """Tell a function of a new loop."""
    return tell(here, role, new_loop(here, "a text"))


def ask_about_much(here: Workplace, role: Role) -> str:
    """Have people asked about what is too large for an item."""
    return tell(here, role, new_loop(here, "x" * LARGE))


def decide(here: Workplace, role: Role) -> str:
    """Have the gate decide over an unsure prediction."""
    inference = f"key-{uuid4().hex[:12]}"
    said = {"predicted_label": "spots", "probabilities": {"spots": 0.5, "stripes": 0.5}}
    request = PredictionRequest(picture("red") + inference.encode(), "image/png", "application/json")
    line = capture_line(request, json.dumps({"predictions": [said]}), inference)
    of(here).put(f"labeling-predictions/images/{inference}.json", line)
    return work.call_function(here, role, {})


def keep_prediction(here: Workplace, role: Role) -> str:
    """Write a prediction down where people may review it."""
    s3, bucket = here.somebody_like("dev", role.description).client("s3"), of(here).bucket
    key = f"labeling-predictions/images/{uuid4().hex}.json"
    return work.said_by(lambda: s3.put_object(Bucket=bucket, Key=key, Body=b"{}"))


SERVICE, COURSE = "Takes operations on human loops, .*", "Carries human loops on, .*"
NEWS, GATE = "Tells the bus and state machines .*", "Sends predictions to review"
API = "Asks the images model"
ROWS = (
    Row(SERVICE, DECRYPT, list_flows),
    Row(SERVICE, GENERATE, create_page),
    Row(COURSE, DECRYPT, tell_of_loop),
    Row(COURSE, GENERATE, ask_about_much),
    Row(GATE, DECRYPT, decide),
    Row(GATE, GENERATE, decide),
    Row(API, GENERATE, keep_prediction),
)
UNASKED = {
    (NEWS, DECRYPT): "Lambda reads the encrypted stream in its name; the local cloud hands the records over",
}


def of(here: Workplace) -> Reviews:
    """Return the reviews of a workplace."""
    return Reviews(Platform(here.folder))


def new_loop(here: Workplace, text: str) -> str:
    """Start a loop and return its name."""
    platform, name = of(here), f"key-{uuid4().hex[:12]}"
    client = platform.client
    page = client.create_human_task_ui(HumanTaskUiName="keys", UiTemplate={"Content": PAGE})["HumanTaskUiArn"]
    flow = client.create_flow_definition(**flow_request(platform.bucket, "keys", page))["FlowDefinitionArn"]
    shown = {"InputContent": json.dumps({"taskObject": text})}
    client.start_human_loop(HumanLoopName=name, FlowDefinitionArn=flow, HumanLoopInput=shown)
    return name


def tell(here: Workplace, role: Role, name: str) -> str:
    """Tell a function of a loop, as the table does."""
    keys = {"PK": {"S": LOOPS}, "SK": {"S": f"LOOP#{name}"}}
    return work.call_function(here, role, {"Records": [{"dynamodb": {"Keys": keys}}]})


@pytest.fixture(scope="module")
def every(reviews: Reviews) -> list[Role]:
    """Roles of reviews that have rights on keys."""
    return [role for role in roles(reviews.here) if role.actions and role.stack in STACKS]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_work_without_a_right_fails_and_names_it(reviews: Reviews, every: list[Role], row: Row) -> None:
    judge(reviews.here, every, row)
