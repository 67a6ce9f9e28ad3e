"""A seeded generator of claims and customers in the documented schema of the fraud data set.

Two tables join one to one on `policy_id`. Value sets and marginal shares follow the published data, misspelt
names (`policy_deductable`, `Unkown`) included, because the recipe reads them by those names. The signal is made:
fraud is drawn from a logistic model of the claim and the customer, with the share of fraud held at 3.3 %.

claims.csv:
    policy_id 1…n; driver_relationship (N/A unless the incident is a collision); incident_type; collision_type (N/A
    likewise); incident_severity; authorities_contacted; num_vehicles_involved 1 to 6; num_injuries 0 to 4;
    num_witnesses 0 to 5; police_report_available; injury_claim, vehicle_claim, total_claim_amount in US dollars (the
    total is the sum); incident_month 1 to 12; incident_day 1 to 31; incident_dow 0 (Monday) to 6; incident_hour
    0 to 23; fraud 0 or 1.
customers.csv:
    policy_id; customer_age 18 to 70 years; months_as_customer; num_claims_past_year; num_insurers_past_5_years 1 to 5;
    policy_state; policy_deductable, policy_annual_premium in US dollars; policy_liability (per person / per accident,
    thousands of US dollars); customer_zip; customer_gender; customer_education; auto_year.
"""

import calendar
import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Final, TypeVar

FRAUD_SHARE: Final = 0.033
MINIMUM_ROWS: Final = 200

Row = dict[str, str | int | float]
Value = TypeVar("Value")

_STATES: Final = {"CA": 63, "WA": 12, "AZ": 11, "OR": 7, "NV": 4, "ID": 3}
_ZIPS: Final = {
    "CA": (90001, 96150),
    "WA": (98001, 99362),
    "AZ": (85003, 86538),
    "OR": (97004, 97914),
    "NV": (89002, 89883),
    "ID": (83201, 83869),
}
_LIABILITY: Final = {"25/50": 50, "30/60": 33, "100/200": 17}
_LIABILITY_WHERE_15_30_IS_LEGAL: Final = {"15/30": 44, "25/50": 28, "30/60": 19, "100/200": 9}
_LEGAL_15_30: Final = frozenset({"AZ", "CA"})
_GENDERS: Final = {"Male": 45, "Female": 44, "Unkown": 9, "Other": 2}
_EDUCATION: Final = {
    "Bachelor": 44,
    "High School": 25,
    "Advanced Degree": 19,
    "Associate": 10,
    "Below High School": 2,
}
_CLAIMS_PAST_YEAR: Final = {0: 93, 1: 5.5, 2: 1, 3: 0.5}
_INSURERS: Final = {1: 77, 2: 11, 3: 6, 4: 4, 5: 2}
_INCIDENTS: Final = {"Collision": 85, "Break-in": 10, "Theft": 5}
_DRIVERS: Final = {"Self": 80, "Spouse": 10, "Child": 5, "Other": 5}
_COLLISIONS: Final = {"Front": 49, "Rear": 26, "Side": 25}
_SEVERITY: Final[Mapping[str, Mapping[str, float]]] = {
    "Collision": {"Minor": 39, "Major": 33, "Totaled": 28},
    "Break-in": {"Minor": 90, "Major": 10},
    "Theft": {"Major": 1},
}
_AUTHORITIES: Final[Mapping[str, Mapping[str, float]]] = {
    "Minor": {"None": 58, "Police": 42},
    "Major": {"Police": 96, "Ambulance": 4},
    "Totaled": {"Police": 82, "Fire": 11, "Ambulance": 7},
}
_INJURIES: Final[Mapping[str, Mapping[int, float]]] = {
    "Minor": {0: 95, 1: 4.5, 2: 0.5},
    "Major": {0: 65, 1: 21, 2: 7, 3: 5, 4: 2},
    "Totaled": {0: 22, 1: 45, 2: 11, 3: 10, 4: 12},
}
_VEHICLES: Final = {1: 11, 2: 54, 3: 28, 4: 6, 5: 0.9, 6: 0.1}
_WITNESSES: Final = {0: 45, 1: 25, 2: 19, 3: 8, 4: 2, 5: 1}
_VEHICLE_DAMAGE: Final = {"Minor": (10_400, 4_500), "Major": (15_600, 5_000), "Totaled": (31_500, 8_100)}
_HOURS: Final = (1, 1, 2, 2, 3, 5, 5, 5, 6, 6, 6, 6, 6, 6, 7, 7, 7, 6, 4, 4, 3, 2, 1, 1)
_MONTHS: Final = (10, 7, 8, 7, 7, 7, 7, 8, 7, 10, 11, 10)
_YEAR: Final = 2020
_RAISED_DEDUCTABLE: Final = 0.01
_DISCOUNTED: Final = 0.28
_SEEN_WITHOUT_COLLISION: Final = 0.05
_REPORTED: Final = 0.6


def _draw(random: Random, shares: Mapping[Value, float]) -> Value:
    return random.choices(list(shares), weights=list(shares.values()))[0]


