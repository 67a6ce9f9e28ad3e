"""AWS's prices by item and region: the rows of prices.csv, each with its source and date."""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Final

from mdlc.errors import InputError

PRICES: Final = Path(__file__).with_name("prices.csv")
COLUMNS: Final = ("item", "unit", "region", "usd", "usage_type", "mark", "source", "date")
ELSEWHERE: Final = ("us-east-1", "eu-west-1", "ap-northeast-1")
"""Where the price of an item is taken from when its own region has none, the first that has one."""


class Mark(StrEnum):
    """How sure a price is."""

    PUBLISHED = "published"
    DERIVED = "derived"
    UNVERIFIED = "unverified"


@dataclass(frozen=True)
class Price:
    """One row: USD for one `unit` of `item` in `region`; `usage_type` is what a bill calls it."""

    item: str
    unit: str
    region: str
    usd: Decimal
    usage_type: str
    mark: Mark
    source: str
    date: date


class PriceTable:
    """Prices of items by region."""

    def __init__(self, rows: Iterable[Price]) -> None:
        self._prices = {(row.item, row.region): row for row in rows}
        self.regions = sorted({region for _, region in self._prices})

    @property
    def newest(self) -> date:
        """When the newest price was read."""
        return max(price.date for price in self._prices.values())

    def require(self, region: str) -> None:
        """Raise `InputError` for a region of which not one price is known."""
        if region not in self.regions:
            raise InputError(
                f"There are no prices for {region}: add rows to {PRICES.name}, or price it as one of"
                f" {', '.join(self.regions)} with --region."
            )

    def find(self, item: str, region: str) -> Price | None:
        """Return the price in `region`, else of another region (the price says which), else None."""
        found = (self._prices.get((item, each)) for each in (region, *ELSEWHERE))
        return next(filter(None, found), None)


def read(path: Path = PRICES) -> PriceTable:
    """Read a table; raise `InputError` that names the line which is wrong."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = csv.DictReader(file, strict=True)
            if tuple(lines.fieldnames or ()) != COLUMNS:
                raise InputError(f"{path} is no price table: its first line must be {','.join(COLUMNS)}.")
            return PriceTable(_check_rows(path, [(lines.line_num, line) for line in lines]))
    except FileNotFoundError:
        raise InputError(f"There is no price table {path}.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} is no price table: {error}.") from None


def _check_rows(path: Path, lines: Iterable[tuple[int, Mapping[str, str | None]]]) -> list[Price]:
    """Return the rows: no item twice in a region, and one unit for an item."""
    rows: list[Price] = []
    for number, line in lines:
        try:
            rows.append(_check_row(_row(line), rows))
        except ValueError as error:
            raise InputError(f"{path}, line {number}: {error}.") from None
    if not rows:
        raise InputError(f"{path} has no prices.")
    return rows


def _check_row(row: Price, others: Iterable[Price]) -> Price:
    for other in others:
        if other.item == row.item and other.region == row.region:
            raise ValueError(f"{row.item} has a price in {row.region} already")
        if other.item == row.item and other.unit != row.unit:
            raise ValueError(f"{row.item} is priced per {other.unit}, not per {row.unit}")
    return row


def _row(line: Mapping[str, str | None]) -> Price:
    if set(line) != set(COLUMNS):
        raise ValueError(f"a row has {len(COLUMNS)} columns")
    if empty := [name for name in COLUMNS if not (line[name] or "").strip()]:
        raise ValueError(f"{empty[0]} is empty")
    given = {name: value or "" for name, value in line.items()}
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", given["region"]):
        raise ValueError(f"{given['region']!r} is no region: it looks like eu-west-1")
    try:
        usd = Decimal(given["usd"])
    except InvalidOperation:
        raise ValueError(f"usd is a number, not {given['usd']!r}") from None
    if not usd.is_finite() or usd < 0:
        raise ValueError(f"usd is 0 or more, not {given['usd']}")
    if given["mark"] not in set(Mark):
        raise ValueError(f"mark is one of {', '.join(Mark)}, not {given['mark']!r}")
    try:
        when = date.fromisoformat(given["date"])
    except ValueError:
        raise ValueError(f"date is a day like 2026-09-14, not {given['date']!r}") from None
    return Price(
        given["item"],
        given["unit"],
        given["region"],
        usd,
        given["usage_type"],
        Mark(given["mark"]),
        given["source"],
        when,
    )
