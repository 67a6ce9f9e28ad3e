"""Pipelines of ours, made of the other constructs."""
