"""The models whose servers take the bad inputs, trained once as the tests of the images train them."""

from tests.containers.conftest import dataset, finished, record, rows
from tests.containers.knn.conftest import iris
from tests.containers.vision.conftest import trained

__all__ = ["dataset", "finished", "iris", "record", "rows", "trained"]
