"""Records training jobs and executions of SageMaker and Step Functions as runs in MLflow."""
