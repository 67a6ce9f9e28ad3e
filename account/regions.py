"""Regions of AWS: resource types of CloudFormation that one lacks, and its availability zones.

`regions.csv` holds, of the types that the platform has or the local cloud knows, those that are not in every region;
`zones.csv` the zones of each. Source of both: cfn-lint 1.58.0, which keeps AWS's registry of types by region
(`data/schemas/providers`) and `AVAILABILITY_ZONES`. Regions of other partitions are left out. The names of zones are an
account's own: two accounts call one place by different letters, and a newer account may have fewer.
"""

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent
TYPES: Final = _FOLDER / "regions.csv"
ZONES: Final = _FOLDER / "zones.csv"


@cache
def zones() -> Mapping[str, Sequence[str]]:
    """Return the zones of every region that is known."""
    with ZONES.open(encoding="utf-8", newline="") as file:
        return {
            row["region"]: tuple(f"{row['region']}{letter}" for letter in row["zones"].split())
            for row in csv.DictReader(file)
        }


def has_type(region: str, name: str) -> bool:
    """Return whether a region has a resource type; one that is not known has."""
    return region not in _lacking().get(name, ())


@cache
def _lacking() -> Mapping[str, frozenset[str]]:
    with TYPES.open(encoding="utf-8", newline="") as file:
        return {row["type"]: frozenset(row["not_in"].split()) for row in csv.DictReader(file)}
