"""Labeling of an environment: what of its settings is refused, and who has it."""

from dataclasses import fields
from typing import Any

import pytest

from stacks.labeling_settings import Labeling
from stacks.settings import USUAL, Environment, Feature


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"workteams": ()}, "Nobody labels without a team"),
        ({"workteams": ("our team",)}, "'our team' cannot name a team"),
        ({"workteams": ("leads",)}, "leads is the group of those who lead jobs"),
        ({"workteams": ("birds", "birds")}, "birds is named twice"),
        ({"inputs": ("s3://data/images",)}, "cannot be a folder of the data bucket"),
        ({"inputs": ("labeling/birds",)}, "leave it out of the inputs"),
        ({"functions": ("before",)}, "'before' cannot be a function: give its ARN"),
        ({"template_hosts": ("https://cdn.example.com",)}, "cannot be a host of templates"),
        ({"patience_minutes": 0}, "a minute at least"),
    ],
)
def test_settings_that_no_job_could_be_made_with_are_refused(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("(", r"\(")):
        Labeling(**settings)


def test_an_environment_that_says_nothing_has_no_labeling() -> None:
    (features,) = (each.default for each in fields(Environment) if each.name == "features")
    assert features == USUAL
    assert Feature.LABELING not in USUAL
