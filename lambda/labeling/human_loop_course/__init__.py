"""Carries human loops on: asks people, and when they have answered, or nobody is asked any more, writes the output."""
