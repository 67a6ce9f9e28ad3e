"""The model registry: registrations of model versions."""
