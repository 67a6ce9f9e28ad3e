"""Incomes of a census, trained by a state machine."""
