"""The rows of the access matrix about what trains systems."""

from checks.access.training import KINDS
from ml_constructs.jobs import kinds


def test_every_kind_of_job_is_in_the_matrix() -> None:
    assert {f"{kind.title()}Job" for kind in KINDS} == {kind.name for kind in kinds.KINDS}
