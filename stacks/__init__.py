"""Deployable units: what is deployed together."""
