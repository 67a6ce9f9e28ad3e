"""Labeling jobs: their tasks, the service that makes them, and the portal of those who work on them."""
