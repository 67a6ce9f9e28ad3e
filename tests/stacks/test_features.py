"""The groups of the feature store are those that the tables need."""

import re
from pathlib import Path

import pytest

from mdlc.features import inference, table
from mdlc.systems.features.generate import generate
from ml_constructs.features.feature_group import FeatureTable
from stacks.features import CUSTOMERS, ORDERS


@pytest.mark.parametrize(("file", "declared"), [("customer.csv", CUSTOMERS), ("orders.csv", ORDERS)])
def test_the_declared_schema_is_that_of_the_table(file: str, declared: FeatureTable, tmp_path: Path) -> None:
    generate(tmp_path, seed=1, rows=5)
    wanted = inference.from_table(table.read(tmp_path / file), "customer_id")
    assert {feature.name: feature.type for feature in declared.features} == wanted.types
    assert (declared.identifier, declared.event_time) == (wanted.identifier, wanted.event_time)


def test_every_feature_says_what_it_is() -> None:
    for feature in (*CUSTOMERS.features, *ORDERS.features):
        assert re.fullmatch(r"[A-Z0-9].{5,254}", feature.description), feature.name
