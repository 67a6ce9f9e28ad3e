"""Every SageMaker control of AI Security Best Practices v1.0.0 has a rule that judges as its text says."""

import pytest

from checks.vectors import LEAST, Coverage, coverage
from ml_rules.controls import CONTROLS

# docs.aws.amazon.com, Security Hub user guide, "AI Security Best Practices standard": 6 and 7, on tags, are not in it.
STANDARD = {f"SageMaker.{number}" for number in range(1, 26) if number not in {6, 7}}


def test_every_control_of_the_standard_has_a_rule() -> None:
    assert len(STANDARD) == 23
    assert {control.id for control in CONTROLS} == STANDARD
    assert {covered.control for covered in coverage()} == STANDARD


@pytest.mark.parametrize("control", coverage(), ids=lambda control: control.control)
def test_the_rule_agrees_with_its_vectors(control: Coverage) -> None:
    assert not control.wrong
    assert control.passing >= LEAST
    assert control.failing >= LEAST
