"""Customers and their orders, in the schema and the form of the published example: byte-order mark and CRLF.

`customer.csv` has customer_id, city_code, state_code and country_code; `customer_updated.csv` has the same customers,
some of whom have moved, with email and name; `orders.csv` has the latest order of each.
"""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Final

FILES: Final = ("customer.csv", "customer_updated.csv", "orders.csv")
MOVES: Final = 0.25
_MARK: Final = "\ufeff"
_FIRST: Final = ("Ada", "Alan", "Barbara", "Claude", "Edith", "Grace", "John", "Kurt", "Marie", "Niels", "Olga", "Rosa")
_LAST: Final = ("Bohr", "Clarke", "Curie", "Gödel", "Hopper", "Liskov", "Lovelace", "O'Neil", "Shannon", "Turing")


def generate(folder: Path, *, seed: int, rows: int) -> None:
    """Write the three files; equal seeds give equal files. Raise `ValueError` for less than one customer."""
    if rows < 1:
        raise ValueError(f"A data set has at least one customer, not {rows}.")
    chance = random.Random(seed)  # noqa: S311 - data, not secrets
    customers = [
        (customer, chance.randint(1, 99), chance.randint(1, 50), chance.randint(1, 5))
        for customer in chance.sample(range(100_000, 1_000_000), rows)
    ]
    updated = []
    for customer, city, state, country in customers:
        name = f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"
        email = name.lower().replace(" ", ".").replace("'", "").replace("ö", "oe") + "@example.com"
        moved = chance.randint(1, 99) if chance.random() < MOVES else city
        updated.append((customer, moved, state, country, email, name))
    orders = [
        (customer, chance.randint(1000, 9999), chance.randint(0, 1), chance.randint(100, 500))
        for customer, *_ in customers
    ]
    columns = ("customer_id", "city_code", "state_code", "country_code")
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / FILES[0], columns, customers, _MARK)
    _write(folder / FILES[1], (*columns, "email", "name"), updated, "")
    _write(folder / FILES[2], ("customer_id", "order_id", "order_status", "store_id"), orders, _MARK)


def _write(file: Path, columns: Sequence[str], rows: Sequence[Sequence[object]], mark: str) -> None:
    lines = [",".join(map(str, row)) for row in (columns, *rows)]
    file.write_bytes((mark + "\r\n".join(lines)).encode())
