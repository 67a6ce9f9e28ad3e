"""Folds."""

from __future__ import annotations

import numpy as np
import pytest

from contract.errors import InputError
from evaluation.sampling import k_fold, stratified_folds


def test_folds_hold_out_every_row_once_and_all_classes_alike() -> None:
    labels = np.array([1.0] * 13 + [0.0] * 87, dtype=np.float32)
    folds = stratified_folds(labels, 5, seed=1)
    assert sorted(row for _, held_out in folds for row in held_out) == list(range(100))
    for seen, held_out in folds:
        assert sorted([*seen, *held_out]) == list(range(100))
        assert labels[held_out].sum() in {2, 3}


def test_plain_folds_hold_out_every_row_once_and_differ_by_one_row_at_most() -> None:
    folds = k_fold(11, 3, seed=0)
    assert sorted(row for _, held_out in folds for row in held_out) == list(range(11))
    assert sorted(held_out.size for _, held_out in folds) == [3, 4, 4]
    for seen, held_out in folds:
        assert sorted([*seen, *held_out]) == list(range(11))


def test_folds_are_repeatable_and_shuffled() -> None:
    first, again, other = k_fold(50, 5, seed=3), k_fold(50, 5, seed=3), k_fold(50, 5, seed=4)
    assert all((a[1] == b[1]).all() for a, b in zip(first, again, strict=True))
    assert any((a[1] != b[1]).any() for a, b in zip(first, other, strict=True))
    assert first[0][1].tolist() != list(range(10))


@pytest.mark.parametrize(("count", "folds"), [(5, 1), (5, 6), (0, 2)])
def test_impossible_folds_are_refused(count: int, folds: int) -> None:
    with pytest.raises(InputError, match=f"{count} rows cannot be divided into {folds} folds"):
        k_fold(count, folds, seed=0)


def test_a_class_with_fewer_rows_than_folds_is_refused() -> None:
    with pytest.raises(InputError, match="label 1 has 2 rows: 3 folds need at least one each"):
        stratified_folds(np.array([0, 0, 0, 1, 1]), 3, seed=0)