def _customer(random: Random, policy_id: int) -> Row:
    age = min(70, max(18, round(random.gauss(44, 13.5))))
    state = _draw(random, _STATES)
    return {
        "policy_id": policy_id,
        "customer_age": age,
        "months_as_customer": min(round(random.gammavariate(1.8, 0.0233 * age * 54)), (age - 16) * 12),
        "num_claims_past_year": _draw(random, _CLAIMS_PAST_YEAR),
        "num_insurers_past_5_years": _draw(random, _INSURERS),
        "policy_state": state,
        "policy_deductable": 750 + (50 * random.randint(1, 6) if random.random() < _RAISED_DEDUCTABLE else 0),
        "policy_annual_premium": 3000
        - (50 * min(16, 1 + int(random.expovariate(0.2))) if random.random() < _DISCOUNTED else 0),
        "policy_liability": _draw(random, _LIABILITY_WHERE_15_30_IS_LEGAL if state in _LEGAL_15_30 else _LIABILITY),
        "customer_zip": random.randint(*_ZIPS[state]),
        "customer_gender": _draw(random, _GENDERS),
        "customer_education": _draw(random, _EDUCATION),
        "auto_year": max(2001, _YEAR - round(random.gammavariate(1.8, 2.2))),
    }


def _claim(random: Random, policy_id: int) -> Row:
    incident = _draw(random, _INCIDENTS)
    collision = incident == "Collision"
    severity = _draw(random, _SEVERITY[incident])
    authorities = _draw(random, _AUTHORITIES[severity])
    injury = 100 * max(3, round(random.lognormvariate(5, 1)))
    vehicle = round(max(1000.0, random.gauss(*_VEHICLE_DAMAGE[severity])), 2)
    month = _draw(random, dict(enumerate(_MONTHS, start=1)))
    day = random.randint(1, calendar.monthrange(_YEAR, month)[1])
    return {
        "policy_id": policy_id,
        "driver_relationship": _draw(random, _DRIVERS) if collision else "N/A",
        "incident_type": incident,
        "collision_type": _draw(random, _COLLISIONS) if collision else "N/A",
        "incident_severity": severity,
        "authorities_contacted": authorities,
        "num_vehicles_involved": _draw(random, _VEHICLES) if collision else 1,
        "num_injuries": _draw(random, _INJURIES[severity]),
        "num_witnesses": _draw(random, _WITNESSES) if collision else int(random.random() < _SEEN_WITHOUT_COLLISION),
        "police_report_available": "Yes" if authorities == "Police" and random.random() < _REPORTED else "No",
        "injury_claim": injury,
        "vehicle_claim": vehicle,
        "total_claim_amount": round(injury + vehicle, 2),
        "incident_month": month,
        "incident_day": day,
        "incident_dow": calendar.weekday(_YEAR, month, day),
        "incident_hour": _draw(random, dict(enumerate(_HOURS))),
    }


def _suspicion(customer: Mapping[str, object], claim: Mapping[str, object]) -> float:
    """Return the log-odds of fraud, up to a constant, from what makes an adjuster suspicious."""

    def number(row: Mapping[str, object], name: str) -> float:
        return float(str(row[name]))

    gender = {"Male": 0.7, "Female": -0.7}.get(str(customer["customer_gender"]), -0.6)
    return (
        gender
        - 0.04 * number(customer, "customer_age")
        - 0.012 * min(number(customer, "months_as_customer"), 120)
        + 1.5 * number(customer, "num_claims_past_year")
        + 1.3 * (number(customer, "num_insurers_past_5_years") - 1)
        - 1.2 * number(claim, "num_injuries")
        - 1.4 * number(claim, "num_witnesses")
        - 0.8 * number(claim, "num_vehicles_involved")
        + {"Minor": 0.5, "Major": 0.0, "Totaled": -0.8}[str(claim["incident_severity"])]
        + (0.6 if claim["police_report_available"] == "No" else -0.6)
    )


def _probabilities(log_odds: Sequence[float]) -> list[float]:
    """Return probabilities whose mean is `FRAUD_SHARE`: the constant of the logistic model is found by bisection."""
    low, high = -50.0, 50.0
    for _ in range(60):
        constant = (low + high) / 2
        mean = sum(1 / (1 + math.exp(-constant - x)) for x in log_odds) / len(log_odds)
        low, high = (constant, high) if mean < FRAUD_SHARE else (low, constant)
    return [1 / (1 + math.exp(-low - x)) for x in log_odds]


def tables(*, seed: int, rows: int, shuffle_labels: bool = False) -> tuple[list[Row], list[Row]]:
    """Return claims and customers, `rows` each; equal arguments give equal tables.

    With `shuffle_labels` the labels are dealt out anew among the claims: the share of fraud stays and no model can
    learn it, which is what the quality gate has to notice. Raise `ValueError` below `MINIMUM_ROWS` rows.
    """
    if rows < MINIMUM_ROWS:
        raise ValueError(f"{rows} rows are too few to train and test on: ask for at least {MINIMUM_ROWS}.")
    random = Random(seed)  # noqa: S311 - reproducible data, no secret
    customers = [_customer(random, policy_id) for policy_id in range(1, rows + 1)]
    claims = [_claim(random, policy_id) for policy_id in range(1, rows + 1)]
    suspicion = [_suspicion(customer, claim) for customer, claim in zip(customers, claims, strict=True)]
    labels = [int(random.random() < probability) for probability in _probabilities(suspicion)]
    if shuffle_labels:
        random.shuffle(labels)
    for claim, label in zip(claims, labels, strict=True):
        claim["fraud"] = label
    return claims, customers


def generate(folder: Path, *, seed: int, rows: int, shuffle_labels: bool = False) -> None:
    """Write claims.csv and customers.csv to `folder`, which is made; see `tables`."""
    claims, customers = tables(seed=seed, rows=rows, shuffle_labels=shuffle_labels)
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in (("claims.csv", claims), ("customers.csv", customers)):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(table[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(table)
