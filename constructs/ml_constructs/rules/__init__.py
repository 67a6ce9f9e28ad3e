"""The rules that every template must satisfy: the one place where they live, run at every synthesis."""

from ml_constructs.rules.acknowledgment import acknowledge

__all__ = ["acknowledge"]
