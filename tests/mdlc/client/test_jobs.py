"""The command line knows every kind of job that the platform has."""

import pytest

from mdlc.client import jobs
from mdlc.client.logs import display_name
from mdlc.cost.jobs import INSTANCES
from ml_constructs.jobs.kinds import KINDS, Kind


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_of_job_has_logs_and_a_price(kind: Kind) -> None:
    assert jobs.LOG_GROUPS[kind.name] == kind.log_group
    assert kind.step in INSTANCES


def test_a_kind_is_called_as_people_do() -> None:
    assert [display_name(kind) for kind in (*jobs.KINDS, "HyperParameterTuningJob")] == [
        "training job",
        "processing job",
        "hyper parameter tuning job",
    ]
