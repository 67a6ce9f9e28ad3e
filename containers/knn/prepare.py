"""``prepare``: divides a table with the label in its first column into a train and a test set.

The split is scikit-learn's ``train_test_split`` with ``shuffle=True`` and the same seed, row for row, so that figures
can be compared with anything that was published on it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from contract.errors import InputError
from contract.job import log
from contract.published import published_input
from knn.tables import read_folder

if TYPE_CHECKING:
    import numpy.typing as npt

    from contract.paths import Paths

    Rows = npt.NDArray[np.int64]


def prepare(paths: Paths, seed: int, test_fraction: float) -> None:
    """Read processing input data; write outputs train/train.csv and test/test.csv (headerless, label first)."""
    examples = read_folder(published_input(paths, "data"), "*.csv")
    train, test = split(examples.labels.size, test_fraction, seed)
    for name, rows in (("train", train), ("test", test)):
        with (paths.processing_output(name) / f"{name}.csv").open("w", encoding="utf-8") as file:
            for label, features in zip(examples.labels[rows], examples.features[rows], strict=True):
                file.write(",".join(_text(value) for value in (label, *features)) + "\n")
    log(f"{train.size} rows to train and {test.size} to test, seed {seed}")


def split(count: int, test_fraction: float, seed: int) -> tuple[Rows, Rows]:
    """Return the rows to train and to test; the test set has its fraction of the rows, rounded up."""
    if not 0 < test_fraction < 1:
        raise InputError(f"test-fraction must be between 0 and 1, not {test_fraction:g}")
    if not 0 <= seed < 2**32:
        raise InputError(f"seed must be between 0 and {2**32 - 1}, not {seed}")
    tested = math.ceil(count * test_fraction)
    if tested >= count:
        raise InputError(f"{count} rows are too few to test on {test_fraction:g} of them")
    order = np.random.RandomState(seed).permutation(count)
    return order[tested:], order[:tested]


def _text(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
