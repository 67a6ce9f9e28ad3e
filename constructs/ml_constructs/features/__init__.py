"""SageMaker Feature Store."""
