"""Experiments: what ended on SageMaker and Step Functions becomes a run in MLflow."""
