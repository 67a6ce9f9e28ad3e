"""A seeded generator of a census-like table: the columns that the Census-Income (KDD) example uses.

census.csv:
    person_id 1…n; age 16 to 90 years; education; major_industry_code; class_of_worker;
    num_persons_worked_for_employer 0 (does not work) to 6 (1,000 and more); capital_gains, capital_losses,
    dividends_from_stocks in US dollars; income: 1 above 50,000 US dollars a year, else 0.
The signal is made: income is drawn from a logistic model of the other columns, with the share of high incomes held
at 12 %, and no real person is in it.
"""

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Final, TypeVar

HIGH_SHARE: Final = 0.12
MINIMUM_ROWS: Final = 200
FILE: Final = "census.csv"

Row = dict[str, str | int]
Value = TypeVar("Value")

EDUCATION: Final = {
    "Less than 9th grade": 6,
    "9th to 12th grade no diploma": 9,
    "High school graduate": 32,
    "Some college but no degree": 19,
    "Associates degree": 8,
    "Bachelors degree": 17,
    "Masters degree": 6,
    "Professional school or doctorate degree": 3,
}
INDUSTRIES: Final = {
    "Not in universe": 28,
    "Retail trade": 13,
    "Manufacturing": 13,
    "Education": 8,
    "Construction": 6,
    "Finance insurance and real estate": 6,
    "Business services": 6,
    "Medical services": 8,
    "Public administration": 4,
    "Transportation": 4,
    "Agriculture": 4,
}
WORKERS: Final = {
    "Private": 72,
    "Local government": 9,
    "Self-employed-not incorporated": 9,
    "Self-employed-incorporated": 4,
    "State government": 4,
    "Federal government": 2,
}
_NOT_WORKING: Final = "Not in universe"
_PAYS: Final = {
    "Finance insurance and real estate": 0.9,
    "Business services": 0.5,
    "Manufacturing": 0.4,
    "Public administration": 0.4,
    "Retail trade": -0.6,
    "Agriculture": -0.8,
    _NOT_WORKING: -2.5,
}
_GAINS: Final = 0.05
_LOSSES: Final = 0.03
_DIVIDENDS: Final = 0.12


def _draw(random: Random, shares: Mapping[Value, float]) -> Value:
    return random.choices(list(shares), weights=list(shares.values()))[0]


def _amount(random: Random, share: float, middle: float) -> int:
    return round(random.lognormvariate(math.log(middle), 0.8)) if random.random() < share else 0


def _person(random: Random, person_id: int) -> Row:
    industry = _draw(random, INDUSTRIES)
    works = industry != _NOT_WORKING
    return {
        "person_id": person_id,
        "age": min(90, max(16, round(random.gauss(42, 16)))),
        "education": _draw(random, EDUCATION),
        "major_industry_code": industry,
        "class_of_worker": _draw(random, WORKERS) if works else _NOT_WORKING,
        "num_persons_worked_for_employer": random.randint(1, 6) if works else 0,
        "capital_gains": _amount(random, _GAINS, 5000),
        "capital_losses": _amount(random, _LOSSES, 1800),
        "dividends_from_stocks": _amount(random, _DIVIDENDS, 700),
    }


def _prosperity(person: Mapping[str, str | int]) -> float:
    """Return the log-odds of a high income, up to a constant."""
    age = float(person["age"])
    return (
        0.75 * list(EDUCATION).index(str(person["education"]))
        - 0.0035 * (age - 50) ** 2
        + _PAYS.get(str(person["major_industry_code"]), 0.0)
        + (1.2 if person["class_of_worker"] == "Self-employed-incorporated" else 0.0)
        + 0.15 * float(person["num_persons_worked_for_employer"])
        + 0.4 * math.log1p(float(person["capital_gains"]))
        + 0.15 * math.log1p(float(person["capital_losses"]))
        + 0.2 * math.log1p(float(person["dividends_from_stocks"]))
    )


def _probabilities(log_odds: Sequence[float]) -> list[float]:
    """Return probabilities whose mean is `HIGH_SHARE`: the constant of the logistic model is found by bisection."""
    low, high = -50.0, 50.0
    for _ in range(60):
        constant = (low + high) / 2
        mean = sum(1 / (1 + math.exp(-constant - x)) for x in log_odds) / len(log_odds)
        low, high = (constant, high) if mean < HIGH_SHARE else (low, constant)
    return [1 / (1 + math.exp(-low - x)) for x in log_odds]


def table(*, seed: int, rows: int, shuffle_labels: bool = False) -> list[Row]:
    """Return `rows` persons; equal arguments give equal tables. Raise `ValueError` below `MINIMUM_ROWS` rows.

    With `shuffle_labels` the incomes are dealt out anew: their share stays and no model can learn them.
    """
    if rows < MINIMUM_ROWS:
        raise ValueError(f"{rows} rows are too few to train and test on: ask for at least {MINIMUM_ROWS}.")
    random = Random(seed)  # noqa: S311 - reproducible data, no secret
    persons = [_person(random, person_id) for person_id in range(1, rows + 1)]
    labels = [int(random.random() < p) for p in _probabilities([_prosperity(person) for person in persons])]
    if shuffle_labels:
        random.shuffle(labels)
    return [{**person, "income": label} for person, label in zip(persons, labels, strict=True)]


def generate(folder: Path, *, seed: int, rows: int, shuffle_labels: bool = False) -> None:
    """Write census.csv to `folder`, which is made; see `table`."""
    persons = table(seed=seed, rows=rows, shuffle_labels=shuffle_labels)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / FILE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(persons[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(persons)
