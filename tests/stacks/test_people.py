"""Who may be named in an environment's Studio."""

import dataclasses
from typing import Any

import pytest

from ml_constructs.studio.persona import Persona
from stacks.people import Notebook, Studio
from tests.environments import DEV, FRAUD


def test_every_persona_has_somebody_unless_an_environment_says_who() -> None:
    assert dict(DEV.studio.people) == {
        "data-scientist": Persona.DATA_SCIENTIST,
        "ml-engineer": Persona.ML_ENGINEER,
        "annotation-lead": Persona.ANNOTATION_LEAD,
        "auditor": Persona.AUDITOR,
    }
    two = Studio(data_scientists=("ann", "bob"), ml_engineers=(), annotation_leads=(), auditors=())
    assert dict(two.people) == {"ann": Persona.DATA_SCIENTIST, "bob": Persona.DATA_SCIENTIST}


def test_people_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        DEV.studio.idle_minutes = 90  # type: ignore[misc] # what the test is about


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"data_scientists": ("ann@example.com",)}, "'ann@example.com' can name nobody in Studio"),
        ({"auditors": ("-ann",)}, "'-ann' can name nobody in Studio"),
        ({"auditors": ("ann", "ann")}, "ann is named twice"),
        ({"auditors": ("Ann", "ann")}, "ann is named twice: .* in which capitals do not count"),
        ({"auditors": ("ML-Engineer",)}, "ML-Engineer is named twice"),
        ({"auditors": ("ml-engineer",)}, "ml-engineer is named twice: everybody in Studio has one persona"),
        ({"instance_types": ()}, "Studio needs an instance type"),
        ({"instance_types": ("t3.medium",)}, "'t3.medium' is no SageMaker instance type"),
        ({"idle_minutes": 59}, "An idle space ends between 60 <= idle_minutes"),
        ({"idle_minutes": 300}, "not 300 and 240"),
        ({"longest_idle_minutes": 525_601}, "<= 525600"),
        ({"systems": {"eve": ("fraud",)}}, "eve has systems and no persona"),
        ({"notebooks": (Notebook(user="eve"),)}, "eve has a notebook instance and no persona"),
        ({"notebooks": (Notebook(user="auditor"),) * 2}, "Nobody has two notebook instances"),
    ],
)
def test_what_studio_would_refuse_is_refused_with_a_sentence(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Studio(**values)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"user": "a b"}, "'a b' can name nobody"),
        ({"user": "ann", "instance_type": "large"}, "'large' is no SageMaker instance type"),
        ({"user": "ann", "instance_type": "ml.m5.large"}, "SageMaker has no ml.m5.large for notebook"),
        ({"user": "ann", "volume_gb": 4}, "A notebook instance has 5 to 16384 GB, not 4."),
        ({"user": "ann", "idle_minutes": 0}, "stops after a minute at least, not 0."),
    ],
)
def test_impossible_notebooks_are_refused(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Notebook(**values)


def test_everybody_works_with_all_systems_unless_an_environment_says_with_which() -> None:
    studio = Studio(systems={"ml-engineer": ("fraud",)})
    assert studio.systems_of("ml-engineer", ["fraud", "knn"]) == ["fraud"]
    assert studio.systems_of("data-scientist", ["fraud", "knn"]) == ["fraud", "knn"]


def test_a_system_that_an_environment_has_not_is_nobody_s() -> None:
    with pytest.raises(ValueError, match="ml-engineer works with churn, which is no system of dev: it has fraud"):
        dataclasses.replace(DEV, studio=Studio(systems={"ml-engineer": ("churn",)}), systems=(FRAUD,))
