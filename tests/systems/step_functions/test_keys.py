"""No role of a state machine lacks a key that it needs, or has one unasked: its run fails and names the right.

A run is started for what only a run asks for; else a role's own work is done again, as in `tests/systems/test_keys.py`.
"""

from pathlib import Path

import pytest

from tests.systems import work
from tests.systems.taken import DECRYPT, GENERATE, GRANT, Role, Row, judge, roles
from tests.systems.workplace import Workplace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
JOBS = "Jobs of the step .*"
RUNS = (
    Row("State machine dev-(census|images)", GRANT, work.run_machine, beside=JOBS),  # the job's role, or who starts it
    Row("Refuses execution inputs .*", DECRYPT, work.run_machine),
)
ROWS = (
    Row(JOBS, DECRYPT, work.rerun_job),
    Row(JOBS, GENERATE, work.rerun_job),
    Row(JOBS, GRANT, work.start_job),
    Row("Decides whether a run is the best so far", DECRYPT, work.call_task),
    Row("Models behind the endpoint .*", DECRYPT, work.make_endpoint),
    Row("Rolls approved models out to .*", GRANT, work.roll_out),
)
UNASKED = {
    ("State machine dev-images", DECRYPT): "it registers a model that SageMaker looks up in its name; no state of it "
    "reads a file",
    ("Models behind the endpoint .*", GRANT): "as in tests/systems/test_keys.py",
    ("(Refuses execution|Decides whether) .*", GENERATE): "as in tests/systems/test_keys.py",
}


@pytest.fixture(scope="module")
def every(demo: Workplace) -> list[Role]:
    """Roles of the machines and their endpoints that have rights on keys, with a small census published last."""
    folder = Path("census-under-a-key")
    demo.done("data", "generate", "census", str(folder), "--rows", "600", "--seed", "4")
    demo.done("data", "publish", "census", str(folder))
    return [role for role in roles(demo) if role.actions and role.stack in {"dev-steps", "dev-vision"}]


@pytest.mark.end_to_end
@pytest.mark.parametrize("row", RUNS, ids=str)
def test_a_run_without_a_right_fails_and_names_it(demo: Workplace, every: list[Role], row: Row) -> None:
    judge(demo, every, row)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_work_without_a_right_fails_and_names_it(demo: Workplace, every: list[Role], row: Row) -> None:
    judge(demo, every, row)
