"""Alerts about an environment."""
