"""The generated tables have the form of the published ones."""

from pathlib import Path

import pytest

from mdlc.features import table
from mdlc.systems.features.generate import FILES, generate


def test_equal_seeds_give_equal_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        generate(tmp_path / name, seed=7, rows=20)
    generate(tmp_path / "c", seed=8, rows=20)
    for file in FILES:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
        assert (tmp_path / "a" / file).read_bytes() != (tmp_path / "c" / file).read_bytes()


def test_the_form_is_that_of_the_published_files(tmp_path: Path) -> None:
    """Byte-order mark in customer.csv and orders.csv, CRLF, no end of line after the last row."""
    generate(tmp_path, seed=1, rows=20)
    customer, updated, orders = ((tmp_path / name).read_bytes() for name in FILES)
    assert customer.startswith(b"\xef\xbb\xbfcustomer_id,city_code,state_code,country_code\r\n")
    assert updated.startswith(b"customer_id,city_code,state_code,country_code,email,name\r\n")
    assert orders.startswith(b"\xef\xbb\xbfcustomer_id,order_id,order_status,store_id\r\n")
    assert not any(content.endswith(b"\n") for content in (customer, updated, orders))


def test_some_customers_move_and_none_comes_or_goes(tmp_path: Path) -> None:
    generate(tmp_path, seed=1, rows=100)
    customer, updated, orders = (table.read(tmp_path / name) for name in FILES)
    assert [row.cells[0] for row in customer.rows] == [row.cells[0] for row in updated.rows]
    assert [row.cells[0] for row in customer.rows] == [row.cells[0] for row in orders.rows]
    assert len({row.cells[0] for row in customer.rows}) == 100
    moved = sum(a.cells[1] != b.cells[1] for a, b in zip(customer.rows, updated.rows, strict=True))
    assert 0 < moved < 50


def test_no_customers_are_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one customer, not 0"):
        generate(tmp_path, seed=1, rows=0)
