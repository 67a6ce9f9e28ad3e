"""Raw records of a system, as its API takes them."""

import csv
import math
from pathlib import Path
from typing import TYPE_CHECKING

from mdlc.errors import InputError

if TYPE_CHECKING:
    from mdlc.systems import System


def first_record(system: "System", folder: Path) -> dict[str, str | float]:
    """Return the first record of a data set: the fields of all its tables, without the key and the label.

    Numbers are JSON numbers. Raise `InputError` when a table has no row for the record's key.
    """
    record: dict[str, str | float] = {}
    key = None
    for name in system.record_tables:
        with (folder / name if folder.is_dir() else folder).open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            row = next((row for row in rows if key is None or row.get(system.record_key) == key), None)
        if row is None:
            raise InputError(f"{folder / name} has no row with {system.record_key} {key}.")
        key = row.get(system.record_key)
        record |= {field: _value(text) for field, text in row.items()}
    return {field: value for field, value in record.items() if field not in {system.record_key, system.label}}


def _value(text: str) -> str | float:
    try:
        number = float(text)
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    return int(number) if number.is_integer() else number
