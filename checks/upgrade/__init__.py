"""Upgrades: what a user would lose between the templates of the last release and today's."""
