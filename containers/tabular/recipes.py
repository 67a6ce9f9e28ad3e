"""Recipes: which tables a team has, how they are joined, how each column is encoded, and what is predicted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from contract.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

_WHOLE = re.compile(r"([+-]?[0-9]+)\.0*")


Objective = Literal["binary", "multiclass", "regression"]
OBJECTIVES: tuple[Objective, ...] = ("binary", "multiclass", "regression")


@dataclass(frozen=True)
class Bias:
    """The group that may be disadvantaged, and the outcome that a person wants.

    The group is the rows whose column ``facet`` has ``value``; of a column of numbers, the rows above it.
    ``favorable`` has the labels that a person wants (binary: without any, the one that is not positive), or for a
    regression the number above which a label is wanted.
    """

    facet: str
    value: str | float
    favorable: tuple[str, ...] | float = ()


@dataclass(frozen=True)
class Recipe:
    """What ``prepare`` needs to know about a team's raw data.

    The first table holds the label and one row per example; every other table has one row per ``identifier``, which
    one table alone can do without. ``tables`` has the columns of each; one that is neither the identifier, the label,
    ordinal, categorical nor dropped is a number.
    """

    tables: Mapping[str, tuple[str, ...]]
    label: str
    identifier: str = ""
    ordinal: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    categorical: frozenset[str] = frozenset()
    dropped_columns: frozenset[str] = frozenset()
    dropped_features: frozenset[str] = frozenset()
    objective: Objective = "binary"
    positive: str = "1"
    classes: tuple[str, ...] = ()
    bias: Bias | None = None

    @property
    def ignored(self) -> frozenset[str]:
        """The columns that no feature is made of."""
        return self.dropped_columns | {self.label} | ({self.identifier} if self.identifier else frozenset())

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that features are made of, in the order of the tables."""
        return tuple(name for names in self.tables.values() for name in names if name not in self.ignored)


def same_text(text: str) -> str:
    """Return a label or category as it is compared: without blanks around it, and a whole number without a point."""
    text = text.strip()
    whole = _WHOLE.fullmatch(text)
    return whole[1] if whole else text


FRAUD = Recipe(
    tables={
        "claims.csv": (
            "policy_id",
            "driver_relationship",
            "incident_type",
            "collision_type",
            "incident_severity",
            "authorities_contacted",
            "num_vehicles_involved",
            "num_injuries",
            "num_witnesses",
            "police_report_available",
            "injury_claim",
            "vehicle_claim",
            "total_claim_amount",
            "incident_month",
            "incident_day",
            "incident_dow",
            "incident_hour",
            "fraud",
        ),
        "customers.csv": (
            "policy_id",
            "customer_age",
            "months_as_customer",
            "num_claims_past_year",
            "num_insurers_past_5_years",
            "policy_state",
            "policy_deductable",
            "policy_annual_premium",
            "policy_liability",
            "customer_zip",
            "customer_gender",
            "customer_education",
            "auto_year",
        ),
    },
    identifier="policy_id",
    label="fraud",
    ordinal={
        "police_report_available": {"No": 0, "Unknown": 0.5, "Yes": 1},
        "policy_liability": {"15/30": 0, "25/50": 1, "30/60": 2, "100/200": 3},
        "customer_education": {
            "Below High School": 0,
            "High School": 1,
            "Associate": 2,
            "Bachelor": 3,
            "Advanced Degree": 4,
        },
    },
    categorical=frozenset(
        {
            "driver_relationship",
            "incident_type",
            "collision_type",
            "incident_severity",
            "authorities_contacted",
            "policy_state",
            "customer_gender",
        }
    ),
    dropped_columns=frozenset({"customer_zip"}),
    dropped_features=frozenset({"customer_gender_unkown"}),  # as the published data spells it
)

CENSUS = Recipe(
    tables={
        "census.csv": (
            "person_id",
            "age",
            "education",
            "major_industry_code",
            "class_of_worker",
            "num_persons_worked_for_employer",
            "capital_gains",
            "capital_losses",
            "dividends_from_stocks",
            "income",  # 1 above 50,000 US dollars a year
        )
    },
    identifier="person_id",
    label="income",
    ordinal={
        "education": {
            "Less than 9th grade": 1,
            "9th to 12th grade no diploma": 2,
            "High school graduate": 3,
            "Some college but no degree": 4,
            "Associates degree": 5,
            "Bachelors degree": 6,
            "Masters degree": 7,
            "Professional school or doctorate degree": 8,
        }
    },
    categorical=frozenset({"major_industry_code", "class_of_worker"}),
)

RECIPES = {"fraud": FRAUD, "census": CENSUS}


def find_recipe(name: str) -> Recipe:
    """Return a recipe by name; InputError lists the known ones."""
    if name not in RECIPES:
        raise InputError(f"there is no recipe {name}: there are {', '.join(sorted(RECIPES))}")
    return RECIPES[name]
