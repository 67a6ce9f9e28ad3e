"""Iris by nearest neighbours, in our image or, with `built_in`, in SageMaker's own."""

from stacks.systems.neighbours import Knn

SYSTEM = Knn(name="knn")
