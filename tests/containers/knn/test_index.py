"""The index against scikit-learn's brute force, and its own rules where that has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from contract.errors import InputError
from knn import index as index_module
from knn.index import Index, Metric, PredictorType, Settings, projection

if TYPE_CHECKING:
    from pathlib import Path

RANDOM = np.random.default_rng(5)
ROWS = RANDOM.normal(size=(200, 6))
LABELS = RANDOM.integers(0, 4, size=200).astype(np.float64)
QUESTIONS = RANDOM.normal(size=(50, 6))


def index(kind: PredictorType = "classifier", k: int = 5, metric: Metric = "L2") -> Index:
    return Index(Settings(kind, k, metric, 6), ROWS, LABELS)


def test_neighbours_are_exact_and_the_nearest_come_first() -> None:
    found = index().search(QUESTIONS)
    reference = KNeighborsClassifier(5, algorithm="brute").fit(ROWS, LABELS)
    distances, rows = reference.kneighbors(QUESTIONS)
    np.testing.assert_allclose(found.distances, distances**2)
    np.testing.assert_array_equal(found.labels, LABELS[rows])
    assert (np.diff(found.distances, axis=1) >= 0).all()


def test_one_neighbour_classifies_like_scikit_learn() -> None:
    nearest = index(k=1)
    reference = KNeighborsClassifier(1, algorithm="brute").fit(ROWS, LABELS)
    np.testing.assert_array_equal(nearest.predict(nearest.search(QUESTIONS)), reference.predict(QUESTIONS))


def test_a_regressor_answers_the_mean() -> None:
    means = index("regressor")
    reference = KNeighborsRegressor(5, algorithm="brute").fit(ROWS, LABELS)
    np.testing.assert_allclose(means.predict(means.search(QUESTIONS)), reference.predict(QUESTIONS))


def test_cosine_distances_equal_scikit_learns() -> None:
    found = index(metric="COSINE").search(QUESTIONS)
    reference = KNeighborsClassifier(5, algorithm="brute", metric="cosine").fit(ROWS, LABELS)
    np.testing.assert_allclose(found.distances, reference.kneighbors(QUESTIONS)[0], atol=1e-12)


def test_the_largest_inner_product_is_the_nearest() -> None:
    found = index(metric="INNER_PRODUCT", k=1).search(QUESTIONS)
    np.testing.assert_allclose(found.distances[:, 0], -(QUESTIONS @ ROWS.T).max(axis=1))


def test_a_zero_vector_has_no_direction_and_is_not_near_anything() -> None:
    assert index(metric="COSINE").search(np.zeros((1, 6))).distances.tolist() == [[1.0] * 5]


def test_equally_frequent_labels_are_decided_by_the_nearest_neighbour() -> None:
    small = Index(Settings("classifier", 4, "L2", 1), np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([9.0, 3, 3, 9]))
    found = small.search(np.array([[0.0], [5.0], [1.9]]))
    assert small.predict(found).tolist() == [9.0, 9.0, 3.0]


def test_equally_near_rows_come_in_the_order_of_the_index() -> None:
    twins = Index(Settings("classifier", 2, "L2", 1), np.array([[1.0], [-1.0], [1.0]]), np.array([5.0, 6.0, 7.0]))
    assert twins.search(np.array([[0.0]])).labels.tolist() == [[5.0, 6.0]]


def test_searching_in_parts_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = index().search(QUESTIONS)
    monkeypatch.setattr(index_module, "_CELLS", 700)  # three questions at a time
    parts = index().search(QUESTIONS)
    np.testing.assert_array_equal(whole.labels, parts.labels)
    np.testing.assert_array_equal(whole.distances, parts.distances)


@pytest.mark.parametrize("kind", ["sign", "fjlt"])
def test_projections_keep_squared_lengths_in_expectation(kind: str) -> None:
    matrices = [projection(kind, 48, 16, seed) for seed in range(200)]  # type: ignore[arg-type] # parametrized
    vector = np.random.default_rng(1).normal(size=48)
    lengths = [np.square(vector @ matrix).sum() for matrix in matrices]
    assert np.mean(lengths) == pytest.approx(np.square(vector).sum(), rel=0.1)
    assert {matrix.shape for matrix in matrices} == {(48, 16)}


def test_a_saved_index_answers_the_same(tmp_path: Path) -> None:
    matrix = projection("sign", 6, 3, 0)
    reduced = Index(Settings("classifier", 3, "L2", 6), ROWS @ matrix, LABELS, matrix)
    reduced.save(tmp_path)
    loaded = Index.load(tmp_path)
    assert loaded.settings == reduced.settings
    np.testing.assert_array_equal(loaded.search(QUESTIONS).distances, reduced.search(QUESTIONS).distances)


def test_a_model_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no index\.npz"):
        Index.load(tmp_path)
    index().save(tmp_path)
    (tmp_path / "index.npz").write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(InputError, match="cannot be read"):
        Index.load(tmp_path)
