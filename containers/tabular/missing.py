"""Counts missing values of a prepared table: empty cells, and categories that training had not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from tabular.encoding import Column, Encoding
    from tabular.tables import Floats

    Flags = npt.NDArray[np.bool_]


class Cells(TypedDict):
    """Cells of one column."""

    missing: int
    unseen: int


class Missing(TypedDict):
    """Rows with any such cell, and the cells by column, of the columns that have any."""

    rows: int
    affected_rows: int
    missing_cells: int
    unseen_cells: int
    columns: dict[str, Cells]


def count_missing(encoding: Encoding, features: Floats) -> Missing:
    """Count in a table of features (rows by features).

    A one-hot column without any indicator is unseen, and so is an empty cell where training had none of them. It
    cannot be told where a known category has no indicator either (one that a recipe drops).
    """
    affected = np.zeros(features.shape[0], dtype=bool)
    columns: dict[str, Cells] = {}
    start = 0
    for column in encoding.columns:
        part = features[:, start : start + len(column.features)]
        start += len(column.features)
        missing, unseen = _missing(column, part), _unseen(column, part)
        affected |= missing | unseen
        if missing.any() or unseen.any():
            columns[column.name] = {"missing": int(missing.sum()), "unseen": int(unseen.sum())}
    return {
        "rows": features.shape[0],
        "affected_rows": int(affected.sum()),
        "missing_cells": sum(cells["missing"] for cells in columns.values()),
        "unseen_cells": sum(cells["unseen"] for cells in columns.values()),
        "columns": columns,
    }


def _missing(column: Column, part: Floats) -> Flags:
    if column.kind != "one_hot":
        return np.asarray(np.isnan(part[:, 0]))
    if "" not in column.values:
        return np.zeros(part.shape[0], dtype=bool)
    return np.asarray((part == np.array(column.missing, dtype=np.float32)).all(axis=1) & (part != 0).any(axis=1))


def _unseen(column: Column, part: Floats) -> Flags:
    if column.kind != "one_hot" or column.nothing in column.values.values():
        return np.zeros(part.shape[0], dtype=bool)
    return np.asarray((part == 0).all(axis=1))


def summary_text(missing: Missing) -> str:
    """Return the counts in one sentence."""
    if not missing["affected_rows"]:
        return "no values are missing, and no categories are unseen"
    columns = ", ".join(
        f"{name} ({cells['missing']} missing, {cells['unseen']} unseen)" for name, cells in missing["columns"].items()
    )
    return f"{missing['affected_rows']} of {missing['rows']} rows have missing values or unseen categories: {columns}"
