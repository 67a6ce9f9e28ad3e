"""Recipes: which tables a system has, how they are joined, and how each column is encoded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contract.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Recipe:
    """What ``prepare`` needs to know about a system's raw data.

    The first table holds the label and one row per example; every other table has one row per ``key``.
    """

    name: str
    tables: Mapping[str, tuple[str, ...]]
    key: str
    label: str
    ordinal: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    categorical: frozenset[str] = frozenset()
    dropped_columns: frozenset[str] = frozenset()
    dropped_features: frozenset[str] = frozenset()


FRAUD = Recipe(
    name="fraud",
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
    key="policy_id",
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
    name="census",
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
    key="person_id",
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

RECIPES = {recipe.name: recipe for recipe in (FRAUD, CENSUS)}


def find_recipe(name: str) -> Recipe:
    """Return a recipe by name; InputError lists the known ones."""
    if name not in RECIPES:
        raise InputError(f"there is no recipe {name}: there are {', '.join(sorted(RECIPES))}")
    return RECIPES[name]
