from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from mdlc.cost import prices
from mdlc.cost.prices import Mark
from mdlc.errors import InputError

HEADER = "item,unit,region,usd,usage_type,mark,source,date"
ROW = "KMS key,month,us-east-1,1.00,us-east-1-KMS-Keys,unverified,a page,2026-11-01"

HOSTING = "ml.m5.large hosting,hour,eu-west-1,0.128,EU-Host:ml.m5.large,derived,a bill,2023-12-31"

Table = Callable[..., Path]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """Write a price table."""

    def write(*rows: str, header: str = HEADER) -> Path:
        file = tmp_path / "prices.csv"
        file.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
        return file

    return write


def test_every_price_of_ours_has_a_source_and_a_day_that_is_past() -> None:
    table = prices.read()
    assert {"eu-west-1", "us-east-1", "ap-northeast-1"} <= set(table.regions)
    assert table.newest <= date.today()  # noqa: DTZ011 - a day is precise enough


def test_a_price_says_what_it_is_and_how_sure(table: Table) -> None:
    found = prices.read(table(ROW, HOSTING)).find("ml.m5.large hosting", "eu-west-1")
    assert found is not None
    assert (str(found.usd), found.unit, found.usage_type) == ("0.128", "hour", "EU-Host:ml.m5.large")
    assert (found.mark, found.source, found.date) == (Mark.DERIVED, "a bill", date(2023, 12, 31))


def test_a_price_that_a_region_lacks_is_that_of_another_and_says_so(table: Table) -> None:
    found = prices.read(table(ROW, HOSTING)).find("KMS key", "eu-west-1")
    assert found is not None
    assert found.region == "us-east-1"


def test_an_item_without_a_price_has_none(table: Table) -> None:
    assert prices.read(table(ROW, HOSTING)).find("secret", "eu-west-1") is None


def test_a_region_without_a_single_price_is_refused(table: Table) -> None:
    with pytest.raises(InputError, match=r"There are no prices for sa-east-1: .*eu-west-1, us-east-1 with --region"):
        prices.read(table(ROW, HOSTING)).require("sa-east-1")


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([ROW, ROW], "line 3: KMS key has a price in us-east-1 already"),
        (
            [ROW, ROW.replace("month", "hour").replace("us-east-1,", "eu-west-1,", 1)],
            "line 3: .* per month, not per hour",
        ),
        ([ROW.replace("1.00", "one")], "line 2: usd is a number, not 'one'"),
        ([ROW.replace("1.00", "-1")], "line 2: usd is 0 or more, not -1"),
        ([ROW.replace("1.00", "NaN")], "line 2: usd is 0 or more, not NaN"),
        ([ROW.replace("us-east-1,1", "Virginia,1")], "line 2: 'Virginia' is no region"),
        ([ROW.replace("unverified", "sure")], "line 2: mark is one of published, derived, unverified, not 'sure'"),
        ([ROW.replace("a page", " ")], "line 2: source is empty"),
        ([ROW.replace("2026-11-01", "November")], "line 2: date is a day like 2026-09-14, not 'November'"),
        ([ROW + ",more"], "line 2: a row has 8 columns"),
        ([ROW.rpartition(",")[0]], "line 2: date is empty"),
    ],
)
def test_a_broken_row_is_named(rows: list[str], sentence: str, table: Table) -> None:
    with pytest.raises(InputError, match=sentence):
        prices.read(table(*rows))


def test_what_is_no_table_is_refused(table: Table, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="its first line must be item,unit,region"):
        prices.read(table(ROW, header="item,price"))
    (tmp_path / "empty.csv").write_text(HEADER + "\n")
    with pytest.raises(InputError, match="has no prices"):
        prices.read(tmp_path / "empty.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is no price table"):
        prices.read(tmp_path / "binary.csv")
    with pytest.raises(InputError, match="There is no price table"):
        prices.read(tmp_path / "none.csv")
