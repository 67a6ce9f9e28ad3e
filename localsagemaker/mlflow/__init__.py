"""MLflow apps."""
