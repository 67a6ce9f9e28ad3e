"""Raw records of a system, as its API takes them."""

import csv
import math
from pathlib import Path
from typing import TYPE_CHECKING

from mdlc.errors import InputError
from tabular.encoding import column_name

if TYPE_CHECKING:
    from mdlc.systems import System


def first_record(system: "System", folder: Path) -> dict[str, str | float]:
    """Return the first record of a data set: the fields of all its tables that a model is asked with.

    These are all but the key, the label, and what the recipe ignores. Numbers are JSON numbers. Raise `InputError` when
    a table has no row for the record's key.
    """
    record: dict[str, str | float] = {}
    key, identifier = None, column_name(system.record_key)
    for name in system.record_tables:
        path = folder / name if folder.is_dir() else folder
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            rows.fieldnames = [column_name(field) for field in rows.fieldnames or ()]
            row = next((row for row in rows if key is None or row.get(identifier) == key), None)
        if row is None:
            raise InputError(f"{path} has no row with {system.record_key} {key}.")
        key = row.get(identifier)
        record |= {field: _value(text) for field, text in row.items()}
    left_out = {identifier, *map(column_name, (system.label, *system.ignored))}
    return {field: value for field, value in record.items() if field not in left_out}


def _value(text: str) -> str | float:
    try:
        number = float(text)
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    return int(number) if number.is_integer() else number
