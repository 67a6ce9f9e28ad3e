import csv
from collections import Counter
from pathlib import Path

import pytest

from mdlc.systems.fraud.generate import Row, generate, tables

CLAIMS = (
    "policy_id,driver_relationship,incident_type,collision_type,incident_severity,authorities_contacted,"
    "num_vehicles_involved,num_injuries,num_witnesses,police_report_available,injury_claim,vehicle_claim,"
    "total_claim_amount,incident_month,incident_day,incident_dow,incident_hour,fraud"
)
CUSTOMERS = (
    "policy_id,customer_age,months_as_customer,num_claims_past_year,num_insurers_past_5_years,policy_state,"
    "policy_deductable,policy_annual_premium,policy_liability,customer_zip,customer_gender,customer_education,auto_year"
)
CATEGORIES = {  # the value sets of the published data
    "driver_relationship": {"Self", "N/A", "Spouse", "Child", "Other"},
    "incident_type": {"Collision", "Break-in", "Theft"},
    "collision_type": {"Front", "Rear", "Side", "N/A"},
    "incident_severity": {"Minor", "Major", "Totaled"},
    "authorities_contacted": {"Police", "None", "Ambulance", "Fire"},
    "police_report_available": {"No", "Yes"},
    "policy_state": {"CA", "WA", "AZ", "OR", "NV", "ID"},
    "policy_liability": {"25/50", "15/30", "30/60", "100/200"},
    "customer_gender": {"Male", "Female", "Unkown", "Other"},
    "customer_education": {"Bachelor", "High School", "Advanced Degree", "Associate", "Below High School"},
}
RANGES = {  # the ranges of the published data; months and money are open above
    "num_vehicles_involved": (1, 6),
    "num_injuries": (0, 4),
    "num_witnesses": (0, 5),
    "incident_month": (1, 12),
    "incident_day": (1, 31),
    "incident_dow": (0, 6),
    "incident_hour": (0, 23),
    "customer_age": (18, 70),
    "num_insurers_past_5_years": (1, 5),
    "customer_zip": (83201, 99362),
    "auto_year": (2001, 2020),
    "policy_annual_premium": (2200, 3000),
    "policy_deductable": (750, 1100),
}


@pytest.fixture(scope="module")
def both() -> tuple[list[Row], list[Row]]:
    return tables(seed=42, rows=5000)


def test_files_have_the_documented_columns(tmp_path: Path) -> None:
    generate(tmp_path / "new", seed=1, rows=200)
    assert (tmp_path / "new/claims.csv").read_text().splitlines()[0] == CLAIMS
    assert (tmp_path / "new/customers.csv").read_text().splitlines()[0] == CUSTOMERS
    with (tmp_path / "new/claims.csv").open(newline="") as file:
        assert [row["policy_id"] for row in csv.DictReader(file)] == [str(number) for number in range(1, 201)]


def test_equal_seeds_give_equal_files_and_others_do_not(tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        generate(tmp_path / name, seed=seed, rows=200)
    for file in ("claims.csv", "customers.csv"):
        contents = [(tmp_path / name / file).read_bytes() for name in ("a", "b", "c")]
        assert contents[0] == contents[1] != contents[2]


def test_every_category_occurs_and_no_other(both: tuple[list[Row], list[Row]]) -> None:
    claims, customers = both
    for column, values in CATEGORIES.items():
        table = claims if column in claims[0] else customers
        assert {row[column] for row in table} == values, column


def test_numbers_stay_in_the_published_ranges(both: tuple[list[Row], list[Row]]) -> None:
    claims, customers = both
    for column, (low, high) in RANGES.items():
        values = [float(row[column]) for row in (claims if column in claims[0] else customers)]
        assert low <= min(values), column
        assert max(values) <= high, column


def test_what_belongs_together_agrees(both: tuple[list[Row], list[Row]]) -> None:
    claims, customers = both
    for claim in claims:
        collision = claim["incident_type"] == "Collision"
        assert (claim["collision_type"] != "N/A") == (claim["driver_relationship"] != "N/A") == collision
        total = float(claim["injury_claim"]) + float(claim["vehicle_claim"])
        assert float(claim["total_claim_amount"]) == pytest.approx(total, abs=0.005)
        assert claim["police_report_available"] == "No" or claim["authorities_contacted"] == "Police"
    for customer in customers:
        assert float(customer["months_as_customer"]) <= (float(customer["customer_age"]) - 16) * 12
        assert customer["policy_liability"] != "15/30" or customer["policy_state"] in {"CA", "AZ"}


def test_fraud_is_rare_and_leans_as_it_should(both: tuple[list[Row], list[Row]]) -> None:
    claims, _ = both
    assert 0.025 < sum(int(row["fraud"]) for row in claims) / len(claims) < 0.042
    seen: Counter[tuple[bool, str | int | float]] = Counter(
        (int(row["num_witnesses"]) > 1, row["fraud"]) for row in claims
    )
    assert seen[True, 1] / seen[True, 0] < 0.5 * seen[False, 1] / seen[False, 0]


def test_shuffled_labels_change_nothing_but_who_has_them() -> None:
    claims, customers = tables(seed=3, rows=1000)
    shuffled, same_customers = tables(seed=3, rows=1000, shuffle_labels=True)
    assert same_customers == customers
    assert sum(int(row["fraud"]) for row in shuffled) == sum(int(row["fraud"]) for row in claims)
    assert [row["fraud"] for row in shuffled] != [row["fraud"] for row in claims]
    assert [{**row, "fraud": 0} for row in shuffled] == [{**row, "fraud": 0} for row in claims]


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 200"):
        tables(seed=1, rows=199)
