"""The demos: one story per system."""
