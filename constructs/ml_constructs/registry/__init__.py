"""The model registry: what a version of a model says of it."""
