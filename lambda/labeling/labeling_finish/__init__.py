"""Carries a labeling job on when its objects are answered: asks about the next, and ends it when there are none."""
